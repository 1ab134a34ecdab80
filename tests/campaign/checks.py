"""What must hold after every run, whatever was killed or lied to: nothing of it is forgiven."""

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.utils import timezone

from accounts.models import Intent
from audit.verifying import verify_audit
from chain.enums import ENDED
from chain.models import Submission
from core.roles import as_sync
from tests.campaign.books import check_books
from tests.campaign.people import GIFT_LAMPORTS, GIFT_UNITS, CampaignTrader
from tests.campaign.sight import check_sight
from trading.enums import ORDER_LIVE
from trading.models import AccountEntry, Fill, OrderChange, VenueTransfer
from trading.venues.base import get_venue
from trading.wishes import PRICED
from wallets.enums import WITHDRAWAL_ENDED
from wallets.models import IncomingTransfer, Withdrawal, WithdrawalAllowance

Landed = dict[str, dict[str, Any]]


def check_run(trader: CampaignTrader, *, stranger: Any) -> None:
    """Raise AssertionError with everything that does not hold."""
    landed = _landed(trader)
    wrong = _acts_once(trader, landed)
    wrong += _nothing_stuck(trader)
    wrong += _money(trader, landed)
    wrong += check_books(trader)
    wrong += check_sight(trader, stranger)
    problem = verify_audit().problem
    wrong += [f"audit: {problem}"] if problem else []
    assert not wrong, "; ".join(wrong)


def _landed(trader: CampaignTrader) -> Landed:
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


def _acts_once(trader: CampaignTrader, landed: Landed) -> list[str]:
    """The chain holds what the desk says it holds, each act at most once, and nothing else."""
    wrong = []
    with as_sync():
        submissions = list(
            Submission.objects.filter(wallet_id=trader.wallet_id).prefetch_related("acts")
        )
        intents = list(
            Intent.objects.filter(user_id=trader.user_id).values_list("id", "status", "kind")
        )
        filled = set(Fill.objects.filter(user_id=trader.user_id).values_list("order_id", flat=True))
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
    attempted = {act.subject_id for each in submissions for act in each.acts.all()}
    for intent_id, status, kind in intents:
        # An order was executed if it was filled; one that rested and was cancelled was not.
        happened = filled if kind == "order" else subjects
        if status == "not_executed" and intent_id in happened:
            wrong.append(f"intent {intent_id} is not executed, and on the chain")
        if status == "executed" and intent_id in attempted - subjects:
            wrong.append(f"intent {intent_id} is executed, and not on the chain")
    return wrong


def rests(order: Any) -> bool:
    """Whether it may stay as it is: at its own price it waits for the rest of its fill too."""
    if order.order_type in PRICED and order.expires_at is not None:
        return False
    return order.status == "open" or (
        order.status == "partially_filled" and order.order_type in PRICED
    )


def moving(orders: Iterable[Any]) -> list[Any]:
    """Of live orders those that are on their way; a stop may wait for an entry that rests."""
    orders = list(orders)
    resting = {order.id for order in orders if rests(order)}
    return [
        order
        for order in orders
        if order.id not in resting
        and not (order.status == "pending" and order.parent_id in resting)
    ]


def _nothing_stuck(trader: CampaignTrader) -> list[str]:
    wrong = []
    mine = {"user_id": trader.user_id}
    with as_sync():
        for submission in Submission.objects.filter(wallet_id=trader.wallet_id):
            if submission.state not in ENDED:
                wrong.append(f"submission {submission.id} is still {submission.state}")
        for change in OrderChange.objects.filter(**mine, status="pending"):
            wrong.append(f"change {change.id} ({change.kind}) is still pending")
        for transfer in VenueTransfer.objects.filter(**mine):
            if transfer.status not in ("completed", "failed", "not_executed"):
                wrong.append(f"transfer {transfer.id} is still {transfer.status}")
        for withdrawal in Withdrawal.objects.filter(**mine):
            # One that waits for its owner's code may do so until its time is over.
            waits = withdrawal.status == "awaiting_code" and withdrawal.expires_at > timezone.now()
            if withdrawal.status not in WITHDRAWAL_ENDED and not waits:
                wrong.append(f"withdrawal {withdrawal.id} is still {withdrawal.status}")
        resting = []
        for deployment in (trader.deployment, "paper"):
            orders = get_venue(deployment).order_model._default_manager.filter(
                **mine, deployment=deployment, status__in=ORDER_LIVE
            )
            stuck = moving(orders)
            resting += [order.id for order in orders if order not in stuck]
            wrong += [
                f"order {each.id} ({each.order_type}) is still {each.status}" for each in stuck
            ]
        # An order that rests is still to be filled or ended, and so is its intent.
        open_intents = Intent.objects.filter(**mine, status="open").exclude(pk__in=resting)
        for intent in open_intents.exclude(deadline__gt=timezone.now()):
            wrong.append(f"intent {intent.id} ({intent.kind}) is open past its deadline")
    return wrong


