"""`demo`: a trader's first day against the running desk, which is started if need be."""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from laminator.local.child import start_child, stop_child
from laminator.local.desk_settings import read_desk_settings
from laminator.local.errors import CannotStart
from laminator.local.var_folder import VarFolder

PATIENCE_SECONDS = 100


def command(_options: argparse.Namespace, rest: list[str]) -> int:
    """Play the day with the running desk's settings; return its exit code."""
    settings = read_desk_settings()
    folder = VarFolder(settings.var_dir)
    if settings.live:
        raise CannotStart(
            "the demo trades, and these settings lead to live services",
            remedy="Remove TELEGRAM_*, PRIVY_* and SOLANA_* to play it in the sandbox.",
        )
    if state := folder.read_state():
        return _play(state, rest)
    log_file = folder.logs / "demo-desk.log"
    log_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    print("Starting the desk …", flush=True)
    with log_file.open("wb") as log:
        desk = start_child([sys.executable, "-m", "laminator.local", "run"], output=log)
    try:
        return _play(_wait_for(desk, folder, log_file), rest)
    finally:
        print("Stopping the desk …", flush=True)
        stop_child(desk, patience_seconds=60)


def _wait_for(desk: "subprocess.Popen[bytes]", folder: VarFolder, log_file: Path) -> dict[str, Any]:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while desk.poll() is None and time.monotonic() < deadline:
        if state := folder.read_state():
            return state
        time.sleep(0.05)
    said = "\n".join(log_file.read_text(errors="replace").splitlines()[-15:])
    raise CannotStart(f"the desk did not start:\n{said}", remedy=f"See {log_file}.")


def _play(state: dict[str, Any], rest: list[str]) -> int:
    return subprocess.run(
        [sys.executable, "-m", "laminator.demo", *rest],
        env=os.environ | state["environment"],
        check=False,
    ).returncode
