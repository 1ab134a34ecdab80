"""Every list and every page of the back office opens, changes nothing, and counts no big table."""

import re
from datetime import timedelta

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from accounts.models import User
from alerts.models import WalletAlert
from audit.models import AuditLog
from chain.models import Submission
from core.admin import FactAdmin
from core.models import Job
from core.roles import as_sync
from core.uuid7 import uuid7
from drift.models import DriftOrder, DriftPosition
from tests import factories
from tests.admin.conftest import make_rows, page_name, registered_models, tables_of_ours
from trading.models import Fill
from wallets.models import Wallet

_COUNT = re.compile(r"SELECT\s+COUNT\(", re.IGNORECASE)


def test_every_table_of_ours_is_shown():
    missing = [model._meta.label for model in tables_of_ours() if model not in admin.site._registry]

    # The register of signatures that a trigger keeps has no model; each model has its page.
    assert missing == []
    assert len(registered_models()) > 35


def test_no_page_lets_a_row_be_deleted_and_only_named_ones_let_it_be_changed():
    may_change = set()
    for model, page in admin.site._registry.items():
        if model not in registered_models():
            continue
        assert isinstance(page, FactAdmin), model
        if page.editable:
            may_change.add(model._meta.label)

    assert may_change == {
        "accounts.User", "trading.TradingStateRow",
        "django_celery_beat.PeriodicTask", "django_celery_beat.IntervalSchedule",
        "django_celery_beat.CrontabSchedule",
    }  # fmt: skip


@pytest.mark.parametrize("role", ["admin", "viewer"])
def test_every_list_and_page_opens_with_rows_in_it(enter, rows, role):
    browser = enter(role)

    for model in registered_models():
        listed = browser.get(reverse(page_name(model, "changelist")))
        assert listed.status_code == 200, model
        with as_sync():
            first = model._default_manager.first()
        assert first is not None, f"{model} has no row to look at"
        page = browser.get(reverse(page_name(model, "change"), args=[first.pk]))
        assert page.status_code == 200, model


def test_a_list_shows_amounts_plainly_and_losses_in_their_colour_with_a_sign(enter, rows):
    text = enter().get(reverse("admin:drift_driftposition_changelist")).content.decode()

    assert 'desk-number desk-loss" title="-12.5">-12.50<' in text
    assert '<span class="desk-number">87.5</span>' in text
    assert "000000" not in re.sub(r"(?s)<script.*?</script>|<style.*?</style>|0000+-", "", text)


def test_a_list_shortens_addresses_and_the_page_shows_them_whole(enter, rows):
    browser, address = enter(), rows["wallet"].wallet_address

    listed = browser.get(reverse("admin:wallets_wallet_changelist")).content.decode()
    page = browser.get(
        reverse("admin:wallets_wallet_change", args=[rows["wallet"].pk])
    ).content.decode()

    assert f">{address[:4]}…{address[-4:]}<" in listed
    assert f">{address}<" not in listed
    assert f">{address}<" in page


def test_hashes_lead_to_the_explorer(enter, rows, settings):
    page = enter().get(reverse("admin:chain_submission_change", args=[rows["sent"].pk]))

    expected = f'href="{settings.ENVIRONMENT.explorer_url}/tx/{rows["sent"].signature}"'
    assert expected in page.content.decode()


def test_the_page_of_a_person_shows_what_belongs_to_the_person_and_nobody_else(enter, rows):
    stranger = make_rows_of_a_stranger()

    page = enter().get(reverse("admin:accounts_user_change", args=[rows["user"].pk]))
    text = page.content.decode()

    titles = [section.title for section in page.context["desk_sections"]]
    assert titles[:4] == ["Wallets", "Wallet balances", "Venue accounts", "Drift positions"]
    assert "Submissions" in titles
    assert "What was done to this" in titles
    assert str(rows["order"].pk) in text
    assert rows["sent"].signature in text
    assert str(stranger.pk) not in text


def make_rows_of_a_stranger():
    return factories.drift_order(wallet=factories.wallet())


def test_a_person_with_many_orders_gets_ten_of_them_and_a_link_to_the_rest(enter):
    held = factories.wallet()
    market = factories.drift_market()
    for _ in range(12):
        factories.drift_order(market, wallet=held)

    page = enter().get(reverse("admin:accounts_user_change", args=[held.user_id]))

    section = next(each for each in page.context["desk_sections"] if each.title == "Drift orders")
    assert len(section.rows) == 10
    assert enter().get(section.link).context["cl"].result_count == 12


