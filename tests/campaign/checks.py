"""What must hold after every run, whatever was killed or lied to: nothing of it is forgiven."""

from collections import Counter
from decimal import Decimal
from typing import Any

from django.utils import timezone

from accounts.models import Intent
from chain.enums import ENDED
from chain.models import Submission
from core.roles import as_sync
from trading.models import Difference, OrderChange, VenueTransfer
from trading.services.check_identities import compute_identities
from trading.venues.base import get_venue


def check_run(trader: Any, *, faucet_lamports: int, faucet_units: int, sent_away: Decimal) -> None:
    """Raise AssertionError with everything that does not hold."""
    wrong: list[str] = []
    landed = _landed(trader)
    wrong += _acts_once(trader, landed)
    wrong += _nothing_stuck(trader)
    wrong += _money(trader, landed, faucet_lamports, faucet_units, sent_away)
    wrong += _books(trader)
    assert not wrong, "; ".join(wrong)


def _landed(trader: Any) -> dict[str, dict[str, Any]]:
    """Every transaction of the wallet that the chain holds, by signature."""
    rows = trader.sandbox.rpc(
        "getSignaturesForAddress", trader.address, {"limit": 1000, "commitment": "confirmed"}
    )
    found = {
        row["signature"]: trader.sandbox.rpc(
            "getTransaction",
            row["signature"],
            {"commitment": "confirmed", "maxSupportedTransactionVersion": 0, "encoding": "json"},
        )
        | {"memo": row.get("memo") or ""}
        for row in rows
    }
    # The faucet's gifts are signed by the faucet alone.
    return {key: each for key, each in found.items() if _signed_by(trader.address, each)}


def _signed_by(address: str, transaction: dict[str, Any]) -> bool:
    message = transaction["transaction"]["message"]
    signers = message["header"]["numRequiredSignatures"]
    return address in message["accountKeys"][:signers]


def _acts_once(trader: Any, landed: dict[str, dict[str, Any]]) -> list[str]:
    """The chain holds what the desk says it holds, each act at most once, and nothing else."""
    wrong = []
    with as_sync():
        submissions = list(
            Submission.objects.filter(wallet_id=trader.wallet_id).prefetch_related("acts")
        )
        intents = dict(Intent.objects.filter(user_id=trader.user_id).values_list("id", "status"))
    by_signature = {each.signature: each for each in submissions if each.signature}
    succeeded: Counter[tuple[Any, str]] = Counter()
    for signature, transaction in landed.items():
        submission = by_signature.pop(signature, None)
        if submission is None:
            wrong.append(f"{signature} is on the chain and not in the books")
            continue
        if str(submission.id) not in transaction["memo"]:
            wrong.append(f"{signature} lacks its memo")
        failed = transaction["meta"]["err"] is not None
        if submission.state != ("failed" if failed else "finalized"):
            wrong.append(f"{signature} failed={failed} on the chain, {submission.state} here")
        if not failed:
            succeeded.update({(act.subject_id, act.step) for act in submission.acts.all()})
    for signature, submission in by_signature.items():
        if submission.state != "expired":
            wrong.append(f"{signature} is {submission.state} here and not on the chain")
    wrong += [f"{key} happened {n} times" for key, n in succeeded.items() if n > 1]
    subjects = {subject for subject, _ in succeeded}
    for intent_id, status in intents.items():
        if status == "not_executed" and intent_id in subjects:
            wrong.append(f"intent {intent_id} is not executed, and on the chain")
    return wrong


def _nothing_stuck(trader: Any) -> list[str]:
    wrong = []
    with as_sync():
        for submission in Submission.objects.filter(wallet_id=trader.wallet_id):
            if submission.state not in ENDED:
                wrong.append(f"submission {submission.id} is still {submission.state}")
        for change in OrderChange.objects.filter(user_id=trader.user_id, status="pending"):
            wrong.append(f"change {change.id} ({change.kind}) is still pending")
        for transfer in VenueTransfer.objects.filter(user_id=trader.user_id):
            if transfer.status not in ("completed", "failed", "not_executed"):
                wrong.append(f"transfer {transfer.id} is still {transfer.status}")
        venue = get_venue(trader.deployment)
        for order in venue.order_model._default_manager.filter(user_id=trader.user_id):
            if order.status in ("pending", "partially_filled"):
                wrong.append(f"order {order.id} ({order.order_type}) is still {order.status}")
        # An order that rests is still to be filled or ended, and so is its intent.
        resting = venue.order_model._default_manager.filter(
            user_id=trader.user_id, status="open"
        ).values_list("id", flat=True)
        open_intents = Intent.objects.filter(user_id=trader.user_id, status="open")
        open_intents = open_intents.exclude(pk__in=list(resting))
        for intent in open_intents.exclude(deadline__gt=timezone.now()):
            wrong.append(f"intent {intent.id} ({intent.kind}) is open past its deadline")
    return wrong


def _money(
    trader: Any,
    landed: dict[str, dict[str, Any]],
    faucet_lamports: int,
    faucet_units: int,
    sent_away: Decimal,
) -> list[str]:
    """The wallet holds the gift less what the chain's records and the books say, to the unit."""
    wrong = []
    venue = get_venue(trader.deployment)
    with as_sync():
        moves = [
            (-row.booked_amount if row.kind == "deposit" else row.booked_amount)
            for row in VenueTransfer.objects.filter(user_id=trader.user_id, status="completed")
        ]
        fees = {
            row.signature: row.fee_lamports
            for row in Submission.objects.filter(
                wallet_id=trader.wallet_id, state__in=["finalized", "failed"]
            )
        }
    units = faucet_units + sum(int(move * 10**6) for move in moves) - int(sent_away * 10**6)
    held = trader.held_units(venue.quote_symbol)
    if held != units:
        wrong.append(f"the wallet holds {held} units, not {units}")
    spent = 0
    for signature, transaction in landed.items():
        meta = transaction["meta"]
        keys = transaction["transaction"]["message"]["accountKeys"]
        if trader.address in keys:
            place = keys.index(trader.address)
            spent += meta["preBalances"][place] - meta["postBalances"][place]
        if fees.get(signature) != meta["fee"]:
            wrong.append(f"{signature} cost {meta['fee']}, booked {fees.get(signature)}")
    lamports = trader.sandbox.rpc("getBalance", trader.address, {"commitment": "confirmed"})[
        "value"
    ]
    if lamports != faucet_lamports - spent:
        wrong.append(f"the wallet holds {lamports} lamports, not {faucet_lamports - spent}")
    return wrong


def _books(trader: Any) -> list[str]:
    """Both identities, exactly; and no difference that nobody has explained."""
    account = trader.known_account()
    if account is None or account.status == "absent":
        return []
    venue = get_venue(trader.deployment)
    report = venue.read_accounts([account.address])[0]
    with as_sync():
        markets = {
            row.market_index: row
            for row in venue.market_model.objects.filter(
                deployment=trader.deployment, market_type="perpetual"
            )
        }
        identities = compute_identities(
            venue=venue, account=account, report=report, markets=markets
        )
        differences = list(
            Difference.objects.filter(account=account, resolved_at__isnull=True).values_list(
                "what", "expected", "actual"
            )
        )
    wrong = [f"identity {each}" for each in identities if not each.holds]
    return wrong + [f"difference {each}" for each in differences]
