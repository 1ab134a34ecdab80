"""What the chat says of money that reached a wallet: its card, and its lines on the balance."""

from collections.abc import Sequence

from aiogram.types import InlineKeyboardMarkup

from bot import keyboards
from bot.markup import bold, code, quote
from bot.texts import figures
from bot.texts.cards import explorer_link
from wallets.facts import IncomingFacts


def incoming_card(found: IncomingFacts) -> str:
    """What came, from whom, and whether it is of use where this person trades."""
    amount = _amount(found)
    sender = (
        f"From {code(found.from_address)}"
        if found.from_address
        else "The chain shows no single sender"
    )
    lines = [
        f"💰 {bold(f'{amount} arrived in your wallet')}",
        f"{sender}{explorer_link(found.signature, '')}",
        "Final: nothing takes it back.",
    ]
    if found.status == "returned":
        return "\n".join([*lines, "↩️ Sent back to its sender."])
    if found.own_venue in found.taken_by:
        return "\n".join([*lines, "Next: /deposit"])
    return "\n".join([*lines, "", wrong_token(found)])


def wrong_token(found: IncomingFacts) -> str:
    """Why it cannot be deposited, and what can be done about it."""
    venue, token = quote(found.own_venue.capitalize()), quote(found.token_symbol)
    said = f"⚠️ {venue} does not take {token}, so it cannot be deposited there."
    if found.taken_by:
        others = quote(", ".join(key.capitalize() for key in found.taken_by))
        said += f" {others} does: /settings chooses the venue."
    if found.may_return:
        said += (
            " It can go back to the address that it came from. If that is an exchange's, ask them"
            " first whether they would know it for yours."
        )
    return said


def of_incoming(found: IncomingFacts) -> InlineKeyboardMarkup | None:
    if found.may_return:
        return keyboards.rows([("↩️ Send it back", return_data(found))])
    if found.status == "arrived":
        return keyboards.rows([("💰 Deposit", "hub:deposit"), ("👛 Balance", "hub:balance")])
    return None


def return_data(found: IncomingFacts) -> str:
    return f"in:{found.id.hex}"


def incoming_lines(found: Sequence[IncomingFacts], *, time_zone: str, hidden: bool) -> list[str]:
    """The balance's part: what came lately, and what is of no use and still here."""
    lines = []
    for each in found:
        mark = "⚠️" if each.may_return else "💰"
        amount = figures.token(each.amount, each.token_symbol, hidden=hidden, exact=True)
        useless = f", of no use at {each.own_venue.capitalize()}" if each.may_return else ""
        lines.append(
            f"   {mark} {quote(amount)}, {figures.moment(each.occurred_at, time_zone)}"
            f"{quote(useless)}"
        )
    return lines


def _amount(found: IncomingFacts) -> str:
    return figures.token(found.amount, found.token_symbol, exact=True)
