"""A trader who withdraws: with an authenticator, an address book, and no waiting between."""

from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal

from django.utils import timezone
from solders.keypair import Keypair

from chain.models import Submission
from chain.services import drive_submission, sweep_submissions
from core import registry
from core.roles import as_sync
from sandbox.privy.credentials import WITHDRAW_SIGNER
from tests.authenticator import Authenticator
from wallets.chain_balances import read_chain_balances
from wallets.models import WithdrawalAddress
from wallets.services import add_address, confirm_withdrawal, place_withdrawal, release_withdrawals


class Withdrawer:
    """One trader of `tests.desk.Trader` on their way out."""

    def __init__(self, trader):
        self.trader = trader
        self.user_id = trader.user_id
        self.device = Authenticator(trader.user_id, timezone.now())
        self.target = str(Keypair().pubkey())
        self.address = add_address(
            user_id=self.user_id,
            label="ledger",
            address=self.target,
            code=self.device.code(),
            now=timezone.now(),
        )
        self.cool_off()

    def cool_off(self):
        with as_sync():
            WithdrawalAddress.objects.update(usable_at=timezone.now() - timedelta(hours=1))

    def prepare(self, amount="100", *, token="USDC", key="one", **how):
        return place_withdrawal(
            user_id=self.user_id,
            channel="telegram",
            key=key,
            token_symbol=token,
            amount=Decimal(amount),
            address_id=self.address.id,
            now=timezone.now(),
            **how,
        )

    def confirm(self, withdrawal):
        return confirm_withdrawal(
            user_id=self.user_id,
            withdrawal_id=withdrawal.id,
            code=self.device.code(),
            now=timezone.now(),
        )

    def release(self, after=timedelta(minutes=11)):
        return release_withdrawals(now=timezone.now() + after)

    def submission(self, withdrawal):
        with as_sync():
            return Submission.objects.filter(acts__subject_id=withdrawal.id).latest("attempt")

    def drive(self, withdrawal, settings):
        with withdraw_key(settings):
            drive_submission(submission_id=self.submission(withdrawal).id)

    def arrived(self, token):
        return read_chain_balances([self.target])[self.target].amounts[token]

    def held(self, token):
        address = self.trader.address
        return read_chain_balances([address])[address].amounts[token]


@contextmanager
def withdraw_key(settings):
    """This process is the withdrawal worker for a while."""
    before = settings.ENVIRONMENT
    key = type(before.privy_trading_signer_key)(WITHDRAW_SIGNER.keys[0].private_key)
    settings.ENVIRONMENT = before.model_copy(
        update={"privy_withdraw_signer_key": key, "privy_trading_signer_key": None}
    )
    registry._of_process.cache_clear()
    try:
        yield
    finally:
        settings.ENVIRONMENT = before
        registry._of_process.cache_clear()


def sweep(times=1):
    for _ in range(times):
        sweep_submissions(now=timezone.now())
