"""Rows in named states, as plain functions; each takes any column by keyword.

Outside of a transaction that acts as somebody they act as the desk's own work across users.
"""

import contextlib
import itertools
import secrets
from datetime import timedelta
from decimal import Decimal

from django.contrib.auth.hashers import make_password
from django.utils import timezone
from solders.keypair import Keypair

from accounts.enums import UserRole
from accounts.models import (
    Authenticator,
    Intent,
    RestCall,
    User,
    UserApiKey,
    UserProfile,
    UserSession,
    UserSetting,
)
from alerts.models import Alert, WalletAlert
from chain.models import Submission, SubmissionAct
from core.encryption import Place, seal
from core.roles import acting, as_sync
from core.uuid7 import uuid7
from drift.models import DriftMarket, DriftOrder, DriftPosition, DriftTransaction
from markets.models import Market
from trading.models import Fill, Order, Position, Transaction, VenueAccount, VenueTransfer
from wallets.models import (
    IncomingTransfer,
    Wallet,
    WalletBalance,
    Withdrawal,
    WithdrawalAddress,
)

PASSWORD = "correct horse battery staple"
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_numbers = itertools.count(1)
_password_hash = ""


def address() -> str:
    """Some Solana address; nobody holds its key."""
    return "".join(secrets.choice(_BASE58) for _ in range(44))


def signature() -> str:
    """Some transaction signature."""
    return "".join(secrets.choice(_BASE58) for _ in range(88))


def _save(model, /, **columns):
    with contextlib.nullcontext() if acting() else as_sync():
        return model._default_manager.create(**columns)


# People


def user(**columns):
    """A trader who came by Telegram."""
    number = next(_numbers)
    named = {"telegram_id": 1_000_000 + number, "telegram_username": f"trader{number}"}
    return _save(User, **named | columns)


def suspended_user(**columns):
    return user(status="suspended", **columns)


def closed_user(**columns):
    return user(telegram_id=None, status="closed", **columns)


def staff(role=UserRole.ADMIN, **columns):
    """A member of staff whose password is PASSWORD."""
    global _password_hash
    _password_hash = _password_hash or make_password(PASSWORD)
    named = {"email": f"staff{next(_numbers)}@desk.example", "password": _password_hash}
    return _save(User, **named | {"role": role} | columns)


def profile(of=None, **columns):
    return _save(UserProfile, user=of or user(), **columns)


def setting(of=None, key="trading", value=None, **columns):
    return _save(
        UserSetting, user=of or user(), setting_key=key, setting_value=value or {}, **columns
    )


def session(of=None, **columns):
    return _save(UserSession, user=of or user(), **{"channel": "web"} | columns)


def authenticator(of=None, **columns):
    """A confirmed device whose secret nobody has."""
    number = next(_numbers)
    place = Place("otp_totp_totpdevice", "key", number)
    named = {
        "id": number,
        "name": "authenticator",
        "key": seal(secrets.token_bytes(20), place=place),
    }
    return _save(Authenticator, user=of or user(), **named | columns)


def api_key(of=None, **columns):
    """A live key whose secret nobody has."""
    named = {
        "key_name": "program", "api_key": f"lmk_{next(_numbers):024x}",
        "api_secret_hash": secrets.token_hex(32), "permissions": ["read:account"],
    }  # fmt: skip
    return _save(UserApiKey, user=of or user(), **named | columns)


def rest_call(of=None, **columns):
    named = {"idempotency_key": f"key-{next(_numbers)}", "body_hash": secrets.token_hex(32)}
    return _save(RestCall, user=of or user(), **named | columns)


def intent(of=None, **columns):
    named = {
        "channel": "telegram",
        "idempotency_key": f"key-{next(_numbers)}",
        "content_hash": secrets.token_hex(32),
        "kind": "order",
        "deadline": timezone.now() + timedelta(seconds=60),
    }
    return _save(Intent, user=of or user(), **named | columns)


# Wallets


def wallet(of=None, **columns):
    """A Privy wallet on Solana."""
    named = {"wallet_address": address(), "privy_wallet_id": f"privy-{next(_numbers)}"}
    return _save(Wallet, user=of or user(), **named | columns)


def ethereum_wallet(of=None, **columns):
    named = {"wallet_address": "0x" + secrets.token_hex(20), "chain_type": "ethereum"}
    return wallet(of, **named | columns)


