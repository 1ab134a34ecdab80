"""The option that holds a compiled program to the contract of a venue."""

import os
import subprocess
import sys

import pytest

from drift.layouts.deployments import DEPLOYMENTS
from sandbox.perps import create_exchange
from sandbox.solana.chain import Chain
from sandbox.state import SandboxOptions, SandboxState
from tests.sandbox.solana_calls import MEMO_PROGRAM
from tests.sandbox_server import ROOT
from tests.venues.programs import VARIABLE, given_programs, sandbox_arguments

CASES = "tests/venues/test_program_contract.py"


def chain():
    return Chain(SandboxState(SandboxOptions(slot_ms=0, walk=False)))


@pytest.fixture
def compiled(tmp_path):
    """A real compiled program, though of another kind: the VM's own Memo."""
    file = tmp_path / "program.so"
    file.write_bytes(chain().account(MEMO_PROGRAM).data)
    return file


def collected(**variables):
    """(exit status, ids) of pytest's collection of the contract's cases for programs."""
    environment = {name: value for name, value in os.environ.items() if name != VARIABLE}
    found = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "tests/venues", "-k", "program_"],
        cwd=ROOT,
        env=environment | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    return [line for line in found.stdout.splitlines() if line.startswith(CASES)], found


def test_without_a_program_there_is_no_case_for_one():
    ids, found = collected()
    assert ids == []
    assert "skipped" not in found.stdout


@pytest.mark.long
def test_with_a_program_every_case_of_the_contract_is_there_for_its_deployment(compiled):
    ids, found = collected(**{VARIABLE: f"drift={compiled}"})
    names = {each.partition("::")[2].partition("[")[0] for each in ids}
    assert len(names) > 60, found.stdout[-2000:]
    assert all("drift" in each and "velocity" not in each for each in ids)
    ids_of_both, _ = collected(**{VARIABLE: f"drift={compiled},velocity={compiled}"})
    assert len(ids_of_both) == 2 * len(ids)


@pytest.mark.parametrize("given", ["drift", "drift=/none/such.so", "mars=FILE", "FILE"])
def test_what_names_no_program_ends_the_run(compiled, given):
    with pytest.raises(pytest.UsageError, match=VARIABLE):
        given_programs({VARIABLE: given.replace("FILE", str(compiled))})


def test_the_named_file_answers_for_the_deployment_and_its_emulation_does_not(compiled):
    """Genesis makes its first accounts by the program: Memo is none that could."""
    id_ = DEPLOYMENTS["drift"].program_id
    assert sandbox_arguments({"drift": compiled}) == ("--program", f"{id_}={compiled}")
    world = chain()
    [program] = [
        each for each in create_exchange(world.state).programs if str(each.program_id) == id_
    ]
    world.add_program_file(program.program_id, compiled)
    exchange = create_exchange(world.state)
    world.install(exchange)
    assert set(world.programs) == {
        each.program_id for each in exchange.programs if each.program_id != program.program_id
    }
    with pytest.raises(RuntimeError, match="genesis failed") as failed:
        exchange.genesis(world)
    assert f"Program {id_} invoke" in str(failed.value)
    assert "Instruction: InitializeUserStats" not in str(failed.value)


def test_keepers_work_for_a_compiled_program_too(compiled, monkeypatch):
    world = chain()
    exchange = create_exchange(world.state)
    for program in exchange.programs:
        world.add_program_file(program.program_id, compiled)
    world.install(exchange)
    worked = []
    for program in exchange.programs:
        monkeypatch.setattr(program, "tick", lambda _, program=program: worked.append(program))
    world.advance(1)
    assert worked == list(exchange.programs)
