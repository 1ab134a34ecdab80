"""A chain of a few rules behind nodes that may lag, forget, drop, or not answer."""

import hashlib
from base64 import b64decode
from dataclasses import dataclass
from typing import Any

from solders.hash import Hash
from solders.transaction import VersionedTransaction

from tests.chain.hand_node import Answer, Down, HandNode

LIFE = 150
FINAL = 32
CONFIRMED = 2
# Slots are never below heights.
_SLOTS_AHEAD = 500


@dataclass(slots=True)
class View:
    """How one node sees the chain; `statuses_lag` is another node's behind the same address.

    One that `lies_of_lives` calls each blockhash spent as soon as it has given it.
    """

    lag: int = 0
    statuses_lag: int = 0
    first_height: int = 0
    drops: bool = False
    is_down: bool = False
    loses_answers: bool = False
    lies_of_lives: bool = False


@dataclass(slots=True)
class Landed:
    height: int
    error: Any


class ModelChain:
    """Messages land while their blockhash lives, each once; young blocks may be taken back."""

    def __init__(self, *nodes: HandNode) -> None:
        self.height = 1000
        self.pool: dict[str, bytes] = {}
        self.ledger: dict[str, Landed] = {}
        self.views = [View() for _ in nodes]
        self._issued: dict[str, int] = {}
        for node, view in zip(nodes, self.views, strict=True):
            node.answers = self._answers(view)

    # What happens to it.

    def land(self, signature: str, *, error: Any = None) -> bool:
        """Whether it landed: its blockhash must live, and it may not be there already."""
        if signature in self.ledger or self.height > self.last_valid(signature):
            return False
        self.ledger[signature] = Landed(self.height, error)
        return True

    def fork(self, signature: str, *, error: Any = None, is_gone: bool = False) -> None:
        """Another branch wins: the message is not in it, or ended otherwise. Never when final."""
        landed = self.ledger[signature]
        if self.height - landed.height >= FINAL:
            return
        if is_gone:
            del self.ledger[signature]
        else:
            landed.error = error

    def last_valid(self, signature: str) -> int:
        transaction = VersionedTransaction.from_bytes(self.pool[signature])
        return self.end_of(str(transaction.message.recent_blockhash))

    def end_of(self, blockhash: str) -> int:
        """The last height at which a message with it can land."""
        return self._issued[blockhash] + LIFE

    def final(self, signature: str) -> Landed | None:
        landed = self.ledger.get(signature)
        return landed if landed and self.height - landed.height >= FINAL else None

    def heal(self) -> None:
        for view in self.views:
            view.lag = view.statuses_lag = view.first_height = 0
            view.drops = view.is_down = view.loses_answers = view.lies_of_lives = False

    # What its nodes answer.

    def _answers(self, view: View) -> dict[str, Answer]:
        answers: dict[str, Answer] = {
            "getBlockHeight": lambda params: self._at(view, params),
            "getSlot": lambda params: self._at(view, params) + _SLOTS_AHEAD,
            "getFirstAvailableBlock": lambda _: view.first_height + _SLOTS_AHEAD,
            "getSignatureStatuses": lambda params: self._statuses(view, params[0]),
            "getLatestBlockhash": lambda params: self._blockhash(view, self._at(view, params)),
            "isBlockhashValid": lambda params: self._lives(view, params[0]),
            "getRecentPrioritizationFees": lambda _: [],
            "simulateTransaction": lambda _: _in_context(0, {"err": None, "unitsConsumed": 450}),
            "sendTransaction": lambda params: self._take(view, params[0]),
        }
        return {name: _unless_down(view, answer) for name, answer in answers.items()}

    def _at(self, view: View, params: list[Any]) -> int:
        behind = {"finalized": FINAL, "confirmed": CONFIRMED, "processed": 0}
        return self.height - view.lag - behind[params[0]["commitment"]]

    def _lives(self, view: View, blockhash: str) -> dict[str, Any]:
        seen = self.height - view.lag
        issued = self._issued[blockhash]
        lives = issued <= seen <= issued + LIFE and not view.lies_of_lives
        return _in_context(seen + _SLOTS_AHEAD, lives)

    def _blockhash(self, view: View, height: int) -> dict[str, Any]:
        blockhash = str(Hash(hashlib.sha256(str(height).encode()).digest()))
        self._issued[blockhash] = height
        life = -LIFE if view.lies_of_lives else LIFE
        value = {"blockhash": blockhash, "lastValidBlockHeight": height + life}
        return _in_context(height + _SLOTS_AHEAD, value)

    def _statuses(self, view: View, signatures: list[str]) -> dict[str, Any]:
        seen = self.height - max(view.lag, view.statuses_lag)
        return _in_context(seen + _SLOTS_AHEAD, [self._status(view, seen, s) for s in signatures])

    def _status(self, view: View, seen: int, signature: str) -> dict[str, Any] | None:
        landed = self.ledger.get(signature)
        if landed is None or not view.first_height <= landed.height <= seen:
            return None
        depth = seen - landed.height
        commitment = "finalized" if depth >= FINAL else "confirmed"
        return {
            "slot": landed.height + _SLOTS_AHEAD,
            "err": landed.error,
            "confirmationStatus": commitment if depth >= CONFIRMED else "processed",
        }

    def _take(self, view: View, encoded: str) -> str:
        raw = b64decode(encoded)
        signature = str(VersionedTransaction.from_bytes(raw).signatures[0])
        if not view.drops:
            self.pool[signature] = raw
        if view.loses_answers:
            raise Down
        return signature


def _unless_down(view: View, answer: Answer) -> Answer:
    def ask(params: list[Any]) -> Any:
        if view.is_down:
            raise Down
        return answer(params)

    return ask


def _in_context(slot: int, value: Any) -> dict[str, Any]:
    return {"context": {"slot": slot}, "value": value}
