"""When moved counters of an account are explained: part of the proof that a message is dead."""

from solders.keypair import Keypair
from solders.system_program import TransferParams, transfer
from solders.transaction import Transaction

from tests import factories
from tests.sandbox.solana_calls import encoded, latest_blockhash, wait_for
from tests.trading.hand_venue import empty_report
from trading.subjects.common import counters_explained

BEFORE = {"next_order_id": 7, "total_deposits": 100, "total_withdraws": 0}
MOVED = BEFORE | {"next_order_id": 8}


def pay(chain, to) -> tuple[str, int]:
    """A transaction that mentions `to`, confirmed; its signature and slot."""
    payer = Keypair()
    chain.airdrop(payer.pubkey(), 10**9)
    instruction = transfer(TransferParams(from_pubkey=payer.pubkey(), to_pubkey=to, lamports=10**7))
    signed = Transaction.new_signed_with_payer(
        [instruction], payer.pubkey(), [payer], latest_blockhash(chain)
    )
    signature = chain.rpc(
        "sendTransaction", encoded(signed), {"encoding": "base64", "skipPreflight": True}
    )

    def landed():
        status = chain.rpc("getSignatureStatuses", [signature])["value"][0]
        return status if status and status["confirmationStatus"] != "processed" else None

    return signature, wait_for(landed)["slot"]


def explained(books, address, signature, counters) -> bool:
    now = {name: str(value) for name, value in counters.items()}
    books.venue.reports[address] = empty_report(address, counters=now)
    # No role is taken on here: the evidence asks outside of any transaction.
    return counters_explained(
        venue=books.venue,
        address=address,
        counters=BEFORE,
        signature=signature,
        min_slot=1,
    )


def test_moved_counters_are_explained_by_other_signatures_since_the_signing_alone(books, chain):
    account = Keypair().pubkey()
    address = str(account)
    _, earlier = pay(chain, account)
    dead = factories.signed_submission(books.wallet, signing_slot=earlier + 1).signature

    assert explained(books, address, dead, BEFORE)
    # What was there before the signing explains nothing that moved after it.
    assert not explained(books, address, dead, MOVED)
    chain.advance(2)
    pay(chain, account)
    assert explained(books, address, dead, MOVED)


def test_our_own_signature_at_the_account_explains_that_it_is_not_dead(books, chain):
    account = Keypair().pubkey()
    signature, slot = pay(chain, account)
    pay(chain, account)
    factories.signed_submission(books.wallet, signature=signature, signing_slot=slot)
    assert not explained(books, str(account), signature, MOVED)
