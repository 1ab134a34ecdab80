"""Placing an order: once for a key, after every rule, in one transaction or not at all."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from solders.keypair import Keypair

from accounts.models import Intent, User
from accounts.services import change_setting
from audit.models import AuditLog
from chain.models import Submission, SubmissionAct
from core.errors import Conflict, NotFound, Refused, Unavailable
from core.roles import as_sync
from drift.models import DriftOrder, DriftTransaction
from tests import factories
from tests.threads import all_at_once
from tests.trading.books import Books, position_state
from tests.trading.hand_venue import HAND, empty_report
from tests.trading.placing import confirm
from trading.models import TradingStateRow, VenueAccount
from trading.services import place_order, read_order

D = Decimal


def place(desk, confirmed, key="one"):
    return place_order(
        user_id=desk.wallet.user_id,
        channel="telegram",
        key=key,
        confirmed=confirmed,
        now=timezone.now(),
    )


def hold(desk, side="long", size="1"):
    state = position_state(side=side, size=size)
    desk.venue.reports[desk.address] = empty_report(desk.address, positions=(state,))


def row_counts(owner_sql):
    tables = [
        name
        for (name,) in owner_sql.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " AND relkind IN ('r', 'p') AND NOT relispartition"
        )
    ]
    return {
        name: owner_sql.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables
    }


@pytest.fixture
def writes_nothing(owner_sql):
    """A call that is refused with this code, and of which no table keeps a row."""

    def check(code, act, kind=Refused):
        before = row_counts(owner_sql)
        with pytest.raises(kind) as caught:
            act()
        assert caught.value.code == code
        assert row_counts(owner_sql) == before
        return caught.value

    return check


# Once.


@pytest.mark.parametrize("stops", [{}, {"stop_loss": D("80.5"), "take_profit": D(130)}])
def test_what_is_told_of_a_new_order_is_what_is_read_of_it(desk, stops):
    facts = place(desk, confirm(desk, size=D("0.5"), **stops))

    read = read_order(user_id=desk.wallet.user_id, order_id=facts.id)
    # By their texts, for numbers of another scale would be equal.
    assert str(facts).split(", ") == str(read).split(", ")
    assert len(facts.children) == len(stops)


def test_placing_an_order_takes_no_more_statements_than_it_needs(desk):
    place(desk, confirm(desk, size=D("0.5")), key="zero")
    confirmed = confirm(desk, size=D("0.5"))

    with CaptureQueriesContext(connection) as asked:
        place(desk, confirmed)

    told = [query["sql"] for query in asked.captured_queries]
    statements = [sql for sql in told if sql not in ("BEGIN", "COMMIT")]
    assert len(statements) <= 20, "\n".join(statement[:120] for statement in statements)


def test_an_order_is_placed_with_its_intent_message_and_audit_rows(desk):
    facts = place(desk, confirm(desk, size=D("0.5")))
    assert (facts.status, facts.progress, facts.size) == ("pending", "placed", D("0.5"))
    with as_sync():
        order = DriftOrder.objects.get(pk=facts.id)
        submission = Submission.objects.get(acts__subject_id=facts.id)
        intent = Intent.objects.get(pk=facts.id)
        transaction = DriftTransaction.objects.get(pk=submission.pk)
        actions = set(
            AuditLog.objects.filter(
                resource_id__in=[str(row.pk) for row in (order, submission, transaction)]
            ).values_list("action", flat=True)
        )
    assert order.price == D("100.5")
    assert order.expires_at == order.deadline
    assert (order.venue_label, order.account_address) == (1, desk.address)
    assert (submission.state, submission.deadline) == ("queued", order.deadline)
    assert (intent.kind, intent.status, intent.deadline) == ("order", "open", order.deadline)
    assert actions == {
        "intent.created", "driftorder.created", "submission.created", "drifttransaction.created",
    }  # fmt: skip


def test_fifty_threads_with_one_key_place_one_order(desk):
    confirmed = confirm(desk, size=D("0.5"))
    outcomes = all_at_once(*[lambda: place(desk, confirmed)] * 50)
    assert len({facts.id for facts in outcomes}) == 1
    with as_sync():
        assert Intent.objects.count() == 1
        assert DriftOrder.objects.count() == 1
        assert Submission.objects.count() == 1
        assert SubmissionAct.objects.count() == 1


def test_the_same_key_again_gives_the_first_result_without_asking_anybody(desk):
    confirmed = confirm(desk, size=D("0.5"))
    first = place(desk, confirmed)
    desk.venue.is_down = True
    assert place(desk, replace(confirmed, size=D("0.50"))).id == first.id


@pytest.mark.parametrize(
    "other",
    [{"size": D("0.51")}, {"worst_price": D("100.6")}, {"direction": "sell"}],
)
def test_the_same_key_with_other_content_is_a_conflict(desk, writes_nothing, other):
    confirmed = confirm(desk, size=D("0.5"))
    place(desk, confirmed)
    changed = replace(confirmed, **other)
    writes_nothing("intent.key_used_for_other_content", lambda: place(desk, changed), Conflict)


def test_the_same_key_with_a_looser_limit_of_leverage_is_a_conflict(desk, writes_nothing):
    confirmed = confirm(desk, size=D("0.5"), max_leverage=D(3))
    place(desk, confirmed)
    looser = replace(confirmed, wish=replace(confirmed.wish, max_leverage=D(20)))
    writes_nothing("intent.key_used_for_other_content", lambda: place(desk, looser), Conflict)


def test_the_same_key_on_another_channel_or_of_another_person_is_another_order(desk, books):
    confirmed = confirm(desk, size=D("0.5"))
    first = place(desk, confirmed)
    by_rest = place_order(
        user_id=desk.wallet.user_id, channel="rest", key="one", confirmed=confirmed,
        now=timezone.now(),
    )  # fmt: skip
    assert by_rest.id != first.id


# What was confirmed.


def test_an_amount_of_money_is_placed_in_the_size_that_was_confirmed(desk):
    confirmed = confirm(desk, notional=D(100))
    assert confirmed.size == 1
    desk.venue.price = D("100.3")
    assert place(desk, confirmed).size == 1


def test_a_market_that_moved_beyond_the_slippage_refuses(desk, writes_nothing):
    confirmed = confirm(desk, size=D(1))
    desk.venue.price = D("100.51")
    refusal = writes_nothing("order.price_moved", lambda: place(desk, confirmed))
    assert refusal.params == {"then": D(100), "now": D("100.51")}


def test_a_price_outside_of_the_band_is_refused_though_the_market_is_calm(desk, writes_nothing):
    confirmed = replace(confirm(desk, size=D(1)), worst_price=D("110.1"))
    writes_nothing("risk.price_outside_band", lambda: place(desk, confirmed))


def test_a_position_that_shrank_since_it_was_shown_is_not_closed_blindly(desk, writes_nothing):
    hold(desk, size="1")
    confirmed = confirm(desk, percent=D(100))
    hold(desk, size="0.4")
    writes_nothing("order.position_changed", lambda: place(desk, confirmed), Conflict)


def test_a_position_that_grew_is_closed_by_what_was_confirmed(desk):
    hold(desk, size="1")
    confirmed = confirm(desk, percent=D(100))
    hold(desk, size="3")
    facts = place(desk, confirmed)
    assert (facts.size, facts.direction, facts.reduce_only) == (1, "sell", True)


@pytest.mark.parametrize("size", ["NaN", "Infinity", "-1", "0"])
def test_what_is_no_size_is_refused(desk, writes_nothing, size):
    for wish in ({"size": D(size)}, {"notional": D(size)}):
        writes_nothing("amount.not_positive", lambda wish=wish: confirm(desk, **wish))
    confirmed = replace(confirm(desk, size=D(1)), size=D(size))
    writes_nothing("amount.not_positive", lambda: place(desk, confirmed))


@pytest.mark.parametrize("percent", ["NaN", "0", "-5", "100.01"])
def test_what_is_no_part_is_refused(desk, writes_nothing, percent):
    hold(desk)
    writes_nothing("order.percent_out_of_range", lambda: confirm(desk, percent=D(percent)))


# Rules.


def test_a_venue_that_does_not_answer_places_nothing(desk, writes_nothing):
    confirmed = confirm(desk, size=D(1))
    desk.venue.is_down = True
    writes_nothing("chain.unavailable", lambda: place(desk, confirmed), Unavailable)


def test_a_person_without_a_wallet_places_nothing(desk, writes_nothing):
    confirmed = confirm(desk, size=D(1))
    stranger = factories.user()
    writes_nothing(
        "wallet.none",
        lambda: place_order(
            user_id=stranger.pk, channel="telegram", key="one", confirmed=confirmed,
            now=timezone.now(),
        ),
        NotFound,
    )  # fmt: skip


def test_a_wallet_without_sol_for_the_fee_is_told_what_is_missing(
    venue, market, chain, writes_nothing
):
    poor = Books(venue, market, factories.wallet(wallet_address=str(Keypair().pubkey())))
    confirmed = confirm(poor, size=D(1))
    refusal = writes_nothing("risk.sol_for_fees_missing", lambda: place(poor, confirmed))
    assert refusal.params["missing"] == "0.000505"


def test_a_node_that_refuses_the_question_is_told_as_one_that_cannot_tell(
    venue, market, chain, writes_nothing
):
    odd = Books(venue, market, factories.wallet(wallet_address="1" * 44))
    writes_nothing("chain.unavailable", lambda: confirm(odd, size=D(1)), Unavailable)


def _halt(owner_sql, scope, key, state="halted"):
    with as_sync():
        TradingStateRow.objects.create(scope=scope, key=key, state=state)


@pytest.mark.parametrize(
    ("scope", "key"),
    [("desk", ""), ("venue", HAND), ("market", f"{HAND}:SOL-PERP"), ("user", "")],
)
@pytest.mark.parametrize(
    ("state", "code"),
    [("halted", "risk.trading_halted"), ("reduce_only", "risk.reduce_only_state")],
)
def test_a_state_of_desk_venue_market_or_person_stops_entries_and_lets_closes_through(
    desk, owner_sql, writes_nothing, scope, key, state, code
):
    confirmed = confirm(desk, size=D(1))
    if scope == "user":
        with as_sync():
            User.objects.filter(pk=desk.wallet.user_id).update(trading_state=state)
    else:
        _halt(owner_sql, scope, key, state)
    writes_nothing(code, lambda: place(desk, confirmed))
    hold(desk)
    assert place(desk, confirm(desk, percent=D(100)), key="close").status == "pending"


def test_a_state_of_another_venue_or_market_stops_nothing_here(desk, owner_sql):
    _halt(owner_sql, "venue", "elsewhere")
    _halt(owner_sql, "market", f"{HAND}:BTC-PERP")
    assert place(desk, confirm(desk, size=D(1))).status == "pending"


@pytest.mark.parametrize("status", ["suspended", "banned", "pending_verification"])
def test_a_person_who_may_not_trade_may_still_close(desk, writes_nothing, status):
    confirmed = confirm(desk, size=D(1))
    with as_sync():
        User.objects.filter(pk=desk.wallet.user_id).update(status=status)
    writes_nothing("risk.user_not_active", lambda: place(desk, confirmed))
    hold(desk)
    facts = place(desk, confirm(desk, percent=D(50)), key="close")
    assert (facts.size, facts.reduce_only) == (D("0.5"), True)
    with as_sync():
        assert Intent.objects.get(pk=facts.id).kind == "close"


# Several orders.


def test_the_margin_of_orders_under_way_is_not_spent_twice(desk, writes_nothing):
    desk.venue.free = D(25)
    desk.venue.quote_changes = {"leverage_after": D(1)}
    confirmed = confirm(desk, size=D("1.5"))
    place(desk, confirmed, key="one")
    refusal = writes_nothing("risk.collateral_too_small", lambda: place(desk, confirmed, key="two"))
    assert refusal.params["free"] == "10"


def test_of_two_orders_at_once_that_fit_only_alone_one_is_placed(desk):
    desk.venue.free = D(25)
    desk.venue.quote_changes = {"leverage_after": D(1)}
    confirmed = confirm(desk, size=D("1.5"))
    outcomes = all_at_once(
        *[lambda key=key: place(desk, confirmed, key=key) for key in ("one", "two", "three")]
    )
    refused = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    assert [refusal.code for refusal in refused] == ["risk.collateral_too_small"] * 2
    with as_sync():
        assert DriftOrder.objects.count() == 1


def test_an_order_that_the_venue_showed_since_the_quote_still_counts_as_under_way(desk):
    desk.venue.free = D(25)
    desk.venue.quote_changes = {"leverage_after": D(1)}
    confirmed = confirm(desk, size=D("1.5"))
    now = timezone.now()
    first = place(desk, confirmed, key="one")
    with as_sync():
        DriftOrder.objects.filter(pk=first.id).update(status="open", updated_at=timezone.now())
    with pytest.raises(Refused, match="collateral_too_small"):
        place_order(
            user_id=desk.wallet.user_id, channel="telegram", key="two", confirmed=confirmed,
            now=now,
        )  # fmt: skip
    assert place(desk, confirmed, key="three").status == "pending"


def test_each_order_bears_a_label_of_its_own(desk):
    with as_sync():
        VenueAccount.objects.filter(pk=desk.account.pk).update(state={"labels": [1, 3]})
    confirmed = confirm(desk, size=D("0.05"))
    outcomes = all_at_once(
        *[lambda key=key: place(desk, confirmed, key=f"key {key}") for key in range(6)]
    )
    assert {facts.status for facts in outcomes} == {"pending"}
    with as_sync():
        labels = set(DriftOrder.objects.values_list("venue_label", flat=True))
    assert labels == {2, 4, 5, 6, 7, 8}


def test_a_label_is_free_again_after_its_order_ended(desk):
    first = place(desk, confirm(desk, size=D("0.05")))
    with as_sync():
        DriftOrder.objects.filter(pk=first.id).update(status="filled")
    place(desk, confirm(desk, size=D("0.05")), key="two")
    with as_sync():
        assert set(DriftOrder.objects.values_list("venue_label", flat=True)) == {1}


# Leverage.


@pytest.mark.parametrize(("asked", "most"), [(None, "4"), (D(2), "2"), (D(20), "4")])
def test_an_order_may_tighten_the_persons_own_limit_of_leverage_and_never_loosen_it(
    desk, writes_nothing, asked, most
):
    desk.venue.quote_changes = {"leverage_after": D("4.5")}
    change_setting(
        user_id=desk.wallet.user_id, key="risk_management", changes={"max_leverage": "4"}
    )
    confirmed = confirm(desk, size=D(1), max_leverage=asked)
    refusal = writes_nothing("risk.leverage_too_high", lambda: place(desk, confirmed))
    assert refusal.params["maximum"] == most
