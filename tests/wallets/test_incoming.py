"""Money that comes in is found at finalized, booked once, named, told, and can go back."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from solders.keypair import Keypair

from alerts.models import OutboxMessage
from audit.models import AuditLog
from chain.rpc import Rpc
from core.errors import Conflict, NotFound, Refused, Unavailable
from core.roles import as_sync
from tests.desk import Trader, new_telegram_id, sweep_until
from tests.journeys.test_withdrawals import from_venue, transfer_of
from tests.outsider import Outsider
from tests.withdrawer import Withdrawer
from trading.models import VenueTransfer
from trading.services import place_deposit, preview_deposit
from wallets.chain_balances import read_chain_balances
from wallets.models import IncomingTransfer, WatchedAccount, Withdrawal
from wallets.services import (
    list_incoming,
    place_withdrawal,
    read_incoming,
    read_withdrawal,
    sync_incoming,
)
from wallets.services.sync_incoming import symbol_of
from wallets.tokens import BY_MINT

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def friend(desk):
    return Outsider(desk)


@pytest.fixture
def trader(desk, friend):
    """With an empty wallet of their own."""
    found = Trader(desk, "velocity", new_telegram_id()).arrive(sol=D(0), quote=D(0))
    friend.settle()
    return found


@pytest.fixture
def only_velocity(settings):
    settings.VENUES = {
        key: path for key, path in settings.VENUES.items() if key in ("velocity", "paper")
    }


def look(after=timedelta(0)):
    return sync_incoming(now=timezone.now() + after)


def came(trader):
    """(amount, token, sender, status), oldest first."""
    found = list_incoming(user_id=trader.user_id, limit=100)
    return [(f.amount, f.token_symbol, f.from_address, f.status) for f in reversed(found)]


def told():
    with as_sync():
        return OutboxMessage.objects.filter(subject_type="incoming").count()


def test_sol_and_tokens_are_found_once_with_their_sender(trader, friend):
    friend.send(friend.sol(trader.address, 2 * 10**9))
    friend.send(*friend.tokens(trader.address, 150_250_000, "USDT"))
    assert look()["booked"] == 2
    assert sorted(came(trader)) == [
        (D(2), "SOL", friend.address, "arrived"),
        (D("150.25"), "USDT", friend.address, "arrived"),
    ]
    assert told() == 2
    for _ in range(3):
        assert look() == {"wallets": 1, "moved": 0, "booked": 0, "again": 0}
    assert told() == 2
    with as_sync():
        assert AuditLog.objects.filter(action="incomingtransfer.created").count() == 2


@pytest.mark.parametrize("version", [1, 9])
def test_what_comes_by_a_message_of_a_newer_version_is_found_too(trader, friend, version):
    signature = friend.send(friend.sol(trader.address, 2 * 10**9))
    friend.sandbox.rpc("sandbox_setTransactionVersion", signature, version)
    assert look()["booked"] == 1
    assert came(trader) == [(D(2), "SOL", friend.address, "arrived")]


def test_each_transfer_of_one_transaction_is_a_row_of_its_own(trader, friend):
    make, first = friend.tokens(trader.address, 1_000_000, "USDT")
    _, second = friend.tokens(trader.address, 2_000_000, "USDT")
    old = friend.old_transfer(trader.address, 3_000_000, "USDT")
    signature = friend.send(
        make, first, friend.sol(trader.address, 10**9), second, old,
        friend.sol(trader.address, 5 * 10**8),
    )  # fmt: skip
    look()
    with as_sync():
        rows = IncomingTransfer.objects.filter(signature=signature).order_by("index")
        found = list(rows.values_list("index", "amount", "token_symbol"))
    assert found == [
        (1000, D(1), "USDT"), (2000, D(1), "SOL"), (3000, D(2), "USDT"), (4000, D(3), "USDT"),
        (5000, D("0.5"), "SOL"),
    ]  # fmt: skip


def test_what_is_not_final_yet_is_nobodys_yet(trader, friend, desk):
    desk.rpc("sandbox_advanceSlots", 1)
    friend.settle = lambda: desk.advance(2)
    friend.send(friend.sol(trader.address, 10**9))
    assert look()["booked"] == 0
    desk.advance(40)
    assert look()["booked"] == 1


def test_a_failed_transaction_brings_nothing(trader, friend):
    make, move = friend.tokens(trader.address, 1_000_000, "USDT")
    friend.send(make, move, friend.sol(trader.address, 10**15))
    look()
    assert came(trader) == []


def test_what_the_wallet_does_itself_is_no_arrival(trader, friend):
    friend.send(friend.sol(trader.address, 2 * 10**9))
    friend.send(*friend.tokens(trader.address, 500_000_000, "USDT"))
    look()
    deposited = trader.deposit("500")
    sweep_until(lambda: transfer_of(deposited.id).status == "completed")
    back = from_venue(trader, "120")
    sweep_until(lambda: transfer_of(back.id).status == "completed")
    friend.settle()
    result = look()
    assert (result["booked"], result["again"]) == (0, 0)
    assert len(came(trader)) == 2


def test_what_came_and_left_between_two_looks_is_found(trader, friend):
    friend.send(friend.sol(trader.address, 2 * 10**9))
    look()
    friend.send(*friend.tokens(trader.address, 400_000_000, "USDT"))
    trader.deposit("400")

    def done():
        with as_sync():
            return VenueTransfer.objects.get().status == "completed"

    sweep_until(done)
    friend.settle()
    assert look()["booked"] == 1
    assert came(trader)[-1] == (D(400), "USDT", friend.address, "arrived")


def test_a_node_that_shows_less_than_there_was_is_asked_again(trader, friend, monkeypatch):
    friend.send(friend.sol(trader.address, 10**9))
    friend.send(friend.sol(trader.address, 2 * 10**9))
    honest = Rpc.signatures_for
    monkeypatch.setattr(Rpc, "signatures_for", lambda *args, **how: honest(*args, **how)[:1])
    result = look()
    assert (result["booked"], result["again"]) == (1, 1)
    monkeypatch.setattr(Rpc, "signatures_for", honest)
    result = look()
    assert (result["booked"], result["again"]) == (1, 0)
    assert [each[0] for each in came(trader)] == [D(2), D(1)]


def test_a_gap_that_stays_is_written_down_and_left(trader, friend, desk):
    # Lamports without any transaction, as no chain has them.
    desk.rpc("sandbox_airdrop", trader.address, 10**9)
    friend.settle()
    for _ in range(11):
        assert look()["booked"] == 0
    assert look()["moved"] == 0
    with as_sync():
        row = AuditLog.objects.get(action="watchedaccount.gap")
        assert row.new_values["missing_units"] == str(10**9)
        assert WatchedAccount.objects.get(address=trader.address).units == 10**9


def test_tokens_that_anybody_can_make_are_named_by_their_mint_and_not_told(trader, friend):
    made_up = str(Keypair().pubkey())
    friend.send(*friend.tokens(trader.address, 5_000, mint=made_up, decimals=2))
    look()
    assert came(trader) == [(D(50), f"{made_up[:4]}…{made_up[-4:]}", friend.address, "wrong_token")]
    assert told() == 0


def test_a_made_up_amount_that_fits_nowhere_keeps_nothing_else_from_being_found(trader, friend):
    made_up = str(Keypair().pubkey())
    friend.send(*friend.tokens(trader.address, 2**64 - 1, mint=made_up, decimals=0))
    friend.send(friend.sol(trader.address, 10**9))
    look()
    assert [each[1] for each in came(trader)] == ["SOL"]
    assert look(timedelta(hours=2))["moved"] == 0


def test_dust_is_listed_and_not_told(trader, friend):
    friend.send(friend.sol(trader.address, 10**9))
    friend.send(friend.sol(trader.address, 1))
    look()
    assert [each[0] for each in came(trader)] == [D(1), D("0.000000001")]
    assert told() == 1


def test_another_persons_arrival_is_not_found(trader, friend, desk):
    friend.send(friend.sol(trader.address, 10**9))
    look()
    other = Trader(desk, "velocity", new_telegram_id()).arrive(sol=D(0), quote=D(0))
    (found,) = list_incoming(user_id=trader.user_id)
    assert list_incoming(user_id=other.user_id) == ()
    with pytest.raises(NotFound):
        read_incoming(user_id=other.user_id, incoming_id=found.id)


# Back to whom it came from.


def give_back(person, found, *, key="back", amount=None):
    return place_withdrawal(
        user_id=person.user_id,
        channel="telegram",
        key=key,
        token_symbol=found.token_symbol,
        amount=found.amount if amount is None else amount,
        address_id=None,
        incoming_id=found.id,
        now=timezone.now(),
    )


@pytest.fixture
def wrong(trader, friend, only_velocity):
    """A person with SOL, and with USDC where only USDT can be deposited."""
    friend.send(friend.sol(trader.address, 10**9))
    friend.send(*friend.tokens(trader.address, 75_000_000, "USDC"))
    look()
    (found,) = list_incoming(user_id=trader.user_id, status="wrong_token")
    return found


def test_a_token_that_no_venue_takes_is_named_as_wrong(trader, wrong):
    assert (wrong.token_symbol, wrong.amount, wrong.may_return) == ("USDC", D(75), True)
    assert (wrong.taken_by, wrong.own_venue) == ((), "velocity")
    preview = preview_deposit(
        user_id=trader.user_id, deployment="velocity", amount=D(75), now=timezone.now()
    )
    assert "token_missing" in {denial.rule for denial in preview.denials}
    with pytest.raises(Refused):
        place_deposit(
            user_id=trader.user_id, channel="telegram", key="k", deployment="velocity",
            amount=D(75), sponsor_fee=D(0), now=timezone.now(),
        )  # fmt: skip


def test_it_goes_back_whole_to_its_sender_once(trader, friend, wrong, settings, desk):
    person = Withdrawer(trader)
    placed = give_back(person, wrong)
    assert (placed.to_address, placed.status) == (friend.address, "awaiting_code")
    with pytest.raises(Refused) as caught:
        give_back(person, wrong, key="again")
    assert caught.value.code == "incoming.under_way"
    person.confirm(placed)
    person.release()
    person.drive(placed, settings)
    sweep_until(
        lambda: (
            read_withdrawal(user_id=person.user_id, withdrawal_id=placed.id).ended_at is not None
        )
    )
    with as_sync():
        assert Withdrawal.objects.get().status == "finalized"
    assert read_incoming(user_id=person.user_id, incoming_id=wrong.id).status == "returned"
    assert read_chain_balances([friend.address])[friend.address].amounts["USDC"] == 75
    assert read_chain_balances([trader.address])[trader.address].amounts["USDC"] == 0
    with pytest.raises(Refused) as caught:
        give_back(person, wrong, key="third")
    assert caught.value.code == "incoming.returned"
    friend.settle()
    assert look()["booked"] == 0


def test_a_node_that_has_not_seen_the_token_yet_is_behind_and_nothing_is_refused_for_it(
    trader, wrong, desk
):
    person = Withdrawer(trader)
    placed = give_back(person, wrong)
    desk.set_fault("solana.node_lag", slots=10**6)
    with pytest.raises(Unavailable) as caught:
        person.confirm(placed)
    assert caught.value.code == "chain.behind"
    assert read_withdrawal(user_id=person.user_id, withdrawal_id=placed.id).ended_at is None
    desk.clear_faults()
    person.confirm(placed)
    assert read_withdrawal(user_id=person.user_id, withdrawal_id=placed.id).status == "cooling"


def test_a_return_needs_a_code_and_never_more_than_came(trader, wrong):
    with pytest.raises(Refused) as caught:
        give_back(trader, wrong)
    assert caught.value.code == "security.totp_needed"
    person = Withdrawer(trader)
    with pytest.raises(Refused) as caught:
        give_back(person, wrong, amount=D(76))
    assert caught.value.code in ("incoming.more_than_came", "withdrawal.token_missing")
    with as_sync():
        assert Withdrawal.objects.count() == 0


def test_what_is_of_use_does_not_leave_by_this_door(trader, friend):
    friend.send(friend.sol(trader.address, 10**9))
    friend.send(*friend.tokens(trader.address, 5_000_000, "USDT"))
    look()
    person = Withdrawer(trader)
    for found in list_incoming(user_id=trader.user_id):
        assert found.may_return is False
        with pytest.raises(Refused) as caught:
            give_back(person, found, amount=D("0.01"), key=str(found.id))
        assert caught.value.code == "incoming.of_use"
    with as_sync():
        assert Withdrawal.objects.count() == 0


def test_another_persons_arrival_cannot_be_sent_anywhere(wrong, desk):
    thief = Withdrawer(Trader(desk, "velocity", new_telegram_id()).arrive())
    with pytest.raises((NotFound, Conflict)) as caught:
        give_back(thief, wrong)
    assert caught.value.code == "incoming.not_found"


def test_every_known_mint_has_a_symbol_of_the_desks_own():
    assert {symbol_of(mint) for mint in BY_MINT} == {"USDC", "USDT", "DUSDT", "WSOL"}
    assert symbol_of("") == "SOL"
