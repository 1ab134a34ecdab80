"""The sandbox's command line: `python -m sandbox serve`, and commands to a running one."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from solders.pubkey import Pubkey

from sandbox.environment import environment
from sandbox.guard import LiveConfiguration, is_loopback, refuse_live_configuration
from sandbox.live_prices import HERMES_URL, LivePriceOptions
from sandbox.privy import credentials
from sandbox.script import BadScript, parse_parameters
from sandbox.serve import PortTaken, serve
from sandbox.state import Json, SandboxOptions
from sandbox.storage import UnreadableState

DEFAULT_PORT = 8800
DEFAULT_SLOT_MS = 400
# A long jump is worked slot by slot, which takes its time where the machine has other work.
TIMEOUT_SECONDS = 120
ELF_MAGIC = b"\x7fELF"
EPILOG = """\
ports, counted from --port:
  +0  control API, explorer, index page      +3  Privy
  +1  Solana JSON-RPC and websocket          +4  Telegram Bot API and chat page
  +2  Solana websocket once more

variables:
  SANDBOX_PYTH_KEY  a key to Pyth's Hermes: oracles follow the real market's prices
  SANDBOX_PYTH_URL  where that service is, if not at its usual address

examples:
  python -m sandbox serve --state var/sandbox
  python -m sandbox price SOL 155
  python -m sandbox faults set solana.drop_sends percent=90
  python -m sandbox faults set solana.rate_limit count=3 method='["getBalance"]'
  python -m sandbox advance 151
"""


class CommandFailed(Exception):
    """A command that the running sandbox refused, or nobody was there to take."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the process's exit status."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="sandbox: %(levelname)s %(message)s")
    try:
        return int(options.run(options) or 0)
    except (CommandFailed, LiveConfiguration, PortTaken, UnreadableState, BadScript) as error:
        print(f"sandbox: {error}", file=sys.stderr)  # noqa: T201
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox",
        description="Stand-ins for Solana, Privy and Telegram that speak their wire protocols. "
        "Nothing here is real money.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_serve(commands)
    remote = argparse.ArgumentParser(add_help=False)
    remote.add_argument(
        "--port", type=int, default=_default_port(), help="the sandbox's first port"
    )

    faults = commands.add_parser("faults", help="set, clear or show faults", parents=[remote])
    faults.add_argument("action", choices=("set", "clear", "show", "list"), help="list: all known")
    faults.add_argument("name", nargs="?", help="the fault; clear without it clears all")
    faults.add_argument(
        "parameters",
        nargs="*",
        metavar="key=value",
        help="count, percent, after, or the fault's own",
    )
    faults.set_defaults(run=_faults)

    price = commands.add_parser("price", help="show prices, or set one", parents=[remote])
    price.add_argument("symbol", nargs="?", help="SOL, BTC …")
    price.add_argument("price", nargs="?", help="in quote units")
    price.add_argument("--walk", action="store_true", help="let it move on from there by itself")
    price.set_defaults(run=_price)

    script = commands.add_parser(
        "script", help="play a file of prices and faults", parents=[remote]
    )
    script.add_argument("file", type=Path, help="lines `SOL 155`, `wait 10`, `fault NAME k=v` …")
    script.add_argument("--repeat", action="store_true", help="over and over")
    script.set_defaults(run=_script)

    advance = commands.add_parser("advance", help="let slots pass at once", parents=[remote])
    advance.add_argument("slots", type=int, nargs="?", default=1)
    advance.set_defaults(run=_advance)

    variables = commands.add_parser(
        "env", help="print the product's settings for a sandbox", parents=[remote]
    )
    variables.set_defaults(run=_environment)
    owner = commands.add_parser(
        "owner-keys", help="print the keys that own the sandbox's wallets, worth nothing elsewhere"
    )
    owner.set_defaults(run=_owner_keys)
    return parser


