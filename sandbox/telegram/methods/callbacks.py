"""Answers to pressed buttons."""

from sandbox.telegram.errors import bad_request
from sandbox.telegram.methods.registry import MethodCall, bot_method
from sandbox.telegram.world import CALLBACK_SECONDS

MAX_ANSWER_CHARACTERS = 200


@bot_method
def answer_callback_query(call: MethodCall) -> bool:
    world = call.world
    query = world.callbacks.get(call.parameters.text("callback_query_id"))
    now = world.state.clock.now().timestamp()
    if query is None or now - query.asked_at > CALLBACK_SECONDS:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    text = call.parameters.text("text")
    if len(text) > MAX_ANSWER_CHARACTERS:
        raise bad_request("MESSAGE_TOO_LONG")
    if query.answer is not None:
        return True
    query.answer = {"text": text, "show_alert": call.parameters.boolean("show_alert")}
    if call.parameters.has("url"):
        query.answer["url"] = call.parameters.text("url")
    world.changes.publish(
        "callback_answer",
        chat_id=query.chat_id,
        user_id=query.user_id,
        message_id=query.message_id,
        query_id=query.id,
        answer=query.answer,
    )
    return True
