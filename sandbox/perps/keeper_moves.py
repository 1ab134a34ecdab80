"""The transactions that keepers send."""

from __future__ import annotations

import logging

from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from sandbox.perps import amm
from sandbox.perps.auctions import standardize
from sandbox.perps.deployment import Deployment
from sandbox.perps.feeds import oracle_address
from sandbox.perps.listings import Listing
from sandbox.perps.model import Order, PerpMarket, User
from sandbox.perps.participants import (
    LAMPORTS_PER_SOL,
    instruction,
    keeper_of,
    maker_of,
    market_accounts,
)
from sandbox.perps.terms import U64_MAX, Direction, MarketKind, OrderType, Trigger
from sandbox.solana.programs import Chain
from sandbox.solana.transactions import TransactionRejected

log = logging.getLogger("sandbox.perps.keeper")

LEAST_LAMPORTS = LAMPORTS_PER_SOL
MAKER_SECONDS = 60


class Moves:
    """One keeper's hands on one chain."""

    def __init__(self, chain: Chain, deployment: Deployment) -> None:
        self._chain = chain
        self._deployment = deployment

    def fill(self, user: User, order: Order, *makers: Keypair) -> bool:
        """Fill, expire or clean an order; gives whether the transaction succeeded."""
        keeper = keeper_of(self._chain, self._deployment)
        accounts = self._filler(keeper) | self._filled(user)
        authorities = [maker.pubkey() for maker in makers] + self._referrer_of(user)
        remaining = self._markets()
        for key in authorities:
            for address in (self._deployment.user(key), self._deployment.user_stats(key)):
                remaining.append(AccountMeta(address, False, True))
        args = {"order_id": order.order_id, "maker_order_id": None}
        args["_maker_order_id"] = None
        filled = instruction(self._deployment, "fill_perp_order", accounts, remaining, **args)
        return self._send([filled], keeper)

    def _referrer_of(self, user: User) -> list[Pubkey]:
        """Who must be named beside a referred user, or the fill is refused."""
        key = self._deployment.user_stats(user.authority)
        account = self._chain.account(key)
        if account is None:
            return []
        referrer = self._deployment.view("UserStats", bytearray(account.data), key).referrer
        return [] if referrer == Pubkey.default() else [referrer]

    def trigger(self, user: User, order: Order) -> bool:
        """Set off a stop or a take-profit."""
        keeper = keeper_of(self._chain, self._deployment)
        accounts = self._filler(keeper) | self._filled(user)
        set_off = instruction(
            self._deployment, "trigger_order", accounts, self._markets(), order_id=order.order_id
        )
        return self._send([set_off], keeper)

    def update_funding(self, listing: Listing) -> bool:
        """Set the hour's funding rate of a market."""
        keeper = keeper_of(self._chain, self._deployment)
        accounts = {
            "state": self._deployment.state,
            "perp_market": self._deployment.perp_market(listing.index),
            "oracle": oracle_address(self._chain, self._deployment, listing),
        }
        updated = instruction(
            self._deployment, "update_funding_rate", accounts, [], market_index=listing.index
        )
        return self._send([updated], keeper)

    def liquidate(self, user: User, market_index: int) -> bool:
        """Take over as much of a position as may be taken now."""
        keeper = keeper_of(self._chain, self._deployment)
        key = keeper.pubkey()
        accounts = self._filled(user) | {
            "state": self._deployment.state,
            "authority": key,
            "liquidator": self._deployment.user(key),
            "liquidator_stats": self._deployment.user_stats(key),
        }
        args = {"market_index": market_index, "liquidator_max_base_asset_amount": U64_MAX}
        taken = instruction(self._deployment, "liquidate_perp", accounts, self._markets(), **args)
        return self._send([taken], keeper)

    def make_part(
        self, user: User, order: Order, market: PerpMarket, limit: int | None, percent: int
    ) -> bool:
        """Quote against part of an order in its auction, and fill that part."""
        size = order.unfilled() * percent // 100
        size -= size % market.order_step_size
        if limit is None or size < market.min_order_size:
            return False
        quoted_price = amm.quoted_price(market, amm.reserve_price(market), order.direction)
        long = order.direction == Direction.LONG
        limit = min(limit, quoted_price) if long else max(limit, quoted_price)
        maker = maker_of(self._chain, self._deployment)
        opposite = Direction(order.direction).opposite
        quoted = self._quote(maker, order, opposite, size, limit, market)
        if not self._send([quoted], maker):
            return False
        return self.fill(user, order, maker)

    def _quote(
        self,
        maker: Keypair,
        order: Order,
        direction: Direction,
        size: int,
        limit: int,
        market: PerpMarket,
    ) -> Instruction:
        params = {
            "order_type": OrderType.LIMIT,
            "market_type": MarketKind.PERP,
            "direction": direction,
            "base_asset_amount": size,
            "price": standardize(limit, market.order_tick_size, direction.opposite),
            "market_index": order.market_index,
            "trigger_condition": Trigger.ABOVE,
            "max_ts": self._chain.clock.unix_timestamp + MAKER_SECONDS,
        }
        accounts = {
            "state": self._deployment.state,
            "user": self._deployment.user(maker.pubkey()),
            "authority": maker.pubkey(),
        }
        return instruction(
            self._deployment, "place_perp_order", accounts, self._markets(), params=params
        )

    def _markets(self) -> list[AccountMeta]:
        return market_accounts(self._chain, self._deployment)

    def _filler(self, keeper: Keypair) -> dict[str, Pubkey]:
        key = keeper.pubkey()
        return {
            "state": self._deployment.state,
            "authority": key,
            "filler": self._deployment.user(key),
            "filler_stats": self._deployment.user_stats(key),
        }

    def _filled(self, user: User) -> dict[str, Pubkey]:
        return {
            "user": user.key,
            "user_stats": self._deployment.user_stats(user.authority),
        }

    def _send(self, instructions: list[Instruction], payer: Keypair) -> bool:
        held = self._chain.account(payer.pubkey())
        if held is None or held.lamports < LEAST_LAMPORTS:
            self._chain.airdrop(payer.pubkey(), 100 * LAMPORTS_PER_SOL)
        try:
            result = self._chain.send(instructions, payer=payer)
        except TransactionRejected as rejected:
            log.info("a keeper's transaction was refused: %s", rejected)
            return False
        if result.error is not None:
            log.info("a keeper's transaction failed: %s", result.error)
        return result.error is None
