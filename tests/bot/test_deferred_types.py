"""Types that are made ready late are the same types."""

import re
import subprocess
import sys

import pytest

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


def test_none_of_telegrams_types_is_built_at_import_and_every_one_can_be_built():
    assert told("late").count("\n") > 400


@pytest.mark.long
def test_types_built_late_have_the_fields_of_types_built_at_once():
    assert told("late") == told("at once")
