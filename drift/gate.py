"""Whether a live deployment is what we hold it to be: before it is traded on, and ever after."""

from __future__ import annotations

import json
import zlib
from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from solders.pubkey import Pubkey

from chain.rpc import rpc
from core.errors import Misconfigured, Unavailable
from drift.idl import UnreadableIdl, incompatibilities
from drift.instructions import BUILT_INSTRUCTIONS
from drift.layouts.deployments import DEPLOYMENTS, Deployment
from drift.pdas import signer_address, spot_market_vault_address
from drift.snapshot import Snapshot
from drift.snapshot_reader import SnapshotReader

QUOTE_MARKET_INDEX = 0
_IDL_SEED = "anchor:idl"
# Discriminator and authority, then the length of the compressed document.
_IDL_HEAD = 40


@dataclass(frozen=True, slots=True)
class GateReport:
    """`reasons` are plain sentences for users and staff; any of them makes it read-only."""

    deployment: str
    reasons: tuple[str, ...]

    @property
    def is_open(self) -> bool:
        return not self.reasons


def check_deployment(key: str) -> GateReport:
    """Look at program, state, markets and published interface of a deployment.

    Raises Misconfigured for a key there is no program for, and Unavailable where no node answers:
    then nothing is known, which is no reason to open. Account bytes that are not as the layout
    says are a reason.
    """
    if key not in DEPLOYMENTS:
        raise Misconfigured("venue.unknown_deployment", key=key, known=", ".join(DEPLOYMENTS))
    deployment = DEPLOYMENTS[key]
    reasons = list(_program_reasons(deployment))
    if not reasons:
        reasons += _account_reasons(deployment)
        reasons += _interface_reasons(deployment)
    return GateReport(key, tuple(reasons))


def _program_reasons(deployment: Deployment) -> Iterator[str]:
    program = _account(deployment.program_id)
    if program is None:
        yield "The venue's program is not on this chain."
    elif not program["executable"]:
        yield "The venue's program cannot be executed."


def _account_reasons(deployment: Deployment) -> Iterator[str]:
    try:
        snapshot = SnapshotReader(deployment).read()
    except Unavailable as error:
        if error.code != "venue.unreadable":
            raise
        yield f"The venue's accounts are not as this release knows them: {error.params['reason']}."
        return
    yield from _state_reasons(deployment, snapshot)


def _state_reasons(deployment: Deployment, snapshot: Snapshot) -> Iterator[str]:
    if snapshot.state.exchange_status:
        yield "The venue has paused trading."
    if snapshot.state.signer != signer_address(deployment):
        yield "The venue's vaults belong to another authority than this release knows."
    quote = snapshot.spot_markets.get(QUOTE_MARKET_INDEX)
    if quote is None:
        yield "The venue has no market for its quote token."
    elif str(quote.mint) != deployment.quote_mint or quote.decimals != deployment.quote_decimals:
        yield f"The venue's quote token is not {deployment.quote_symbol}."
    elif quote.vault != spot_market_vault_address(deployment, QUOTE_MARKET_INDEX):
        yield "The venue keeps its quote token in another vault than this release knows."


def _interface_reasons(deployment: Deployment) -> Iterator[str]:
    """A program that publishes no interface is judged by its accounts alone."""
    found = _account(_idl_address(deployment.program_id))
    if found is None:
        return
    try:
        published = _read_idl(b64decode(found["data"][0]))
        differences = incompatibilities(
            published,
            deployment.layout,
            program_id=deployment.program_id,
            instructions=BUILT_INSTRUCTIONS,
        )
    except (UnreadableIdl, ValueError, zlib.error) as error:
        yield f"The venue's published interface cannot be read: {error}."
        return
    if differences:
        named = "; ".join(differences[:3])
        yield f"The venue's program has changed in {len(differences)} places: {named}."


def _read_idl(data: bytes) -> Any:
    length = int.from_bytes(data[_IDL_HEAD : _IDL_HEAD + 4], "little")
    return json.loads(zlib.decompress(data[_IDL_HEAD + 4 : _IDL_HEAD + 4 + length]))


def _idl_address(program_id: str) -> str:
    program = Pubkey.from_string(program_id)
    base = Pubkey.find_program_address([], program)[0]
    return str(Pubkey.create_with_seed(base, _IDL_SEED, program))


def _account(address: str) -> Mapping[str, Any] | None:
    options = {"encoding": "base64", "commitment": "confirmed"}
    found: Mapping[str, Any] | None = rpc().call("getAccountInfo", address, options)["value"]
    return found
