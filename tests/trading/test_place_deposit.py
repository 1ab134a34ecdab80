"""Placing a deposit: once for a key, and never beyond what the desk pays for others in a day."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.models import User
from chain.models import Submission
from chain.subjects import Fate
from core.errors import Conflict, Refused
from core.roles import as_sync
from markets.prices import Price
from tests.prices import store_prices
from tests.threads import all_at_once
from tests.trading.books import Books, moment
from tests.trading.hand_venue import HAND
from tests.trading.test_place_order import row_counts
from trading.models import Sponsorship, TradingStateRow, VenueTransfer
from trading.services import place_deposit, preview_deposit
from trading.subjects.deposit import DepositSubject
from trading.venues.base import DepositCost
from wallets.sponsor import sponsor_wallet

D = Decimal
# Rent, fees, the cap of the priority fee and the float of the hand venue's cost.
ONE = 30_000_000 + 10_000 + 500_000 + 3_000_000


@pytest.fixture
def sol_price(redis_server):
    price = Price(token="SOL", price=D(100), source=HAND, slot=1, observed_at=timezone.now())
    store_prices([price])


@pytest.fixture
def caps(sol_price, custodian, chain, settings):
    """Caps of the day, in sponsored deposits: for each person, and for all."""

    def limit(*, user, desk):
        settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(
            update={
                "sponsor_user_daily_cap_sol": D(ONE * user) / 10**9,
                "sponsor_daily_cap_sol": D(ONE * desk) / 10**9,
                "sponsor_min_deposit": D(10),
            }
        )

    chain.airdrop(sponsor_wallet().address, 10**12)
    chain.advance(2)
    limit(user=2, desk=3)
    return limit


def place(books, key="one", amount="50", fee="3.36"):
    return place_deposit(
        user_id=books.wallet.user_id,
        channel="telegram",
        key=key,
        deployment=HAND,
        amount=D(amount),
        sponsor_fee=D(fee),
        now=timezone.now(),
    )


def test_a_deposit_for_which_no_message_has_room_is_refused_before_it_is_placed(
    books, chain, owner_sql
):
    books.venue.cost = replace(books.venue.deposit_cost(None), wallet_lamports=10**9, fits=False)
    before = row_counts(owner_sql)
    with pytest.raises(Refused) as caught:
        place(books, fee="0")
    assert caught.value.code == "deposit.too_many_markets"
    assert row_counts(owner_sql) == before


def own_means(books):
    books.venue.cost = DepositCost(
        initializes=False,
        rent_lamports=0,
        fee_lamports=5_000,
        wallet_lamports=10**9,
        wallet_token=D(500),
    )


def reserved():
    with as_sync():
        return sorted(Sponsorship.objects.filter(counted=True).values_list("lamports", flat=True))


def test_a_sponsored_deposit_reserves_all_that_the_desk_may_pay(books, caps):
    facts = place(books)
    assert (facts.status, facts.sponsor_fee, facts.initializes) == ("pending", D("3.36"), True)
    assert reserved() == [ONE]
    with as_sync():
        acts = Submission.objects.get().acts.order_by("instruction_index")
        assert [act.step for act in acts] == ["deposit", "initialize"]


def test_fifty_threads_with_one_key_place_one_deposit(books, caps):
    outcomes = all_at_once(*[lambda: place(books)] * 50)
    assert len({facts.id for facts in outcomes}) == 1
    with as_sync():
        assert (VenueTransfer.objects.count(), Submission.objects.count()) == (1, 1)
    assert reserved() == [ONE]


def test_the_same_key_again_gives_the_first_result_without_asking_anybody(books, caps):
    first = place(books)
    books.venue.is_down = True
    assert place(books, amount="50.0").id == first.id


@pytest.mark.parametrize("other", [{"amount": "51"}, {"fee": "9"}])
def test_the_same_key_with_other_content_is_a_conflict(books, caps, owner_sql, other):
    place(books)
    before = row_counts(owner_sql)
    with pytest.raises(Conflict, match="other_content"):
        place(books, **other)
    assert row_counts(owner_sql) == before


def test_two_deposits_at_once_do_not_pass_a_persons_cap(books, caps):
    caps(user=1, desk=9)
    outcomes = all_at_once(*[lambda key=key: place(books, key=key) for key in ("a", "b", "c")])
    codes = sorted(o.code for o in outcomes if isinstance(o, Refused))
    assert codes == ["deposit.sol_missing_user_cap"] * 2
    assert reserved() == [ONE]


def test_deposits_of_several_people_at_once_do_not_pass_the_desks_cap(venue, market, caps):
    caps(user=1, desk=2)
    people = [Books(venue, market) for _ in range(6)]
    outcomes = all_at_once(*[lambda person=person: place(person) for person in people])
    codes = sorted(o.code for o in outcomes if isinstance(o, Refused))
    assert codes == ["deposit.sol_missing_desk_cap"] * 4
    assert reserved() == [ONE] * 2
    with as_sync():
        assert VenueTransfer.objects.count() == 2


def test_what_was_reserved_more_than_a_day_ago_counts_no_more(books, caps):
    caps(user=1, desk=1)
    place(books)
    with pytest.raises(Refused, match="user_cap"):
        place(books, key="two")
    with as_sync():
        Sponsorship.objects.update(created_at=timezone.now() - timedelta(hours=24, seconds=1))
    assert place(books, key="two").status == "pending"


def test_a_fee_that_rose_since_it_was_shown_is_shown_again(books, caps, owner_sql):
    before = row_counts(owner_sql)
    with pytest.raises(Refused) as caught:
        place(books, fee="3.19")
    assert caught.value.code == "deposit.fee_changed"
    assert caught.value.params == {"then": D("3.19"), "now": D("3.36")}
    assert row_counts(owner_sql) == before


def test_without_a_price_of_sol_nothing_is_sponsored(books, custodian, chain):
    (denial,) = preview_deposit(
        user_id=books.wallet.user_id, deployment=HAND, amount=D(50), now=timezone.now()
    ).denials
    assert denial.rule == "sol_missing_no_price"


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ("NaN", "amount.not_positive"),
        ("-Infinity", "amount.not_positive"),
        ("0", "amount.not_positive"),
        ("-5", "amount.not_positive"),
        ("50.0000001", "deposit.amount_too_fine"),
        ("500.000001", "deposit.token_missing"),
    ],
)
def test_an_amount_that_cannot_be_deposited_is_refused(books, owner_sql, amount, code):
    own_means(books)
    before = row_counts(owner_sql)
    with pytest.raises(Refused) as caught:
        place(books, amount=amount, fee="0")
    assert caught.value.code == code
    assert row_counts(owner_sql) == before


@pytest.mark.parametrize(("scope", "key"), [("desk", ""), ("venue", HAND), ("user", "")])
def test_while_desk_venue_or_person_is_halted_no_money_goes_in(books, scope, key):
    own_means(books)
    placed = place(books, fee="0")
    with as_sync():
        if scope == "user":
            User.objects.filter(pk=books.wallet.user_id).update(trading_state="halted")
        else:
            TradingStateRow.objects.create(scope=scope, key=key, state="halted")
    with pytest.raises(Refused, match=r"deposit\.trading_halted"):
        place(books, key="two", fee="0")
    with as_sync(), pytest.raises(Refused, match="halted"):
        DepositSubject().guard(subject_id=placed.id, submission_id=placed.id, now=timezone.now())


# What becomes of its message.


def fate_of(transfer_id, state, **changes):
    with as_sync():
        submission = Submission.objects.get(acts__subject_id=transfer_id, acts__step="deposit",
                                            acts__live=True)  # fmt: skip
        if state in ("expired", "abandoned", "failed"):
            submission.acts.update(live=False)
    named = {
        "submission_id": submission.pk,
        "attempt": 1,
        "state": state,
        "signature": "sig" if state != "abandoned" else None,
        "slot": None,
        "fee_lamports": None,
        "error": None,
        "may_sign_again": False,
        "at": moment(0),
    }
    return Fate(**named | changes)


def book(transfer_id, fate, step="deposit"):
    with as_sync():
        DepositSubject().book(subject_id=transfer_id, step=step, fate=fate)
        return VenueTransfer.objects.get(pk=transfer_id)


@pytest.mark.parametrize(
    ("state", "status", "reason", "left"),
    [
        ("sent", "sent", "", [ONE]),
        ("confirmed", "confirmed", "", [ONE]),
        ("finalized", "pending", "", [ONE]),
        ("failed", "failed", "chain.failed", [ONE]),
        ("expired", "not_executed", "message.never_landed", []),
        ("abandoned", "not_executed", "message.never_landed", []),
    ],
)
def test_a_deposit_follows_its_message_and_is_completed_by_none(
    books, caps, state, status, reason, left
):
    placed = place(books)
    fate = fate_of(placed.id, state)
    row = book(placed.id, fate)
    assert (row.status, row.status_reason) == (status, reason)
    assert reserved() == left
    ends = {"failed": "not_executed", "not_executed": "not_executed"}
    assert books.intent(row) == ends.get(status, "open")
    assert book(placed.id, fate).status == status
    assert book(placed.id, fate, step="initialize").status == status


def test_a_dead_message_with_time_left_is_followed_by_another_one_under_one_reserve(books, caps):
    caps(user=1, desk=1)
    placed = place(books)
    row = book(placed.id, fate_of(placed.id, "expired", may_sign_again=True))
    assert row.status == "pending"
    assert reserved() == [ONE]
    with as_sync():
        assert sorted(Submission.objects.values_list("attempt", flat=True)) == [1, 2]


def test_a_message_booked_after_the_record_takes_nothing_back(books, caps):
    placed = place(books)
    fate = fate_of(placed.id, "expired")
    with as_sync():
        VenueTransfer.objects.filter(pk=placed.id).update(status="completed")
    assert book(placed.id, replace(fate, may_sign_again=True)).status == "completed"
    with as_sync():
        assert Submission.objects.count() == 1
