"""The page of stable error codes, read off the code that raises them."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from bot.texts.errors import TEXTS
from core import errors
from drift.layouts.shared import ENUMS
from drift.order_words import snake

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "errors.md"
ROOMS = (
    "core", "audit", "accounts", "chain", "wallets", "markets", "trading", "drift", "alerts",
    "bot", "laminator",
)  # fmt: skip
CLASSES: Mapping[str, type[errors.DeskError]] = {
    name: found
    for name, found in vars(errors).items()
    if isinstance(found, type)
    and issubclass(found, errors.DeskError)
    and found is not errors.DeskError
}
# Rules deny by name; whoever refuses puts the act before it. A rule of the sponsor's says why SOL
# is missing.
_RULES = {
    "trading/risk.py": "risk.",
    "trading/services/preview_order.py": "risk.",
    "trading/services/preview_deposit.py": "deposit.",
}
_OF_SPONSOR = {"_why_not_sponsored", "check_sponsor_caps"}
# Where codes stand that no error carries: why a message or an order ended as it did.
_ENDS = (
    "drift/failure_words.py",
    "drift/failures.py",
    "drift/reports.py",
    "trading/booking/",
    "trading/services/fund_withdrawals.py",
    "trading/subjects/",
    "wallets/services/end_withdrawal.py",
    "wallets/services/release_withdrawals.py",
)
_CODE = re.compile(r"(?:venue|chain|message|withdrawal)\.[a-z_]+")
_HEAD = """\
# Error codes

Codes are stable: programs may compare them. This page is made from the code by
`manage.py write_error_docs`; a test fails while it is not up to date. Names in braces stand for
the error's own figures.

| Class | HTTP | What it means for the money |
|---|---|---|
"""
_ENDS_HEAD = """\

## Why an act ended

These are not answers to a request: they stand in the row of an order, deposit or transaction that
ended without its effect, and the bot's card shows their sentence. A program's error that is not
listed gets a code made of its own name, such as `venue.invalid_spot_position`.

| Code | The bot says |
|---|---|
"""


def raised_codes() -> dict[str, set[str]]:
    """Code → the names of the classes that carry it, denials of the risk rules among them."""
    found: dict[str, set[str]] = defaultdict(set)
    for path, tree in _modules():
        for name, code in [*_raised(tree), *_denied(path, tree)]:
            found[code].add(name)
    return dict(found)


def ending_codes() -> set[str]:
    """Codes that only a row carries: how a message or an order ended."""
    trees = [tree for path, tree in _modules() if path.startswith(_ENDS)]
    found = {
        node.value
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and _CODE.fullmatch(node.value)
    }
    # What a request for a withdrawal is answered stands beside what ends one.
    answers = {code for tree in trees for _, code in _raised(tree)}
    found -= {code for code in answers if code.startswith("withdrawal.")}
    explained = [name for name in ENUMS["OrderActionExplanation"].split() if name != "None"]
    found |= {f"venue.{snake(name)}" for name in explained if not name.startswith("OrderFill")}
    return found


def page() -> str:
    """The whole page, as it shall stand in docs/errors.md."""
    lines = [_HEAD.rstrip("\n")]
    lines += [
        f"| {name} | {found.http_status} | {found.consequence} |" for name, found in CLASSES.items()
    ]
    raised = raised_codes()
    for domain in sorted({code.partition(".")[0] for code in raised}):
        lines += ["", f"## {domain}", "", "| Code | Class | The bot says |", "|---|---|---|"]
        lines += [
            f"| `{code}` | {', '.join(sorted(classes))} | {_said(code)} |"
            for code, classes in sorted(raised.items())
            if code.startswith(f"{domain}.")
        ]
    lines.append(_ENDS_HEAD.rstrip("\n"))
    lines += [f"| `{code}` | {_said(code)} |" for code in sorted(ending_codes())]
    return "\n".join(lines) + "\n"


def _said(code: str) -> str:
    text = TEXTS.get(code)
    if text is None:
        return ""
    return f"{text.what} {text.then}".strip().replace("|", "\\|")


def _modules() -> Iterator[tuple[str, ast.Module]]:
    for room in ROOMS:
        for file in sorted((ROOT / room).rglob("*.py")):
            path = file.relative_to(ROOT).as_posix()
            if "/migrations/" not in path:
                yield path, ast.parse(file.read_text())


def _raised(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """(class, code) of every error that is made with a literal code."""
    for call in _calls(tree):
        if isinstance(call.func, ast.Name) and call.func.id in CLASSES:
            yield from ((call.func.id, code) for code in _literals(call) if "." in code)
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            bases = [base.id for base in node.bases if isinstance(base, ast.Name)]
            for name in filter(CLASSES.__contains__, bases):
                yield from ((name, code) for code in _passed_up(node))


def _passed_up(node: ast.ClassDef) -> Iterator[str]:
    """Codes that a subclass of an error gives to its base."""
    for call in _calls(node):
        if isinstance(call.func, ast.Attribute) and call.func.attr == "__init__":
            yield from _literals(call)


def _denied(path: str, tree: ast.Module) -> Iterator[tuple[str, str]]:
    kind = _RULES.get(path)
    if kind is None:
        return
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            act = f"{kind}sol_missing_" if function.name in _OF_SPONSOR else kind
            for call in _calls(function):
                if isinstance(call.func, ast.Name) and call.func.id == "deny":
                    yield from (("Refused", act + rule) for rule in _literals(call))


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _literals(call: ast.Call) -> Iterator[str]:
    """The texts that a call's first argument can be: one, or both of a choice."""
    first = call.args[0] if call.args else None
    choices = [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]
    for choice in choices:
        if isinstance(choice, ast.Constant) and isinstance(choice.value, str):
            yield choice.value
