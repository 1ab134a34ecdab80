"""Up to a small limit money comes in without an authenticator; late ones lock withdrawals."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.models import UserSecurity
from accounts.services import read_security
from core.errors import Refused, Unavailable
from core.roles import as_sync
from drift.services import sync_all_markets
from tests import factories
from tests.authenticator import Authenticator
from tests.desk import Trader, led_to, new_telegram_id
from tests.threads import all_at_once
from tests.trading.test_place_deposit import own_means, place
from tests.trading.test_place_order import row_counts
from trading.models import VenueAccount, VenueTransfer
from trading.services import largest_deposit, place_deposit, preview_deposit
from wallets.custody.privy import PrivyCustodian
from wallets.models import Wallet, WalletBalance

pytestmark = pytest.mark.django_db
D = Decimal
MINUTE = timedelta(minutes=1)


@pytest.fixture
def limit_of(settings):
    def limit(amount):
        settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(
            update={"deposit_limit_without_totp": D(amount)}
        )

    return limit


def test_all_deposits_together_stay_below_the_limit(books, chain, limit_of, owner_sql):
    limit_of("100")
    own_means(books)
    place(books, key="one", amount="60", fee="0")
    before = row_counts(owner_sql)
    with pytest.raises(Refused) as caught:
        place(books, key="two", amount="40.01", fee="0")
    assert (caught.value.code, caught.value.params) == ("deposit.totp_needed", {"limit": "100"})
    assert row_counts(owner_sql) == before
    place(books, key="two", amount="40", fee="0")


def test_with_an_authenticator_there_is_no_limit(books, chain, limit_of):
    limit_of("100")
    own_means(books)
    Authenticator(books.wallet.user_id, timezone.now())
    place(books, key="one", amount="500", fee="0")
    with as_sync():
        assert VenueTransfer.objects.get().amount == 500


def test_what_failed_does_not_count(books, chain, limit_of):
    limit_of("100")
    own_means(books)
    place(books, key="one", amount="100", fee="0")
    with as_sync():
        VenueTransfer.objects.update(status="not_executed", ended_at=timezone.now())
    place(books, key="two", amount="100", fee="0")


def test_many_at_once_never_pass_the_limit_together(books, chain, limit_of):
    limit_of("100")
    own_means(books)

    outcomes = all_at_once(
        *[
            lambda number=number: place(books, key=f"key-{number}", amount="30", fee="0")
            for number in range(10)
        ]
    )
    refused = [each.code for each in outcomes if isinstance(each, Refused)]
    assert refused == ["deposit.totp_needed"] * 7
    with as_sync():
        assert VenueTransfer.objects.count() == 3


@pytest.mark.parametrize(("held", "is_locked"), [("999", False), ("1001", True)])
def test_a_first_device_after_much_money_came_locks_withdrawals(db, held, is_locked):
    wallet = factories.wallet()
    factories.balance(wallet, held, "USDC")
    now = timezone.now()
    Authenticator(wallet.user_id, now, before_money=False)
    locked = read_security(user_id=wallet.user_id, now=now).withdrawals_locked_until
    assert (locked is not None) is is_locked
    with as_sync():
        row = UserSecurity.objects.get(user_id=wallet.user_id)
    assert row.lock_reason == ("totp_enrolled_late" if is_locked else "")
    if is_locked:
        assert (locked - now).total_seconds() == 72 * 3600


@pytest.mark.parametrize("kind", ["withdrawal", "deposit"])
def test_money_between_wallet_and_venue_hides_from_no_first_device(db, kind):
    """Whoever has stolen a chat can bring it back to the wallet, and would enrol on its way."""
    now = timezone.now()
    account = factories.venue_account(collateral=D(5), observed_at=now)
    wallet = account.wallet
    factories.balance(wallet, "5", "USDC")
    moving = factories.transfer(account, "4000", kind=kind, status="sent", token_symbol="USDC")
    with pytest.raises(Unavailable) as caught:
        Authenticator(wallet.user_id, now, before_money=False)
    assert caught.value.code == "security.money_is_moving"
    # The venue says that it is done, and nobody has looked at the other side since.
    with as_sync():
        VenueTransfer.objects.update(status="completed", ended_at=now)
        Wallet.objects.update(last_synced_at=now - MINUTE)
        VenueAccount.objects.update(observed_at=now - MINUTE)
    with pytest.raises(Unavailable):
        Authenticator(wallet.user_id, now, before_money=False)
    with as_sync():
        assert not UserSecurity.objects.filter(user_id=moving.user_id).exists()
        Wallet.objects.update(last_synced_at=now + MINUTE)
        VenueAccount.objects.update(observed_at=now + MINUTE)
        WalletBalance.objects.update(balance=D(4005))
    Authenticator(wallet.user_id, now, before_money=False)
    assert read_security(user_id=wallet.user_id, now=now).lock_reason == "totp_enrolled_late"


def test_a_device_that_comes_to_a_frozen_account_lets_no_money_out_for_days(db):
    """Who froze it had none: this one may be a thief's, who would thaw the account by it."""
    now = timezone.now()
    person = factories.user(frozen_at=now)
    Authenticator(person.pk, now, before_money=False)
    found = read_security(user_id=person.pk, now=now)
    assert (found.withdrawals_locked_until - now).total_seconds() == 72 * 3600


