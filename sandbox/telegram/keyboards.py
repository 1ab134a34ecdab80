"""Reply markup: what Telegram takes, and how it refuses the rest."""

import json
from typing import Any

from sandbox.telegram.errors import bad_request
from sandbox.telegram.formatting import is_link

Markup = dict[str, Any]

MAX_CALLBACK_DATA_BYTES = 64
MAX_BUTTONS = 100
MAX_BUTTONS_A_ROW = 8
_ACTIONS = (
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
)


def parse_markup(value: object) -> Markup | None:
    """The checked reply markup of a call, or None when none (or an empty one) was given."""
    if value in (None, "", {}):
        return None
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            raise bad_request("can't parse reply keyboard markup JSON object") from None
    if not isinstance(value, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" in value:
        rows = [[_inline_button(button) for button in row] for row in _rows(value, "inline")]
        return {"inline_keyboard": rows} if rows else None
    if "keyboard" in value:
        rows = [[_reply_button(button) for button in row] for row in _rows(value, "reply")]
        return {**value, "keyboard": rows}
    if value.get("remove_keyboard") is True:
        return {"remove_keyboard": True}
    if value.get("force_reply") is True:
        return dict(value)
    return None


def inline_only(markup: Markup | None) -> Markup | None:
    """The markup of an edit, which may only be an inline keyboard."""
    if markup is not None and "inline_keyboard" not in markup:
        raise bad_request("inline keyboard expected")
    return markup


def _rows(markup: Markup, kind: str) -> list[list[object]]:
    field = "inline_keyboard" if kind == "inline" else "keyboard"
    rows = markup[field]
    if not isinstance(rows, list):
        raise bad_request(f'field "{field}" of the markup must be of type Array')
    for row in rows:
        if not isinstance(row, list):
            raise bad_request(f'field "{field}" of the markup must be an Array of Arrays')
        if len(row) > MAX_BUTTONS_A_ROW:
            raise bad_request("REPLY_MARKUP_TOO_LONG")
    if sum(len(row) for row in rows) > MAX_BUTTONS:
        raise bad_request("REPLY_MARKUP_TOO_LONG")
    return [row for row in rows if row]


def _inline_button(button: object) -> dict[str, Any]:
    problem = "can't parse inline keyboard button: "
    if not isinstance(button, dict):
        raise bad_request(problem + "expected an Object")
    text = button.get("text")
    if not isinstance(text, str):
        raise bad_request(problem + 'Can\'t find field "text"')
    if not text.strip():
        raise bad_request(problem + "Text of the button must be non-empty")
    actions = [name for name in _ACTIONS if button.get(name) is not None]
    if not actions:
        raise bad_request(problem + "Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise bad_request("BUTTON_TYPE_INVALID")
    action = actions[0]
    if action == "callback_data":
        _check_callback_data(button[action])
    elif action == "url":
        _check_url(button[action], label="")
    elif action == "web_app":
        _check_web_app(button[action])
    elif action == "copy_text":
        _check_copy_text(button[action])
    known = {"text", action, "style", "icon_custom_emoji_id"}
    return {key: value for key, value in button.items() if key in known and value is not None}


def _check_callback_data(data: object) -> None:
    if not isinstance(data, str) or not 1 <= len(data.encode()) <= MAX_CALLBACK_DATA_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")


def _check_url(url: object, *, label: str) -> None:
    text = str(url)
    if "://" in text and text.split("://", 1)[0].lower() not in ("http", "https", "tg", "ton"):
        raise bad_request(
            f"inline keyboard button {label}URL '{text}' is invalid: Unsupported URL protocol"
        )
    if not is_link(text):
        raise bad_request(f"inline keyboard button {label}URL '{text}' is invalid: Wrong HTTP URL")


def _check_web_app(web_app: object) -> None:
    url = web_app.get("url") if isinstance(web_app, dict) else None
    _check_url(url, label="Web App ")
    if not str(url).startswith("https://"):
        raise bad_request(
            f"inline keyboard button Web App URL '{url}' is invalid: Only HTTPS links are allowed"
        )


def _check_copy_text(copy_text: object) -> None:
    text = copy_text.get("text") if isinstance(copy_text, dict) else None
    if not isinstance(text, str) or not 1 <= len(text) <= 256:
        raise bad_request("BUTTON_COPY_TEXT_INVALID")


def _reply_button(button: object) -> dict[str, Any]:
    if isinstance(button, str):
        return {"text": button}
    if not isinstance(button, dict) or not isinstance(button.get("text"), str):
        raise bad_request("can't parse keyboard button: Can't find field \"text\"")
    return {key: value for key, value in button.items() if value is not None}