def balance(of=None, amount="100", token="USDC", locked="0", **columns):
    """How much of a token a wallet holds, seen now."""
    return _save(
        WalletBalance,
        wallet=of or wallet(),
        token_symbol=token,
        balance=Decimal(amount),
        locked_balance=Decimal(locked),
        **{"updated_at": timezone.now()} | columns,
    )


def withdrawal_address(of=None, **columns):
    """An address of a person's book that has cooled off."""
    named = {
        "label": f"cold {next(_numbers)}",
        "address": str(Keypair().pubkey()),
        "usable_at": timezone.now() - timedelta(hours=1),
    }
    return _save(WithdrawalAddress, user=of or user(), **named | columns)


def withdrawal(of=None, amount="100", **columns):
    """A withdrawal of USDC that waits for its code."""
    of = of or wallet()
    place = columns.pop("address", None) or withdrawal_address(of.user)
    named = {
        "to_address": place.address,
        "token_symbol": "USDC",
        "token_mint": "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v",
        "unit": "USD",
        "expires_at": timezone.now() + timedelta(minutes=15),
    }
    return _save(
        Withdrawal,
        user_id=of.user_id,
        wallet=of,
        address=place,
        amount=Decimal(amount),
        **named | columns,
    )


def incoming_transfer(of=None, amount="25", **columns):
    """Money that somebody sent to a wallet."""
    of = of or wallet()
    named = {
        "signature": signature(),
        "token_symbol": "USDC",
        "token_mint": "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v",
        "from_address": str(Keypair().pubkey()),
        "slot": 1000,
        "occurred_at": timezone.now(),
    }
    return _save(
        IncomingTransfer, user_id=of.user_id, wallet=of, amount=Decimal(amount), **named | columns
    )


def wallet_alert(of=None, **columns):
    named = {"token_symbol": "SOL", "condition_type": "less_than", "threshold": Decimal("0.1")}
    return _save(WalletAlert, wallet=of or wallet(), **named | columns)


# Markets

_RULES = {
    "base_asset": "SOL",
    "market_type": "perpetual",
    "min_order_size": Decimal("0.01"),
    "tick_size": Decimal("0.0001"),
    "step_size": Decimal("0.01"),
    "max_leverage": Decimal(20),
}
_QUOTES = {"velocity": "USDT", "drift": "USDC"}


def market(dex_name="velocity", **columns):
    """An open perpetual of the catalogue: SOL on Velocity (quote USDT) or Drift (USDC)."""
    number = next(_numbers)
    named = {"symbol": f"SOL{number}-PERP", "quote_asset": _QUOTES.get(dex_name, "USD")}
    return _save(Market, dex_name=dex_name, **_RULES | named | columns)


def drift_market(deployment="velocity", **columns):
    """A market of the venue, with its row in the catalogue."""
    number = next(_numbers)
    named = {
        "symbol": f"SOL{number}-PERP",
        "quote_asset": _QUOTES.get(deployment, "USD"),
        "market_index": number,
    }
    columns = _RULES | named | columns
    if "catalogue" not in columns:
        facts = {name: columns[name] for name in ("symbol", "quote_asset", "market_type")}
        columns["catalogue"] = market(deployment, **facts)
    return _save(DriftMarket, deployment=deployment, **columns)


# Venue accounts and what happens in them


def venue_account(of=None, deployment="velocity", **columns):
    """An account at the venue that the chain shows, with nothing in it."""
    named = {"address": address(), "status": "active"}
    return _save(VenueAccount, wallet=of or wallet(), deployment=deployment, **named | columns)


def absent_venue_account(of=None, deployment="velocity", **columns):
    return venue_account(of, deployment, status="absent", **columns)


def funded_venue_account(of=None, deployment="velocity", collateral="1000", **columns):
    """An account whose collateral is all free."""
    named = {
        "collateral": Decimal(collateral),
        "free_collateral": Decimal(collateral),
        "health": Decimal(100),
        "observed_slot": 1000,
        "observed_at": timezone.now(),
    }
    return venue_account(of, deployment, **named | columns)


def transfer(account=None, amount="100", **columns):
    """A deposit that was asked for and is not sent yet."""
    account = account or venue_account()
    named = {
        "deployment": account.deployment,
        "kind": "deposit",
        "token_symbol": _QUOTES.get(account.deployment, "USDC"),
        "expires_at": timezone.now() + timedelta(seconds=60),
    }
    return _save(
        VenueTransfer,
        user_id=account.wallet.user_id,
        wallet=account.wallet,
        account=account,
        amount=Decimal(amount),
        **named | columns,
    )


