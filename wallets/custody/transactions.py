"""The place of one wallet's signature in a serialized transaction, and putting it there."""

import hashlib
from dataclasses import dataclass
from typing import Self

from solders.message import Message, MessageV0, to_bytes_versioned
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.transaction import SanitizeError, VersionedTransaction

from core.errors import Misconfigured, Refused

SIGNATURE_LENGTH = 64


@dataclass(frozen=True, slots=True)
class SigningRequest:
    """A transaction of ours, and the signer whose signature is to be got."""

    raw: bytes
    message: bytes
    signer: Pubkey
    index: int

    @classmethod
    def read(cls, raw_transaction: bytes, *, address: str, message_hash: str) -> Self:
        """Parse our own legacy or v0 transaction.

        Raises Refused unless `address` must sign it and `message_hash` is its message's.
        """
        try:
            transaction = VersionedTransaction.from_bytes(raw_transaction)
            transaction.sanitize()
        except (ValueError, SanitizeError) as error:
            raise Refused("custody.transaction_malformed") from error
        message = transaction.message
        if bytes(transaction) != raw_transaction or not isinstance(message, Message | MessageV0):
            raise Refused("custody.transaction_malformed")
        signer = Pubkey.from_string(address)
        signers = list(message.account_keys[: message.header.num_required_signatures])
        if signer not in signers:
            raise Refused("custody.not_a_signer", address=address)
        serialized = bytes(to_bytes_versioned(message))
        if hashlib.sha256(serialized).hexdigest() != message_hash:
            raise Refused("custody.message_hash_differs")
        return cls(raw_transaction, serialized, signer, signers.index(signer))

    @property
    def unsigned(self) -> bytes:
        """The transaction without anybody's signature: one message is always asked for alike."""
        first, count = 1, self.raw[0]
        return self.raw[:first] + bytes(count * SIGNATURE_LENGTH) + self.raw[-len(self.message) :]

    def accept(self, answer: bytes) -> bytes:
        """Our own bytes with the signature that `answer` holds in this signer's place.

        Of the answer nothing but those 64 bytes is used, and only if they verify over our
        message: whatever else a custodian changed cannot reach the chain through us. Raises
        Misconfigured otherwise.
        """
        start = 1 + self.index * SIGNATURE_LENGTH
        taken = answer[start : start + SIGNATURE_LENGTH]
        if len(taken) != SIGNATURE_LENGTH or not Signature(taken).verify(self.signer, self.message):
            raise Misconfigured("custody.wrong_signature", address=str(self.signer))
        return self.raw[:start] + taken + self.raw[start + SIGNATURE_LENGTH :]
