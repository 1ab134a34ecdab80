"""Methods about chats, their members, and files."""

from typing import Any

from sandbox.telegram.errors import bad_request
from sandbox.telegram.files import MAX_DOWNLOAD_BYTES
from sandbox.telegram.methods.registry import MethodCall, bot_method
from sandbox.telegram.world import BOT_ID, Chat

EVERY_GIFT = {
    "unlimited_gifts": True,
    "limited_gifts": True,
    "unique_gifts": True,
    "premium_subscription": True,
    "gifts_from_channels": True,
}
MEMBER_PERMISSIONS = {
    "can_send_messages": True,
    "can_send_audios": True,
    "can_send_documents": True,
    "can_send_photos": True,
    "can_send_videos": True,
    "can_send_video_notes": True,
    "can_send_voice_notes": True,
    "can_send_polls": True,
    "can_send_other_messages": True,
    "can_add_web_page_previews": True,
    "can_change_info": False,
    "can_invite_users": True,
    "can_pin_messages": False,
    "can_manage_topics": False,
}


@bot_method
def get_chat(call: MethodCall) -> dict[str, Any]:
    chat = call.world.known_chat(call.parameters.raw("chat_id"))
    info: dict[str, Any] = {
        **call.world.chat_object(chat),
        "accent_color_id": 1,
        "max_reaction_count": 11,
        "accepted_gift_types": EVERY_GIFT,
    }
    if chat.is_group:
        info["permissions"] = MEMBER_PERMISSIONS
    if chat.pinned:
        info["pinned_message"] = call.world.messages[chat.id][chat.pinned[-1]].message
    return info


@bot_method
def get_chat_member(call: MethodCall) -> dict[str, Any]:
    chat = call.world.known_chat(call.parameters.raw("chat_id"))
    user_id = call.parameters.integer("user_id")
    if user_id == BOT_ID:
        return _member(call.world.bot, chat.bot_status)
    person = call.world.people.get(user_id)
    if person is None:
        raise bad_request("PARTICIPANT_ID_INVALID" if chat.is_group else "user not found")
    return _member(person.as_user(), chat.members.get(user_id, "left"))


def _member(user: dict[str, Any], status: str) -> dict[str, Any]:
    member: dict[str, Any] = {"user": user, "status": status}
    if status == "creator":
        member["is_anonymous"] = False
    if status == "kicked":
        member["until_date"] = 0
    return member


@bot_method
def get_chat_member_count(call: MethodCall) -> int:
    chat = call.world.known_chat(call.parameters.raw("chat_id"))
    present = [status for status in chat.members.values() if status not in ("left", "kicked")]
    return len(present) + (chat.bot_status not in ("left", "kicked"))


@bot_method
def get_chat_administrators(call: MethodCall) -> list[dict[str, Any]]:
    chat = call.world.known_chat(call.parameters.raw("chat_id"))
    if not chat.is_group:
        raise bad_request("there are no administrators in the private chat")
    return [
        _member(call.world.people[user_id].as_user(), status)
        for user_id, status in chat.members.items()
        if status == "creator"
    ]


@bot_method
def leave_chat(call: MethodCall) -> bool:
    chat: Chat = call.chat_to_write()
    if not chat.is_group:
        raise bad_request("chat member status can't be changed in private chats")
    chat.bot_status = "left"
    call.world.changes.publish("chat", chat_id=chat.id, title=chat.title)
    return True


@bot_method
def get_file(call: MethodCall) -> dict[str, Any]:
    stored = call.world.files.get(call.parameters.text("file_id"))
    if len(stored.content) > MAX_DOWNLOAD_BYTES:
        raise bad_request("file is too big")
    return {
        "file_id": stored.file_id,
        "file_unique_id": stored.unique_id,
        "file_size": len(stored.content),
        "file_path": stored.path,
    }
