"""Both deployments with their prices and keepers, as the chain's process takes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from solders.pubkey import Pubkey

from sandbox.perps.deployment import DRIFT, VELOCITY, Deployment
from sandbox.perps.feeds import publish
from sandbox.perps.genesis import store, write_genesis
from sandbox.perps.keeper import Keeper
from sandbox.perps.listings import BY_SYMBOL, LISTINGS
from sandbox.perps.lookup_tables import write_lookup_tables
from sandbox.perps.participants import fund_participants
from sandbox.perps.prices import PriceProcess
from sandbox.perps.program import PerpsProgram
from sandbox.perps.terms import Paused
from sandbox.solana.programs import Chain
from sandbox.state import Json, SandboxState

FAULTS = {
    "keeper_off": "keepers do nothing",
    "keeper_partial": "part: keepers fill only that percentage of an order at first (40)",
    "keeper_slow": "slots: keepers wait that much longer (30)",
    "exchange_paused": "status (127, everything): what is paused; deployment: of one alone",
    "oracle_stale": "symbols: oracles of these (all if absent) stop publishing",
}


class LiveProgram(PerpsProgram):
    """A program with its keepers, which work once a slot."""

    def __init__(self, deployment: Deployment, state: SandboxState) -> None:
        super().__init__(deployment)
        self._keeper = Keeper(deployment, state)

    def tick(self, chain: Chain) -> None:
        """Let the keepers look at the slot."""
        self._keeper.work(chain)

    def snapshot(self) -> Json:
        return self._keeper.snapshot()

    def restore(self, saved: Json) -> None:
        self._keeper.restore(saved)


class PerpsExchange:
    """The bundle that the chain installs."""

    def __init__(self, state: SandboxState) -> None:
        self._state = state
        for name, meaning in FAULTS.items():
            state.faults.declare(name, meaning)
        self._prices = PriceProcess(state)
        self._paused: set[str] = set()
        self.programs = [LiveProgram(deployment, state) for deployment in (DRIFT, VELOCITY)]

    def genesis(self, chain: Chain) -> None:
        """Write oracles, markets and liquidity of both deployments."""
        for symbol, price in self._prices.prices().items():
            self._publish(chain, symbol, price)
        for program in self.programs:
            write_genesis(chain, program.deployment)
            fund_participants(chain, program.deployment)
        write_lookup_tables(chain, DRIFT)

    def tick(self, chain: Chain) -> None:
        """Move the prices and publish them."""
        self._prices.move()
        self._publish_all(chain)
        for program in self.programs:
            self._set_paused(chain, program.deployment)

    def _set_paused(self, chain: Chain, deployment: Deployment) -> None:
        fault = self._state.faults.peek("exchange_paused", deployment=deployment.key)
        if fault is None and deployment.key not in self._paused:
            return
        wanted = 0 if fault is None else int(fault.get("status", Paused.ALL))
        self._paused.discard(deployment.key)
        if wanted:
            self._paused.add(deployment.key)
        account = chain.account(deployment.state)
        if account is None:
            return
        state = deployment.view("State", bytearray(account.data), deployment.state)
        if state.exchange_status != wanted:
            state.exchange_status = wanted
            store(chain, deployment, state)

    def _publish_all(self, chain: Chain) -> None:
        stale = self._state.faults.peek("oracle_stale")
        prices = self._prices.prices()
        for listing in LISTINGS:
            silent = stale is not None and listing.symbol in stale.get("symbols", (listing.symbol,))
            if not silent and self._prices.is_known(listing.symbol):
                self._publish(chain, listing.symbol, prices[listing.symbol])

    def _publish(self, chain: Chain, symbol: str, price: Decimal) -> None:
        for program in self.programs:
            publish(chain, program.deployment, BY_SYMBOL[symbol], price)

    def prices(self) -> Mapping[str, Decimal]:
        """The price of each symbol in quote units."""
        return self._prices.prices()

    def set_price(self, chain: Chain, symbol: str, price: Decimal, *, hold: bool = True) -> None:
        """Move an oracle now; held, it stays. Raises KeyError for an unknown symbol."""
        self._prices.set_price(symbol, price, hold=hold)
        self._publish(chain, symbol, self._prices.prices()[symbol])

    def follow(self, symbol: str, price: Decimal, published_at: int) -> None:
        """Take the real market's price; it is published with the next slot."""
        self._prices.follow(symbol, price, published_at)

    def quote_mints(self) -> Sequence[Pubkey]:
        """The quote mint of each deployment."""
        return [program.deployment.quote_mint for program in self.programs]

    def snapshot(self) -> Json:
        return {"prices": self._prices.snapshot(), "paused": sorted(self._paused)}

    def restore(self, saved: Json) -> None:
        self._prices.restore(saved["prices"])
        self._paused = set(saved["paused"])


def create_exchange(state: SandboxState) -> PerpsExchange:
    """Both deployments for a sandbox process."""
    return PerpsExchange(state)
