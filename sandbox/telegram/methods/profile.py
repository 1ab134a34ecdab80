"""What the bot says of itself: its name, its commands, its descriptions, its menu button."""

import re
from typing import Any

from sandbox.telegram.errors import bad_request
from sandbox.telegram.methods.registry import MethodCall, bot_method

MAX_COMMANDS = 100
SCOPES = frozenset(
    {
        "default",
        "all_private_chats",
        "all_group_chats",
        "all_chat_administrators",
        "chat",
        "chat_administrators",
        "chat_member",
    }
)


@bot_method
def get_me(call: MethodCall) -> dict[str, Any]:
    return {
        **call.world.bot,
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


@bot_method
def set_my_commands(call: MethodCall) -> bool:
    commands = call.parameters.array("commands")
    if len(commands) > MAX_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    checked = [_checked_command(command) for command in commands]
    call.world.settings["commands"][_scope_key(call)] = checked
    call.world.changes.publish("commands")
    return True


def _checked_command(command: object) -> dict[str, str]:
    if not isinstance(command, dict):
        raise bad_request("can't parse BotCommand: expected an Object")
    name = str(command.get("command") or "").removeprefix("/")
    description = str(command.get("description") or "")
    if not re.fullmatch(r"[a-z0-9_]{1,32}", name):
        raise bad_request("BOT_COMMAND_INVALID")
    if not 1 <= len(description) <= 256:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": name, "description": description}


@bot_method
def get_my_commands(call: MethodCall) -> list[dict[str, str]]:
    commands: list[dict[str, str]] = call.world.settings["commands"].get(_scope_key(call), [])
    return commands


@bot_method
def delete_my_commands(call: MethodCall) -> bool:
    call.world.settings["commands"].pop(_scope_key(call), None)
    call.world.changes.publish("commands")
    return True


def _scope_key(call: MethodCall) -> str:
    scope = call.parameters.document("scope") or {"type": "default"}
    if not isinstance(scope, dict) or scope.get("type") not in SCOPES:
        raise bad_request("can't parse BotCommandScope: type of the scope is invalid")
    parts = [scope["type"], scope.get("chat_id", ""), scope.get("user_id", "")]
    return "|".join(str(part) for part in [*parts, call.parameters.text("language_code")])


def _set_text(call: MethodCall, field: str, maximum: int) -> bool:
    text = call.parameters.text(field)
    if len(text) > maximum:
        raise bad_request(f"{field} is too long")
    call.world.settings["texts"][f"{field}|{call.parameters.text('language_code')}"] = text
    call.world.changes.publish("profile")
    return True


def _get_text(call: MethodCall, field: str) -> dict[str, str]:
    key = f"{field}|{call.parameters.text('language_code')}"
    return {field: call.world.settings["texts"].get(key, "")}


@bot_method
def set_my_description(call: MethodCall) -> bool:
    return _set_text(call, "description", 512)


@bot_method
def get_my_description(call: MethodCall) -> dict[str, str]:
    return _get_text(call, "description")


@bot_method
def set_my_short_description(call: MethodCall) -> bool:
    return _set_text(call, "short_description", 120)


@bot_method
def get_my_short_description(call: MethodCall) -> dict[str, str]:
    return _get_text(call, "short_description")


@bot_method
def set_my_name(call: MethodCall) -> bool:
    name = call.parameters.text("name")
    if len(name) > 64:
        raise bad_request("name is too long")
    if name:
        call.world.bot = {**call.world.bot, "first_name": name}
        call.world.changes.publish("profile")
    return True


@bot_method
def get_my_name(call: MethodCall) -> dict[str, str]:
    return {"name": call.world.bot["first_name"]}


@bot_method
def set_chat_menu_button(call: MethodCall) -> bool:
    button = call.parameters.document("menu_button") or {"type": "default"}
    if not isinstance(button, dict) or button.get("type") not in ("default", "commands", "web_app"):
        raise bad_request("can't parse MenuButton: type of the button is invalid")
    if button["type"] == "web_app":
        url = str((button.get("web_app") or {}).get("url") or "")
        if not url.startswith("https://"):
            raise bad_request(
                f"menu button Web App URL '{url}' is invalid: Only HTTPS links are allowed"
            )
    call.world.settings["menu_buttons"][call.parameters.text("chat_id")] = button
    call.world.changes.publish("profile")
    return True


@bot_method
def get_chat_menu_button(call: MethodCall) -> dict[str, Any]:
    buttons = call.world.settings["menu_buttons"]
    button = buttons.get(call.parameters.text("chat_id")) or buttons.get("")
    return button or {"type": "commands"}


@bot_method
def log_out(_call: MethodCall) -> bool:
    return True


@bot_method
def close(_call: MethodCall) -> bool:
    return True
