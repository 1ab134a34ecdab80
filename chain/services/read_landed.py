"""A transaction that a wallet of ours has signed itself, by the signature that a node tells of.

Anyone can write a memo of ours beside an address of ours: what the wallet has not signed is not
ours, whatever it says.
"""

from base64 import b64decode
from dataclasses import dataclass
from typing import Any

from chain.messages import read_message
from chain.rpc import rpc
from core.errors import Refused, Unavailable


@dataclass(frozen=True, slots=True)
class LandedMessage:
    """Its bytes, where it landed, and the chain's error or None."""

    signature: str
    raw: bytes
    slot: int
    error: Any


def read_landed(*, signature: str, signer: str) -> LandedMessage | None:
    """The transaction, if `signer` has signed it; else None. Raises Unavailable where the node
    that tells of it does not show it."""
    found = rpc().transaction_bytes(signature)
    if found is None:
        raise Unavailable("chain.behind", signature=signature)
    raw = b64decode(found["transaction"][0])
    try:
        signers = read_message(raw).signers
    except Refused:
        return None  # of a version that this desk never signs
    if signer not in signers:
        return None
    return LandedMessage(signature, raw, int(found["slot"]), found["meta"]["err"])