def _add_serve(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("serve", aliases=["run"], help="run the sandbox")
    parser.add_argument(
        "--port",
        "--base-port",
        type=int,
        default=_default_port(),
        help=f"first of five ports (default {DEFAULT_PORT}, or SANDBOX_PORT)",
    )
    parser.add_argument(
        "--bind", default="127.0.0.1", help="a loopback address (default 127.0.0.1)"
    )
    parser.add_argument("--state", type=Path, metavar="DIR", help="keep the state there")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same run")
    parser.add_argument(
        "--slot-ms",
        type=int,
        default=DEFAULT_SLOT_MS,
        help=f"length of a slot (default {DEFAULT_SLOT_MS}); 0: slots pass by command only",
    )
    parser.add_argument(
        "--program",
        action="append",
        default=[],
        metavar="ID=FILE.so",
        help="run a compiled program in place of its emulation; may be repeated",
    )
    parser.add_argument(
        "--prices", type=Path, metavar="FILE", help="a script that is played over and over"
    )
    parser.add_argument("--no-walk", action="store_true", help="prices move when set only")
    parser.add_argument(
        "--until-stdin-closes", action="store_true", help="end with the process that started it"
    )
    parser.set_defaults(run=_serve)


def _default_port() -> int:
    given = os.environ.get("SANDBOX_PORT", "")
    return int(given) if given.isdecimal() else DEFAULT_PORT


def _serve(options: argparse.Namespace) -> None:
    refuse_live_configuration(os.environ)
    if not is_loopback(options.bind):
        raise CommandFailed(f"--bind {options.bind} is not a loopback address")
    if options.prices is not None and not options.prices.is_file():
        raise CommandFailed(f"--prices {options.prices}: there is no such file")
    asyncio.run(
        serve(
            SandboxOptions(
                bind=options.bind,
                port=options.port,
                slot_ms=options.slot_ms,
                seed=options.seed,
                walk=not options.no_walk,
                state_directory=options.state,
                program_files=dict(map(_program_file, options.program)),
                prices_file=options.prices,
                live_prices=_live_prices(os.environ),
            ),
            until_stdin_closes=options.until_stdin_closes,
        )
    )


def _live_prices(given: Mapping[str, str]) -> LivePriceOptions | None:
    key = given.get("SANDBOX_PYTH_KEY", "")
    url = given.get("SANDBOX_PYTH_URL", HERMES_URL)
    return LivePriceOptions(url=url, key=key) if key else None


def _program_file(given: str) -> tuple[str, Path]:
    program_id, separator, name = given.partition("=")
    file = Path(name)
    if not separator or not file.is_file():
        raise CommandFailed(f"--program {given}: expected ID=FILE.so with a file that exists")
    try:
        Pubkey.from_string(program_id)
    except ValueError as error:
        raise CommandFailed(f"--program: {program_id!r} is not a Solana address") from error
    with file.open("rb") as content:
        if content.read(len(ELF_MAGIC)) != ELF_MAGIC:
            raise CommandFailed(f"--program: {name} is no compiled program")
    return program_id, file


def _owner_keys(_: argparse.Namespace) -> None:
    for key in credentials.OWNER.keys:
        print(key.private_key)  # noqa: T201


def _faults(options: argparse.Namespace) -> None:
    if options.action == "set":
        if options.name is None:
            raise CommandFailed("name the fault to set; `faults list` shows them")
        parameters = parse_parameters(options.parameters)
        answer = _ask(options, "PUT", f"/faults/{options.name}", parameters)
    elif options.action == "clear":
        answer = _ask(options, "DELETE", f"/faults/{options.name}" if options.name else "/faults")
    else:
        answer = _ask(options, "GET", "/faults")
    _show(answer["known"] if options.action == "list" else answer["set"])


def _price(options: argparse.Namespace) -> None:
    if options.symbol is None:
        _show(_ask(options, "GET", "/prices")["prices"])
        return
    if options.price is None:
        raise CommandFailed("give the price too: `price SOL 155`")
    body = {"symbol": options.symbol, "price": options.price, "hold": not options.walk}
    _show(_ask(options, "POST", "/prices", body)["prices"])


def _script(options: argparse.Namespace) -> None:
    if not options.file.is_file():
        raise CommandFailed(f"{options.file}: there is no such file")
    path = "/script?repeat=true" if options.repeat else "/script"
    _show(_ask(options, "POST", path, text=options.file.read_text()))


def _advance(options: argparse.Namespace) -> None:
    _show(_ask(options, "POST", "/advance", {"slots": options.slots}))


def _environment(options: argparse.Namespace) -> None:
    for name, value in environment(options.port).items():
        print(f"{name}={value}")  # noqa: T201


def _ask(
    options: argparse.Namespace, method: str, path: str, body: Json = None, *, text: str = ""
) -> Json:
    url = f"http://127.0.0.1:{options.port}{path}"
    headers = {"Content-Type": "text/plain" if text else "application/json"}
    data = text.encode() if text else None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, method=method, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
            return json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            raise CommandFailed(json.load(error).get("error", str(error))) from error
    except (urllib.error.URLError, TimeoutError) as error:
        raise CommandFailed(
            f"no sandbox answers at port {options.port} ({error}). Start one with "
            "`python -m sandbox serve`, or name its --port."
        ) from error


def _show(value: Json) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False))  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
