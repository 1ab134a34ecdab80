"""The emulated program: which instruction is which, and how its accounts are opened."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping

from solders.pubkey import Pubkey

from sandbox.perps import (
    accounts_handlers,
    admin_handlers,
    keeper_handlers,
    money_handlers,
    order_handlers,
)
from sandbox.perps.borsh import Malformed, read_fields
from sandbox.perps.deployment import Deployment
from sandbox.perps.errors import Error, Refused, require
from sandbox.perps.frame import Frame
from sandbox.solana.programs import InstructionContext

Handler = Callable[[Frame], None]

HANDLERS: Mapping[str, Handler] = {
    "initialize_user_stats": accounts_handlers.initialize_user_stats,
    "initialize_user": accounts_handlers.initialize_user,
    "delete_user": accounts_handlers.delete_user,
    "update_user_delegate": accounts_handlers.update_user_delegate,
    "update_user_reduce_only": accounts_handlers.update_user_reduce_only,
    "update_user_margin_trading_enabled": accounts_handlers.update_user_margin_trading_enabled,
    "update_user_custom_margin_ratio": accounts_handlers.update_user_custom_margin_ratio,
    "update_user_name": accounts_handlers.update_user_name,
    "deposit": money_handlers.deposit,
    "withdraw": money_handlers.withdraw,
    "transfer_deposit": money_handlers.transfer_deposit,
    "update_spot_market_cumulative_interest": (
        money_handlers.update_spot_market_cumulative_interest
    ),
    "place_perp_order": order_handlers.place_perp_order,
    "place_orders": order_handlers.place_orders,
    "place_and_take_perp_order": order_handlers.place_and_take_perp_order,
    "cancel_order": order_handlers.cancel_order,
    "cancel_order_by_user_id": order_handlers.cancel_order_by_user_id,
    "cancel_orders": order_handlers.cancel_orders,
    "cancel_orders_by_ids": order_handlers.cancel_orders_by_ids,
    "modify_order": order_handlers.modify_order_by_id,
    "modify_order_by_user_id": order_handlers.modify_order_by_user_id,
    "fill_perp_order": order_handlers.fill_perp_order,
    "update_exchange_status": admin_handlers.update_exchange_status,
    "update_perp_auction_duration": admin_handlers.update_perp_auction_duration,
    "update_withdraw_guard_threshold": admin_handlers.update_withdraw_guard_threshold,
    "update_spot_market_max_token_deposits": (admin_handlers.update_spot_market_max_token_deposits),
    "update_user_perp_position_custom_margin_ratio": (
        accounts_handlers.update_user_perp_position_custom_margin_ratio
    ),
    "trigger_order": keeper_handlers.trigger,
    "settle_pnl": keeper_handlers.settle,
    "settle_multiple_pnls": keeper_handlers.settle_many,
    "force_cancel_orders": keeper_handlers.force_cancel,
    "liquidate_perp": keeper_handlers.liquidate,
    "update_funding_rate": order_handlers.update_funding_rate_of_market,
    "settle_funding_payment": order_handlers.settle_funding_payment,
}
# Accounts that an instruction makes; they are not there when it starts.
MADE = {
    "initialize_user_stats": frozenset({"user_stats"}),
    "initialize_user": frozenset({"user"}),
}


class PerpsProgram:
    """Runs a deployment's instructions over the bytes of its accounts."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        self.program_id: Pubkey = deployment.program_id
        self._by_discriminator = {
            deployment.layout.instructions[name].discriminator: name
            for name in HANDLERS
            if name in deployment.layout.instructions
        }

    def execute(self, ctx: InstructionContext) -> None:
        """Run one instruction; raises ProgramError with the program's number."""
        name = self._by_discriminator.get(bytes(ctx.data[:8]))
        if name is None:
            raise Refused(Error.FALLBACK_NOT_FOUND)
        ctx.log(f"Instruction: {_camel(name)}")
        declared = self.deployment.layout.instructions[name]
        try:
            args = read_fields(self.deployment.layout, declared.args, bytes(ctx.data[8:]))
        except Malformed:
            raise Refused(Error.DID_NOT_DESERIALIZE) from None
        given = list(ctx.accounts)
        require(len(given) >= len(declared.accounts), Error.NOT_ENOUGH_KEYS)
        named = {
            slot.name: reference for slot, reference in zip(declared.accounts, given, strict=False)
        }
        frame = Frame(
            ctx=ctx,
            deployment=self.deployment,
            now=ctx.clock.unix_timestamp,
            slot=ctx.clock.slot,
            args=args,
            slots=declared.accounts,
            named=named,
            remaining=given[len(declared.accounts) :],
        )
        try:
            frame.open_accounts(uninitialized=MADE.get(name, frozenset()))
            HANDLERS[name](frame)
        except (struct.error, OverflowError, ZeroDivisionError):
            # A number left the range of its field: the programs' arithmetic refuses that.
            raise Refused(Error.MATH) from None


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))
