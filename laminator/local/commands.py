"""The commands that the Makefile calls, and their options."""

import argparse
import importlib
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from laminator.local.errors import CannotStart
from laminator.settings.environment import EX_CONFIG, BadEnvironment

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: Sequence[str]) -> int:
    """Run one command and return the process's exit code."""
    own, rest = _split(list(arguments))
    options = _parser().parse_args(own)
    # SIGTERM as Ctrl-C, so that every `finally` runs.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    os.chdir(ROOT)
    try:
        module = importlib.import_module(f"laminator.local.{options.module}")
        code: int = module.command(options, rest)
        return code
    except CannotStart as reason:
        print(f"laminator: {reason}", file=sys.stderr)
        return 1
    except BadEnvironment as error:
        print("laminator: the settings cannot be used", file=sys.stderr)
        print(*(f"  {problem}" for problem in error.problems), sep="\n", file=sys.stderr)
        return EX_CONFIG
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m laminator.local", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    run = commands.add_parser("run", help="start the whole desk; Ctrl-C stops it")
    run.set_defaults(module="run_command")
    demo = commands.add_parser("demo", help="play a trader's first day")
    demo.set_defaults(module="demo_command")
    manage = commands.add_parser("manage", help="manage.py for the running desk: manage -- ARGS")
    manage.set_defaults(module="manage_command")
    lint = commands.add_parser("lint", help="check style, types, rooms and migrations")
    lint.set_defaults(module="lint_command")
    schema = commands.add_parser("schema", help="write down the schema the migrations make")
    schema.set_defaults(module="schema_command")
    bench = commands.add_parser("bench", help="run the benchmarks: bench -- ARGS")
    bench.set_defaults(module="bench_command")
    test = commands.add_parser("test", help="run pytest on servers of its own: test -- ARGS")
    test.set_defaults(module="test_command")
    chaos = commands.add_parser(
        "chaos", help="play seeded runs of acts under crashes and faults; more: chaos -- --help"
    )
    chaos.add_argument("--runs", type=int, help="how many (default: 100, or 1 with --seed)")
    chaos.add_argument("--seed", type=int, help="the first run's seed: repeats a run")
    chaos.set_defaults(module="chaos_command")
    servers = commands.add_parser(
        "servers",
        help="start servers for work by hand: prints settings and waits, or runs `-- COMMAND`",
    )
    servers.add_argument("--env-file", type=Path, help="write the settings here as well")
    servers.set_defaults(module="servers_command")
    return parser


def _split(arguments: list[str]) -> tuple[list[str], list[str]]:
    if "--" not in arguments:
        return arguments, []
    cut = arguments.index("--")
    return arguments[:cut], arguments[cut + 1 :]
