"""Decoding and encoding of accounts, against recorded bytes and the reference client."""

import base64
import struct

import pytest
from driftpy.decode.user import decode_user
from hypothesis import given, settings
from hypothesis import strategies as st
from solders.pubkey import Pubkey

from drift.account_reader import reader_for
from drift.codec import LayoutMismatch, codec_for, locate
from drift.layouts.deployments import DRIFT, DRIFT_2024_10, VELOCITY
from tests.drift.recordings import SCENARIOS, account_bytes, as_recorded, recorded_accounts
from tests.drift.recordings import scenario as recorded
from tests.drift.samples import blank, encoded, padded

READER = reader_for(DRIFT_2024_10)


LISTED_APART = ("slot", "closed_order_slots", "open_orders_list", "changed_fields")


def agrees(decoded, written, path=""):
    """Everything that the recording wrote down is decoded the same."""
    if isinstance(written, dict):
        for key, value in written.items():
            if key not in LISTED_APART and not key.endswith("_derived"):
                agrees(decoded[key], value, f"{path}.{key}")
        for place, (_, after) in written.get("changed_fields", {}).items():
            found = decoded
            for name in place.split("."):
                found = found[name]
            agrees(found, after, place)
        orders = written.get("open_orders_list", [])
        open_orders = [o for o in decoded.get("orders", []) if o["status"] == "Open"]
        assert open_orders == orders
    elif isinstance(written, list):  # of the slots in use
        for index, value in enumerate(written):
            agrees(decoded[value.get("slot", index)], value, path)
    elif path.endswith("name"):
        assert written in (decoded, bytes.fromhex(decoded).decode().strip(" \0"))
    else:
        assert decoded == written, path


@pytest.mark.parametrize("name", SCENARIOS)
def test_recorded_accounts_decode_as_recorded_and_encode_to_the_same_bytes(name):
    codec = codec_for(DRIFT_2024_10.layout)
    compared = 0
    for account in recorded_accounts(name):
        data = account_bytes(account)
        decoded = codec.decode_account(account["kind"], data)
        assert codec.encode_account(account["kind"], decoded) == data
        if "decoded" in account:
            agrees(as_recorded(decoded), account["decoded"])
            compared += 1
    assert compared > 0


@pytest.mark.parametrize("name", ["mixed_1", "order_33", "stop_trigger", "borrow_interest"])
def test_the_fast_reading_of_a_user_finds_what_the_reference_client_finds(name):
    users = [account for account in recorded_accounts(name) if account["kind"] == "User"]
    assert users
    for account in users:
        data = account_bytes(account)
        own = READER.user(owner=DRIFT.program_id, data=data)
        theirs = decode_user(data)
        used_perps = [
            p
            for p in theirs.perp_positions
            if p.base_asset_amount or p.quote_asset_amount or p.open_orders or p.lp_shares
        ]
        used_spots = [p for p in theirs.spot_positions if p.scaled_balance or p.open_orders]
        open_orders = [o for o in theirs.orders if "Open" in str(o.status)]
        for facts, reference in (
            (own.perp_positions, used_perps),
            (own.spot_positions, used_spots),
            (own.orders, open_orders),
        ):
            assert len(facts) == len(reference)
            for fact, expected in zip(facts, reference, strict=True):
                compared = set(fact._fields) - {"isolated_scaled_balance", "max_margin_ratio"}
                for field in compared:
                    value = getattr(expected, field)
                    if isinstance(getattr(fact, field), str):
                        value = type(value).__name__.rsplit(".", 1)[-1]
                    assert getattr(fact, field) == value, field
        for field in ("authority", "delegate", "next_order_id", "total_deposits", "status"):
            assert getattr(own, field) == getattr(theirs, field)
        for field in ("total_withdraws", "settled_perp_pnl", "cumulative_perp_funding"):
            assert getattr(own, field) == getattr(theirs, field)


