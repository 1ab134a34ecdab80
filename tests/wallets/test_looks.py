"""Idle wallets are looked at seldom and those somebody waits for at once, and nothing is missed."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from solders.keypair import Keypair

from accounts.models import User
from chain.node import Node
from chain.rpc import Rpc
from core.errors import Unavailable
from core.roles import as_admin, as_sync
from tests import factories
from tests.outsider import Outsider
from wallets.models import Wallet, WatchedAccount
from wallets.services import list_incoming, look_at_wallet, sync_incoming
from wallets.services.find_due import due_wallets, note_looks

pytestmark = pytest.mark.django_db
_ROUND = timedelta(seconds=20)
_SEEN = timedelta(hours=2)


@pytest.fixture
def friend(desk):
    return Outsider(desk)


@pytest.fixture
def idle(desk):
    """A wallet that nobody has touched for long, and that was looked at a moment ago."""
    wallet = new_wallet()
    sync_incoming(now=timezone.now())
    return wallet


def new_wallet():
    owner = factories.user(last_active=timezone.now() - timedelta(days=1))
    return factories.wallet(owner, wallet_address=str(Keypair().pubkey()))


def amounts(wallet):
    return [each.amount for each in list_incoming(user_id=wallet.user_id, limit=10)]


def test_idle_wallets_cost_a_tenth_of_what_a_look_at_all_in_each_round_does(desk):
    wallets = [new_wallet() for _ in range(60)]
    now = timezone.now()
    with as_sync():
        note_looks(due_wallets(now), close=[], now=now - _SEEN)
    desk.clear_calls()
    looked = [sync_incoming(now=now + number * _ROUND)["wallets"] for number in range(30)]
    read = desk.calls(service="solana", method="getMultipleAccounts")
    searched = desk.calls(service="solana", method="getTokenAccountsByOwner")
    # Sixty wallets are three calls in a round, ninety in ten minutes; each was looked at once.
    assert len(read) == 15
    assert sum(looked) == 60
    assert len(searched) <= 2 * len(wallets)


@given(missed=st.lists(st.booleans(), min_size=45, max_size=45))
@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_wallet_waits_for_longer_than_its_time_and_the_rounds_that_were_missed(missed):
    """`missed` are rounds in which no worker ran or no node answered."""
    with as_admin():
        Wallet.objects.all().delete()
    wallets = {new_wallet().id for _ in range(7)}
    start = timezone.now()
    with as_sync():
        seen = dict.fromkeys(wallets, start)
        note_looks(due_wallets(start), close=[], now=start)
        for number, is_missed in enumerate(missed, start=1):
            now = start + number * _ROUND
            if is_missed:
                continue
            looked = due_wallets(now)
            note_looks(looked, close=[], now=now)
            seen |= {each.id: now for each in looked}
    assert set(seen) == wallets
    last = start + len(missed) * _ROUND
    allowed = timedelta(minutes=10) + (sum(missed) + len(wallets)) * _ROUND
    assert max(last - at for at in seen.values()) <= allowed


def test_what_came_to_an_idle_wallet_is_found_whole_when_its_turn_comes(idle, friend):
    for lamports in (10**9, 2 * 10**9):
        friend.send(friend.sol(idle.wallet_address, lamports))
    now = timezone.now()
    assert sync_incoming(now=now)["wallets"] == 0
    assert sync_incoming(now=now + timedelta(minutes=11))["booked"] == 2
    assert amounts(idle) == [Decimal(2), Decimal(1)]
    # Where something came, more may come: it is looked at in every round now.
    assert sync_incoming(now=now + timedelta(minutes=11, seconds=20))["wallets"] == 1
    assert sync_incoming(now=now + timedelta(minutes=72))["wallets"] == 1
    assert sync_incoming(now=now + timedelta(minutes=73))["wallets"] == 0


def test_who_is_in_the_chat_is_looked_at_in_every_round(idle):
    now = timezone.now()
    with as_admin():
        User.objects.filter(pk=idle.user_id).update(last_active=now)
    assert [sync_incoming(now=now + n * _ROUND)["wallets"] for n in range(3)] == [1, 1, 1]


def test_who_waits_for_money_is_answered_at_once_and_once(idle, friend, desk):
    friend.send(friend.sol(idle.wallet_address, 10**9))
    now = timezone.now() + timedelta(seconds=6)
    assert look_at_wallet(wallet_id=idle.id, now=now)["booked"] == 1
    assert amounts(idle) == [Decimal(1)]
    desk.clear_calls()
    assert look_at_wallet(wallet_id=idle.id, now=now + timedelta(seconds=2))["wallets"] == 0
    assert desk.calls(service="solana") == []
    assert sync_incoming(now=now + _ROUND)["wallets"] == 1


def test_a_look_that_failed_is_none(idle, friend, monkeypatch):
    friend.send(friend.sol(idle.wallet_address, 10**9))
    now = timezone.now() + timedelta(minutes=11)

    def gone(*_, **__):
        raise Unavailable("chain.unavailable")

    with monkeypatch.context() as patched:
        patched.setattr(Node, "call", gone)
        with pytest.raises(Unavailable):
            sync_incoming(now=now)
    assert amounts(idle) == []
    assert sync_incoming(now=now + _ROUND)["booked"] == 1


def test_a_token_that_came_and_went_is_found_though_its_account_could_not_be_read(
    idle, friend, monkeypatch
):
    """The wallet's SOL is what tells of it, and so it is not booked before."""
    token = friend.tokens(idle.wallet_address, 5_000_000, "USDT")
    friend.send(*token, friend.sol(idle.wallet_address, 10**9))
    now = timezone.now() + timedelta(minutes=11)
    honest = Rpc.signatures_for

    def without_tokens(self, address, **how):
        if address != idle.wallet_address:
            raise Unavailable("chain.unavailable")
        return honest(self, address, **how)

    with monkeypatch.context() as patched:
        patched.setattr(Rpc, "signatures_for", without_tokens)
        assert sync_incoming(now=now)["booked"] == 0
    with as_sync():
        assert WatchedAccount.objects.get(address=idle.wallet_address).units == 0
    assert sync_incoming(now=now + _ROUND)["booked"] == 2
