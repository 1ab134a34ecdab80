"""What is said of orders and their changes: (what happened, what to do next) by code."""

_LOOK = "/orders shows where it stands."
_STATE = "Closing stays possible: /close."

ORDER_ERRORS: dict[str, tuple[str, str]] = {
    # What was asked for
    "order.type_unknown": ("There is no order of the kind “{type}”.", "/help"),
    "order.flags_contradict": ("“{first}” does not go with “{second}”.", "Leave one of them out."),
    "order.expiry_out_of_range": ("An order can rest for {days} days at most.", "Shorten it."),
    "order.stops_do_not_expire": (
        "A {type} order waits at the venue until it fires or is cancelled; it cannot expire.",
        "Leave the time out, and /cancel it when you want it gone.",
    ),
    "order.price_not_positive": ("A price has to be above zero.", ""),
    "order.price_missing": ("A {type} order needs a price.", ""),
    "order.price_unwanted": ("A {type} order has no price of its own.", "Leave it out."),
    "order.trigger_missing": ("A {type} order needs a trigger price.", ""),
    "order.trigger_unwanted": ("A {type} order has no trigger.", "Leave it out."),
    "order.nothing_to_flip": ("Your {market} position is {side} already.", "/positions"),
    "order.several_positions": (
        "That could be any of these: {known}.", "Name the market; /settings chooses the venue.",
    ),
    "order.several_venues": ("Those orders are at several venues.", "Cancel them one by one."),
    # Changes
    "order.not_at_venue_yet": ("The order is on its way to the venue.", "Try again in a moment."),
    "order.change_under_way": ("A change of that order is under way.", _LOOK),
    "order.ended_before_change": ("The order had ended before it could be changed.", _LOOK),
    "order.nothing_changes": ("There is nothing to change in that.", ""),
    "order.change_does_not_fit": ("That order has no {field}.", "/orders"),
    "order.filled_beyond_change": ("{filled} of it is filled already.", "Choose a larger size."),
    "change.not_found": ("There is no such change of yours.", "/orders"),
    "change.no_effect": ("The venue accepted it, and the order rests as it was.", _LOOK),
    "change.deadline_passed": ("Its time was over before all of it was placed.", _LOOK),
    "change.nothing_to_do": ("There was nothing to do.", "/orders"),
    # Why an order ended
    "order.cancelled_before_sent": ("It was cancelled before it was sent.", ""),
    "order.sibling_filled": ("The other stop of the same position has filled.", ""),
    "order.stop_replaced": ("A newer one over the whole position took its place.", ""),
    "order.entry_unfilled": ("Its entry ended without a fill.", ""),
    "order.position_closed": ("The position that it guarded is closed.", ""),
    # The rules
    "risk.frozen_by_you": (
        "You have frozen your account: positions can be closed, and nothing else.", "/unfreeze",
    ),
    "deposit.frozen_by_you": (
        "You have frozen your account: nothing moves until you let it go again.", "/unfreeze",
    ),
    "risk.frozen": ("Your account is frozen; the stops that guard it stay.", "/unfreeze"),
    "risk.size_too_large": ("The largest order here is {maximum} {unit}.", "Take less."),
    "risk.price_off_tick": (
        "Prices here go by ticks of {tick}; {price} is none.", "The nearest is {nearest}.",
    ),
    "risk.trigger_on_wrong_side": (
        "A trigger at {trigger} would go off at once.", "Set it {side} {mark}.",
    ),
    "risk.stop_on_wrong_side": (
        "A stop loss at {price} is on the wrong side.", "Set it {side} {entry}.",
    ),
    "risk.target_on_wrong_side": (
        "A take profit at {price} is on the wrong side.", "Set it {side} {entry}.",
    ),
    "risk.slippage_too_wide": ("A slippage of {slippage}% is too wide.", "At most {maximum}%."),
    "risk.orphaned_stops": (
        "{count} old stops in {market} still rest at the venue.",
        "They are being cancelled; try again in a moment.",
    ),
    "risk.daily_notional_used": (
        "You may open ${maximum} a day; ${left} of it is left.", _STATE,
    ),
    # What is said before confirming
    "risk.post_only_may_cross": (
        "{price} is beyond the market's {oracle}: as post-only it may be refused.", "",
    ),
    "risk.limit_fills_at_once": ("{price} is beyond the market's {oracle}: it fills at once.", ""),
    "risk.stop_beyond_liquidation": (
        "The stop at {stop} lies beyond the liquidation at {liquidation}.", "",
    ),
    # Freezing and states
    "user.not_frozen": ("Your account is not frozen.", ""),
    "user.status_unknown": ("An account cannot be that.", ""),
    "user.no_reason": ("A change of an account needs its reason.", ""),
    "user.not_an_admin": ("Accounts are suspended and closed by an admin.", ""),
    "user.own_status": ("Nobody changes what their own account is.", ""),
    "venue.not_found": ("There is no venue “{venue}” here.", ""),
    "trading_state.unknown_scope": ("There is no trading state of that kind.", ""),
    "trading_state.no_reason": ("A trading state needs its reason.", ""),
}  # fmt: skip