def test_markets_and_state_are_read_from_where_the_layout_keeps_them():
    genesis = recorded("settle")["genesis"]["accounts"]
    by_label = {account["label"]: account for account in genesis.values()}
    market = READER.perp_market(
        owner=DRIFT.program_id, data=account_bytes(by_label["PerpMarket 0"])
    )
    written = by_label["PerpMarket 0"]["decoded"]
    assert market.name == "SOL-PERP"
    assert str(market.oracle) == written["amm"]["oracle"]
    assert str(market.order_step_size) == written["amm"]["order_step_size"]
    assert market.margin_ratio_initial == 1000
    quote = READER.spot_market(owner=DRIFT.program_id, data=account_bytes(by_label["SpotMarket 0"]))
    assert str(quote.mint) == DRIFT.quote_mint
    assert quote.oracle_source == "QuoteAsset"
    state = READER.state(owner=DRIFT.program_id, data=account_bytes(by_label["State"]))
    assert state.exchange_status == 0
    assert state.perp_flat_filler_fee == 10_000
    tier = state.perp_fee_tiers[0]
    assert tier.fee_numerator * 1000 == tier.fee_denominator


def test_velocity_keeps_the_same_facts_elsewhere():
    layout = VELOCITY.layout
    oracle = Pubkey.new_unique()
    data = encoded(
        layout,
        "PerpMarket",
        oracle=oracle,
        order_step_size=100,
        order_tick_size=7,
        market_stats__min_order_size=5,
        market_stats__funding_period=3600,
        market_stats__historical_oracle_data__last_oracle_price_twap5min=11,
        cumulative_funding_rate_long=-3,
        pnl_pool__scaled_balance=9,
        amm__base_asset_amount_with_amm=-12,
        quote_asset_amount=13,
        status="ReduceOnly",
        name=b"HYPE-PERP".ljust(32),
    )
    market = reader_for(VELOCITY).perp_market(owner=VELOCITY.program_id, data=data + b"grown")
    assert (market.oracle, market.order_step_size, market.order_tick_size) == (oracle, 100, 7)
    assert (market.min_order_size, market.funding_period) == (5, 3600)
    assert (market.last_oracle_price_twap5min, market.cumulative_funding_rate_long) == (11, -3)
    assert (market.pnl_pool_scaled_balance, market.base_asset_amount_with_amm) == (9, -12)
    assert (market.quote_asset_amount, market.status, market.name) == (
        13,
        "ReduceOnly",
        "HYPE-PERP",
    )
    assert market.high_leverage_margin_ratio_initial == 0


def test_a_velocity_user_has_wider_orders_and_isolated_positions():
    layout = VELOCITY.layout
    order = {"status": "Open", "order_id": 7, "oracle_price_offset": -(2**40), "price": 150}
    position = {"market_index": 2, "isolated_position_scaled_balance": 5, "max_margin_ratio": 900}
    data = encoded(
        layout,
        "User",
        orders=padded(layout, "Order", [{}, order], 32),
        perp_positions=padded(layout, "PerpPosition", [position], 8),
        next_order_id=8,
        sub_account_id=3,
    )
    user = reader_for(VELOCITY).user(owner=VELOCITY.program_id, data=data)
    assert [(o.order_id, o.oracle_price_offset, o.price) for o in user.orders] == [
        (7, -(2**40), 150)
    ]
    [perp] = user.perp_positions
    assert (perp.market_index, perp.isolated_scaled_balance, perp.max_margin_ratio) == (2, 5, 900)
    assert perp.lp_shares == 0
    assert (user.margin_mode, user.next_order_id, user.sub_account_id) == ("Default", 8, 3)


def test_the_same_discriminator_over_other_bytes_is_refused():
    own = encoded(DRIFT.layout, "User")
    theirs = encoded(VELOCITY.layout, "User")
    assert own[:8] == theirs[:8]
    reader = reader_for(DRIFT)
    with pytest.raises(LayoutMismatch, match="4496 bytes, 4376 are declared"):
        reader.user(owner=DRIFT.program_id, data=theirs)
    with pytest.raises(LayoutMismatch, match="is owned by"):
        reader.user(owner=VELOCITY.program_id, data=own)
    with pytest.raises(LayoutMismatch, match="4376 bytes"):
        reader_for(VELOCITY).user(owner=VELOCITY.program_id, data=own)
    with pytest.raises(LayoutMismatch, match="is no User"):
        reader.user(owner=DRIFT.program_id, data=b"\0" * 8 + own[8:])
    with pytest.raises(LayoutMismatch, match="bytes"):
        reader.user(owner=DRIFT.program_id, data=own[:-1])


