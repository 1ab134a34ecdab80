"""A database that is older than the world signs nothing until its books are the chain's again."""

from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from chain.models import DeskEpoch, Submission
from chain.services import drive_submission, read_epoch, sweep_submissions
from core.errors import Refused, Unavailable
from core.roles import as_sync
from core.uuid7 import uuid7
from drift.models import DriftOrder, DriftTransaction
from tests.copies import Copies
from tests.desk import Trader, sweep_until
from tests.solana_transactions import pay_with_memo
from trading.models import Difference, Fill, TradingStateRow, VenueTransfer
from trading.services import halt_trading, reconcile_wanted, watch_desk
from trading.venues.base import get_venue


@pytest.fixture
def copies(_database, owner_sql):
    """Keep a copy of the whole database, and put it back as a restore does."""
    found = Copies(_database, owner_sql)
    yield found
    found.forget()


@contextmanager
def nothing_is_signed(desk):
    before = _asked_to_sign(desk)
    yield
    assert _asked_to_sign(desk) == before


def _asked_to_sign(desk) -> int:
    return len(desk.calls(service="privy", method="signTransaction"))


def _sent_memos(trader) -> set:
    with as_sync():
        return set(Submission.objects.exclude(signature=None).values_list("signature", flat=True))


def test_a_restored_desk_is_halted_and_ends_with_the_books_of_the_chain(desk, copies):
    trader = Trader(desk, "drift", telegram_id=7401).arrive()
    watch_desk(now=timezone.now())
    trader.deposit("500")
    sweep_until(lambda: trader.account().status == "active")
    # An order that the copy knows as waiting, and that was signed right after it was made.
    waiting = trader.order(key="waiting", symbol="SOL", side="long", notional=Decimal(100))
    with as_sync():
        submission_id = Submission.objects.get(acts__subject_id=waiting.id).pk
    copies.keep()
    drive_submission(submission_id=submission_id, follow=False)
    sweep_until(lambda: trader.positions())
    # And one that the copy knows nothing of at all.
    trader.order(key="forgotten", symbol="ETH", side="short", notional=Decimal(150))
    sweep_until(lambda: len(trader.positions()) == 2)
    sweep_until(lambda: not _open_submissions())
    watch_desk(now=timezone.now())
    signed = _sent_memos(trader)
    with as_sync():
        lost = Submission.objects.exclude(pk=submission_id).order_by("-id").first()
        assert Submission.objects.count() == 3

    copies.put_back()
    assert _asked_to_sign(desk) > 0
    with nothing_is_signed(desk):
        # The first process that would sign looks first; the sweep leaves all of it alone.
        with pytest.raises(Unavailable, match=r"desk\.not_reconciled"):
            drive_submission(submission_id=submission_id, follow=False)
        later = timezone.now() + timedelta(minutes=10)
        sweep_submissions(now=later)
        watch_desk(now=timezone.now())
        with as_sync():
            assert read_epoch().halted_reason == "restored"
            assert TradingStateRow.objects.get(scope="desk").state == "halted"
            assert Submission.objects.get(pk=submission_id).state in ("queued", "claimed")
        with pytest.raises(Refused):
            trader.order(key="while halted", symbol="SOL", side="short", percent=Decimal(100))
        desk.advance(400)
        told = StringIO()
        call_command("reconcile_after_restore", stdout=told)
    assert "1 rebuilt" in told.getvalue(), told.getvalue()
    assert "1 remembered" in told.getvalue(), told.getvalue()
    with as_sync():
        assert not read_epoch().is_halted
        assert not TradingStateRow.objects.filter(scope="desk").exists()
    assert _sent_memos(trader) == signed
    with as_sync():
        rebuilt = Submission.objects.get(pk=lost.pk)
        assert (rebuilt.state, rebuilt.signature) == ("finalized", lost.signature)
        assert DriftTransaction.objects.get(pk=lost.pk).tx_hash == lost.signature
        assert DriftOrder.objects.get(pk=waiting.id).status == "filled"
        assert not Difference.objects.filter(resolved_at=None).exists()
        assert Fill.objects.count() >= 2
    _books_are_the_chains(trader)
    # The desk trades again.
    trader.order(key="after", symbol="SOL", side="long", percent=Decimal(100))
    sweep_until(lambda: len(trader.positions()) == 1)


