"""A trader's first day through the running desk: chat, books and chain tell the same story."""

from decimal import Decimal

import pytest

from core.roles import as_sync
from tests.desk import led_to
from tests.journeys.house import eventually
from tests.telegram_user import buttons_of, text_of
from trading.models import VenueAccount
from trading.services.check_identities import compute_identities
from trading.venues.base import get_venue

pytestmark = pytest.mark.journey


@pytest.fixture(params=["velocity", pytest.param("drift", marks=pytest.mark.long)])
def deployment(request, house):
    """The one on which new traders trade; the bot is started with it."""
    if request.param != "velocity":
        house.stop("bot")
        house.start("bot", DEFAULT_DEPLOYMENT=request.param)
    yield request.param
    if request.param != "velocity":
        house.stop("bot")
        house.start("bot")


def test_a_first_day_from_the_first_deposit_to_the_last_close(
    house, visitor, deployment, settings, django_db_blocker
):
    trader = visitor.arrive()
    house.sandbox.set_price("SOL", 150)
    deposit = trader.act("/deposit 500", done="Arrived at the venue")
    opened = trader.act("/long sol 1", done="✅ Filled")
    house.sandbox.set_price("SOL", 153)
    eventually(
        lambda: [(row["mark_price"] or 0) > 152 for row in trader.positions()] == [True],
        why="the position is marked with the new price",
    )
    held = trader.ask("/myposition", "LONG SOL-PERP")
    trader.press(held, "SOL 50%")
    half = trader.wait_for(lambda shown: "Confirm" in " ".join(buttons_of(shown)))
    trader.press(half, "Confirm")
    half = trader.wait_on(half, "✅ Filled")
    rest = trader.act("/close sol all", done="✅ Filled")
    trader.ask("/history", "History")
    eventually(
        lambda: [each["state"] for each in trader.submissions()] == ["finalized"] * 4,
        why="every message has its end from the chain",
    )

    _assert_one_card_each(house, trader, [deposit, opened, half, rest])
    _assert_the_books(house, trader)
    with django_db_blocker.unblock(), house.as_own_database(), led_to(house.sandbox, settings):
        _assert_the_chain_agrees(trader, deployment)


def _assert_one_card_each(house, trader, cards):
    """Each act is one message, edited through its states, without a second one about it."""
    assert all(card["history"] for card in cards)
    live = [each for each in trader.answers() if "LIVE" in text_of(each)]
    assert [each["message_id"] for each in live] == [card["message_id"] for card in cards]
    known = house.rows(
        "SELECT message_id FROM telegram_cards WHERE chat_id = %s ORDER BY message_id", trader.id
    )
    # What came from the faucet has cards of its own.
    of_acts = {card["message_id"] for card in cards}
    known = [row for row in known if row["message_id"] in of_acts]
    assert [row["message_id"] for row in known] == [card["message_id"] for card in cards]
    for card in cards:
        assert "explorer" in text_of(card)
        assert not [label for label in buttons_of(card) if "Confirm" in label]
    # One row of each act looks again at its deadline.
    waiting = (
        "SELECT count(*) FROM outbox_messages WHERE state <> 'delivered' AND leased_until <= now()"
    )
    eventually(lambda: house.value(waiting) == 0, why="all news are delivered")


def _assert_the_books(house, trader):
    intents = trader.intents()
    assert [(row["kind"], row["status"]) for row in intents] == [
        ("deposit", "executed"),
        ("order", "executed"),
        ("close", "executed"),
        ("close", "executed"),
    ]
    [transfer] = trader.transfers()
    assert (transfer["status"], transfer["booked_amount"]) == ("completed", 500)
    assert transfer["initializes"]
    orders = trader.orders()
    assert [row["id"] for row in orders] == [row["id"] for row in intents[1:]]
    assert [(row["status"], row["filled_amount"], row["reduce_only"]) for row in orders] == [
        ("filled", 1, False),
        ("filled", Decimal("0.5"), True),
        ("filled", Decimal("0.5"), True),
    ]
    messages = trader.submissions()
    assert [row["attempt"] for row in messages] == [1, 1, 1, 1]
    acts = house.rows(
        "SELECT subject_id, step, live FROM submission_acts WHERE submission_id = ANY(%s)"
        " ORDER BY submission_id, instruction_index",
        [row["id"] for row in messages],
    )
    assert {row["subject_id"] for row in acts} == {row["id"] for row in intents}
    assert not any(row["live"] for row in acts)
    hashes = house.rows(
        "SELECT tx_hash, status FROM drift_transactions WHERE id = ANY(%s)",
        [row["id"] for row in messages],
    )
    assert {row["tx_hash"] for row in hashes} == {row["signature"] for row in messages}
    assert [row["status"] for row in trader.positions()] == ["closed"]
    for row in orders:
        steps = house.rows(
            "SELECT new_values FROM audit_logs WHERE resource_type = 'drift_orders'"
            " AND resource_id = %s ORDER BY created_at, id",
            str(row["id"]),
        )
        told = [step["new_values"]["status"] for step in steps if "status" in step["new_values"]]
        assert told[0] == "pending"
        assert told[-1] == "filled"
    assert house.value("SELECT count(*) FROM differences WHERE resolved_at IS NULL") == 0


def _assert_the_chain_agrees(trader, deployment):
    """Each act landed once; the equity identities hold to the unit."""
    signatures = [row["signature"] for row in trader.submissions()]
    assert sorted(trader.landed()) == sorted(signatures)
    venue = get_venue(deployment)
    with as_sync():
        account = VenueAccount.objects.get(
            wallet__wallet_address=trader.address, deployment=deployment
        )
    history = venue.read_history(account.address, after="")
    kinds = [type(event).__name__ for report in history for event in report.events]
    assert kinds.count("OrderPlaced") == 3
    report = venue.read_accounts([account.address])[0]
    assert all(position.size == 0 for position in report.positions)
    with as_sync():
        markets = {
            row.market_index: row
            for row in venue.market_model.objects.filter(
                deployment=deployment, market_type="perpetual"
            )
        }
        identities = compute_identities(
            venue=venue, account=account, report=report, markets=markets
        )
    assert identities
    assert all(identity.holds for identity in identities), identities
