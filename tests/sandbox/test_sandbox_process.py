"""The process: it starts or says why not, keeps its memory, is repeatable, and ends cleanly."""

import os
import socket
import subprocess
import sys
import urllib.request
from decimal import Decimal

import pytest
from solders.instruction import Instruction
from solders.keypair import Keypair

from sandbox.__main__ import main
from sandbox.environment import environment
from sandbox.guard import LiveConfiguration, refuse_live_configuration
from sandbox.solana.chain import Chain
from sandbox.state import SandboxState
from tests.sandbox.solana_calls import (
    MEMO_PROGRAM,
    SOL,
    balance,
    encoded,
    funded,
    latest_blockhash,
    memo,
    move,
    send,
    signed,
    status,
    wait_for,
)
from tests.sandbox_server import (
    ROOT,
    ControlRefused,
    free_ports,
    running_sandbox,
    start_sandbox,
)


def page(url):
    with urllib.request.urlopen(url, timeout=60) as answer:
        return answer.read().decode()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SOLANA_RPC_URLS", "http://127.0.0.1:8801,https://rpc.example.com/?key=planted"),
        ("SOLANA_WS_URL", "wss://rpc.example.com"),
        ("PRIVY_APP_ID", "cm0planted"),
        ("TELEGRAM_BOT_TOKEN", "123456:planted"),
        ("TELEGRAM_API_URL", "https://api.telegram.org"),
    ],
)
def test_it_does_not_stand_beside_a_live_setting(name, value):
    with pytest.raises(LiveConfiguration) as refused:
        refuse_live_configuration({name: value})

    assert name in str(refused.value)
    assert "planted" not in str(refused.value)


def test_it_stands_beside_its_own_settings():
    refuse_live_configuration({})
    refuse_live_configuration(environment(8800))


def test_the_process_refuses_a_live_setting_and_says_how_to_mend_it():
    ended = subprocess.run(
        [sys.executable, "-m", "sandbox", "serve", "--port", str(free_ports())],
        cwd=ROOT,
        env=os.environ | {"PRIVY_APP_ID": "live"},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )

    assert ended.returncode == 2
    assert "PRIVY_APP_ID" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_taken_port_is_named():
    port = free_ports()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port + 3))
        taken.listen()
        with pytest.raises(AssertionError) as failed:
            start_sandbox(port=port)

    assert f"port {port + 3} is taken" in str(failed.value)
    assert "--port" in str(failed.value)
    assert "Traceback" not in str(failed.value)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["serve", "--bind", "0.0.0.0"], "loopback"),
        (["serve", "--program", "x=/no/such.so"], "ID=FILE.so"),
        (["serve", "--program", f"{MEMO_PROGRAM}={__file__}"], "no compiled program"),
        (["serve", "--program", f"x={__file__}"], "not a Solana address"),
        (["serve", "--prices", "/no/such"], "no such file"),
        (["price", "--port", "1"], "no sandbox answers"),
    ],
)
def test_bad_arguments_are_explained(capsys, arguments, words):
    assert main(arguments) == 2
    assert words in capsys.readouterr().err


def test_its_memory_outlives_a_stop_and_a_crash(tmp_path):
    # Its slots pass by command: a blockhash of 20 ms slots dies while a busy machine starts anew.
    with running_sandbox(state=tmp_path, slot_ms=0) as first:
        payer, to = funded(first), Keypair().pubkey()
        transaction = signed([move(payer, to, SOL)], payer, latest_blockhash(first))
        signature = send(first, transaction)
        slot = first.rpc("getSlot", {"commitment": "processed"})

    second = start_sandbox(state=tmp_path, slot_ms=0)
    ask = {"searchTransactionHistory": True}
    assert status(second, signature, **ask)["err"] is None
    assert balance(second, to) == SOL
    assert second.rpc("getSlot", {"commitment": "processed"}) > slot
    with pytest.raises(ControlRefused, match="already been processed"):
        send(second, transaction)
    later = signed([move(payer, to, SOL)], payer, latest_blockhash(second))
    send(second, later)
    second.control("POST", "/save", {})
    second.kill()

    with running_sandbox(state=tmp_path, slot_ms=0) as third:
        assert balance(third, to) == 2 * SOL
        third.advance(151)
        with pytest.raises(ControlRefused, match="Blockhash not found"):
            send(third, transaction)


def test_a_state_that_is_saved_by_itself_survives_a_kill(tmp_path):
    first = start_sandbox(state=tmp_path, slot_ms=20)
    payer = funded(first)
    signature = send(first, signed([memo(payer)], payer, latest_blockhash(first)))
    wait_for(
        lambda: (
            (tmp_path / "sandbox.json").exists()
            and signature in (tmp_path / "sandbox.json").read_text()
        )
    )
    first.kill()

    with running_sandbox(state=tmp_path, slot_ms=20) as second:
        assert status(second, signature, searchTransactionHistory=True)["err"] is None


def test_a_damaged_state_is_named_and_not_overwritten(tmp_path):
    (tmp_path / "sandbox.json").write_text('{"half')

    with pytest.raises(AssertionError, match="damaged"):
        start_sandbox(state=tmp_path)

    assert (tmp_path / "sandbox.json").read_text() == '{"half'


def test_one_seed_gives_one_run():
    def run(seed):
        with running_sandbox(slot_ms=0, seed=seed, walk=True) as sandbox:
            sandbox.advance(50)
            return (
                sandbox.prices(),
                sandbox.rpc("getLatestBlockhash", {"commitment": "processed"})["value"],
            )

    first, again, other = run(7), run(7), run(8)
    assert first == again
    assert first[0] != other[0]
    assert first[1] != other[1]


