"""Fills that are thought of, against fills that were recorded; and the margin they needed."""

from dataclasses import replace

import pytest

from drift.account_reader import reader_for
from drift.accounts import PerpPosition
from drift.hypotheticals import after_fill
from drift.layouts.deployments import DRIFT, DRIFT_2024_10
from drift.margin import MarginCategory, Valuation, margin_requirement, total_collateral
from tests.drift.recordings import SCENARIOS, account_bytes, scenario
from tests.drift.worlds import trading_world

READER = reader_for(DRIFT_2024_10)
INSUFFICIENT_COLLATERAL = 6003


@pytest.mark.parametrize(
    ("base", "quote", "change", "price", "expected"),
    [
        (0, 0, 10**9, 150 * 10**6, (10**9, -150 * 10**6 - 7, -150 * 10**6)),
        (10**9, -150 * 10**6, 10**9, 160 * 10**6, (2 * 10**9, -310 * 10**6 - 7, -310 * 10**6)),
        (10**9, -150 * 10**6, -5 * 10**8, 160 * 10**6, (5 * 10**8, -70 * 10**6 - 7, -75 * 10**6)),
        (10**9, -150 * 10**6, -(10**9), 160 * 10**6, (0, 10 * 10**6 - 7, 0)),
        (10**9, -150 * 10**6, -3 * 10**9, 160 * 10**6, (-2 * 10**9, 330 * 10**6 - 7, 320 * 10**6)),
        (-(10**9), 150 * 10**6, 10**8, 3, (-9 * 10**8, 150 * 10**6 - 1 - 7, 135 * 10**6)),
    ],
)
def test_a_fill_that_is_thought_of_changes_the_account_as_a_real_one(
    base, quote, change, price, expected
):
    world = trading_world(
        spot=[],
        perp=[
            {
                "market_index": 0,
                "base_asset_amount": base,
                "quote_asset_amount": quote,
                "quote_entry_amount": quote,
            }
        ],
    )
    market = world.valuation.perp_markets[0]
    after = after_fill(world.account, market, base_change=change, price=price, fee=7)
    position = after.perp_position(0)
    assert (
        position.base_asset_amount,
        position.quote_asset_amount,
        position.quote_entry_amount,
    ) == expected


@pytest.mark.parametrize("name", ["take_flip", "match"])
def test_recorded_fills_are_foretold(name):
    """From the account before, the fill and its fee follow the position that was recorded."""
    foretold = 0
    users, market = {}, None
    for accounts, events in snapshots(name):
        for account in accounts.values():
            if account.get("kind") == "PerpMarket" and "data_zb64" in account:
                market = READER.perp_market(owner=DRIFT.program_id, data=account_bytes(account))
        for address, account in accounts.items():
            if account.get("kind") != "User" or "data_zb64" not in account:
                continue
            now = READER.user(owner=DRIFT.program_id, data=account_bytes(account))
            fills = [
                (side, e)
                for e in events
                for side in ("taker", "maker")
                if e["action"] == "Fill" and e[side] == address
            ]
            before = users.get(address)
            if len(fills) == 1 and before is not None:
                side, fill = fills[0]
                sign = 1 if fill[f"{side}_order_direction"] == "Long" else -1
                base = int(fill["base_asset_amount_filled"])
                price = int(fill["quote_asset_amount_filled"]) * 10**9 / base
                after = after_fill(
                    before,
                    market,
                    base_change=sign * base,
                    price=round(price),
                    fee=int(fill[f"{side}_fee"]),
                ).perp_position(0)
                real = now.perp_position(0)
                assert after.base_asset_amount == (real.base_asset_amount if real else 0)
                if real:
                    tolerance = base // 10**9 + 1
                    for field in ("quote_asset_amount", "quote_entry_amount"):
                        assert abs(getattr(after, field) - getattr(real, field)) <= tolerance
                    foretold += 1
            users[address] = now
    assert foretold > 2


def snapshots(name):
    recording = scenario(name)
    yield recording["genesis"]["accounts"], []
    for step in recording["steps"]:
        events = [e["fields"] for e in step["events"] if e["name"] == "OrderActionRecord"]
        yield step["accounts_after"], [] if step["error"] else events


def steps_with(name, instruction_name):
    """(step, instruction, account before, account after, valuation after) in order."""
    recording, owner = scenario(name), DRIFT.program_id
    accounts = dict(recording["genesis"]["accounts"])
    for step in recording["steps"]:
        before = dict(accounts)
        for address, account in step["accounts_after"].items():
            if account.get("closed"):
                accounts.pop(address, None)
            elif "data_zb64" in account:
                accounts[address] = account
        found = [i for i in step["instructions"] if i.get("name") == instruction_name]
        if len(found) != 1:
            continue
        markets = {
            kind: {
                m.market_index: m
                for m in (
                    read(owner=owner, data=account_bytes(a))
                    for a in accounts.values()
                    if a["kind"] == kind
                )
            }
            for kind, read in (
                ("PerpMarket", READER.perp_market),
                ("SpotMarket", READER.spot_market),
            )
        }
        price = int(step["oracle"]["price_1e6"])
        valuation = Valuation(
            perp_markets=markets["PerpMarket"],
            spot_markets=markets["SpotMarket"],
            perp_prices={0: price},
            spot_prices={0: 10**6, 1: price},
            now=step["clock"]["unix_timestamp"],
        )
        address = found[0]["accounts"][1][0]
        old, new = (
            READER.user(owner=owner, data=account_bytes(every[address]))
            if address in every
            else None
            for every in (before, accounts)
        )
        yield step, found[0], old, new, valuation


def has_initial_margin(account, valuation):
    category = MarginCategory.INITIAL
    collateral = total_collateral(account, valuation, category, strict=True)
    return collateral >= margin_requirement(account, valuation, category, strict=True)


# An order that only reduces is asked for the maintenance margin.
REDUCES = "resting short 66.5 (reduces)"


@pytest.mark.parametrize("instruction", ["place_perp_order", "withdraw"])
@pytest.mark.parametrize("name", SCENARIOS)
def test_whatever_the_recorded_program_accepted_has_the_margin_we_ask_for(name, instruction):
    for step, _, _, after, valuation in steps_with(name, instruction):
        if step["error"] is None and step["step"] != REDUCES:
            assert has_initial_margin(after, valuation), step["step"]


def test_whatever_order_the_recorded_program_refused_for_margin_lacks_it_by_our_maths():
    refused = 0
    for name in SCENARIOS:
        for step, instruction, before, _, valuation in steps_with(name, "place_perp_order"):
            if step.get("error_code") != INSUFFICIENT_COLLATERAL:
                continue
            order = instruction["args"]["params"]
            size = int(order["base_asset_amount"])
            position = before.perp_position(0) or PerpPosition(*[0] * len(PerpPosition._fields))
            side = (
                {"open_bids": position.open_bids + size}
                if order["direction"] == "Long"
                else {"open_asks": position.open_asks - size}
            )
            placed = position._replace(open_orders=position.open_orders + 1, **side)
            assert not has_initial_margin(replace(before, perp_positions=(placed,)), valuation)
            refused += 1
    assert refused >= 3
