"""A withdrawal before it is placed: what it costs, and everything that stands against it."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_DOWN, Decimal

from django.conf import settings

from accounts.enums import TradingState, UserStatus
from accounts.models import User
from accounts.services import refuse_if_locked
from chain.rpc import AccountData, rpc
from core.errors import DeskError, NotFound, Refused, Unavailable
from core.money import ZERO, plain
from core.roles import as_user
from wallets.addresses import check_form, refuse_unless_wallet
from wallets.allowances import used
from wallets.enums import WITHDRAWAL_ENDED, IncomingStatus
from wallets.facts import AddressFacts, WalletFacts, WithdrawalPreview
from wallets.limits import Limits, limits_of, unit_of
from wallets.models import IncomingTransfer, Withdrawal
from wallets.services.address_book import access_address, address_facts
from wallets.services.read_wallet import access_wallet
from wallets.tokens import BY_SYMBOL, FEE_FLOAT_LAMPORTS, LAMPORTS, SOL, SOL_DECIMALS
from wallets.transfers import TOKEN_2022_PROGRAM, MintFacts, own_token_account, read_mint
from wallets.usable_tokens import is_taken_for

SIGNATURE_LAMPORTS = 5_000
PRIORITY_FEE_CAP_LAMPORTS = 200_000
_TOKEN_ACCOUNT_SIZE = 165
# An associated account of the newer program also says that its owner never changes.
_TOKEN_2022_ACCOUNT_SIZE = 170


@dataclass(frozen=True, slots=True)
class Target:
    """Where a withdrawal goes, and of which token (empty mint: SOL)."""

    to_address: str
    token_symbol: str
    token_mint: str
    address: AddressFacts | None
    incoming_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class ChainFacts:
    """What the chain shows of a transfer's accounts."""

    wallet_lamports: int
    wallet_amount: Decimal
    fee_lamports: int
    rent_lamports: int
    least_lamports: int
    receiver: AccountData | None
    mint: MintFacts | None

    @property
    def decimals(self) -> int:
        return self.mint.decimals if self.mint else SOL_DECIMALS


def preview_withdrawal(
    *,
    user_id: uuid.UUID,
    token_symbol: str,
    amount: Decimal,
    address_id: uuid.UUID | None,
    now: datetime,
    source_deployment: str = "",
    incoming_id: uuid.UUID | None = None,
    confirming: uuid.UUID | None = None,
) -> WithdrawalPreview:
    """What sending `amount` to an address of the book would take; nothing is held by it.

    With `source_deployment` the venue pays the wallet first, so the wallet need not hold it yet.
    With `incoming_id` it is what somebody sent, going back to them; `confirming` is the prepared
    withdrawal that is looked at again. Raises NotFound, Refused (what cannot even be asked),
    Unavailable.
    """
    if not (amount.is_finite() and amount > 0):
        raise Refused("amount.not_positive", typed=str(amount))
    wallet = access_wallet(user_id=user_id)
    with as_user(user_id):
        target = find_target(user_id, token_symbol, address_id, incoming_id, now)
        user = User.objects.get(pk=user_id)
        limits = _limits(user, target)
        counted = used(user_id=user_id, unit=limits.unit, now=now) if limits else ZERO
        obstacles = _of_person(user, target, now)
    if incoming_id is not None:
        obstacles += _of_return(user_id, incoming_id, amount, confirming)
    seen = read_chain_facts(wallet=wallet, target=target)
    obstacles += _of_limits(limits, amount, counted)
    obstacles += _of_chain(target, seen, amount, from_venue=bool(source_deployment))
    return WithdrawalPreview(
        token_symbol=target.token_symbol,
        amount=amount,
        address=target.address,
        to_address=target.to_address,
        wallet_amount=seen.wallet_amount,
        wallet_sol=Decimal(seen.wallet_lamports) / LAMPORTS,
        fee_sol=Decimal(seen.fee_lamports) / LAMPORTS,
        rent_sol=Decimal(seen.rent_lamports) / LAMPORTS,
        reserve_sol=Decimal(_reserve(target, seen)) / LAMPORTS,
        daily_limit=limits.daily if limits else None,
        daily_left=max(ZERO, limits.daily - counted) if limits else None,
        needs_approval=limits is not None and counted + amount > limits.approval_above,
        wait_minutes=settings.ENVIRONMENT.withdrawal_wait_minutes,
        source_deployment=source_deployment,
        obstacles=tuple(obstacles),
    )


