"""Telegram's types are made ready when they are first used, not all when the bot starts."""

import sys
from typing import Any

from pydantic import BaseModel

_rebuild: Any = BaseModel.__dict__["model_rebuild"].__func__


def defer_telegram_types() -> None:
    """Spare a starting bot most of aiogram's import, which is most of its own start.

    aiogram declares its types as ones to be built late, and then builds all 440 of them at the
    end of its import, handing over the names that their annotations need. Here those names are
    put within reach of the modules instead, and pydantic builds a type when it meets the first
    value of it. To be called before anything imports aiogram; later it changes nothing.
    """

    def rebuild(cls: type[BaseModel], /, **options: Any) -> bool | None:
        names = options.get("_types_namespace")
        if names is None or not cls.__module__.startswith("aiogram.types."):
            built: bool | None = _rebuild(cls, **options)
            return built
        module = vars(sys.modules[cls.__module__])
        for name, meant in names.items():
            module.setdefault(name, meant)
        return None

    BaseModel.model_rebuild = classmethod(rebuild)  # type: ignore[assignment]
