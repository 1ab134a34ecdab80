"""Which transactions that were seen are not on the chain that became final."""

from collections.abc import Mapping

from chain.rpc import STATUS_BATCH, Node, rpc
from core.errors import Unavailable

# A slot that is this far below what is final is rooted on every honest node.
_SAFETY_SLOTS = 32


def find_dropped(*, seen: Mapping[str, int]) -> frozenset[str]:
    """Of transactions that were seen at a slot (signature → slot), those that a fork took back.

    Proven by a node that holds the final blocks of that slot and knows of no such transaction,
    neither by its status nor in its blocks, or shows it as failed, final; where there are several
    providers, by two of them. What cannot be proven yet is not named. Asks nodes; raises
    Unavailable if none answers.
    """
    found: set[str] = set()
    signatures = list(seen)
    for start in range(0, len(signatures), STATUS_BATCH):
        part = {key: seen[key] for key in signatures[start : start + STATUS_BATCH]}
        first, node = _look_anywhere(part)
        if first and not rpc().is_single:
            first &= _second_look(node, {key: part[key] for key in first})
        found |= first
    return frozenset(found)


def _look_anywhere(seen: Mapping[str, int]) -> tuple[set[str], Node]:
    refusal: Exception = Unavailable("chain.unavailable")
    for node in rpc().usable_nodes():
        try:
            return _dropped(node, seen), node
        except Unavailable as error:
            refusal = error
    raise Unavailable("chain.unavailable") from refusal


def _second_look(node: Node, seen: Mapping[str, int]) -> set[str]:
    """Another provider's answer; nothing is proven where none of them answers."""
    for other in rpc().nodes_but(node):
        try:
            return _dropped(other, seen)
        except Unavailable:
            continue
    return set()


def _dropped(node: Node, seen: Mapping[str, int]) -> set[str]:
    # The order matters: a status that is read before could be overtaken by the block itself.
    final = node.slot("finalized")
    status_slot, statuses = node.signature_statuses(list(seen), search_history=True)
    if status_slot < final:
        return set()
    dropped, silent = set(), set()
    for (signature, slot), status in zip(seen.items(), statuses, strict=True):
        if status is None and slot + _SAFETY_SLOTS <= final:
            silent.add(signature)
        elif status is not None and status.commitment == "finalized" and status.error is not None:
            dropped.add(signature)
    if silent:
        # A node restored from a snapshot has no history, and so no right to say "never".
        first = node.first_available_block()
        if first is not None:
            dropped |= {
                signature
                for signature in silent
                if first <= seen[signature] and not node.has_transaction(signature)
            }
    return dropped
