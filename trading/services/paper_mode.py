"""Trading with play money: switched on and off, and begun anew."""

import uuid
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.db import transaction

from accounts.services import change_setting, read_settings
from audit.services import record
from core.errors import Refused
from core.roles import as_user
from trading.facts import PaperFacts
from trading.models import PaperAccount, VenueAccount
from trading.paper.book import DEPLOYMENT, Book, Terms
from trading.paper.ledger import PLAY_MONEY, end_order, transfer
from trading.paper.matching import close_position
from trading.paper.prices import read_quoted
from trading.paper.store import one_step, read_terms
from trading.services.accounts import open_account
from trading.venues.base import Venue, get_venue
from wallets.facts import WalletFacts
from wallets.services import access_wallet


def set_paper_mode(*, user_id: uuid.UUID, is_on: bool, now: datetime) -> PaperFacts:
    """While on, the person's new orders go to the paper venue; resting ones stay where they are.

    The first time, an account with the play money of the settings is made on the person's own
    wallet. Raises NotFound without a wallet, Misconfigured where paper is not open.
    """
    if is_on:
        _open_account(user_id, now)
    change_setting(user_id=user_id, key="trading", changes={"paper": is_on})
    return _facts(user_id, is_on=is_on)


def reset_paper(*, user_id: uuid.UUID, now: datetime) -> PaperFacts:
    """Begin anew: orders cancelled, positions closed at the last price known, the start's balance.

    What was traded before stays in the history. Raises NotFound without a wallet.
    """
    wallet, venue = access_wallet(user_id=user_id), get_venue(DEPLOYMENT)
    quoted, terms = read_quoted(), read_terms()
    with as_user(user_id):
        account, paper, is_new = _locked(wallet, venue)
        if not is_new:
            with one_step(paper, cause="reset", now=now) as step:
                _close_all(
                    step.book, {index: one.price for index, one in quoted.items()}, terms, now
                )
                wanted = settings.ENVIRONMENT.paper_start_balance - step.book.balance
                if wanted:
                    transfer(step.book, wanted, now)
        else:
            _give_start(paper, now)
        record(
            action="paper.reset",
            resource=account,
            new={"balance": str(settings.ENVIRONMENT.paper_start_balance)},
            user_id=user_id,
        )
        _look_soon(account, now)
    return _facts(user_id, is_on=None)


def _open_account(user_id: uuid.UUID, now: datetime) -> None:
    wallet, venue = access_wallet(user_id=user_id), get_venue(DEPLOYMENT)
    with as_user(user_id):
        account, paper, is_new = _locked(wallet, venue)
        if is_new:
            _give_start(paper, now)
            record(
                action="paper.opened",
                resource=account,
                new={"balance": str(paper.balance)},
                user_id=user_id,
            )
            _look_soon(account, now)


def _locked(wallet: WalletFacts, venue: Venue) -> tuple[VenueAccount, PaperAccount, bool]:
    """The desk's row first, then the venue's own; it is new until its first event."""
    account = open_account(wallet=wallet, venue=venue)
    PaperAccount.objects.bulk_create(
        [PaperAccount(user_id=wallet.user_id, wallet_id=wallet.id, address=account.address)],
        ignore_conflicts=True,
    )
    paper = PaperAccount.objects.select_for_update().get(wallet_id=wallet.id)
    return account, paper, paper.sequence == 0


def _give_start(paper: PaperAccount, now: datetime) -> None:
    with one_step(paper, cause="start", now=now) as step:
        transfer(step.book, settings.ENVIRONMENT.paper_start_balance, now)


def _close_all(
    book: Book, prices: dict[int, Decimal], terms: dict[int, Terms], now: datetime
) -> None:
    for order in list(book.orders.values()):
        end_order(book, order, why="paper_reset")
    for index, held in sorted(book.positions.items()):
        # Without any price at all it goes at what it cost.
        price = prices.get(index, held.entry_quote / abs(held.base))
        close_position(book, held, price=price, terms=terms[index], now=now, penalised=False)


def _look_soon(account: VenueAccount, now: datetime) -> None:
    from trading.tasks import reconcile

    VenueAccount.objects.filter(pk=account.pk).update(wanted_at=now)
    transaction.on_commit(lambda: reconcile.delay(str(account.pk)), robust=True)


def _facts(user_id: uuid.UUID, *, is_on: bool | None) -> PaperFacts:
    if is_on is None:
        is_on = bool(read_settings(user_id=user_id)["trading"]["paper"])
    with as_user(user_id):
        paper = PaperAccount.objects.filter(user_id=user_id).first()
    if paper is None and is_on:
        raise Refused("paper.no_account")
    return PaperFacts(
        is_on=is_on,
        balance=None if paper is None else paper.balance,
        token_symbol=PLAY_MONEY,
        start_balance=settings.ENVIRONMENT.paper_start_balance,
    )
