"""The reference client over account bytes that a test gives, without a network."""

from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import driftpy
from anchorpy import Program, Provider, Wallet
from anchorpy_core.idl import Idl
from driftpy.accounts import DataAndSlot, OraclePriceData
from driftpy.decode.user import decode_user
from driftpy.drift_client import DriftClient
from driftpy.drift_user import DriftUser
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from drift.account_reader import reader_for
from drift.layouts.deployments import DRIFT
from drift.margin import Valuation
from drift.remaining_accounts import Markets

NOW = 1_728_100_000


@cache
def program() -> Program:
    idl = Idl.from_json((Path(driftpy.__file__).parent / "idl" / "drift.json").read_text())
    provider = Provider(SimpleNamespace(), Wallet(Keypair()))
    return Program(idl, Pubkey.from_string(DRIFT.program_id), provider)


class ReferenceClient(DriftClient):
    """Its instructions and its users' maths see the accounts given, all at slot 0."""

    def __init__(
        self,
        *,
        authority: Pubkey,
        perp_markets: list[bytes],
        spot_markets: list[bytes],
        user: bytes,
        perp_prices: dict[int, int],
        spot_prices: dict[int, int],
        state: Any = None,
    ) -> None:
        decode = program().coder.accounts.decode
        self.program = program()
        self.program_id = self.program.program_id
        self.wallet = SimpleNamespace(public_key=authority)
        self.authority = authority
        self.active_sub_account_id = 0
        self.signer_public_key = None
        self.last_perp_market_seen_cache: dict[int, int] = {}
        self.last_spot_market_seen_cache: dict[int, int] = {}
        self._perp = {m.market_index: m for m in map(decode, perp_markets)}
        self._spot = {m.market_index: m for m in map(decode, spot_markets)}
        self._prices = (perp_prices, spot_prices)
        self._state = state
        decoded = DataAndSlot(0, decode_user(user))
        subscriber = SimpleNamespace(get_user_account_and_slot=lambda: decoded)
        config = SimpleNamespace(get_user_client_subscriber=lambda *_: subscriber)
        self.user = DriftUser(self, Pubkey.default(), config)
        # The account that DriftClient finds through a connection of its own.
        self.connection = SimpleNamespace(get_account_info=self._account_exists)

    async def _account_exists(self, _address: Pubkey) -> Any:
        return SimpleNamespace(value=True)

    def get_user(self, sub_account_id: int | None = None) -> DriftUser:
        return self.user

    def get_user_account(self, sub_account_id: int | None = None) -> Any:
        return self.user.get_user_account()

    def get_perp_market_account(self, market_index: int) -> Any:
        return self._perp.get(market_index)

    def get_spot_market_account(self, market_index: int) -> Any:
        return self._spot.get(market_index)

    def get_spot_market_accounts(self) -> list[Any]:
        return list(self._spot.values())

    def get_state_account(self) -> Any:
        return self._state

    def get_oracle_price_data_for_perp_market(self, market_index: int) -> OraclePriceData:
        return OraclePriceData(self._prices[0][market_index], 0, 0, 0, 0, True)

    def get_oracle_price_data_for_spot_market(self, market_index: int) -> OraclePriceData:
        return OraclePriceData(self._prices[1][market_index], 0, 0, 0, 0, True)


class World:
    """The same account bytes for the reference client and for us."""

    def __init__(
        self,
        *,
        perp_markets: list[bytes],
        spot_markets: list[bytes],
        user: bytes,
        perp_prices: dict[int, int],
        spot_prices: dict[int, int],
        now: int = NOW,
    ) -> None:
        reader = reader_for(DRIFT)
        owner = DRIFT.program_id
        self.account = reader.user(owner=owner, data=user)
        perp = [reader.perp_market(owner=owner, data=data) for data in perp_markets]
        spot = [reader.spot_market(owner=owner, data=data) for data in spot_markets]
        self.valuation = Valuation(
            perp_markets={market.market_index: market for market in perp},
            spot_markets={market.market_index: market for market in spot},
            perp_prices=perp_prices,
            spot_prices=spot_prices,
            now=now,
        )
        self.markets = Markets(self.valuation.perp_markets, self.valuation.spot_markets)
        self.client = ReferenceClient(
            authority=self.account.authority,
            perp_markets=perp_markets,
            spot_markets=spot_markets,
            user=user,
            perp_prices=perp_prices,
            spot_prices=spot_prices,
        )
        self.user = self.client.user