@pytest.mark.parametrize("page", ["changelist", "change"])
def test_no_page_counts_a_table(enter, rows, page):
    browser = enter()

    for model in (DriftOrder, DriftPosition, Fill, AuditLog, Submission, User, Wallet):
        with as_sync():
            arguments = [model._default_manager.first().pk] if page == "change" else []
        with CaptureQueriesContext(
            connection,
        ) as queries:
            browser.get(reverse(page_name(model, page), args=arguments))
        counted = [each["sql"] for each in queries if _COUNT.search(each["sql"])]
        assert counted == [], model


def test_a_list_takes_as_many_queries_for_thirty_rows_as_for_one(enter):
    make_rows()
    browser = enter()
    with_one = {model: _queries_of(browser, model) for model in _crowded()}
    for _ in range(30):
        held = factories.wallet()
        market = factories.drift_market()
        factories.drift_order(market, wallet=held)
        factories.drift_position(market, wallet=held)
        factories.fill(market.catalogue, wallet=held)
        factories.wallet_alert(held)
        factories.balance(held)
        factories.signed_submission(held)
        factories.drift_transaction(wallet=held)

    with_thirty = {model: _queries_of(browser, model) for model in _crowded()}

    assert with_thirty == with_one
    assert max(with_one.values()) <= 8


def _crowded():
    return (DriftOrder, DriftPosition, Fill, AuditLog, Submission, User, Wallet, WalletAlert)


def _queries_of(browser, model):
    with CaptureQueriesContext(connection) as queries:
        browser.get(reverse(page_name(model, "changelist")))
    return len(queries)


def test_pages_turn_without_counting(enter):
    market, held = factories.drift_market(), factories.wallet()
    orders = [factories.drift_order(market, wallet=held) for _ in range(53)]
    browser = enter()
    address = reverse("admin:drift_driftorder_changelist")

    first = browser.get(address).context["cl"]
    second = browser.get(address, {"p": 2}).context["cl"]
    far = browser.get(address, {"p": 10**9}).context["cl"]

    assert [row.pk for row in first.result_list] == [row.pk for row in orders[:2:-1]]
    assert first.paginator.has_next
    assert [row.pk for row in second.result_list] == [row.pk for row in orders[2::-1]]
    assert not second.paginator.has_next
    assert far.page_num == 100
    assert far.result_list == []


@pytest.mark.parametrize("role", ["admin", "viewer", "support"])
def test_nobody_deletes_anything(enter, rows, role):
    browser = enter(role)

    for model in (DriftOrder, AuditLog, Wallet, User):
        with as_sync():
            row = model._default_manager.first()
            before = model._default_manager.count()
        answer = browser.post(reverse(page_name(model, "delete"), args=[row.pk]), {"post": "yes"})
        action = browser.post(
            reverse(page_name(model, "changelist")),
            {"action": "delete_selected", "_selected_action": [str(row.pk)], "post": "yes"},
        )
        assert answer.status_code == 403
        assert action.status_code in (200, 302, 403)
        with as_sync():
            assert model._default_manager.count() >= before


def test_secrets_in_stored_data_are_not_shown(enter):
    trader = factories.user()
    factories.setting(trader, value={"api_key": "sk-planted-1234567", "colour": "red"})
    with as_sync():
        stored = trader.settings.get()

    page = enter().get(reverse("admin:accounts_usersetting_change", args=[stored.pk]))

    assert "sk-planted-1234567" not in page.content.decode()
    assert "red" in page.content.decode()
    assert (
        trader.password
        not in enter().get(reverse("admin:accounts_user_change", args=[trader.pk])).content.decode()
    )


def test_staff_have_these_acts_and_no_other(db):
    """None of them places an order, moves money or shows a key."""
    acts = {
        (model._meta.label, name)
        for model, page in admin.site._registry.items()
        for name in page.actions or ()
    }
    assert acts == {
        ("accounts.User", "take_authenticator"),
        ("wallets.Withdrawal", "approve"),
        ("wallets.Withdrawal", "hold"),
        ("wallets.Withdrawal", "reject"),
        ("alerts.SystemEvent", "acknowledge"),
        ("django_celery_beat.PeriodicTask", "run_now"),
        ("django_celery_beat.PeriodicTask", "pause"),
        ("django_celery_beat.PeriodicTask", "resume"),
    }