def test_time_stands_still_when_slots_pass_by_command_only():
    with running_sandbox(slot_ms=0) as sandbox:
        before = sandbox.rpc("getSlot", {"commitment": "processed"})
        sandbox.advance(7)
        assert sandbox.rpc("getSlot", {"commitment": "processed"}) == before + 7
        assert sandbox.stop() == 0


def test_it_ends_with_the_process_that_started_it():
    sandbox = start_sandbox()

    sandbox.process.stdin.close()

    assert sandbox.process.wait(timeout=180) == 0
    sandbox.stop()


def test_the_command_line_sets_prices_faults_and_slots(sandbox, capsys, tmp_path):
    port = ["--port", str(sandbox.port)]

    assert main(["price", *port, "SOL", "155.5"]) == 0
    assert Decimal(sandbox.prices()["SOL"]) == Decimal("155.5")
    assert main(["faults", *port, "set", "solana.drop_sends", "percent=50", "count=2"]) == 0
    assert sandbox.faults()["solana.drop_sends"]["count"] == 2
    assert main(["faults", *port, "clear"]) == 0
    assert sandbox.faults() == {}
    assert main(["faults", *port, "list"]) == 0
    assert "privy." in capsys.readouterr().out
    slot = sandbox.rpc("getSlot", {"commitment": "processed"})
    assert main(["advance", *port, "50"]) == 0
    assert sandbox.rpc("getSlot", {"commitment": "processed"}) >= slot + 50
    script = tmp_path / "script"
    script.write_text("SOL 140\nwait 5\nSOL 130.25 # lower\nfault solana.busy\n")
    assert main(["script", *port, str(script)]) == 0
    wait_for(lambda: sandbox.faults())
    assert Decimal(sandbox.prices()["SOL"]) == Decimal("130.25")
    assert main(["price", *port, "DOGE", "1"]) == 2
    assert "DOGE" in capsys.readouterr().err


@pytest.mark.parametrize(
    "line",
    [
        "SOL",
        "SOL abc",
        "SOL -1",
        "wait x",
        "fault no.such",
        "DOGE 5",
        "fault solana.busy x",
        "fault solana.busy count=0",
    ],
)
def test_a_script_is_refused_before_its_first_line_is_played(sandbox, line):
    before = sandbox.prices()

    request = urllib.request.Request(
        f"{sandbox.control_url}/script", data=f"SOL 1\n{line}\n".encode(), method="POST"
    )
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=60)
    with refused.value as error:
        assert error.code == 400
    with pytest.raises(ControlRefused, match="line 2"):
        sandbox.rpc("sandbox_runScript", f"SOL 1\n{line}\n")

    assert sandbox.prices() == before


def test_a_compiled_program_runs_under_the_id_it_is_given(tmp_path):
    chain = Chain(SandboxState())
    file = tmp_path / "program.so"
    file.write_bytes(chain.account(MEMO_PROGRAM).data)
    program = Keypair().pubkey()

    with running_sandbox(arguments=("--program", f"{program}={file}")) as sandbox:
        payer = funded(sandbox)
        words = memo(payer, "compiled")
        call = Instruction(program, words.data, words.accounts)
        transaction = signed([call], payer, latest_blockhash(sandbox))
        settings = {"encoding": "base64", "commitment": "processed"}
        found = sandbox.rpc("simulateTransaction", encoded(transaction), settings)["value"]

    assert found["err"] is None
    assert 'Program log: Memo (len 8): "compiled"' in found["logs"]


def test_recorded_prices_are_played_over_and_over(tmp_path):
    file = tmp_path / "prices"
    file.write_text("SOL 100\nwait 2\nSOL 101\nwait 2\n")

    with running_sandbox(slot_ms=0, arguments=("--prices", str(file))) as sandbox:
        seen = []
        for _ in range(8):
            seen.append(Decimal(sandbox.prices()["SOL"]))
            sandbox.advance(1)

    assert seen == [100, 100, 101, 101, 100, 100, 101, 101]


def test_the_faucet_gives_sol_and_quote_tokens(sandbox):
    owner = Keypair().pubkey()

    given = sandbox.faucet(owner)

    assert balance(sandbox, owner) == 2 * SOL
    assert len(given["tokens"]) == 2
    for token in given["tokens"]:
        settings = {"commitment": "processed"}
        held = sandbox.rpc("getTokenAccountBalance", token["account"], settings)["value"]
        assert held["uiAmountString"] == "10000"
    with pytest.raises(ControlRefused, match="not a Solana address"):
        sandbox.faucet("nobody")


def test_pages_say_sandbox_and_show_a_transaction_and_an_address(sandbox):
    payer, to = funded(sandbox), Keypair().pubkey()
    instructions = [move(payer, to, SOL), memo(payer, "<b>order 7</b>")]
    signature = send(sandbox, signed(instructions, payer, latest_blockhash(sandbox)))

    shown = page(f"{sandbox.control_url}/explorer/tx/{signature}")
    address = page(f"{sandbox.control_url}/address/{to}")
    index = page(sandbox.control_url)

    for text in (shown, address, index):
        assert "SANDBOX" in text
        assert 'name="viewport"' in text
    assert "Success" in shown
    assert "<dd>&lt;b&gt;order 7&lt;/b&gt;</dd>" in shown
    assert "+1</span> SOL" in shown
    assert signature[:4] in address
    assert signature in page(f"{sandbox.control_url}/explorer")
    with pytest.raises(urllib.error.HTTPError) as missing:
        page(f"{sandbox.control_url}/tx/nothing")
    with missing.value as error:
        assert error.code == 404


def test_the_clock_moves_when_told(sandbox):
    before = sandbox.control("GET", "/health")["unix_timestamp"]

    sandbox.add_seconds(3600)

    assert sandbox.control("GET", "/health")["unix_timestamp"] - before >= 3600
    sandbox.add_seconds(-3600)