def find_target(
    user_id: uuid.UUID,
    token_symbol: str,
    address_id: uuid.UUID | None,
    incoming_id: uuid.UUID | None,
    now: datetime,
) -> Target:
    """In the caller's transaction. Raises NotFound (also for another's), Refused."""
    if incoming_id is not None:
        found = IncomingTransfer.objects.filter(pk=incoming_id, user_id=user_id).first()
        if found is None:
            raise NotFound("incoming.not_found")
        if not found.from_address:
            raise Refused("incoming.no_sender")
        # What a program's own account sent, nobody could take back there.
        check_form(found.from_address)
        return Target(found.from_address, found.token_symbol, found.token_mint, None, found.id)
    if token_symbol != SOL and token_symbol not in BY_SYMBOL:
        raise Refused("withdrawal.unknown_token", token=token_symbol[:20])
    if address_id is None:
        raise NotFound("address.not_found")
    address = address_facts(access_address(user_id=user_id, address_id=address_id), now)
    mint = "" if token_symbol == SOL else BY_SYMBOL[token_symbol].mint
    return Target(address.address, token_symbol, mint, address)


def read_chain_facts(*, wallet: WalletFacts, target: Target) -> ChainFacts:
    """One read of all accounts of the transfer. Raises Refused (no plain token), Unavailable."""
    if not target.token_mint:
        _, [own, receiver] = rpc().accounts([wallet.address, target.to_address])
        lamports = own.lamports if own else 0
        return ChainFacts(
            wallet_lamports=lamports,
            wallet_amount=Decimal(lamports) / LAMPORTS,
            fee_lamports=SIGNATURE_LAMPORTS + PRIORITY_FEE_CAP_LAMPORTS,
            rent_lamports=0,
            least_lamports=rpc().rent(0),
            receiver=receiver,
            mint=None,
        )
    _, [minted] = rpc().accounts([target.token_mint])
    if minted is None:
        # The desk's own tokens and those that came in are on the chain: this node has not seen it.
        raise Unavailable("chain.behind", mint=target.token_mint)
    mint = read_mint(address=target.token_mint, owner=minted.owner, data=minted.data)
    source, sink = (
        own_token_account(owner=owner, mint=mint.address, program=mint.program)
        for owner in (wallet.address, target.to_address)
    )
    _, [own, receiver, held, theirs] = rpc().accounts(
        [wallet.address, target.to_address, source, sink]
    )
    units = int.from_bytes(held.data[64:72], "little") if held and len(held.data) >= 165 else 0
    size = _TOKEN_2022_ACCOUNT_SIZE if mint.program == TOKEN_2022_PROGRAM else _TOKEN_ACCOUNT_SIZE
    return ChainFacts(
        wallet_lamports=own.lamports if own else 0,
        wallet_amount=Decimal(units).scaleb(-mint.decimals),
        fee_lamports=SIGNATURE_LAMPORTS + PRIORITY_FEE_CAP_LAMPORTS,
        rent_lamports=rpc().rent(size) if theirs is None else 0,
        least_lamports=rpc().rent(0),
        receiver=receiver,
        mint=mint,
    )


