"""Instructions of a venue program: pure functions of what is wanted and where the markets are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from solders.instruction import AccountMeta, Instruction
from solders.pubkey import Pubkey

from drift.accounts import UserAccount
from drift.codec import codec_for
from drift.layouts.deployments import Deployment
from drift.orders import ModifyOrderParams, OrderParams
from drift.pdas import (
    RENT_SYSVAR_ID,
    SYSTEM_PROGRAM_ID,
    signer_address,
    spot_market_vault_address,
    state_address,
    user_address,
    user_stats_address,
)
from drift.remaining_accounts import QUOTE_MARKET_INDEX, Markets, RemainingAccounts

NAME_LENGTH = 32
NO_REFERRER = Pubkey.default()
# All that this file ever builds, and so all of the program's instructions that the desk needs.
BUILT_INSTRUCTIONS = frozenset(
    {
        "initialize_user_stats",
        "initialize_user",
        "deposit",
        "withdraw",
        "place_perp_order",
        "place_orders",
        "place_and_take_perp_order",
        "modify_order",
        "cancel_order",
        "cancel_orders",
        "cancel_orders_by_ids",
        "settle_pnl",
        "settle_multiple_pnls",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trader:
    """Whose sub-account, who signs (the authority or its delegate), and the account as last read.

    `account` None is an account that does not exist yet. `recent_perps` are markets touched since
    it was read: their positions may not show in it.
    """

    authority: Pubkey
    sub_account_id: int
    signer: Pubkey
    account: UserAccount | None
    recent_perps: tuple[int, ...] = ()


class InstructionBuilder:
    """Builds the instructions of one deployment. Amounts are base units; nothing is rounded here.

    An unknown market raises KeyError, a value that does not fit LayoutMismatch.
    """

    def __init__(self, deployment: Deployment, markets: Markets) -> None:
        self._deployment = deployment
        self._markets = markets
        self._codec = codec_for(deployment.layout)

    def initialize_user_stats(self, *, authority: Pubkey, payer: Pubkey) -> Instruction:
        """Make the authority's statistics account, once before its first sub-account."""
        accounts = self._creation_accounts(authority, payer)
        return self._build("initialize_user_stats", {}, accounts)

    def initialize_user(
        self, *, authority: Pubkey, payer: Pubkey, sub_account_id: int, name: str
    ) -> Instruction:
        """Make a sub-account; ids are taken in order from 0, and a deleted 0 never comes back."""
        encoded = name.encode()
        if len(encoded) > NAME_LENGTH:
            raise ValueError(f"a sub-account's name has at most {NAME_LENGTH} bytes")
        return self._build(
            "initialize_user",
            {"sub_account_id": sub_account_id, "name": encoded.ljust(NAME_LENGTH)},
            self._creation_accounts(authority, payer)
            | {"user": user_address(self._deployment, authority, sub_account_id)},
        )

    def deposit(
        self,
        *,
        trader: Trader,
        market_index: int,
        amount: int,
        user_token_account: Pubkey,
        token_program: Pubkey,
    ) -> Instruction:
        """Move tokens from the signer's token account into the sub-account."""
        remaining = self._remaining(trader).add_spot(market_index, writable=True)
        return self._build(
            "deposit",
            {"market_index": market_index, "amount": amount, "reduce_only": False},
            self._token_accounts(trader, market_index, user_token_account, token_program),
            remaining,
        )

    def withdraw(
        self,
        *,
        trader: Trader,
        market_index: int,
        amount: int,
        user_token_account: Pubkey,
        token_program: Pubkey,
    ) -> Instruction:
        """Take at most the deposit out: reduce-only always, or the program would lend the rest.

        The program pays any token account named here; it is the caller's to name the user's own.
        """
        remaining = self._remaining(trader).add_spot(market_index, writable=True)
        return self._build(
            "withdraw",
            {"market_index": market_index, "amount": amount, "reduce_only": True},
            self._token_accounts(trader, market_index, user_token_account, token_program),
            remaining,
        )

    def place_perp_order(self, *, trader: Trader, order: OrderParams) -> Instruction:
        """Place an order that rests or that keepers fill in transactions of their own."""
        remaining = self._remaining(trader).add_perp(order.market_index)
        values = {"params": order.values(self._deployment)}
        return self._build("place_perp_order", values, self._trade_accounts(trader), remaining)

    def place_orders(self, *, trader: Trader, orders: Iterable[OrderParams]) -> Instruction:
        """Place several at once: all or none."""
        placed = tuple(orders)
        remaining = self._remaining(trader).add_perps(order.market_index for order in placed)
        values = {"params": [order.values(self._deployment) for order in placed]}
        return self._build("place_orders", values, self._trade_accounts(trader), remaining)

    def place_and_take_perp_order(
        self, *, trader: Trader, order: OrderParams, referrer: Pubkey = NO_REFERRER
    ) -> Instruction:
        """Fill against the program's own liquidity in this transaction.

        Under a stale oracle the order rests instead, unless it is immediate-or-cancel. An account
        that was referred fills nothing without its referrer, who is paid from its fee.
        """
        remaining = self._remaining(trader).add_perp(order.market_index, writable=True)
        if referrer != NO_REFERRER:
            remaining.add_referrer(referrer)
        declared = self._deployment.layout.instructions["place_and_take_perp_order"].args[1]
        values = {"params": order.values(self._deployment), declared.name: None}
        return self._build(
            "place_and_take_perp_order", values, self._trade_accounts(trader), remaining
        )

    def modify_order(
        self, *, trader: Trader, order_id: int, changes: ModifyOrderParams
    ) -> Instruction:
        """Replace an open order by a changed one with a new id; fails if it is gone."""
        values = {
            "order_id": order_id,
            "modify_order_params": changes.values(self._deployment),
        }
        return self._trade("modify_order", values, trader)

    def cancel_order(self, *, trader: Trader, order_id: int) -> Instruction:
        """Cancel one order; succeeds without effect if the id is unknown.

        There is no way to leave the id out: the program would then cancel the latest order.
        """
        return self._trade("cancel_order", {"order_id": order_id}, trader)

    def cancel_orders(
        self, *, trader: Trader, market_index: int | None, direction: str | None
    ) -> Instruction:
        """Cancel all perp orders, or those of one market or direction."""
        values = {
            "market_type": None if market_index is None else "Perp",
            "market_index": market_index,
            "direction": direction,
        }
        return self._trade("cancel_orders", values, trader)

    def cancel_orders_by_ids(self, *, trader: Trader, order_ids: Iterable[int]) -> Instruction:
        return self._trade("cancel_orders_by_ids", {"order_ids": list(order_ids)}, trader)

    def settle_pnl(self, *, trader: Trader, market_index: int) -> Instruction:
        """Turn a market's PnL into collateral, as far as its PnL pool can pay."""
        remaining = self._remaining(trader).add_perp(market_index, writable=True)
        remaining.add_spot(QUOTE_MARKET_INDEX, writable=True)
        vault = spot_market_vault_address(self._deployment, QUOTE_MARKET_INDEX)
        accounts = self._trade_accounts(trader) | {"spot_market_vault": vault}
        return self._build("settle_pnl", {"market_index": market_index}, accounts, remaining)

    def settle_multiple_pnls(self, *, trader: Trader, market_indexes: Sequence[int]) -> Instruction:
        """Settle what can be settled; a market that cannot is passed over."""
        remaining = self._remaining(trader).add_spot(QUOTE_MARKET_INDEX, writable=True)
        for market_index in market_indexes:
            remaining.add_perp(market_index, writable=True)
        vault = spot_market_vault_address(self._deployment, QUOTE_MARKET_INDEX)
        accounts = self._trade_accounts(trader) | {"spot_market_vault": vault}
        values = {"market_indexes": list(market_indexes), "mode": "TrySettle"}
        return self._build("settle_multiple_pnls", values, accounts, remaining)

    def _trade(self, name: str, values: Mapping[str, Any], trader: Trader) -> Instruction:
        return self._build(name, values, self._trade_accounts(trader), self._remaining(trader))

    def _remaining(self, trader: Trader) -> RemainingAccounts:
        collected = RemainingAccounts(self._deployment, self._markets)
        return collected.add_user(trader.account).add_perps(trader.recent_perps)

    def _creation_accounts(self, authority: Pubkey, payer: Pubkey) -> dict[str, Pubkey]:
        return {
            "user_stats": user_stats_address(self._deployment, authority),
            "state": state_address(self._deployment),
            "authority": authority,
            "payer": payer,
            "rent": RENT_SYSVAR_ID,
            "system_program": SYSTEM_PROGRAM_ID,
        }

    def _trade_accounts(self, trader: Trader) -> dict[str, Pubkey]:
        deployment = self._deployment
        return {
            "state": state_address(deployment),
            "user": user_address(deployment, trader.authority, trader.sub_account_id),
            "user_stats": user_stats_address(deployment, trader.authority),
            "authority": trader.signer,
        }

    def _token_accounts(
        self, trader: Trader, market_index: int, user_token_account: Pubkey, token_program: Pubkey
    ) -> dict[str, Pubkey]:
        if str(token_program) not in self._deployment.token_programs:
            raise ValueError(f"{token_program} is no token program of {self._deployment.key}")
        return self._trade_accounts(trader) | {
            "spot_market_vault": spot_market_vault_address(self._deployment, market_index),
            self._deployment.signer_seed: signer_address(self._deployment),
            "user_token_account": user_token_account,
            "token_program": token_program,
        }

    def _build(
        self,
        name: str,
        values: Mapping[str, Any],
        accounts: Mapping[str, Pubkey],
        remaining: RemainingAccounts | None = None,
    ) -> Instruction:
        declared = self._deployment.layout.instructions[name]
        metas = [
            AccountMeta(accounts[slot.name], is_signer=slot.signer, is_writable=slot.writable)
            for slot in declared.accounts
        ]
        return Instruction(
            Pubkey.from_string(self._deployment.program_id),
            self._codec.encode_instruction(name, values),
            metas + (remaining.metas() if remaining else []),
        )
