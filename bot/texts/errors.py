"""One text for each stable error code: what happened; then the money, the next step, an id."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from bot.markup import italic, quote
from bot.texts.alert_errors import ALERT_ERRORS
from bot.texts.desk_errors import DESK_ERRORS
from bot.texts.endings import ENDINGS, NEXT
from bot.texts.figures import TOLD_LEVERAGE
from bot.texts.money_errors import MONEY_ERRORS
from bot.texts.order_errors import ORDER_ERRORS
from core.errors import DeskError
from core.redaction import clean_text
from core.rest.sentences import SENTENCES
from trading.facts import Denial


class Text(NamedTuple):
    """What happened and what to do next; `{names}` are the error's own params."""

    what: str
    then: str = ""


_SIZE = "Sizes are like 0.5 (in the market's asset) or $100."
_NUMBER = "Write a plain number above zero, such as 0.5."
_AGAIN = "Try again in a moment."
_NEW = "Start anew with the command, or /help."
_SOL = "Send a little SOL to your wallet: /wallet shows its address."
_STAFF = "If it stays like this, tell support the id below."

_RESET = "Play money is given by /paper reset."

TEXTS: dict[str, Text] = {
    # Paper trading
    "paper.no_account": Text("You have no paper account yet.", "/paper on opens one."),
    "paper.no_transfers": Text("Play money cannot be moved in or out.", _RESET),
    "paper.market_closed": Text("That market is not open on paper now.", "/markets shows which."),
    "paper.expired_already": Text("That order would have expired already.", _NEW),
    "paper.size_off_step": Text("The size is no whole number of steps of {step}.", _SIZE),
    "paper.size_too_small": Text("The least size of that market is {minimum}.", _SIZE),
    "paper.price_off_tick": Text("The price is no whole number of ticks of {tick}.", _NUMBER),
    "paper.no_price": Text("There is no price to trade at on paper now.", _AGAIN),
    "paper.not_there_yet": Text("The paper venue has not come that far yet.", _AGAIN),
    # Venues that are only read
    "venue.read_only": Text(
        "The desk only shows what you hold at {venue}; it cannot trade there.",
        "Use {venue} itself to change it.",
    ),
    "venue.not_shown": Text("This desk does not show {venue}.", "/help shows what it does."),
    "venue.unreachable": Text("{venue} does not answer now.", _AGAIN),
    # What was typed
    "amount.empty": Text("There is no amount in that.", _NUMBER),
    "amount.comma": Text(
        "“{typed}” has a comma, which could mean two things.", "Write {suggestion} if you mean it."
    ),
    "amount.not_a_number": Text(
        "“{typed}” is not an amount I can read.",
        "Use plain digits and a point: 0.5, 1500. No exponents, signs or spaces.",
    ),
    "amount.not_positive": Text("“{typed}” is not above zero.", _NUMBER),
    "amount.too_fine": Text("That has more decimals than can be used here.", "Shorten it."),
    "amount.too_large": Text("“{typed}” is more than anybody has.", "The most is {maximum}."),
    "command.too_many": Text("I do not understand “{typed}” in that command.", "{usage}"),
    "command.no_leverage": Text("“{typed}” is no leverage.", "Write it like 5x, from 1x to 100x."),
    "command.not_here_yet": Text("{what} not here yet.", "{instead}"),
    "command.value_missing": Text("“{typed}” needs a value after it.", "{usage}"),
    "command.no_span": Text("“{typed}” is no span of time.", "Write it like 30m, 2h or 7d."),
    "order.none_open": Text("You have no open orders on {market}.", "/orders"),
    "command.no_percent": Text("“{typed}” is no part of a position.", "Use 25%, 50%, 100% or all."),
    "settings.invalid": Text("That cannot be used for {setting}.", "It takes {range}. /settings"),
    "settings.unknown_key": Text("There is no setting {key}.", "/settings"),
    # People
    "user.not_found": Text("I do not know you yet.", "Send /start first."),
    "user.not_active": Text(
        "Your account is {status}.", "You can still close positions; support tells you more."
    ),
    "wallet.none": Text("You have no wallet yet.", "Make one with /create."),
    "wallet.not_active": Text("Your wallet is {status}.", "Support tells you more."),
    # Markets and orders
    "market.not_synced": Text("A market of yours is not in the desk's catalogue yet.", _AGAIN),
    "market.not_found": Text("There is no market “{symbol}” here.", "There are: {known}. /markets"),
    "order.no_size": Text("How much? There is no size in that.", _SIZE),
    "order.notional_too_small": Text(
        "That is less than the market's smallest order.", "The least is about ${minimum}."
    ),
    "order.part_too_small": Text(
        "That part is below the market's smallest order, {minimum} {unit}.",
        "Close a larger part, or 100%.",
    ),
    "order.percent_out_of_range": Text("{percent}% is no part of a position.", "Use up to 100%."),
    "order.no_position": Text("You hold no position in {market}.", "/positions"),
    "order.position_changed": Text(
        "Your {market} position has changed since that card.", "Ask for a new card: /positions"
    ),
    "order.price_moved": Text(
        "The price has moved from {then} to {now}, more than your slippage allows.",
        "Take a new quote with the button.",
    ),
    "order.not_found": Text("There is no such order of yours.", "/orders"),
    "order.no_longer_pending": Text("That order has moved on meanwhile.", "/orders"),
    "order.no_price": Text("The market has no usable price now.", _AGAIN),
    "order.price_does_not_fit": Text(
        "That kind of order takes a price, or takes none, unlike what was asked for.", "/help"
    ),
    "order.trigger_does_not_fit": Text(
        "Stops and targets have a trigger price, other orders have none.", "/help"
    ),
    "order.post_only_does_not_fit": Text("Only a resting limit order can be post-only.", "/help"),
    "order.immediate_does_not_fit": Text(
        "A stop or target waits; it cannot be immediate or cancel.", "/help"
    ),
    "order.oracle_offset_not_supported": Text(
        "This venue has no orders that move with the oracle's price.", "Give a price instead."
    ),
    "order.oracle_offset_out_of_range": Text(
        "The venue does not take an offset of {offset}.", "Give a price instead."
    ),
    "order.nothing_to_change": Text("That changes nothing of the order.", "/orders"),
    "order.cannot_be_changed": Text(
        "That order cannot be changed so.", "Cancel it and place a new one: /orders"
    ),
    "order.type_not_supported": Text("{venue} has no instruction for “{type}”.", "/help orders"),
    "transfer.not_found": Text("There is no such deposit of yours.", "/history"),
    "intent.key_used_for_other_content": Text(
        "That button was used before, for something else.", _NEW
    ),
    # The rules before an order
    "risk.user_not_active": Text("Your account is {status}: only closing is possible.", ""),
    "risk.trading_halted": Text(
        "Trading is halted.", "Closing stays possible: /close. /status tells when it is back."
    ),
    "risk.reduce_only_state": Text("Only closing is possible now.", "/close"),
    "risk.venue_read_only": Text(
        "This venue only takes closing now. {reason}", "You can still close: /close"
    ),
    "risk.market_not_active": Text("{market} is {status}.", "Choose another: /markets"),
    "risk.no_position": Text("You hold no position in {market}.", "/positions"),
    "risk.would_increase": Text(
        "You hold {size} {side}: that would do more than reduce it.", "/close"
    ),
    "risk.size_off_step": Text(
        "Sizes here go by steps of {step}.", "The nearest valid size is {nearest}."
    ),
    "risk.size_too_small": Text(
        "That is below the smallest order.", "The least is {minimum} {unit}."
    ),
    "risk.price_stale": Text("The market's price is {seconds} s old, too old to trade on.", _AGAIN),
    "risk.price_outside_band": Text(
        "The worst price is more than {percent}% away from the oracle's.",
        "Take a price closer to it, less slippage (/settings), or a smaller size.",
    ),
    "risk.trade_too_large": Text("That is above your largest trade, ${maximum}.", "Take less."),
    "risk.daily_trades_used": Text(
        "Your {maximum} trades of today are used up.", "Closing stays possible: /close."
    ),
    "risk.too_many_orders": Text(
        "The venue holds at most {maximum} open orders.", "Let some end first: /orders"
    ),
    "risk.too_many_positions": Text(
        "The venue holds at most {maximum} positions.", "Close one first: /positions"
    ),
    "risk.collateral_too_small": Text(
        "That needs {needed} {token} of free collateral; you have {free}.",
        "Take a smaller size, or /deposit more.",
    ),
    "risk.leverage_too_high": Text(
        "It would bring you to {leverage}x; the most is {maximum}x.",
        "Take a smaller size, /deposit more, or raise the limit in /settings.",
    ),
    "risk.sol_for_fees_missing": Text(
        "Your wallet holds {held} SOL; fees may take {needed}.", "{missing} SOL is missing. " + _SOL
    ),
    # The rules before a deposit
    "deposit.token_missing": Text(
        "Your wallet holds {held} {token}; that takes {needed}.",
        "Send {token} to your wallet: /wallet",
    ),
    "deposit.not_sponsored": Text(
        "The desk pays the fees only of deposits of the venue's own dollar.", _SOL
    ),
    "deposit.wrong_token": Text(
        "Your wallet holds {held}, but this venue takes {wanted}.",
        "Send {wanted}; your {held} stays in your wallet.",
    ),
    "deposit.percent_out_of_range": Text(
        "{percent}% is no part of what your wallet holds.", "Use up to 100%, or max."
    ),
    "deposit.amount_too_fine": Text("{token} has {places} decimals.", "Shorten the amount."),
    "deposit.venue_read_only": Text(
        "This venue takes no deposits now. {reason}", "Your money stays where it is."
    ),
    "deposit.trading_halted": Text("Your account is halted.", "Support tells you more."),
    "deposit.fee_changed": Text(
        "The fee has changed from {then} to {now}.", "Look at the new card: /deposit"
    ),
    "deposit.no_longer_open": Text("That deposit has moved on meanwhile.", "/history"),
    "deposit.sol_missing_beside": Text(
        "Beside the deposit, your wallet lacks {missing} SOL for fees, rent and later trades.",
        "Deposit {most} SOL at most.",
    ),
    "deposit.not_signed": Text(
        "{token} cannot be deposited from this wallet yet: its signing rules are of before.",
        "Support can have them renewed; your {token} stays in your wallet.",
    ),
    "deposit.too_many_markets": Text(
        "Your account is in so many markets that no message of the chain has room for {token}.",
        "Close a position, with its orders, in one of them; or deposit {quote}.",
    ),
    "deposit.totp_needed": Text(
        "Without an authenticator up to ${limit} can be deposited in all.",
        "/security enrols one; then the way is free.",
    ),
    "deposit.sol_missing_no_price": Text(
        "{missing} SOL is missing for fees and rent, and the desk cannot lend it without a price.",
        _SOL,
    ),
    "deposit.sol_missing_deposit_small": Text(
        "{missing} SOL is missing for fees and rent.",
        "From {minimum} on the desk pays them for you; or send SOL: /wallet",
    ),
    "deposit.sol_missing_sponsor_empty": Text(
        "{missing} SOL is missing, and the desk's wallet for fees is empty now.", _SOL
    ),
    "deposit.sol_missing_user_cap": Text(
        "{missing} SOL is missing, and the desk has paid for you today already.", _SOL
    ),
    "deposit.sol_missing_desk_cap": Text(
        "{missing} SOL is missing, and the desk's budget for fees is used up today.", _SOL
    ),
    # Messages and the chain
    "submission.deadline_passed": Text("Its time was over before it could be signed.", _NEW),
    "submission.judged_too_long_ago": Text("Its price grew too old while it was signed.", _AGAIN),
    "submission.simulation_failed": Text("The chain would have refused it.", _NEW),
    "message.never_landed": Text("It never reached the chain, and never will.", _NEW),
    "chain.failed": Text("The chain refused it.", _NEW),
    "chain.unavailable": Text("No node of the chain answers now.", _AGAIN),
    "chain.budget_spent": Text("The desk asks the chain's nodes too much now.", _AGAIN),
    "chain.busy": Text("The chain's nodes are busy.", _AGAIN),
    "chain.behind": Text("The chain's node is behind.", _AGAIN),
    "chain.wrong_chain": Text("No node of the right chain answers now.", _AGAIN),
    "custody.unavailable": Text("The custodian of the wallets does not answer now.", _AGAIN),
    "custody.rate_limited": Text("The custodian is asked too much now.", _AGAIN),
    "custody.no_answer": Text("The custodian of the wallets does not answer now.", _AGAIN),
    "custody.request_expired": Text("The custodian was too slow to answer.", _AGAIN),
    "custody.unreadable_answer": Text("The custodian's answer cannot be read.", _AGAIN),
    "custody.policy_violation": Text("The custodian's rules forbid it.", _STAFF),
    "custody.refused": Text("The custodian refused it.", _STAFF),
    "venue.no_price": Text("The venue has no usable price now.", _AGAIN),
    "venue.unreadable": Text("The venue's answer cannot be read.", _AGAIN),
    "venue.no_account": Text("You have no account at the venue yet.", "Make one by a /deposit."),
    "venue.nothing_to_settle": Text("There is no profit or loss to settle.", "/positions"),
    "venue.wrong_token": Text("This venue does not take {token}.", "It takes {takes}. /deposit"),
    "venue.no_record": Text("The venue accepted it and keeps no order of it.", "/orders"),
    "venue.gone_from_account": Text("The venue has taken the order away.", "/orders"),
    # The desk itself
    "database.down": Text(
        "The desk's books cannot be reached now.",
        "/balance, /wallet and /positions still answer, straight from the chain.",
    ),
    "database.lost": Text(
        "The desk's books broke off in the middle.",
        "Wait a moment and look at /orders. The same button is safe: it can act only once.",
    ),
    "redis.lost": Text(
        "The desk's short-term memory broke off in the middle.",
        "Look at /orders and /history. The same button is safe: it can act only once.",
    ),
    "redis.down": Text("The desk's short-term memory cannot be reached now.", _AGAIN),
    "flow.forgotten": Text(
        "My short-term memory cannot be reached, so I do not know what this answers.",
        "Send the whole command, such as /long sol 0.5.",
    ),
    "button.expired": Text("That card has expired.", "Take a new quote."),
    "button.unknown": Text("That button is too old.", _NEW),
    "button.not_yours": Text("That button is not yours.", ""),
}
TEXTS |= {code: Text(*said) for code, said in (MONEY_ERRORS | ALERT_ERRORS).items()}
TEXTS |= {code: Text(*said) for code, said in ORDER_ERRORS.items() if code not in TEXTS}
TEXTS |= {
    code: Text(sentence, NEXT.get(code, ""))
    for code, sentence in ENDINGS.items()
    if code not in TEXTS
}
TEXTS |= {code: Text(sentence, _STAFF) for code, sentence in DESK_ERRORS.items()}
TEXTS |= {code: Text(sentence) for code, sentence in SENTENCES.items()}
_AS_TYPED = ("typed", "suggestion", "code", "usage", "label", "name")
_NUMERAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_UNKNOWN = Text("That could not be done ({code}).", _STAFF)
# A setting as people know it, and what it takes.
_SETTINGS = {
    "default_slippage": ("slippage", "a percentage above 0 and up to 5, such as 0.5"),
    "max_leverage": ("leverage", "1x to 100x"),
    "time_zone": ("the time zone", "a name such as Europe/Vienna"),
    "deployment": ("the venue", "a venue that is open here"),
    "priority_fee_cap": ("the priority fee", "up to 0.01 SOL"),
    "quiet_hours": ("quiet hours", "two different hours of 0 to 23, such as 22-7"),
}
_BROKEN = Text("Something went wrong on our side. I am sorry.", _STAFF)


