"""What a Bot API method is given, and the table of all, by lower-case name (any case is taken)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from sandbox.telegram.parameters import Parameters
from sandbox.telegram.world import Chat, World

Method = Callable[["MethodCall"], Any | Awaitable[Any]]
SomeMethod = TypeVar("SomeMethod", bound=Method)


@dataclass(frozen=True, slots=True)
class MethodCall:
    """One call of a Bot API method by the bot."""

    world: World
    parameters: Parameters

    def chat_to_write(self) -> Chat:
        """The chat named by chat_id, which the bot may write to."""
        return self.world.writable_chat(self.parameters.raw("chat_id"))

    def spend(self, chat: Chat) -> None:
        """Count this call against the flood limits; called once nothing else can refuse it."""
        now = self.world.state.clock.now().timestamp()
        self.world.limits.spend(chat_id=chat.id, is_group=chat.is_group, now=now)


METHODS: dict[str, Method] = {}


def bot_method(function: SomeMethod) -> SomeMethod:
    """Register a function as the method its name spells: `send_message` is sendMessage."""
    name = getattr(function, "__name__", "").replace("_", "")
    METHODS[name] = function
    return function
