"""Every entry that works across users is written down with its reason."""

import ast

from laminator.database.policies import FUNCTIONS
from tests.test_house import ROOMS, ROOT, modules

PAGE = ROOT / "docs" / "across-users.md"
DOORS = ("as_sync", "as_admin")


def entries():
    """{(module, door): names of the functions that open it}."""
    found = {}
    for name, tree in modules(*ROOMS):
        for door, function in _opened(tree, "the module itself"):
            found.setdefault((name, door), set()).add(function)
    return found


def _opened(node, function):
    for child in ast.iter_child_nodes(node):
        within = child.name if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) else None
        if isinstance(child, ast.Call):
            called = getattr(child.func, "id", getattr(child.func, "attr", None))
            if called in DOORS:
                yield called, function
        yield from _opened(child, within or function)


def lines(columns):
    for line in PAGE.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == columns and not cells[0].startswith("-"):
            yield cells


def test_the_page_names_every_entry_and_no_other():
    written = {
        (module, door): set(functions.split(", "))
        for module, door, functions, why in lines(4)
        if door in DOORS and why
    }

    assert written == entries()


def test_no_door_is_passed_on_under_another_name():
    """As a value it could be opened where no reader of this page would look."""
    passed = [
        f"{name}:{node.lineno}"
        for name, tree in modules(*ROOMS)
        if name != "core/roles.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and node.id in DOORS and not _is_called(tree, node)
    ]
    renamed = [
        name
        for name, tree in modules(*ROOMS)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and any(alias.name in DOORS and alias.asname for alias in node.names)
    ]

    assert passed == []
    assert renamed == []


def _is_called(tree, name):
    return any(isinstance(node, ast.Call) and node.func is name for node in ast.walk(tree))


def test_roles_are_set_in_one_module_alone():
    elsewhere = {
        name
        for name, tree in modules(*ROOMS)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and any(
            words in node.value.upper() for words in ("SET LOCAL ROLE", "SET ROLE", "APP.USER_ID")
        )
    }

    assert elsewhere <= {
        "core/roles.py", "laminator/database/policies.py", "laminator/local/database_roles.py",
    }  # fmt: skip


def test_the_page_names_every_function_that_runs_with_its_owners_rights():
    assert {name: why for name, why in lines(2) if name != "function"} == FUNCTIONS