def test_a_grown_account_is_read_only_where_accounts_may_grow():
    grown = encoded(VELOCITY.layout, "User", next_order_id=4) + bytes(64)
    assert reader_for(VELOCITY).user(owner=VELOCITY.program_id, data=grown).next_order_id == 4
    with pytest.raises(LayoutMismatch):
        reader_for(DRIFT).user(
            owner=DRIFT.program_id, data=encoded(DRIFT.layout, "User") + bytes(64)
        )


def test_bytes_that_are_no_value_are_refused():
    layout = DRIFT.layout
    user = bytearray(encoded(layout, "User"))
    user[locate(layout, "User", "is_margin_trading_enabled")[0]] = 2
    with pytest.raises(LayoutMismatch, match="2 is no bool"):
        reader_for(DRIFT).user(owner=DRIFT.program_id, data=bytes(user))
    codec = codec_for(layout)
    with pytest.raises(LayoutMismatch, match="7 is no variant"):
        codec.decode_event(layout.events["SettlePnlRecord"].discriminator + bytes(90) + b"\7")
    with pytest.raises(LayoutMismatch, match="2 is no bool"):
        codec.decode_instruction(
            layout.instructions["deposit"].discriminator + struct.pack("<HQB", 0, 1, 2)
        )
    with pytest.raises(LayoutMismatch, match="elements in"):
        codec.decode_instruction(
            layout.instructions["cancel_orders_by_ids"].discriminator + b"\xff\xff\xff\x7f"
        )


def test_instructions_are_understood_to_their_last_byte_or_not_at_all():
    codec = codec_for(DRIFT.layout)
    data = codec.encode_instruction("cancel_order", {"order_id": 5})
    assert codec.decode_instruction(data) == ("cancel_order", {"order_id": 5})
    with pytest.raises(LayoutMismatch, match="1 bytes after"):
        codec.decode_instruction(data + b"\0")
    assert codec.decode_instruction(bytes(8)) is None


def test_values_that_do_not_fit_are_refused():
    codec = codec_for(DRIFT.layout)
    with pytest.raises(LayoutMismatch, match="order_id"):
        codec.encode_instruction("cancel_order", {"order_id": 2**32})
    with pytest.raises(LayoutMismatch, match="not the fields declared"):
        codec.encode_instruction("cancel_order", {"id": 1})
    with pytest.raises(LayoutMismatch, match="no variant"):
        codec.encode_instruction(
            "cancel_orders", {"market_type": "Perps", "market_index": 0, "direction": None}
        )
    with pytest.raises(LayoutMismatch, match="32 bytes wanted"):
        codec.encode_instruction("initialize_user", {"sub_account_id": 0, "name": b"short"})


@pytest.mark.parametrize("name", SCENARIOS)
def test_recorded_instructions_decode_as_recorded_and_encode_to_the_same_bytes(name):
    codec = codec_for(DRIFT_2024_10.layout)
    seen = 0
    for step in recorded(name)["steps"]:
        for instruction in step["instructions"]:
            if "args" not in instruction or step.get("error_code") == 102:
                continue
            data = base64.b64decode(instruction["data_b64"])
            found, values = codec.decode_instruction(data)
            assert (found, as_recorded(values)) == (instruction["name"], instruction["args"])
            assert codec.encode_instruction(found, values) == data
            declared = DRIFT_2024_10.layout.instructions[found].accounts
            flags = [("s" if s.signer else "") + ("w" if s.writable else "") for s in declared]
            assert flags == [flag for _, flag in instruction["accounts"][: len(flags)]]
            seen += 1
    assert seen > 0


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=6000))
def test_no_bytes_make_the_reader_fail_but_by_a_mismatch(data):
    reader = reader_for(VELOCITY)
    whole = VELOCITY.layout.accounts["User"].discriminator + data
    try:
        user = reader.user(owner=VELOCITY.program_id, data=whole)
    except LayoutMismatch:
        return
    assert len(whole) >= 4496
    assert len(user.orders) <= 32


@pytest.mark.parametrize("deployment", [DRIFT, DRIFT_2024_10, VELOCITY])
@pytest.mark.parametrize("account", ["State", "User", "UserStats", "PerpMarket", "SpotMarket"])
def test_blank_accounts_of_every_layout_survive_a_round_trip(deployment, account):
    codec = codec_for(deployment.layout)
    values = blank(deployment.layout, account)
    data = codec.encode_account(account, values)
    assert len(data) == deployment.layout.accounts[account].size
    assert codec.decode_account(account, data) == values