def test_a_deposit_that_the_copy_knows_as_waiting_ends_though_its_record_was_booked_first(
    desk, copies
):
    trader = Trader(desk, "drift", telegram_id=7402).arrive()
    trader.deposit("200")
    sweep_until(lambda: trader.account().status == "active")
    sweep_until(lambda: not _open_submissions())
    watch_desk(now=timezone.now())
    waiting = trader.deposit("100", key="waiting")
    copies.keep()
    sweep_until(lambda: _transfer(waiting).status == "completed")
    sweep_until(lambda: not _open_submissions())
    watch_desk(now=timezone.now())
    copies.put_back()
    watch_desk(now=timezone.now())
    # Beat goes on looking at accounts, and knows of no message that made what it sees.
    reconcile_wanted(now=timezone.now() + timedelta(minutes=2))
    assert _transfer(waiting).status == "pending"
    desk.advance(400)
    call_command("reconcile_after_restore", stdout=StringIO())
    found = _transfer(waiting)
    assert (found.status, found.booked_amount) == ("completed", Decimal(100))


def _transfer(facts) -> VenueTransfer:
    with as_sync():
        return VenueTransfer.objects.get(pk=facts.id)


def _open_submissions() -> bool:
    with as_sync():
        return Submission.objects.filter(ended_at=None).exists()


def _books_are_the_chains(trader) -> None:
    venue = get_venue("drift")
    report = venue.read_accounts([venue.account_address(trader.address)])[0]
    assert {(p.market_index, p.side, p.size) for p in report.positions} == {
        (p.market_index, p.side, p.size) for p in _positions(trader)
    }


def _positions(trader):
    with as_sync():
        rows = get_venue("drift").position_model._default_manager
        return list(rows.filter(user_id=trader.user_id, status="open"))


def test_another_server_or_timeline_halts_the_desk(desk):
    watch_desk(now=timezone.now())
    with as_sync():
        DeskEpoch.objects.update(system_identifier="1234")
    assert watch_desk(now=timezone.now())["halted"] == "restored"
    with as_sync():
        DeskEpoch.objects.update(halted_at=None, halted_reason="", timeline=77)
    assert watch_desk(now=timezone.now())["halted"] == "failed over"


def test_lost_witnesses_alone_halt_nothing(desk, redis_server):
    watch_desk(now=timezone.now())
    redis_server.flushdb()
    assert watch_desk(now=timezone.now())["halted"] == ""


def test_a_halt_on_purpose_is_lifted_by_the_reconciliation_alone(desk):
    trader = Trader(desk, "drift", telegram_id=7402).arrive()
    halt_trading(reason="moving house", now=timezone.now())
    with nothing_is_signed(desk), pytest.raises(Refused):
        trader.deposit("500")
    with as_sync():
        assert not Submission.objects.exists()
    desk.set_fault("solana.server_error", percent=100)
    with pytest.raises(CommandError, match="stays halted"):
        call_command("reconcile_after_restore", stdout=StringIO())
    desk.clear_faults()
    with as_sync():
        assert read_epoch().is_halted
    desk.advance(400)
    _again(lambda: call_command("reconcile_after_restore", stdout=StringIO()))
    trader.deposit("500", key="again")
    sweep_until(lambda: trader.account().status == "active")


def _again(act) -> None:
    """Nodes that failed are set aside for a moment; an operator repeats the command."""
    for _ in range(5):
        try:
            return act()
        except CommandError:
            continue
    return act()


def test_a_stranger_s_memo_beside_a_wallet_s_address_is_not_ours(desk):
    trader = Trader(desk, "drift", telegram_id=7403).arrive()
    halt_trading(reason="test", now=timezone.now())
    pay_with_memo(desk, trader.address, str(uuid7()))
    desk.advance(400)
    told = StringIO()
    call_command("reconcile_after_restore", stdout=told)
    assert "messages on the chain: none" in told.getvalue()
    with as_sync():
        assert not Submission.objects.exists()