# Tokens beside the quote token.


@pytest.fixture
def sandbox(db, desk_sandbox_process, settings):
    with led_to(desk_sandbox_process, settings):
        sync_all_markets()
        yield desk_sandbox_process


def ask(trader, token, amount, **fee):
    asked = {
        "user_id": trader.user_id, "deployment": trader.deployment, "token_symbol": token,
        "amount": D(amount), "now": timezone.now(),
    }  # fmt: skip
    if not fee:
        return preview_deposit(**asked)
    return place_deposit(channel="telegram", key="sol", sponsor_fee=D(0), **asked)


def test_sol_is_refused_by_name_where_nobody_would_sign_it(sandbox, monkeypatch):
    trader = Trader(sandbox, "drift", new_telegram_id()).arrive()
    # A wallet whose policy is of before; that those are seen as such is custody's own test.
    monkeypatch.setattr(PrivyCustodian, "wraps_sol", lambda *_, **__: False)
    assert ask(trader, "SOL", "0.5").denials[0].rule == "not_signed"
    with pytest.raises(Refused) as caught:
        ask(trader, "SOL", "0.5", place=True)
    assert caught.value.code == "deposit.not_signed"
    with as_sync():
        assert VenueTransfer.objects.count() == 0


def test_the_most_sol_that_can_go_leaves_fees_rent_and_later_trades_to_the_lamport(sandbox):
    trader = Trader(sandbox, "drift", new_telegram_id()).arrive()
    Authenticator(trader.user_id, timezone.now())
    most = largest_deposit(user_id=trader.user_id, deployment="drift", token_symbol="SOL")
    shown = ask(trader, "SOL", most)
    assert shown.denials == ()
    # The least of an account, the float, and the rent of the wrapped account, which comes back.
    assert shown.stays_sol == D("0.003") + D(890_880 + 2_039_280).scaleb(-9)
    [denial] = ask(trader, "SOL", most + D("0.000000001")).denials
    assert denial.rule == "sol_missing_beside"
    assert (D(denial.params["missing"]), D(denial.params["most"])) == (D("0.000000001"), most)


@pytest.mark.parametrize(("deployment", "token"), [("velocity", "USDC"), ("drift", "USDT")])
def test_a_token_that_the_venue_does_not_take_is_refused_by_name(sandbox, deployment, token):
    trader = Trader(sandbox, deployment, new_telegram_id()).arrive()
    with pytest.raises(Refused) as caught:
        ask(trader, token, "5")
    assert caught.value.code == "venue.wrong_token"
    assert caught.value.params["token"] == token
