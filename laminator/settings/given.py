"""Where the texts of settings come from: the process environment, `.env`, and files of secrets.

The process environment goes before `.env`; NAME_FILE names a file that holds NAME, as secrets of
containers do.
"""

import difflib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from dotenv import dotenv_values

from laminator.settings.bad_environment import BadEnvironment

ROOT = Path(__file__).resolve().parents[2]
# Set to another path to read that file in place of .env; to an empty file to read none.
ENV_FILE_VARIABLE = "LAMINATOR_ENV_FILE"
# Behind any name: the file that holds the value.
FILE_SUFFIX = "_FILE"
# A name of ours with a slip in it would otherwise go unnoticed among the others' names.
OUR_PREFIXES = ("LAMINATOR_", "PRIVY_", "SOLANA_", "SPONSOR_", "TELEGRAM_")


def given_texts(names: Sequence[str]) -> dict[str, str]:
    """Return what is given of these settings.

    Raises BadEnvironment for a name that is none of them, a value that is given twice, and a file
    that cannot be read.
    """
    file = env_file()
    written = dotenv_values(file)
    filed = {name: value for name, value in written.items() if value is not None}
    problems = [
        f"{file.name}: {name} has no value; write {name}=…"
        for name, value in written.items()
        if value is None
    ]
    problems += [
        f"{file.name}: {_unknown(name, names)}" for name in filed if not _is_known(name, names)
    ]
    problems += [
        _unknown(name, names)
        for name in sorted(os.environ)
        if name.startswith(OUR_PREFIXES) and not _is_known(name, names)
    ]
    merged = filed | dict(os.environ)
    given = {}
    for name in names:
        try:
            given[name] = _value(name, merged)
        except ValueError as error:
            problems.append(str(error))
    if problems:
        raise BadEnvironment(problems)
    return {name: value for name, value in given.items() if value}


def env_file() -> Path:
    """Return the path of the `.env` file, which need not exist."""
    return Path(os.environ.get(ENV_FILE_VARIABLE) or ROOT / ".env")


def _value(name: str, merged: Mapping[str, str]) -> str:
    """What NAME says, or the file that NAME_FILE names; "" for neither, ValueError for both."""
    said, path = merged.get(name, ""), merged.get(name + FILE_SUFFIX, "")
    if not path:
        return said
    if said:
        raise ValueError(f"{name}: given twice, beside {name}{FILE_SUFFIX}; take one of them away")
    try:
        return Path(path).read_text().rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise ValueError(f"{name}{FILE_SUFFIX}: {path} cannot be read: {reason}") from None


def _is_known(name: str, names: Sequence[str]) -> bool:
    return name == ENV_FILE_VARIABLE or name.removesuffix(FILE_SUFFIX) in names


def _unknown(name: str, names: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, names, n=1, cutoff=3 / 4)
    return f"{name} is not a setting" + (f"; did you mean {near[0]}?" if near else "")
