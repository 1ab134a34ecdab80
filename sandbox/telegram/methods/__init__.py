"""The Bot API methods that are emulated; importing this package registers them all."""

from sandbox.telegram.methods import (
    callbacks,
    chats,
    editing,
    profile,
    receiving,
    sending,
)
from sandbox.telegram.methods.registry import METHODS, MethodCall

__all__ = [
    "METHODS",
    "MethodCall",
    "callbacks",
    "chats",
    "editing",
    "profile",
    "receiving",
    "sending",
]