def _whose(columns):
    """The wallet and its person, made if the caller names none."""
    held = columns.pop("wallet", None) or wallet()
    return {"wallet": held, "user_id": held.user_id} | columns


def order(of_market=None, **columns):
    """A pending order in the table of venues without tables of their own."""
    columns = _whose(columns)
    named = {
        "deployment": "paper", "order_type": "market", "side": "long", "direction": "buy",
        "size": Decimal(1),
    }  # fmt: skip
    return _save(Order, market=of_market or market("paper"), **named | columns)


def drift_order(of_market=None, **columns):
    """A pending long market order."""
    of_market = of_market or drift_market()
    columns = _whose(columns)
    named = {
        "deployment": of_market.deployment, "market_index": of_market.market_index,
        "order_type": "market", "side": "long", "direction": "buy", "size": Decimal(1),
    }  # fmt: skip
    return _save(DriftOrder, market=of_market, **named | columns)


def filled_drift_order(of_market=None, size="1", price="100", fee="0.1", **columns):
    named = {
        "size": Decimal(size), "filled_size": Decimal(size), "avg_fill_price": Decimal(price),
        "total_fees": Decimal(fee), "status": "filled", "filled_at": timezone.now(),
        "ended_at": timezone.now(),
    }  # fmt: skip
    return drift_order(of_market, **named | columns)


def position(of_market=None, **columns):
    """An open long position in the generic table."""
    columns = _whose(columns)
    named = {
        "deployment": "paper", "side": "long", "size": Decimal(1), "entry_price": Decimal(100),
    }  # fmt: skip
    return _save(Position, market=of_market or market("paper"), **named | columns)


def drift_position(of_market=None, **columns):
    """An open long position of 1 at 100."""
    of_market = of_market or drift_market()
    columns = _whose(columns)
    named = {
        "deployment": of_market.deployment, "market_index": of_market.market_index,
        "side": "long", "size": Decimal(1), "peak_size": Decimal(1),
        "entry_price": Decimal(100), "quote_asset_amount": Decimal(-100),
    }  # fmt: skip
    return _save(DriftPosition, market=of_market, **named | columns)


def closed_drift_position(of_market=None, **columns):
    named = {"status": "closed", "size": Decimal(0), "closed_at": timezone.now()}
    return drift_position(of_market, **named | columns)


def transaction(**columns):
    """A wallet's own transfer that waits for its confirmation."""
    return _save(Transaction, **{"tx_type": "transfer"} | _whose(columns))


def drift_transaction(deployment="velocity", **columns):
    named = {"deployment": deployment, "tx_type": "place_order"}
    return _save(DriftTransaction, **named | _whose(columns))


def fill(of_market=None, **columns):
    """One account's side of a match of 1 at 100."""
    of_market = of_market or market()
    columns = _whose(columns)
    named = {
        "deployment": of_market.dex_name, "side": "long", "direction": "buy", "size": Decimal(1),
        "price": Decimal(100), "quote": Decimal(100), "venue_fill_id": str(next(_numbers)),
        "account": address(), "filled_at": timezone.now(),
    }  # fmt: skip
    return _save(Fill, market=of_market, **named | columns)


def alert(of=None, **columns):
    named = {
        "alert_type": "price_above", "condition_type": "greater_than",
        "target_price": Decimal(150),
    }  # fmt: skip
    return _save(Alert, user=of or user(), **named | columns)


# Messages on the chain


def submission(of_wallet=None, **columns):
    """A message that waits to be claimed and signed."""
    wallet_id = of_wallet.pk if of_wallet else uuid7()
    return _save(Submission, **{"wallet_id": wallet_id} | columns)


def signed_submission(of_wallet=None, **columns):
    """Bytes that are stored and not sent yet."""
    named = {
        "state": "signed", "signature": signature(), "raw": b"signed bytes",
        "last_valid_block_height": 1150, "signing_slot": 1000,
    }  # fmt: skip
    return submission(of_wallet, **named | columns)


def act(of_submission=None, **columns):
    """What a submission carries: by default the placing of some order."""
    named = {
        "instruction_index": 0, "subject_type": "order", "subject_id": uuid7(), "step": "place",
    }  # fmt: skip
    return _save(SubmissionAct, submission=of_submission or submission(), **named | columns)