def error_text(error: DeskError, *, trace_id: str) -> str:
    """The whole answer to an error: what happened, the money, the next step, the id."""
    text, params = TEXTS.get(error.code, _UNKNOWN), {**error.params, "code": error.code}
    if error.code == "settings.invalid":
        # Of a part of a setting the whole is told.
        field = str(params.get("field", "")).partition(".")[0]
        known = _SETTINGS.get(field, (field.replace("_", " "), "another value"))
        params |= dict(zip(("setting", "range"), known, strict=True))
    return _whole(text, params, error.consequence, trace_id)


def plain_sentence(error: DeskError) -> str:
    """What happened and the next step, without markup: for pages, which escape it themselves."""
    text = TEXTS.get(error.code, _UNKNOWN)
    return f"{text.what} {text.then}".format_map(_plain_params(error)).strip()


def what_happened(error: DeskError) -> str:
    """The same without the next step, which is a chat's."""
    return TEXTS.get(error.code, _UNKNOWN).what.format_map(_plain_params(error))


def _plain_params(error: DeskError) -> "_Params":
    told = {name: clean_text(_told(name, value))[:200] for name, value in error.params.items()}
    return _Params({**told, "code": error.code})


def apology(*, trace_id: str, consequence: str) -> str:
    """The answer to what nobody has foreseen."""
    return _whole(_BROKEN, {}, consequence, trace_id)


