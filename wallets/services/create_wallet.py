"""Make a person's wallet at the custodian, once."""

import uuid
from datetime import datetime

from accounts.models import User
from audit.services import record
from core.errors import NotAllowed, NotFound
from core.registry import provider
from core.roles import as_user
from wallets.chain_balances import known_symbols
from wallets.enums import WalletType
from wallets.facts import WalletFacts
from wallets.models import Wallet, WalletBalance
from wallets.services.read_wallet import find_wallet


def create_wallet(*, user_id: uuid.UUID, now: datetime) -> tuple[WalletFacts, bool]:
    """The person's Solana wallet, and whether it is new.

    The custodian knows it under a name made from who the person is, so a crash between its making
    and our commit, or two callers at once, end in the same wallet. Raises NotFound,
    NotAllowed (the wallet is out of use), Unavailable.
    """
    found = find_wallet(user_id=user_id)
    if found is not None:
        return found, False
    with as_user(user_id):
        user = User.objects.filter(pk=user_id).first()
    if user is None:
        raise NotFound("user.not_found")
    custodian = provider("CUSTODIANS", WalletType.PRIVY)
    custody_user = custodian.ensure_user(
        telegram_id=user.telegram_id,
        username=user.telegram_username,
        first_name=user.telegram_first_name,
    )
    made = custodian.ensure_wallet(external_id=external_id_of(user))
    with as_user(user_id):
        if user.privy_user_id != custody_user:
            user.privy_user_id = custody_user
            user.save(update_fields=["privy_user_id", "updated_at"])
        wallet = Wallet(
            user_id=user_id,
            privy_wallet_id=made.id,
            wallet_address=made.address,
            wallet_type=WalletType.PRIVY,
            created_at=now,
        )
        Wallet.objects.bulk_create([wallet], ignore_conflicts=True)
        stored = Wallet.objects.get(wallet_address=made.address)
        is_new = stored.id == wallet.id
        if is_new:
            record(action="wallet.created", resource=stored, new={"address": made.address})
            WalletBalance.objects.bulk_create(
                WalletBalance(wallet=stored, token_symbol=symbol, updated_at=now)
                for symbol in known_symbols()
            )
    facts = find_wallet(user_id=user_id)
    if facts is None:
        # There is one, and staff have taken it out of use: a second is not made beside it.
        raise NotAllowed("wallet.not_active", status=stored.status)
    return facts, is_new


def external_id_of(user: User) -> str:
    """The custodian's name for a person's wallet; it is write-once there.

    Made from the Telegram id, which outlives our rows: after a restore from a backup the person
    finds the same wallet, even if the backup does not know them.
    """
    if user.telegram_id is not None:
        return f"telegram-{user.telegram_id}-solana"
    return f"user-{user.id.hex}-solana"
