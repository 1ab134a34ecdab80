"""What a fork takes back of what was booked at confirmed leaves the books: wholly, and once."""

from decimal import Decimal

import pytest
from solders.keypair import Keypair

from audit.models import AuditLog
from chain.models import Submission
from chain.services import find_dropped
from core.roles import as_admin, as_sync
from tests import factories
from tests.sandbox.solana_calls import funded, latest_blockhash, memo, send, signed
from tests.trading.books import entry, fill, moment, placed, position_state, resting, transaction
from trading.models import VenueAccount
from trading.services.find_due import due_accounts

D = Decimal


@pytest.fixture
def forked(books, chain):
    """Books, a signature that the chain never held, and a slot that is final by far."""
    chain.advance(200)
    return books, _name(), chain.rpc("getSlot", {"commitment": "finalized"}) - 100


def _name():
    """A signature that no transaction has."""
    return str(Keypair().sign_message(b"never sent"))


def _renamed(signature):
    """A message of ours under a name that nodes take for one."""
    name = _name()
    with as_sync():
        Submission.objects.filter(signature=signature).update(signature=name)
    return name


def _deletions():
    with as_admin():
        return sorted(
            AuditLog.objects.filter(action__endswith=".deleted").values_list("action", flat=True)
        )


def test_a_dropped_fill_is_taken_back_with_all_that_it_made(forked):
    books, gone, slot = forked
    order, signature = books.order(size="2")
    first = (
        transaction(placed(size="2"), signature=signature, slot=slot - 9),
        transaction(fill(size="1", price="90", fee="0.1"), slot=slot - 8),
    )
    young = transaction(
        entry("funding", "-3", index=1, market=0),
        fill(size="1", price="110", fee="0.2"),
        signature=gone, slot=slot, finalized=False,
    )  # fmt: skip
    books.hear(*first, young, slot=slot)
    assert books.read(order).status == "filled"
    assert books.intent(order) == "executed"

    state = position_state(quote_amount="-90.1")
    rests = resting(size="2", filled="1")
    told = {"positions": (state,), "orders": (rests,)}
    books.hear(*first, slot=slot + 40, **told)

    assert [(row.size, row.price) for row in books.fills()] == [(1, 90)]
    assert books.entries() == []
    (position,) = books.positions()
    assert (position.size, position.entry_quote, position.fees) == (1, 90, D("0.1"))
    assert (position.realized_pnl, position.funding) == (D("-0.1"), 0)
    row = books.read(order)
    assert (row.status, row.filled_size, row.avg_fill_price) == ("partially_filled", 1, 90)
    assert (row.total_fees, books.intent(order)) == (D("0.1"), "open")
    assert books.differences() == {}
    assert _deletions() == ["accountentry.deleted", "fill.deleted"]

    before = books.everything()
    books.hear(*first, slot=slot + 41, again=2, **told)
    assert books.everything() == before
    assert len(_deletions()) == 2


def test_what_lands_after_all_is_booked_again_and_counts_once(forked):
    books, gone, slot = forked
    match = fill("", size="1", fee="0")
    young = transaction(match, signature=gone, slot=slot, finalized=False)
    books.hear(young, slot=slot, positions=(position_state(),))
    books.hear(slot=slot + 40)
    assert (books.fills(), books.positions(), books.differences()) == ([], [], {})

    later = transaction(match, signature=gone, slot=slot + 50)
    books.hear(later, slot=slot + 60, again=1, positions=(position_state(),))

    assert [row.slot for row in books.fills()] == [slot + 50]
    assert [row.size for row in books.positions()] == [1]
    assert books.differences() == {}


def test_a_position_that_a_dropped_fill_closed_or_turned_is_held_again(forked):
    books, gone, slot = forked
    first = transaction(fill("", size="2", price="100", fee="0"), slot=slot - 5)
    turn = fill("", size="3", price="120", fee="0", direction="sell")
    books.hear(first, slot=slot - 4)
    (held,) = books.positions()
    books.hear(first, transaction(turn, signature=gone, slot=slot, finalized=False), slot=slot)
    assert [(p.side, p.status) for p in books.positions()] == [
        ("long", "closed"), ("short", "open"),
    ]  # fmt: skip

    state = position_state(size="2", quote_amount="-200")
    books.hear(first, slot=slot + 40, positions=(state,))

    (position,) = books.positions()
    assert position.id == held.id
    assert (position.status, position.size, position.realized_pnl) == ("open", 2, 0)
    assert (position.closed_at, position.exit_price) == (None, None)
    assert books.differences() == {}


