"""Compiled programs that are to be held to the contract of a venue, where some are named."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from drift.layouts.deployments import DEPLOYMENTS

VARIABLE = "CONTRACT_PROGRAMS"


def given_programs(variables: Mapping[str, str] = os.environ) -> dict[str, Path]:
    """Deployment → file, as CONTRACT_PROGRAMS names them: `drift=FILE.so,velocity=FILE.so`."""
    found = {}
    for pair in filter(None, (each.strip() for each in variables.get(VARIABLE, "").split(","))):
        deployment, _, name = pair.partition("=")
        file = Path(name)
        if deployment not in DEPLOYMENTS or not file.is_file():
            raise pytest.UsageError(
                f"{VARIABLE}: {pair!r} is not DEPLOYMENT=FILE.so with a deployment of "
                f"{', '.join(sorted(DEPLOYMENTS))} and a file that exists"
            )
        found[deployment] = file
    return found


def sandbox_arguments(programs: Mapping[str, Path]) -> tuple[str, ...]:
    """What makes a sandbox run these files in place of their emulations."""
    return tuple(
        word
        for deployment, file in programs.items()
        for word in ("--program", f"{DEPLOYMENTS[deployment].program_id}={file}")
    )
