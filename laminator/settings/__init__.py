"""The desk's settings, one file a concern; what comes from outside is in environment.py."""

from laminator.settings.apps import (
    AUDITED_MODELS,
    AUTH_USER_MODEL,
    ENCRYPTED_COLUMNS,
    INSTALLED_APPS,
)
from laminator.settings.back_office import ADMIN_RELATED, UNFOLD
from laminator.settings.databases import database, runs_as_owner
from laminator.settings.desk import (
    COLLATERAL,
    CUSTODIANS,
    DEFAULT_AUTO_FIELD,
    DEPLOYMENTS,
    ERROR_SENTENCE,
    ERROR_WHAT_HAPPENED,
    FEEDS,
    HOLDS_PAST_SMALL_LIMIT,
    JOBS,
    PAPER_VENUE,
    PRICE_CONSUMERS,
    PRICE_EVENTS,
    QUEUES,
    SUBMISSION_SUBJECTS,
    TRADING_STATE,
)
from laminator.settings.desk import READ_ONLY_VENUES as _ALL_READ_ONLY_VENUES
from laminator.settings.desk import VENUES as _ALL_VENUES
from laminator.settings.environment import ROOT, Environment, read_environment
from laminator.settings.logs import LOGGING_CONFIG, logging_settings
from laminator.settings.mail import mail_settings
from laminator.settings.rest import REST_FRAMEWORK, SPECTACULAR_SETTINGS
from laminator.settings.web import (
    AUTHENTICATION_BACKENDS,
    CSRF_COOKIE_HTTPONLY,
    LANGUAGE_CODE,
    MIDDLEWARE,
    ROOT_URLCONF,
    SECURE_CONTENT_TYPE_NOSNIFF,
    SESSION_COOKIE_AGE,
    SESSION_ENGINE,
    STATIC_URL,
    TEMPLATES,
    TIME_ZONE,
    USE_TZ,
    WSGI_APPLICATION,
    X_FRAME_OPTIONS,
)

ENVIRONMENT: Environment = read_environment()

BASE_DIR = ROOT
# What is not open is unknown: its adapter cannot be reached.
VENUES = {key: _ALL_VENUES[key] for key in ENVIRONMENT.venue_deployments} | PAPER_VENUE
READ_ONLY_VENUES = {key: _ALL_READ_ONLY_VENUES[key] for key in ENVIRONMENT.read_only_venues}
# Whose prices another source shows.
PRICE_SOURCES = dict.fromkeys(PAPER_VENUE, ENVIRONMENT.default_deployment)
# Sources whose prices of one token should be about the same.
COMPARED_SOURCES = (*ENVIRONMENT.venue_deployments, *(["pyth"] if ENVIRONMENT.pyth_api_key else []))
SECRET_KEY = (
    ENVIRONMENT.secret_key.get_secret_value()
    if ENVIRONMENT.secret_key
    # Commands that need no secret (migrate, makemigrations) run without; the web process refuses.
    else "unset-" + "0" * 44
)
DEBUG = ENVIRONMENT.debug
LOGGING = logging_settings(ENVIRONMENT)
globals().update(mail_settings(ENVIRONMENT))
ALLOWED_HOSTS = list(ENVIRONMENT.allowed_hosts)
CSRF_TRUSTED_ORIGINS = [ENVIRONMENT.public_url]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ENVIRONMENT.public_url.startswith("https://")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
STATIC_ROOT = ENVIRONMENT.var_dir / "static"

_owner = runs_as_owner()
_url = (ENVIRONMENT.database_owner_url if _owner else None) or ENVIRONMENT.database_url
DATABASES = {
    "default": database(
        _url.get_secret_value() if _url else "postgresql://127.0.0.1/unset",
        pool_size=0 if _owner else 12,
    )
}

REDIS_URL = ENVIRONMENT.redis_url.get_secret_value() if ENVIRONMENT.redis_url else ""

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_SERIALIZER = CELERY_RESULT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_RESULT_EXPIRES = None
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 300}
CELERY_BEAT_SCHEDULER = "laminator.beat:Scheduler"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_TASK_DEFAULT_QUEUE = "upkeep"
CELERY_TASK_ROUTES = {task: {"queue": queue} for queue, tasks in QUEUES.items() for task in tasks}
DJANGO_CELERY_BEAT_TZ_AWARE = True

__all__ = [
    "ADMIN_RELATED",
    "AUDITED_MODELS",
    "AUTHENTICATION_BACKENDS",
    "AUTH_USER_MODEL",
    "COLLATERAL",
    "COMPARED_SOURCES",
    "CSRF_COOKIE_HTTPONLY",
    "CUSTODIANS",
    "DEFAULT_AUTO_FIELD",
    "DEPLOYMENTS",
    "ENCRYPTED_COLUMNS",
    "ERROR_SENTENCE",
    "ERROR_WHAT_HAPPENED",
    "FEEDS",
    "HOLDS_PAST_SMALL_LIMIT",
    "INSTALLED_APPS",
    "JOBS",
    "LANGUAGE_CODE",
    "LOGGING_CONFIG",
    "MIDDLEWARE",
    "PAPER_VENUE",
    "PRICE_CONSUMERS",
    "PRICE_EVENTS",
    "PRICE_SOURCES",
    "QUEUES",
    "READ_ONLY_VENUES",
    "REST_FRAMEWORK",
    "ROOT_URLCONF",
    "SECURE_CONTENT_TYPE_NOSNIFF",
    "SESSION_COOKIE_AGE",
    "SESSION_ENGINE",
    "SPECTACULAR_SETTINGS",
    "STATIC_URL",
    "SUBMISSION_SUBJECTS",
    "TEMPLATES",
    "TIME_ZONE",
    "TRADING_STATE",
    "UNFOLD",
    "USE_TZ",
    "VENUES",
    "WSGI_APPLICATION",
    "X_FRAME_OPTIONS",
]
