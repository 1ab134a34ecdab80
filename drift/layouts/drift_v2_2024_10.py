"""The Drift v2 build of October 2024, whose recorded transactions the tests replay.

Sizes and offsets are those of the later builds; what differs are names of fields that were given
another use since, and the end of OrderActionRecord, which did not exist yet.
"""

from drift.layouts import drift_v2, program_errors, shared, shared_instructions
from drift.layouts.schema import build_layout, instruction


def _replaced(text: str, changes: dict[str, str]) -> str:
    for later, earlier in changes.items():
        if later not in text:
            raise ValueError(f"{later!r} is not declared")
        text = text.replace(later, earlier)
    return text


TYPES = drift_v2.TYPES | {
    "PerpPosition": _replaced(
        drift_v2.TYPES["PerpPosition"],
        {"padding:[u8;2] max_margin_ratio:u16": "remainder_base_asset_amount:i32"},
    ),
    "Order": _replaced(
        drift_v2.TYPES["Order"],
        {"posted_slot_tail:u8 bit_flags:u8 padding:[u8;1]": "padding:[u8;3]"},
    ),
    "OrderParams": _replaced(
        drift_v2.TYPES["OrderParams"], {"bit_flags:u8": "immediate_or_cancel:bool"}
    ),
    "ModifyOrderParams": _replaced(
        drift_v2.TYPES["ModifyOrderParams"],
        {"bit_flags:?u8": "immediate_or_cancel:?bool", "policy:?u8": "policy:?ModifyOrderPolicy"},
    ),
    "AMM": _replaced(
        drift_v2.TYPES["AMM"],
        {
            "mm_oracle_slot:u64": "max_position_size:u64",
            "mm_oracle_price:i64": "long_intensity_count:u32 short_intensity_count:u32",
            "taker_speed_bump_override:i8 amm_spread_adjustment:i8 oracle_slot_delay_override:i8 "
            "mm_oracle_sequence_id:u64": "padding1:u8 padding2:u16 total_fee_earned_per_lp:u64",
            "amm_inventory_spread_adjustment:i8 reference_price_offset_deadband_pct:u8 "
            "padding:[u8;2] last_funding_oracle_twap:i64": "padding:[u8;12]",
        },
    ),
}

ENUMS = drift_v2.ENUMS | {"ModifyOrderPolicy": "TryModify MustModify"}

ACCOUNTS = drift_v2.ACCOUNTS | {
    "UserStats": _replaced(
        drift_v2.ACCOUNTS["UserStats"],
        {
            "referrer_status:u8": "is_referrer:bool",
            "padding1:[u8;1] fuel_overflow_status:u8": "padding1:[u8;2]",
        },
    ),
}

EVENTS = drift_v2.EVENTS | {
    "OrderActionRecord": shared.EVENTS["OrderActionRecord"].split(" bit_flags:", 1)[0],
}

INSTRUCTIONS = (
    instruction(
        "place_and_take_perp_order",
        "params:OrderParams maker_order_id:?u32",
        "state user:w user_stats:w authority:s",
    ),
    instruction("delete_user", "", "user:w user_stats:w state:w authority:s"),
)

DRIFT_V2_2024_10 = build_layout(
    version="drift_v2_2024_10",
    accounts_may_grow=False,
    types=shared.TYPES | TYPES,
    enums=shared.ENUMS | ENUMS,
    accounts=shared.ACCOUNTS | ACCOUNTS,
    # A later entry of the same name wins.
    instructions=shared_instructions.INSTRUCTIONS + drift_v2.INSTRUCTIONS + INSTRUCTIONS,
    events=shared.EVENTS | EVENTS,
    errors=program_errors.ERRORS,
)
