"""The rules of the house that no linter knows."""

import ast
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.questioner import NonInteractiveMigrationQuestioner
from django.db.migrations.state import ProjectState

from core import errors
from laminator.celery import app

ROOT = Path(__file__).resolve().parents[1]
ROOMS = (
    "laminator", "bot", "alerts", "drift", "trading", "markets", "wallets", "accounts", "chain",
    "audit", "core",
)  # fmt: skip
# Measurements, rates and charts: no amount of money is computed in these.
_MEASURES_ALONE = (
    "bot/budget.py", "bot/people.py", "bot/pictures/", "bot/sending.py", "chain/health.py",
    "core/bridge.py", "core/metrics.py",
    "core/redaction.py", "core/tracing.py", "laminator/desk_home.py", "laminator/figures.py",
    "laminator/local/", "laminator/metrics.py", "laminator/probes.py",
    "laminator/settings/environment.py",
)  # fmt: skip
_NAMES_A_TIME = re.compile(
    r"second|timeout|connect=|until|_at\b|sleep|wait|pause|burst|\bage\b|monotonic|perf_counter",
    re.IGNORECASE,
)
_BLOCKS = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.If, ast.For, ast.While, ast.With,
    ast.Try,
)  # fmt: skip
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_ERRORS = {name for name, kind in vars(errors).items() if isinstance(kind, type)}
_CODE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")


def modules(*rooms):
    """(path from the root, syntax tree) of each module that is no migration."""
    for room in rooms:
        for path in sorted((ROOT / room).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if "/migrations/" not in name:
                yield name, ast.parse(path.read_text(), name)


def imported(tree):
    """Names of the modules that a module imports, wherever in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_float(node):
    return (isinstance(node, ast.Name) and node.id == "float") or (
        isinstance(node, ast.Constant) and isinstance(node.value, float)
    )


def floats(name, tree):
    """Places of floats in statements, arguments and fields that name no time."""
    source = (ROOT / name).read_text()

    def visit(node, holder):
        named_here = isinstance(node, ast.stmt | ast.arg | ast.keyword)
        if (named_here and not isinstance(node, _BLOCKS)) or isinstance(node, _FUNCTIONS):
            holder = node
        if is_float(node):
            whole = ast.get_source_segment(source, holder) or ""
            named = holder.name if isinstance(holder, _FUNCTIONS) else whole
            if not _NAMES_A_TIME.search(named):
                yield f"{name}:{node.lineno}"
        for child in ast.iter_child_nodes(node):
            yield from visit(child, holder)

    yield from visit(tree, tree)


def test_no_float_stands_near_money():
    found = [
        place
        for name, tree in modules(*ROOMS)
        if not name.startswith(_MEASURES_ALONE)
        for place in floats(name, tree)
    ]

    assert found == []


@pytest.mark.parametrize(
    ("line", "is_found"),
    [
        ("price = float(text)", True), ("fee = size * 0.001", True), ("x: dict[str, float]", True),
        ("def price_of(size) -> float: ...", True), ("def pay(amount: float): ...", True),
        ("timeout = 2.0", False), ("def wait(seconds: float): ...", False),
        ("call(timeout=0.5)", False), ("call(price=0.5, timeout=1)", True), ("fee = 1", False),
    ],
)  # fmt: skip
def test_the_search_for_floats_finds_them(tmp_path, monkeypatch, line, is_found):
    monkeypatch.setattr("tests.test_house.ROOT", tmp_path)
    (tmp_path / "any.py").write_text(line)

    assert bool(list(floats("any.py", ast.parse(line)))) is is_found


def test_no_product_code_knows_the_sandbox_or_the_tests():
    found = [
        (name, module)
        for name, tree in modules(*ROOMS)
        for module in imported(tree)
        if module.split(".")[0] in ("sandbox", "tests", "driftpy", "solana", "anchorpy")
    ]

    assert found == []


def test_the_sandbox_knows_of_the_product_the_layouts_alone():
    found = [
        (name, module)
        for name, tree in modules("sandbox")
        for module in imported(tree)
        if module.split(".")[0] in (*ROOMS, "django")
        if module != "drift" and not f"{module}.".startswith("drift.layouts.")
    ]

    assert found == []


def test_the_bots_handlers_import_no_models():
    found = [
        (name, module)
        for name, tree in modules("bot")
        if name.startswith("bot/handlers/")
        for module in imported(tree)
        if module.endswith(".models") or ".models." in module
    ]

    assert found == []


def test_no_module_is_longer_than_400_lines():
    long = {
        name: lines
        for name, _ in modules(*ROOMS, "sandbox", "benchmarks")
        if (lines := len((ROOT / name).read_text().splitlines())) > 400
    }

    assert long == {}


def test_every_module_says_in_a_sentence_what_it_is():
    silent = [
        name
        for name, tree in modules(*ROOMS, "sandbox", "tests")
        if tree.body and not (ast.get_docstring(tree) or "").split("\n\n")[0].rstrip().endswith(".")
    ]

    assert silent == []


def test_no_migration_is_missing():
    loader = MigrationLoader(None)
    changes = MigrationAutodetector(
        loader.project_state(), ProjectState.from_apps(apps), NonInteractiveMigrationQuestioner()
    ).changes(graph=loader.graph)

    missing = {
        label: [
            operation.describe() for migration in migrations for operation in migration.operations
        ]
        for label, migrations in changes.items()
    }

    assert missing == {}


def error_codes():
    """(code, error's name, place) of each error that is made with its code in writing."""
    for name, tree in modules(*ROOMS):
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in _ERRORS
                and node.args
                and isinstance(node.args[0], ast.Constant)
            ):
                yield node.args[0].value, node.func.id, f"{name}:{node.lineno}"


def test_a_code_means_one_thing_for_the_money():
    kinds = {}
    for code, kind, place in error_codes():
        kinds.setdefault(code, {}).setdefault(kind, place)

    assert len(kinds) > 5
    assert {code: uses for code, uses in kinds.items() if len(uses) > 1} == {}
    assert [code for code in kinds if not _CODE.fullmatch(code)] == []


def test_every_scheduled_job_has_its_task():
    app.loader.import_default_modules()

    assert {task for task, _ in settings.JOBS.values()} <= app.tasks.keys()
