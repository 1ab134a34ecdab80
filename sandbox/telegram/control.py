"""The control API: people, tests and scripts play the users through it. JSON in, JSON out.

Every answer that follows an act carries `revision`, the number of the last change *before* the act:
`GET /control/changes?after=<revision>` then gives (or waits for) everything that came of it. A POST
or PUT needs `Content-Type: application/json`. A refused act answers 4xx with `{"error": …}`.

`GET  /control/state`                     bot, users, chats, commands, webhook, limits, revision
`POST /control/users`                     {first_name, last_name?, username?, language_code?, id?}
`POST /control/users/ID/say`              {text, chat_id?, reply_to?, times?}: a text above 4,096
                                          characters becomes several messages; `times` delivers the
                                          update again under its id
`POST /control/users/ID/edit`             {message_id, text, chat_id?}
`POST /control/users/ID/press`            {message_id, button | data | label, chat_id?, stale?,
                                          times?}: `button` is an index in reading order or
                                          [row, column]; `stale` presses `data` that is not there
`POST /control/users/ID/block|unblock|deactivate`
`POST /control/groups`                    {title, members: [user ids], id?}: the bot is told it
                                          was added
`POST /control/groups/ID/bot`             {status: member|administrator|left|kicked, user_id}
`POST /control/updates`                   {update: {…}, times?, deliveries?}: queued as it is, well
                                          formed or not; an update_id is given if it has none;
                                          withdrawn after `deliveries` deliveries, confirmed or not
`GET  /control/chats/ID/messages`         messages with keyboards, `history` of edits, `by_bot`,
                                          `deleted`; ?after=<message_id>
`GET  /control/changes`                   ?after=<revision>&timeout=<seconds>&chat_id=: waits for
                                          the first change; {revision, changes: [{kind, …}]}
`GET  /control/stream`                    the same as server-sent events; ?after=<revision>
`GET  /control/callbacks`                 pressed buttons with the bot's `answer` (null: none yet)
`GET|PUT /control/limits`                 {overall|chat|group: {per_second, burst}}; 0 is no limit

Kinds of changes: message (new or edited), deleted, pressed, callback_answer, action, pinned,
blocked, user, chat, commands, profile, and reset (read everything anew).
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

from aiohttp import web

from sandbox.telegram import acts
from sandbox.telegram.control_input import Body, path_id, query_number, read_body
from sandbox.telegram.errors import ApiError
from sandbox.telegram.updates import MAX_POLL_SECONDS
from sandbox.telegram.world import Chat, Person, World
from sandbox.telegram.world_key import WORLD

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
STREAM_PING_SECONDS = 15


def add_control_routes(app: web.Application) -> None:
    """Put the control API below /control/."""
    routes: list[tuple[str, str, Handler]] = [
        ("GET", "/control/state", _state),
        ("POST", "/control/users", _create_user),
        ("POST", "/control/users/{id}/say", _say),
        ("POST", "/control/users/{id}/edit", _edit),
        ("POST", "/control/users/{id}/press", _press),
        ("POST", "/control/users/{id}/{act:block|unblock|deactivate}", _change_person),
        ("POST", "/control/groups", _create_group),
        ("POST", "/control/groups/{id}/bot", _set_bot_status),
        ("POST", "/control/updates", _push_update),
        ("GET", "/control/chats/{id}/messages", _messages),
        ("GET", "/control/changes", _changes),
        ("GET", "/control/stream", _stream),
        ("GET", "/control/callbacks", _callbacks),
        ("GET", "/control/limits", _limits),
        ("PUT", "/control/limits", _set_limits),
    ]
    for method, path, handler in routes:
        app.router.add_route(method, path, _answering_refusals(handler))


def _answering_refusals(handler: Handler) -> Handler:
    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except acts.ActRefused as refusal:
            return web.json_response({"error": refusal.reason}, status=refusal.status)
        except ApiError as refusal:
            return web.json_response({"error": refusal.description}, status=400)

    return answer


async def _actor(request: web.Request) -> tuple[World, Person, Chat, Body]:
    world = request.app[WORLD]
    body = await read_body(request)
    person = acts.access_person(world, path_id(request))
    chat_id = body.optional_integer("chat_id")
    chat = acts.access_chat(world, chat_id or person.id, person=person)
    return world, person, chat, body


async def _state(request: web.Request) -> web.Response:
    world = request.app[WORLD]
    hook = world.updates.webhook
    return web.json_response(
        {
            "revision": world.changes.revision,
            "bot": world.bot,
            "users": [asdict(person) for person in world.people.values()],
            "chats": [
                {**asdict(chat), "members": [list(item) for item in chat.members.items()]}
                for chat in world.chats.values()
            ],
            "settings": world.settings,
            "pending_updates": world.updates.pending_count,
            "webhook": hook.url if hook else None,
            "limits": world.limits.as_json(),
        }
    )


async def _create_user(request: web.Request) -> web.Response:
    world = request.app[WORLD]
    body = await read_body(request)
    user_id = body.optional_integer("id")
    if user_id is not None and (user_id <= 0 or user_id in world.people):
        raise acts.ActRefused(409, f"user id {user_id} is taken or not positive")
    first_name = body.text("first_name").strip()[:64]
    if not first_name:
        raise acts.ActRefused(400, "first_name must not be empty")
    person = world.add_person(
        first_name=first_name,
        user_id=user_id,
        last_name=body.text("last_name", default="")[:64],
        username=body.text("username", default="")[:32],
        language_code=body.text("language_code", default="en"),
    )
    return web.json_response(asdict(person), status=201)


async def _say(request: web.Request) -> web.Response:
    world, person, chat, body = await _actor(request)
    revision = world.changes.revision
    sent = acts.say(
        world,
        person=person,
        chat=chat,
        text=body.text("text"),
        reply_to=body.optional_integer("reply_to"),
        times=body.integer("times", default=1),
    )
    return web.json_response(
        {
            "revision": revision,
            "messages": [record.as_json() for record, _ in sent],
            "update_ids": [update_id for _, update_id in sent],
        }
    )


async def _edit(request: web.Request) -> web.Response:
    world, person, chat, body = await _actor(request)
    revision = world.changes.revision
    record, update_id = acts.edit_text(
        world,
        person=person,
        chat=chat,
        message_id=body.integer("message_id"),
        text=body.text("text"),
    )
    answer = {"revision": revision, "message": record.as_json(), "update_id": update_id}
    return web.json_response(answer)


async def _press(request: web.Request) -> web.Response:
    world, person, chat, body = await _actor(request)
    revision = world.changes.revision
    message_id = body.integer("message_id")
    data = body.values.get("data")
    if data is None:
        message = acts.access_message(world, chat, message_id).message
        data = _chosen_button(message, body.values).get("callback_data")
    if not isinstance(data, str):
        raise acts.ActRefused(409, "that button sends nothing to the bot")
    query, update_id = acts.press(
        world,
        person=person,
        chat=chat,
        message_id=message_id,
        data=data,
        stale=body.values.get("stale") is True,
        times=body.integer("times", default=1),
    )
    answer = {"revision": revision, "query_id": query.id, "update_id": update_id}
    return web.json_response(answer)


def _chosen_button(message: dict[str, Any], choice: dict[str, Any]) -> dict[str, Any]:
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    buttons = acts.buttons_of(message)
    wanted = choice.get("button")
    try:
        if isinstance(wanted, int) and wanted >= 0:
            return buttons[wanted]
        if isinstance(wanted, list):
            row, column = wanted
            chosen: dict[str, Any] = rows[row][column]
            return chosen
    except (IndexError, TypeError, ValueError):
        raise acts.ActRefused(409, f"there is no button {wanted!r}") from None
    for button in buttons:
        if choice.get("label") is not None and choice["label"] in button["text"]:
            return button
    labels = [button["text"] for button in buttons]
    raise acts.ActRefused(409, f"name a button by button, data or label; there are {labels}")


async def _change_person(request: web.Request) -> web.Response:
    world = request.app[WORLD]
    await read_body(request)
    person = acts.access_person(world, path_id(request))
    revision = world.changes.revision
    act = request.match_info["act"]
    update_id = None
    if act == "deactivate":
        person.deactivated = True
    else:
        update_id = acts.set_blocked(world, person=person, blocked=act == "block")
    return web.json_response({"revision": revision, "update_id": update_id, **asdict(person)})


async def _create_group(request: web.Request) -> web.Response:
    world = request.app[WORLD]
    body = await read_body(request)
    members = body.values.get("members")
    if not isinstance(members, list) or not members:
        raise acts.ActRefused(400, "members must name at least one user")
    people = [acts.access_person(world, user_id) for user_id in members]
    chat_id = body.optional_integer("id")
    if chat_id is not None and (chat_id >= 0 or chat_id in world.chats):
        raise acts.ActRefused(409, f"group id {chat_id} is taken or not negative")
    chat = world.add_group(title=body.text("title"), members=members, chat_id=chat_id)
    chat.bot_status = "left"
    acts.set_bot_status(world, chat=chat, person=people[0], status="member")
    return web.json_response({"id": chat.id, "title": chat.title, "type": chat.type}, status=201)


async def _set_bot_status(request: web.Request) -> web.Response:
    world = request.app[WORLD]
    body = await read_body(request)
    chat = acts.access_chat(world, path_id(request))
    person = acts.access_person(world, body.integer("user_id"))
    revision = world.changes.revision
    status = body.text("status")
    update_id = acts.set_bot_status(world, chat=chat, person=person, status=status)
    return web.json_response({"revision": revision, "update_id": update_id})


async def _push_update(request: web.Request) -> web.Response:
    world = request.app[WORLD]
    body = await read_body(request)
    update = body.values.get("update")
    if not isinstance(update, dict):
        raise acts.ActRefused(400, "update must be a JSON object")
    if not isinstance(update.get("update_id", 0), int):
        raise acts.ActRefused(400, "update_id must be an integer, or left out")
    revision = world.changes.revision
    update_id = world.updates.push_raw(
        update,
        times=body.integer("times", default=1),
        deliveries=body.optional_integer("deliveries"),
    )
    return web.json_response({"revision": revision, "update_id": update_id})


async def _messages(request: web.Request) -> web.Response:
    world = request.app[WORLD]
    chat = acts.access_chat(world, path_id(request))
    after = int(query_number(request, "after", 0))
    records = [record for record in world.messages[chat.id].values() if record.id > after]
    return web.json_response(
        {
            "revision": world.changes.revision,
            "pinned": chat.pinned,
            "messages": [record.as_json() for record in records],
        }
    )


async def _changes(request: web.Request) -> web.Response:
    feed = request.app[WORLD].changes
    chat_id = int(query_number(request, "chat_id", 0)) or None
    found = await feed.wait(
        int(query_number(request, "after", 0)),
        seconds=min(query_number(request, "timeout", 0), MAX_POLL_SECONDS),
        chat_id=chat_id,
    )
    last = found[-1].revision if found else feed.revision
    return web.json_response({"revision": last, "changes": [one.as_json() for one in found]})


async def _stream(request: web.Request) -> web.StreamResponse:
    feed = request.app[WORLD].changes
    resumed = request.headers.get("Last-Event-ID", "")
    after = int(resumed) if resumed.isdigit() else int(query_number(request, "after", 0))
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
    )
    await response.prepare(request)
    while not feed.closed:
        found = await feed.wait(after, seconds=STREAM_PING_SECONDS)
        lines = [f"id: {one.revision}\ndata: {json.dumps(one.as_json())}\n\n" for one in found]
        try:
            await response.write(("".join(lines) or ": still here\n\n").encode())
        except ConnectionError:
            break
        after = found[-1].revision if found else after
    return response


async def _callbacks(request: web.Request) -> web.Response:
    queries = request.app[WORLD].callbacks.values()
    return web.json_response({"callbacks": [asdict(query) for query in queries]})


async def _limits(request: web.Request) -> web.Response:
    return web.json_response(request.app[WORLD].limits.as_json())


async def _set_limits(request: web.Request) -> web.Response:
    body = await read_body(request)
    limits = request.app[WORLD].limits
    try:
        limits.configure(body.values)
    except (KeyError, TypeError, ValueError):
        raise acts.ActRefused(400, "each limit is {per_second, burst}") from None
    return web.json_response(limits.as_json())
