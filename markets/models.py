"""One row for every market of every venue."""

from django.db import models

from core.constraints import one_of
from core.fields import AmountField, LeverageField
from core.models import ChangingModel
from markets.enums import MarketStatus, MarketType


class AbstractMarket(ChangingModel):
    """What every market has: names, sizes in base units of the asset, prices in quote."""

    symbol = models.TextField()
    base_asset = models.TextField()
    quote_asset = models.TextField()
    market_type = models.TextField(choices=MarketType.choices)
    status = models.TextField(choices=MarketStatus.choices, default=MarketStatus.ACTIVE)
    min_order_size = AmountField(null=True, blank=True)
    max_order_size = AmountField(null=True, blank=True)
    tick_size = AmountField(null=True, blank=True)
    step_size = AmountField(null=True, blank=True)
    max_leverage = LeverageField(null=True, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.symbol


class Market(AbstractMarket):
    """A market in the desk's catalogue; `dex_name` is its venue deployment's key."""

    dex_name = models.TextField()

    class Meta:
        db_table = "markets"
        constraints = [
            models.UniqueConstraint(fields=["symbol", "dex_name"], name="markets_symbol"),
            one_of("market_type", MarketType, "markets_type_known"),
            one_of("status", MarketStatus, "markets_status_known"),
        ]
