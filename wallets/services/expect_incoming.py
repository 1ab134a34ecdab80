"""Have a wallet looked at now: its owner is shown where to send money."""

import uuid
from functools import partial

from django.db import transaction


def expect_incoming(*, wallet_id: uuid.UUID) -> None:
    """Ask a worker to look for money that came to this wallet.

    Without the broker nothing is asked: the next round looks all the same where a chat is open.
    """
    from wallets.tasks import look

    transaction.on_commit(partial(look.delay, str(wallet_id)), robust=True)
