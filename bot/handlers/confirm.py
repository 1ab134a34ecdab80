"""The buttons of confirm cards: confirm, cancel, quote again."""

from aiogram import F, Router

from bot import keyboards
from bot.acts import Acts
from bot.context import Person, Reply, Tap, now
from bot.pending import PendingAct, PendingActs
from bot.texts import common
from bot.texts.errors import error_text
from core.context import current
from core.errors import Conflict, DeskError, NotAllowed, NotFound, Refused

_REQUOTABLE = ("order.price_moved", "order.position_changed", "deposit.fee_changed")


def make_router() -> Router:
    router = Router(name="confirm")
    router.callback_query.register(confirm, F.data.startswith("ok:"))
    router.callback_query.register(cancel, F.data.startswith("no:"))
    router.callback_query.register(quote_again, F.data.startswith("rq:"))
    return router


# Refusals of these may be other ones a moment later.
_KINDS = ("risk.", "deposit.", "venue_withdrawal.")


async def confirm(
    _: object, person: Person, reply: Reply, tap: Tap, acts: Acts, pending: PendingActs
) -> None:
    """Carry out what the card showed. A second tap shows the first one's card, whatever passed."""
    uid = tap.data[3:]
    act = await _access(pending, uid, person, tap)
    await tap.answer()
    if act is None or act.is_expired(now()) or act.state == "cancelled":
        if await acts.was_placed(uid, person=person, reply=reply):
            return
        await _tell_expired(act, reply)
        return
    try:
        await acts.carry_out(act, person=person, reply=reply, now=now())
    except (Refused, Conflict, NotFound) as error:
        text = error_text(error, trace_id=current().trace_id)
        again = error.code in _REQUOTABLE or error.code.startswith(_KINDS)
        await reply.edit(text, keyboards.requote(act) if again else None)


async def cancel(
    _: object, person: Person, reply: Reply, tap: Tap, acts: Acts, pending: PendingActs
) -> None:
    """Give the card up, unless it was placed already."""
    uid = tap.data[3:]
    act = await _access(pending, uid, person, tap)
    await tap.answer()
    if await acts.was_placed(uid, person=person, reply=reply):
        return
    if act is not None:
        await pending.note(act, "cancelled")
    await reply.edit(common.CANCELLED)


async def quote_again(
    _: object, person: Person, reply: Reply, tap: Tap, acts: Acts, pending: PendingActs
) -> None:
    """The same wish at the prices of now, on the same message; the old card is void."""
    uid = tap.data[3:]
    act = await _access(pending, uid, person, tap)
    await tap.answer()
    if act is None:
        await _tell_expired(None, reply)
        return
    if await acts.was_placed(uid, person=person, reply=reply):
        return
    await pending.note(act, "cancelled")
    try:
        await acts.quote_again(act, person=person, reply=reply, now=now())
    except Refused as error:
        await reply.edit(error_text(error, trace_id=current().trace_id), keyboards.requote(act))


async def _access(pending: PendingActs, uid: str, person: Person, tap: Tap) -> PendingAct | None:
    """The act, if it is this person's; another's is refused. None if it is forgotten."""
    act = await pending.find(uid)
    if act is not None and act.owner != person.telegram_id:
        await tap.answer("That button is not yours. Nothing was moved.", alert=True)
        raise NotAllowed("button.not_yours")
    return act


async def _tell_expired(act: PendingAct | None, reply: Reply) -> None:
    error: DeskError = Refused("button.unknown" if act is None else "button.expired")
    text = error_text(error, trace_id=current().trace_id)
    await reply.edit(text, keyboards.requote(act) if act is not None else None)