def _of_person(user: User, target: Target, now: datetime) -> list[DeskError]:
    found: list[DeskError] = []
    if user.status != UserStatus.ACTIVE:
        found.append(Refused("withdrawal.not_active", status=user.status))
    if user.frozen_at is not None or user.trading_state != TradingState.ACTIVE:
        found.append(Refused("withdrawal.frozen"))
    if not user.two_factor_enabled:
        found.append(Refused("security.totp_needed"))
    try:
        refuse_if_locked(user_id=user.pk, now=now)
    except Refused as locked:
        found.append(locked)
    if target.address is not None and not target.address.is_usable:
        until = f"{target.address.usable_at:%Y-%m-%d %H:%M} UTC"
        found.append(Refused("address.cooling", label=target.address.label, until=until))
    return found


def _limits(user: User, target: Target) -> Limits | None:
    unit = unit_of(target.token_symbol)
    # What goes back to whom it came from takes nothing of the person's own along.
    if unit is None or target.incoming_id is not None:
        return None
    return limits_of(unit=unit, tier=user.subscription_tier)


def _of_limits(limits: Limits | None, amount: Decimal, counted: Decimal) -> list[DeskError]:
    if limits is None:
        return []
    unit = limits.unit
    if amount > limits.largest:
        return [Refused("withdrawal.above_largest", limit=plain(limits.largest), unit=unit)]
    if counted + amount > limits.daily:
        left = plain(max(ZERO, limits.daily - counted))
        return [Refused("withdrawal.daily_limit", left=left, limit=plain(limits.daily), unit=unit)]
    return []


def _of_chain(
    target: Target, seen: ChainFacts, amount: Decimal, *, from_venue: bool
) -> list[DeskError]:
    found: list[DeskError] = []
    if amount != amount.quantize(Decimal(1).scaleb(-seen.decimals), rounding=ROUND_DOWN):
        found.append(Refused("amount.too_fine"))
    try:
        refuse_unless_wallet(seen.receiver)
    except Refused as refusal:
        found.append(refusal)
    if target.token_mint and not from_venue and amount > seen.wallet_amount:
        held, token = plain(seen.wallet_amount), target.token_symbol
        found.append(Refused("withdrawal.token_missing", held=held, token=token))
    needed = seen.fee_lamports + seen.rent_lamports + _reserve(target, seen)
    if not target.token_mint:
        lamports = int(amount * LAMPORTS)
        # What a venue pays first comes on top of what is held now.
        needed += 0 if from_venue else lamports
        if (seen.receiver is None or not seen.receiver.lamports) and lamports < seen.least_lamports:
            least = plain(Decimal(seen.least_lamports) / LAMPORTS)
            found.append(Refused("withdrawal.below_rent", least=least))
    if seen.wallet_lamports < needed:
        missing = Decimal(needed - seen.wallet_lamports) / LAMPORTS
        found.append(Refused("withdrawal.sol_missing", missing=plain(missing)))
    return found


def _of_return(
    user_id: uuid.UUID, incoming_id: uuid.UUID, amount: Decimal, confirming: uuid.UUID | None
) -> list[DeskError]:
    with as_user(user_id):
        found = IncomingTransfer.objects.get(pk=incoming_id, user_id=user_id)
        returns = Withdrawal.objects.filter(incoming_id=incoming_id)
        others = returns.exclude(status__in=WITHDRAWAL_ENDED).values_list("pk", flat=True)
        under_way = any(other != confirming for other in others)
    if found.status == IncomingStatus.RETURNED:
        return [Refused("incoming.returned")]
    if is_taken_for(user_id=user_id, token_symbol=found.token_symbol):
        # A way out without limits is for what is of no use here alone.
        return [Refused("incoming.of_use", token=found.token_symbol)]
    if under_way:
        return [Refused("incoming.under_way")]
    if amount > found.amount:
        return [Refused("incoming.more_than_came", amount=plain(found.amount))]
    return []


def _reserve(target: Target, seen: ChainFacts) -> int:
    """What stays: below this an account cannot be; with SOL also the fees of later trades."""
    return seen.least_lamports + (0 if target.token_mint else FEE_FLOAT_LAMPORTS)
