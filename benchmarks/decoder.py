"""A trader's account from its bytes: the desk's reader against the reference client's."""

from driftpy.decode.user import decode_user

from benchmarks.measuring import Finding, Size, by_turns, compared, limited
from drift.account_reader import reader_for
from drift.layouts.deployments import DRIFT_2024_10
from tests.drift.recordings import account_bytes, recorded_accounts

_SCENARIOS = ("mixed_1", "mixed_2", "order_33", "stop_trigger")
# What a reconcile pass over thousands of accounts can afford for each.
_WANTED_SECONDS = 50e-6


def measure(size: Size) -> list[Finding]:
    """Decode the recorded accounts again and again; `rows` is how many of them a round has."""
    recorded = [
        account_bytes(account)
        for name in _SCENARIOS
        for account in recorded_accounts(name)
        if account["kind"] == "User"
    ]
    wanted = size.rows_or(2000)
    accounts = (recorded * (wanted // len(recorded) + 1))[:wanted]
    reader = reader_for(DRIFT_2024_10)

    def desk() -> None:
        for data in accounts:
            reader.user(owner=DRIFT_2024_10.program_id, data=data)

    def reference() -> None:
        for data in accounts:
            decode_user(data)

    seconds = by_turns({"desk": desk, "reference": reference}, rounds=size.rounds_or(7))
    return [
        compared(
            "decode a User account", seconds["desk"], seconds["reference"],
            bound_name="driftpy", per=wanted, at_most=1.0,
        ),
        limited("a User account", seconds["desk"] / wanted, at_most=_WANTED_SECONDS),
    ]  # fmt: skip
