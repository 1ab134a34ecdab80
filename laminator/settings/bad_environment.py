"""Settings that cannot be used, and how a process ends that has such."""

import sys
from collections.abc import Iterable
from typing import NoReturn

EX_CONFIG = 78


class BadEnvironment(Exception):
    """The settings cannot be used; `problems` has one line a variable."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


def exit_with(problems: Iterable[str]) -> NoReturn:
    """End the process with code 78 and these reasons."""
    lines = "".join(f"  {problem}\n" for problem in problems)
    sys.stderr.write(f"laminator: the settings cannot be used\n{lines}  (see .env.example)\n")
    raise SystemExit(EX_CONFIG)