def denial_lines(denials: tuple[Denial, ...], *, kind: str) -> str:
    """Each rule that said no, in a line of its own, with its numbers and the next step."""
    return "\n".join(
        f"⛔ {_fill(text.what, params)} {_fill(text.then, params)}".rstrip()
        for denial in denials
        for params in [_shortened(denial.params)]
        for text in [TEXTS.get(f"{kind}.{denial.rule}", Text(f"Not possible: {denial.rule}."))]
    )


def _shortened(params: Mapping[str, str]) -> Mapping[str, str]:
    if Decimal(params.get("leverage", 0)) <= TOLD_LEVERAGE:
        return params
    return {**params, "leverage": f">{TOLD_LEVERAGE}"}


def reason_sentence(code: str) -> str:
    """Why an act ended as it did, as one sentence; '' for no reason."""
    if not code:
        return ""
    text = TEXTS.get(code)
    return _fill(text.what, {}) if text and "{" not in text.what else f"Reason: {quote(code)}."


def next_step(code: str) -> str:
    """What to do after an act has ended so; '' where nothing is to be said."""
    text = TEXTS.get(code)
    return _fill(text.then, {}) if text and "{" not in text.then else ""


def _whole(text: Text, params: Mapping[str, object], consequence: str, trace_id: str) -> str:
    lines = [f"⛔ {_fill(text.what, params)}", quote(consequence), _fill(text.then, params)]
    return "\n".join([*filter(None, lines), italic(f"id {trace_id[-12:]}")])


class _Params(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "?"


def _fill(template: str, params: Mapping[str, object]) -> str:
    quoted = {name: quote(clean_text(_told(name, value))[:200]) for name, value in params.items()}
    return template.format_map(_Params(quoted))


def _told(name: str, value: object) -> str:
    """A parameter as people read it: numbers in groups of three, without idle zeros."""
    told = str(value)
    if name == "type":
        return told.replace("_", " ")
    if name in _AS_TYPED or not _NUMERAL.fullmatch(told):
        return told
    number = f"{Decimal(told):,f}"
    return number.rstrip("0").rstrip(".") if "." in number else number
