"""Types that are made ready late are the same types."""

import re
import subprocess
import sys

import pytest
from pydantic import BaseModel

import bot  # noqa: F401 - before aiogram

_TELL = """
import sys
late = sys.argv[1] == "late"
if late:
    import bot
import aiogram.types as types
from pydantic import BaseModel
models = [
    found for name in types.__all__
    if isinstance(found := getattr(types, name), type) and issubclass(found, BaseModel)
]
if late:
    assert sum(model.__pydantic_complete__ for model in models) < 10, "all were built at import"
for model in models:
    assert model.model_rebuild() is not False, model
    print(model.__name__, {name: str(it.annotation) for name, it in model.model_fields.items()})
"""


def told(when):
    ran = subprocess.run(
        [sys.executable, "-c", _TELL, when], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return re.sub(r" at 0x[0-9a-f]+", "", ran.stdout)


def test_a_type_is_built_with_its_first_value():
    from aiogram.types import ChatBoostRemoved

    assert BaseModel.model_rebuild.__func__.__module__ == "bot.deferred_types"
    chat, source = {"id": 1, "type": "private"}, {"source": "giveaway", "giveaway_message_id": 2}
    made = ChatBoostRemoved.model_validate(
        {"chat": chat, "boost_id": "b", "remove_date": 0, "source": source}
    )
    assert (made.chat.id, made.source.giveaway_message_id) == (1, 2)


@pytest.mark.long
def test_types_built_late_have_the_fields_of_types_built_at_once():
    built_late = told("late")
    assert built_late.count("\n") > 400
    assert built_late == told("at once")
