"""Every setting that comes from outside: its name, type, default and meaning, and what is wrong.

What is unknown, missing or ill-formed ends a process with exit code 78 (EX_CONFIG) and one line a
variable; no line ever holds a value.
"""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from laminator.settings.bad_environment import EX_CONFIG, BadEnvironment, exit_with
from laminator.settings.desk import READ_ONLY_VENUES, VENUES
from laminator.settings.given import ROOT, given_texts
from laminator.settings.kinds import (
    Amount,
    AuditKey,
    BotToken,
    Count,
    EncryptionKeys,
    FirstOfFivePorts,
    HttpUrl,
    Names,
    Percentile,
    Port,
    PostgresUrl,
    Rate,
    RedisUrl,
    SecretHttpUrls,
    SecretKey,
    SecretSmtpUrl,
    SecretWebsocketUrl,
    Texts,
    TierAmounts,
    WebhookSecret,
)

__all__ = ["EX_CONFIG", "ROOT", "BadEnvironment", "Environment", "read_environment"]


class Environment(BaseModel):
    """The desk's settings. What only some processes need is None until given: see `require`."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, frozen=True)

    database_url: PostgresUrl | None = Field(
        None,
        description="PostgreSQL 15 to 18. Alone it is the owner's (the login role is derived); "
        "beside DATABASE_OWNER_URL it is the login role's",
    )
    database_owner_url: PostgresUrl | None = Field(
        None, description="the role that owns the tables; only migrations use it"
    )
    redis_url: RedisUrl | None = Field(None, description="a server of the Redis protocol")
    secret_key: SecretKey | None = Field(
        None, description="signs sessions and forms; 32 random characters or more"
    )
    encryption_keys: EncryptionKeys | None = Field(
        None,
        description="keys for secrets at rest, comma-separated, each 32 bytes in base64: the first "
        "one encrypts, all decrypt; see `manage.py rotate_keys`",
    )
    debug: bool = Field(False, description="Django's debug pages; never where others can reach it")
    allowed_hosts: Names = Field(
        ("localhost", "127.0.0.1", "[::1]"), description="host names the web process answers to"
    )
    public_url: HttpUrl = Field(
        "http://127.0.0.1:8000", description="where people reach the web process"
    )

    client_ip_header: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9-]+$",
        description="header in which a proxy of yours names the caller's address, such as "
        "X-Forwarded-For; only where every request comes by that proxy",
    )

    telegram_bot_token: BotToken | None = Field(
        None, description="the bot's token, from @BotFather"
    )
    telegram_api_url: HttpUrl = Field(
        "https://api.telegram.org", description="the Bot API's address"
    )
    telegram_webhook_url: HttpUrl | None = Field(
        None,
        description="where Telegram pushes updates to (https, ports 443, 80, 88 or 8443); the bot "
        "polls if not given",
    )
    telegram_webhook_secret: WebhookSecret | None = Field(
        None,
        description="what each push must carry, of letters, digits, _ and -; with a webhook URL",
    )
    telegram_webhook_port: int = Field(
        8010, ge=1, le=65535, description="port on which the bot listens for pushes"
    )
    telegram_staff_chat_id: int | None = Field(
        None, description="chat, such as a group with the bot in it, that hears of critical events"
    )

    privy_base_url: HttpUrl = Field("https://api.privy.io", description="Privy's address")
    privy_app_id: str | None = Field(None, description="the Privy app's id")
    privy_app_secret: SecretStr | None = Field(None, description="the Privy app's secret")
    privy_trading_signer_key: SecretStr | None = Field(
        None, description="authorization key of the trading signer (PKCS#8, base64)"
    )
    privy_trading_signer_id: str | None = Field(
        None, description="key quorum id of the trading signer"
    )
    privy_withdraw_signer_id: str | None = Field(
        None, description="key quorum id of the withdraw signer"
    )
    privy_withdraw_signer_key: SecretStr | None = Field(
        None,
        description="authorization key of the withdraw signer; reaches the withdrawal worker alone",
    )
    privy_owner_quorum_id: str | None = Field(
        None, description="key quorum that owns every wallet; its keys are kept offline"
    )

    solana_rpc_urls: SecretHttpUrls | None = Field(
        None, description="RPC nodes, comma-separated; two or more providers for lost messages"
    )
    solana_ws_url: SecretWebsocketUrl | None = Field(
        None, description="websocket of an RPC node; derived from the first one if not given"
    )
    solana_ws_subscriptions: Count = Field(
        1000, description="most things that the websocket's node is asked to tell of"
    )
    solana_genesis_hash: str | None = Field(
        None, description="genesis hash of the expected chain; a node of another one is refused"
    )
    solana_rpc_requests_per_second: Rate = Field(100, description="of all processes together")
    priority_fee_percentile: Percentile = Field(75, description="of recent fees, what is paid")
    priority_fee_cap_lamports: Rate = Field(1_000_000, description="of one message, at most")
    explorer_url: HttpUrl = Field(
        "https://explorer.solana.com", description="links to a transaction: this and /tx/SIGNATURE"
    )

    faucet_url: HttpUrl | None = Field(
        None, description="page that gives test money; only stand-ins have one"
    )

    venue_deployments: Names = Field(
        ("velocity", "drift"), description="deployments of the venue that are open to traders"
    )
    default_deployment: str = Field(
        "velocity", description="the one that a new trader's account is on"
    )

    read_only_venues: Texts = Field(
        ("jupiter", "flash"), description="venues whose positions are shown and never traded"
    )
    jupiter_perps_url: HttpUrl | None = Field(
        None,
        description="address of Jupiter's perps API, which nobody has promised "
        "(https://perps-api.jup.ag); if not given, positions are read from their accounts",
    )
    jupiter_requests_per_second: Rate = Field(5, description="to that API, of each process")
    flash_api_url: HttpUrl = Field(
        "https://flashapi.trade", description="address of Flash.trade's public API"
    )
    flash_requests_per_second: Rate = Field(
        3, description="to that API, of each process; it allows 10 to all of them together"
    )

    hermes_url: HttpUrl = Field(
        "https://hermes.pyth.network", description="address of Pyth's price service"
    )
    pyth_api_key: SecretStr | None = Field(
        None, description="a key to that service; its prices are followed where there is one"
    )
    price_deviation_percent: Annotated[Decimal, Field(gt=0, le=100)] = Field(
        Decimal(2), description="two sources of one price that are further apart are told to staff"
    )

    paper_start_balance: Annotated[Decimal, Field(gt=0, le=100_000_000)] = Field(
        Decimal(10_000), description="play money that a paper account begins with"
    )

    sponsor_wallet_external_id: str = Field(
        "sponsor", description="Privy external id of the wallet that pays fees and rent"
    )
    sponsor_min_deposit: Amount = Field(
        Decimal(10), description="smallest first deposit, in quote units, that is sponsored"
    )
    sponsor_user_daily_cap_sol: Amount = Field(
        Decimal("0.05"), description="most SOL that is paid for one user in a day"
    )
    sponsor_daily_cap_sol: Amount = Field(
        Decimal(2), description="most SOL that is paid for all users in a day"
    )

    withdrawal_max_usd: TierAmounts = Field(
        "free:5000,basic:20000,pro:100000,premium:250000",
        validate_default=True,
        description="most dollars that leave in one withdrawal, by tier",
    )
    withdrawal_daily_usd: TierAmounts = Field(
        "free:10000,basic:50000,pro:250000,premium:1000000",
        validate_default=True,
        description="most dollars that leave in 24 hours, by tier",
    )
    withdrawal_max_sol: TierAmounts = Field(
        "free:25,basic:100,pro:500,premium:1000",
        validate_default=True,
        description="most SOL that leaves in one withdrawal, by tier",
    )
    withdrawal_daily_sol: TierAmounts = Field(
        "free:50,basic:250,pro:1000,premium:5000",
        validate_default=True,
        description="most SOL that leaves in 24 hours, by tier",
    )
    withdrawal_approval_usd: Amount = Field(
        Decimal(2500),
        description="what leaves above so many dollars in 24 hours is approved by staff",
    )
    withdrawal_approval_sol: Amount = Field(
        Decimal(15), description="what leaves above so much SOL in 24 hours is approved by staff"
    )
    withdrawal_wait_minutes: Count = Field(
        10, description="how long a confirmed withdrawal waits, so that it can be stopped"
    )
    address_cool_off_hours: Count = Field(
        24, description="how long a new address cannot be withdrawn to"
    )
    security_lock_hours: Count = Field(
        72, description="how long a reset, a late enrolment or a new e-mail locks withdrawals"
    )
    deposit_limit_without_totp: Amount = Field(
        Decimal(1000), description="most quote units that are deposited before an authenticator is"
    )

    rest_call_days: Annotated[int, Field(ge=2, le=3650)] = Field(
        30, description="days for which a repeated Idempotency-Key gives its first result again"
    )

    email_url: SecretSmtpUrl | None = Field(
        None, description="smtp(s)://user:password@host:port that mails go by; none: into VAR_DIR"
    )
    email_from: str = Field("desk@localhost", description="sender of the desk's mails")

    audit_signing_key: AuditKey | None = Field(
        None, description="signs the audit log's roots: an Ed25519 seed, 32 bytes in base64"
    )
    audit_public_keys: Texts = Field(
        (), description="public keys, in base64, that signed the audit log before this one"
    )
    audit_export_dir: Path | None = Field(
        None, description="where the audit log's roots are exported to; VAR_DIR/audit if not given"
    )
    audit_export_url: HttpUrl | None = Field(
        None, description="address that each exported root is posted to as well"
    )

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="DEBUG, INFO, WARNING or ERROR"
    )
    laminator_host: str = Field("127.0.0.1", description="address the web process listens on")
    laminator_port: Port = Field(8000, description="port the web process listens on")
    sandbox_port: FirstOfFivePorts = Field(
        8800, description="first of the ports of the sandbox (chat page, explorer, stand-ins)"
    )
    var_dir: Path = Field(
        Path("var"), description="data, logs and generated passwords of a local desk"
    )

    @field_validator("venue_deployments")
    @classmethod
    def _deployments_are_known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := sorted(set(value) - set(VENUES)):
            raise ValueError(f"knows {', '.join(sorted(VENUES))}, not {', '.join(unknown)}")
        return value

    @field_validator("read_only_venues")
    @classmethod
    def _read_only_venues_are_known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := sorted(set(value) - set(READ_ONLY_VENUES)):
            known = ", ".join(sorted(READ_ONLY_VENUES))
            raise ValueError(f"knows {known}, not {', '.join(unknown)}")
        return value

    @model_validator(mode="after")
    def _webhook_has_its_secret(self) -> Self:
        if (self.telegram_webhook_url is None) != (self.telegram_webhook_secret is None):
            raise ValueError("TELEGRAM_WEBHOOK_URL and TELEGRAM_WEBHOOK_SECRET go together")
        return self

    @model_validator(mode="after")
    def _default_deployment_is_open(self) -> Self:
        if self.default_deployment not in self.venue_deployments:
            raise ValueError("DEFAULT_DEPLOYMENT must be one of VENUE_DEPLOYMENTS")
        return self

    def require(self, *names: str) -> None:
        """End the process, naming each, unless all of these variables are given.

        For the entrance of a process: `environment.require("TELEGRAM_BOT_TOKEN")`.
        """
        missing = [name for name in names if getattr(self, name.lower()) is None]
        if missing:
            exit_with([f"{name} is missing: {describe(name)}" for name in missing])


def variable_names() -> tuple[str, ...]:
    """Return the names of all settings, in the order of .env.example."""
    return tuple(name.upper() for name in Environment.model_fields)


def describe(name: str) -> str:
    """Return what a variable is for."""
    return Environment.model_fields[name.lower()].description or ""


def given_variables() -> dict[str, str]:
    """Return the settings that are given, as texts: the process environment before `.env`.

    Raises BadEnvironment for names that are not ours though they look so.
    """
    return given_texts(variable_names())


def parse_environment(variables: Mapping[str, str]) -> Environment:
    """Check these variables and no others.

    Raises BadEnvironment with one line for each that cannot be used.
    """
    values = {name.lower(): value.strip() for name, value in variables.items()}
    try:
        return Environment.model_validate(values)
    except ValidationError as error:
        raise BadEnvironment(_line(problem) for problem in error.errors()) from None


def read_environment() -> Environment:
    """Read the process environment and `.env`, or end the process with code 78 and the reasons."""
    try:
        return parse_environment(given_variables())
    except BadEnvironment as error:
        exit_with(error.problems)


def _line(problem: Any) -> str:
    message = problem["msg"].removeprefix("Value error, ")
    if not problem["loc"]:
        return str(message)
    name = str(problem["loc"][0]).upper()
    return f"{name}: {message[:1].lower()}{message[1:]} ({describe(name)})"