def _money(trader: CampaignTrader, landed: Landed) -> list[str]:
    """Wallet, venue and what left sum to the gift: to the unit, and to the lamport."""
    venue = get_venue(trader.deployment)
    with as_sync():
        entries = AccountEntry.objects.filter(
            user_id=trader.user_id, deployment=venue.deployment, token_symbol=venue.quote_symbol
        )
        moves = [
            -abs(row.amount) if row.kind == "deposit" else abs(row.amount)
            for row in entries.filter(kind__in=("deposit", "withdrawal"))
        ]
        left = list(
            Withdrawal.objects.filter(user_id=trader.user_id, status="finalized").values_list(
                "token_symbol", "sent_amount"
            )
        )
        fees = dict(
            Submission.objects.filter(
                wallet_id=trader.wallet_id, state__in=["finalized", "failed"]
            ).values_list("signature", "fee_lamports")
        )
        held = [
            key
            for row in WithdrawalAllowance.objects.filter(user_id=trader.user_id)
            for key in row.reservations
        ]
        sent = {
            str(key)
            for key in Withdrawal.objects.filter(user_id=trader.user_id, status="finalized")
            .exclude(unit="")
            .values_list("id", flat=True)
        }
    wrong = _given_back(trader)
    if set(held) != sent:
        wrong.append(f"the day's limit counts {held}, and {sent} have left")
    away = sum((amount for token, amount in left if token == venue.quote_symbol), Decimal(0))
    target = trader.withdrawer().target
    counted = {
        "wallet": (trader.held_units(venue.quote_symbol), GIFT_UNITS + _units(sum(moves) - away)),
        "address outside": (trader.held_units(venue.quote_symbol, target), _units(away)),
    }
    spent = 0
    for signature, transaction in landed.items():
        meta = transaction["meta"]
        keys = transaction["transaction"]["message"]["accountKeys"]
        if trader.address in keys:
            place = keys.index(trader.address)
            spent += meta["preBalances"][place] - meta["postBalances"][place]
        if fees.get(signature) != meta["fee"]:
            wrong.append(f"{signature} cost {meta['fee']}, booked {fees.get(signature)}")
    in_sol = sum((amount for token, amount in left if token == "SOL"), Decimal(0))
    counted["wallet's lamports"] = (trader.lamports(), GIFT_LAMPORTS - spent)
    counted["lamports outside"] = (trader.lamports(target), int(in_sol * 10**9))
    wrong += [
        f"{where}: {there}, not {wanted}"
        for where, (there, wanted) in counted.items()
        if there != wanted
    ]
    return wrong


def _given_back(trader: CampaignTrader) -> list[str]:
    """What came by mistake is here whole, or whole back with who had sent it."""
    if trader.arrival is None:
        return []
    with as_sync():
        found = IncomingTransfer.objects.filter(user_id=trader.user_id)
        mistakes = list(found.exclude(signature="").filter(token_mint=trader.arrival.token_mint))
        returned = Withdrawal.objects.filter(
            incoming_id=trader.arrival.id, status="finalized"
        ).count()
    here, there = trader.held_of_arrival()
    wanted = (0, trader.sent_units) if returned else (trader.sent_units, 0)
    wrong = [] if len(mistakes) == 1 else [f"one transfer came, {len(mistakes)} are booked"]
    wrong += [] if returned <= 1 else [f"given back {returned} times"]
    if (here, there) != wanted:
        wrong.append(f"of what came by mistake {here} are here and {there} there, not {wanted}")
    return wrong


def _units(amount: Decimal | int) -> int:
    return int(amount * 10**6)
