"""Many at once: one key prepares one withdrawal; the limit of a day holds whatever is confirmed."""

from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.models import Intent, User
from bot.handlers.withdraw import _prepare
from core.errors import Conflict, RateLimited, Refused
from core.roles import as_sync
from tests import factories
from tests.desk import Trader, new_telegram_id
from tests.threads import all_at_once
from tests.withdrawer import Withdrawer
from trading.services import list_history
from wallets.models import Withdrawal, WithdrawalAllowance
from wallets.services import confirm_withdrawal

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(desk):
    return Withdrawer(Trader(desk, "drift", new_telegram_id()).arrive(quote=Decimal(5000)))


def test_fifty_threads_with_one_key_prepare_one_withdrawal(person):
    outcomes = all_at_once(*[lambda: person.prepare("100")] * 50)
    placed = {each.id for each in outcomes if not isinstance(each, Exception)}
    assert len(placed) == 1, outcomes
    with as_sync():
        assert Withdrawal.objects.count() == 1
        assert Intent.objects.filter(kind="withdrawal").count() == 1
    with pytest.raises(Conflict):
        person.prepare("101")


def test_the_limit_of_a_day_holds_whatever_is_confirmed_at_once(person):
    """Ten thousand a day, in parts of four thousand: two of them."""
    outcomes = let_go_at_once(person, "4000", times=6)
    confirmed = [each for each in outcomes if not isinstance(each, str | Exception)]
    assert len(confirmed) == 2, outcomes
    with as_sync():
        reserved = WithdrawalAllowance.objects.get().reservations
        moving = Withdrawal.objects.exclude(status="awaiting_code")
        assert sum(Decimal(each["amount"]) for each in reserved.values()) == 8000
        assert {str(row.pk) for row in moving} == set(reserved)


def let_go_at_once(person, amount, *, times):
    placed = [person.prepare(amount, key=f"key-{number}") for number in range(times)]

    def let_go(found):
        for _ in range(40):
            try:
                return confirm_withdrawal(
                    user_id=person.user_id, withdrawal_id=found.id, code=person.device.code(),
                    now=timezone.now(),
                )  # fmt: skip
            except (Refused, RateLimited) as error:
                if not error.code.startswith("security.totp"):
                    return error.code
        return "no code"

    return all_at_once(*[lambda found=found: let_go(found) for found in placed])


def test_a_large_amount_in_parts_needs_staffs_word_as_it_does_in_one(person):
    """Above two thousand five hundred a day; each part counts those that were let go before it."""
    outcomes = let_go_at_once(person, "1000", times=4)
    assert sorted(each.status for each in outcomes) == [
        "awaiting_approval", "awaiting_approval", "cooling", "cooling",
    ]  # fmt: skip


def test_of_two_names_that_differ_in_capitals_alone_the_written_one_is_meant(person):
    with as_sync():
        owner = User.objects.get(pk=person.user_id)
    other = factories.withdrawal_address(owner, label="LEDGER")
    for label, address in (("ledger", person.target), ("LEDGER", other.address)):
        placed, _ = _prepare(
            user_id=person.user_id, key=label, token="USDC", amount=Decimal(5), label=label,
            venue="", now=timezone.now(),
        )  # fmt: skip
        assert placed.to_address == address


def test_history_tells_what_left_and_what_came(person, settings):
    placed = person.prepare("25")
    person.confirm(placed)
    person.release()
    assert list_history(user_id=person.user_id) == ()
    with as_sync():
        Withdrawal.objects.update(
            status="finalized", ended_at=timezone.now(), sent_amount=Decimal(25), tx_hash="s" * 88
        )
    [row] = list_history(user_id=person.user_id)
    assert (row.kind, row.amount, row.token_symbol) == ("sent", Decimal(-25), "USDC")