@pytest.mark.parametrize(
    ("state", "status", "intent"),
    [
        ("confirmed", "pending", "open"),
        ("failed", "failed", "not_executed"),
        ("expired", "not_executed", "not_executed"),
    ],
)
def test_an_order_whose_own_message_is_gone_goes_where_the_message_went(
    forked, state, status, intent
):
    books, _, slot = forked
    order, signature = books.order(size="1", state="confirmed", landed=slot)
    signature = _renamed(signature)
    both = transaction(
        placed(), fill(size="1", fee="0"), signature=signature, slot=slot, finalized=False
    )
    books.hear(both, slot=slot, positions=(position_state(),))
    assert (books.read(order).status, books.intent(order)) == ("filled", "executed")
    with as_sync():
        Submission.objects.filter(signature=signature).update(state=state)

    books.hear(slot=slot + 40)

    row = books.read(order)
    assert (row.status, row.venue_order_id, row.filled_size) == (status, None, 0)
    assert books.intent(order) == intent
    assert (books.fills(), books.positions(), books.differences()) == ([], [], {})


def test_a_dropped_deposit_is_not_completed_any_more(forked):
    books, _, slot = forked
    intent = factories.intent(books.wallet.user)
    transfer = factories.transfer(books.account, "5", id=intent.id, status="confirmed")
    signature = _renamed(
        books.message(transfer.id, state="confirmed", landed=slot, kind="deposit", step="deposit")
    )
    young = transaction(entry("deposit", "5"), signature=signature, slot=slot, finalized=False)
    books.hear(young, slot=slot, tokens={"USDC": D(5)})
    assert (books.read(transfer).status, books.intent(transfer)) == ("completed", "executed")

    books.hear(slot=slot + 40)

    row = books.read(transfer)
    assert (row.status, row.booked_amount, row.ended_at) == ("sent", None, None)
    assert (books.intent(transfer), books.entries()) == ("open", [])


@pytest.mark.parametrize("made", [entry("deposit", "5"), fill("")])
def test_an_account_that_a_fork_took_back_is_looked_at_until_its_rows_are_taken_back(forked, made):
    """A first deposit goes with the very account, and nothing of it is under way any more."""
    books, gone, slot = forked
    books.hear(transaction(made, signature=gone, slot=slot, finalized=False), slot=slot)
    assert _is_due_though_absent(books)

    books.hear(slot=slot + 40)

    assert (books.entries(), books.fills()) == ([], [])
    assert not _is_due_though_absent(books)


def _is_due_though_absent(books):
    with as_sync():
        mine = VenueAccount.objects.filter(pk=books.account.pk)
        mine.update(status="absent", wanted_at=None, observed_at=moment(600))
        books.venue.position_model._default_manager.all().delete()
        return bool(due_accounts(books.venue, moment(601), 10))


def test_what_is_missing_from_a_history_is_kept_until_the_chain_has_decided(books, chain):
    slot = chain.rpc("getSlot", {"commitment": "processed"})
    young = transaction(fill(""), signature=_name(), slot=slot, finalized=False)
    books.hear(young, slot=slot)

    books.hear(slot=slot + 1)

    assert [row.is_final for row in books.fills()] == [False]


def test_a_fill_that_is_told_late_is_counted_in_its_place(books, owner_sql):
    history = [
        transaction(fill("", size="2", price="100", fee="0"), slot=501),
        transaction(fill("", size="1", price="130", fee="0", direction="sell"), slot=502),
        transaction(fill("", size="1", price="160", fee="0"), slot=503),
        transaction(fill("", size="2", price="100", fee="0", direction="sell"), slot=504),
    ]
    books.hear(*history)
    whole = books.everything()
    owner_sql.execute("DELETE FROM fills WHERE slot = 502")

    books.hear(*history, again=1)

    assert books.everything() == whole


@pytest.mark.parametrize("becomes", ["dropped", "error"])
def test_a_success_on_a_fork_is_dropped_only_once_the_chain_is_final_without_it(chain, becomes):
    payer = funded(chain)
    chain.set_fault(
        "solana.fork", shows="success", commitment="confirmed", becomes=becomes, slots=20, count=1
    )
    signature = send(chain, signed([memo(payer)], payer, latest_blockhash(chain)))
    slot = chain.rpc("getSlot", {"commitment": "processed"})
    assert find_dropped(seen={signature: slot}) == frozenset()

    chain.advance(25)
    assert find_dropped(seen={signature: slot}) == frozenset()
    chain.advance(70)

    assert find_dropped(seen={signature: slot}) == {signature}
    landed = send(chain, signed([memo(payer)], payer, latest_blockhash(chain)))
    chain.advance(100)
    assert find_dropped(seen={landed: slot}) == frozenset()
    # A node whose statuses are broken still has it in its blocks.
    chain.set_fault("solana.hide_statuses")
    assert find_dropped(seen={landed: slot}) == frozenset()
