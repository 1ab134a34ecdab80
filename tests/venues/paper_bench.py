"""A person on the paper venue, with the face of the other venues' bench: acts are accepted, and
ticked at the prices of the moment."""

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from core.errors import Refused
from core.roles import as_sync, as_user
from markets.prices import Price
from tests import factories
from tests.prices import store_prices
from trading.models import PaperAccount, PaperMarket, VenueAccount
from trading.paper.ledger import transfer
from trading.paper.store import one_step
from trading.services import mirror_paper_markets, reconcile_account, set_paper_mode, tick_paper
from trading.venues.base import ModifyRequest, OrderRequest, accepting, get_venue
from trading.venues.reports import (
    AccountReport,
    EntryReport,
    FillReport,
    OrderState,
    TransactionReport,
)

SOURCE = "velocity"
START = Decimal(10_000)


def open_markets():
    """SOL and BTC at the default deployment, and so on paper."""
    for index, (asset, tick, step) in enumerate(
        [("SOL", "0.0001", "0.01"), ("BTC", "0.1", "0.0001")]
    ):
        factories.drift_market(
            SOURCE,
            symbol=f"{asset}-PERP",
            market_index=index,
            base_asset=asset,
            tick_size=Decimal(tick),
            step_size=Decimal(step),
            min_order_size=Decimal(step),
            max_leverage=Decimal(20),
            metadata={"initial_ratio": "0.05", "maintenance_ratio": "0.03"},
        )
    mirror_paper_markets(now=datetime.now(UTC))


def tell_prices(*, at=None, **prices):
    """The last price of each asset, as the feed keeps it."""
    moment = at or datetime.now(UTC)
    store_prices(
        Price(token=asset, price=Decimal(price), source=SOURCE, slot=1, observed_at=moment)
        for asset, price in prices.items()
    )


@dataclass
class PaperBench:
    """`person` trades on paper; without `opened` they have a wallet and no paper account yet."""

    opened: bool = True
    wallet: object = field(default_factory=lambda: factories.wallet())
    numbers: int = 0
    acceptances: list = field(default_factory=list)

    def __post_init__(self):
        self.venue = accepting(get_venue("paper"))
        if self.opened:
            self.open()

    def open(self):
        set_paper_mode(user_id=self.user_id, is_on=True, now=datetime.now(UTC))

    @property
    def user_id(self):
        return self.wallet.user_id

    @property
    def address(self) -> str:
        return self.wallet.wallet_address

    @property
    def account(self) -> str:
        return self.venue.account_address(self.address)

    def order_request(self, direction="buy", size="1", **changes) -> OrderRequest:
        self.numbers += 1
        named = {
            "wallet_address": self.address,
            "market_index": 0,
            "order_type": "market",
            "direction": direction,
            "size": Decimal(size),
            "price": None,
            "reduce_only": False,
            "post_only": False,
            "label": self.numbers,
            "expires_at": (datetime.now(UTC) + timedelta(seconds=60)).replace(microsecond=0),
        }
        request = OrderRequest(**named | changes)
        if request.price is not None or request.order_type != "market":
            return request
        quote = self.venue.quote(request, slippage=Decimal(2))
        return replace(request, price=quote.worst_price)

    # Acts, as the desk has them accepted.

    def accept(self, *requests, now=None):
        with as_user(self.user_id):
            taken = self.venue.accept_orders(list(requests), now=now or datetime.now(UTC))
        self.acceptances.append(taken)
        return taken

    def accept_one(self, direction="buy", size="1", **changes):
        return self.accept(self.order_request(direction, size, **changes))

    def accept_cancel(self, *venue_order_ids):
        with as_user(self.user_id):
            return self.venue.accept_cancel(
                wallet_address=self.address,
                venue_order_ids=venue_order_ids,
                now=datetime.now(UTC),
            )

    # Acts of the contract of all venues: None, or the code of why it was not taken.

    def deposit(self, amount="1000"):
        """Play money cannot be put in: the account is opened, and what is too much taken away."""
        self.open()
        with as_user(self.user_id):
            account = PaperAccount.objects.select_for_update().get(wallet_id=self.wallet.pk)
            with one_step(account, cause="reset", now=datetime.now(UTC)) as step:
                transfer(step.book, Decimal(amount) - START, datetime.now(UTC))

    def place(self, *requests: OrderRequest) -> str | None:
        return self._act(lambda: self.accept(*requests))

    def cancel(self, *orders: OrderState) -> str | None:
        return self._act(lambda: self.accept_cancel(*[order.venue_order_id for order in orders]))

    def modify(self, order: OrderState, **changes) -> str | None:
        request = ModifyRequest(self.address, order.market_index, order.venue_order_id, **changes)

        def act():
            with as_user(self.user_id):
                self.venue.accept_modify(request, now=datetime.now(UTC))

        return self._act(act)

    def _act(self, act) -> str | None:
        try:
            act()
        except Refused as refused:
            return refused.code
        self.tick()
        return None

    def set_price(self, price, symbol="SOL"):
        self.tick(**{symbol: price})

    # What becomes of the world around it.

    liquidates_in_steps = False

    def stop_keepers(self):
        """It has none."""

    def pass_until(self, moment):
        self.tick(now=moment)

    @contextmanager
    def stale_prices(self):
        price = self.price()
        tell_prices(at=datetime.now(UTC) - timedelta(seconds=31), SOL=price, BTC=60_000)
        yield
        self.tick(SOL=price, BTC=60_000)

    @contextmanager
    def liquidation(self, *, at_price):
        before = self.price()
        self.set_price(at_price)
        yield
        self.set_price(before)

    def price(self) -> Decimal:
        return self.venue.oracle_prices()[0][0]

    def tick(self, *, now=None, **prices):
        moment = now or datetime.now(UTC)
        if prices:
            tell_prices(at=moment, **prices)
        return tick_paper(now=moment)

    def trade(self, direction="buy", size="1", **changes):
        request = self.order_request(direction, size, **changes)
        self.accept(request)
        self.tick()
        return request

    def reconcile(self, **options):
        with as_sync():
            row = VenueAccount.objects.get(wallet_id=self.wallet.pk, deployment="paper")
        reconcile_account(account_id=row.pk, now=datetime.now(UTC), **options)
        with as_sync():
            return VenueAccount.objects.get(pk=row.pk)

    def report(self) -> AccountReport:
        return self.venue.read_accounts([self.account])[0]

    def history(self, after="", min_slot=None) -> list[TransactionReport]:
        return self.venue.read_history(self.account, after=after, min_slot=min_slot)

    def events(self, kind=object) -> list:
        return [
            event for report in self.history() for event in report.events if isinstance(event, kind)
        ]

    def fills(self) -> list[FillReport]:
        return self.events(FillReport)

    def entries(self, kind) -> list[EntryReport]:
        return [entry for entry in self.events(EntryReport) if entry.kind == kind]

    def terms(self):
        with as_sync():
            return {row.market_index: row for row in PaperMarket.objects.all()}