@pytest.mark.parametrize("role", ["admin", "viewer"])
def test_the_pages_around_the_tables_open_too(enter, rows, role):
    browser = enter(role)
    history = reverse("admin:drift_driftorder_history", args=[rows["order"].pk])

    for path in ("/admin/drift/", "/admin/search/?s=orders", "/admin/jsi18n/",
                 "/admin/password_change/", history):  # fmt: skip
        assert browser.get(path).status_code == 200, path
    assert browser.get("/admin/accounts/user/add/").status_code == 403
    assert browser.get("/admin/no/such/page/").status_code == 404


def test_every_entry_of_the_menu_leads_to_a_page(enter, rows):
    browser = enter("viewer")

    links = [
        item["link"]
        for group in settings.UNFOLD["SIDEBAR"]["navigation"]
        for item in group["items"]
    ]  # fmt: skip

    assert len(links) > 30
    for link in links:
        assert browser.get(link).status_code == 200, link


def test_every_table_beside_a_row_is_one_that_is_shown():
    for label, sections in settings.ADMIN_RELATED.items():
        for wanted, *_ in (*sections, (label,)):
            page = admin.site._registry.get(apps.get_model(wanted))
            assert isinstance(page, FactAdmin), wanted


def test_run_now_asks_the_queue_and_is_recorded(enter, rows, redis_server):
    with as_sync():
        job = PeriodicTask.objects.get(name="partitions")
    page = reverse("admin:django_celery_beat_periodictask_changelist")
    wish = {"action": "run_now", "_selected_action": [str(job.pk)]}

    enter("viewer").post(page, wish)
    asked_by_viewer = redis_server.llen("upkeep")
    enter().post(page, wish)

    assert (asked_by_viewer, redis_server.llen("upkeep")) == (0, 1)
    with as_sync():
        entry = AuditLog.objects.get(action="job.run_now")
    assert entry.new_values == {"job": "partitions"}


def test_a_job_that_runs_is_not_asked_to_run_and_the_page_says_since_when(
    enter, rows, redis_server
):
    with as_sync():
        task = PeriodicTask.objects.get(name="balance_sync")
        Job.objects.filter(name="balance_sync").update(
            holder=uuid7(), leased_until=timezone.now() + timedelta(minutes=5),
            started_at=timezone.now(),
        )  # fmt: skip
    page = reverse("admin:django_celery_beat_periodictask_changelist")
    wish = {"action": "run_now", "_selected_action": [str(task.pk)]}

    answer = enter().post(page, wish, follow=True)

    assert redis_server.llen("celery") == 0
    assert "it runs already, since" in answer.content.decode()
    assert "runs since" in answer.content.decode()
    with as_sync():
        assert not AuditLog.objects.filter(action="job.run_now").exists()


def test_a_job_is_paused_and_goes_on_by_admins_alone(enter, rows):
    with as_sync():
        task = PeriodicTask.objects.get(name="partitions")
    page = reverse("admin:django_celery_beat_periodictask_changelist")
    states = []

    for role, act in (("viewer", "pause"), ("admin", "pause"), ("admin", "resume")):
        enter(role).post(page, {"action": act, "_selected_action": [str(task.pk)]})
        with as_sync():
            states.append(PeriodicTask.objects.get(pk=task.pk).enabled)

    assert states == [True, False, True]
    with as_sync():
        told = AuditLog.objects.filter(action="periodictask.changed").order_by("created_at")
        assert [each.new_values["enabled"] for each in told] == [False, True]


def test_an_admin_puts_a_job_off_its_schedule(enter, rows):
    with as_sync():
        job = PeriodicTask.objects.get(name="partitions")
    page = reverse("admin:django_celery_beat_periodictask_change", args=[job.pk])
    form = {"interval": job.interval_id, "description": "", "expire_seconds": job.expire_seconds}

    answer = enter().post(page, form)

    with as_sync():
        stored = PeriodicTask.objects.get(pk=job.pk)
        entry = AuditLog.objects.filter(action="periodictask.changed").latest("created_at")
        # This table is not emptied after a test.
        PeriodicTask.objects.filter(pk=job.pk).update(enabled=True)
    assert answer.status_code == 302
    assert (stored.enabled, stored.interval_id, stored.task) == (False, job.interval_id, job.task)
    assert entry.new_values == {"enabled": False}
