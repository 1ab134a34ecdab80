"""A wallet with a key of its own at a venue in a running sandbox: plans become transactions."""

import base64
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.transaction import VersionedTransaction

from chain.messages import MessagePlan, Signer, build_transaction, check_transaction
from chain.rpc import rpc
from core.errors import Refused
from drift import wallet_steps
from drift.layouts.deployments import DEPLOYMENTS
from drift.snapshot import SYSTEM_PROGRAM
from sandbox.perps.deployment import DRIFT, VELOCITY
from sandbox.perps.terms import UserStatus
from tests.sandbox.solana_calls import encoded, latest_blockhash, wait_for
from tests.sandbox_server import SandboxHandle
from trading.venues.base import (
    DepositRequest,
    ModifyRequest,
    OrderRequest,
    Venue,
    VenueMessage,
    Withdrawable,
    WithdrawRequest,
)
from trading.venues.reports import (
    AccountReport,
    EntryReport,
    FillReport,
    OrderState,
    TransactionReport,
)

MEMO = "a message of a test"
STANDINS = {each.key: each for each in (DRIFT, VELOCITY)}
PRIORITY_FEE_CAP = 500_000


@dataclass
class Bench:
    """`sponsor` pays for the wallet where a request names it."""

    sandbox: SandboxHandle
    venue: Venue
    wallet: Keypair = field(default_factory=Keypair)
    sponsor: Keypair = field(default_factory=Keypair)
    numbers: int = 0

    @property
    def address(self) -> str:
        return str(self.wallet.pubkey())

    @property
    def account(self) -> str:
        return self.venue.account_address(self.address)

    # Requests.

    def deposit_request(self, amount="1000", **changes) -> DepositRequest:
        named = {
            "wallet_address": self.address,
            "token_symbol": self.venue.quote_symbol,
            "amount": Decimal(amount),
            "payer": self.address,
            "sponsor_fee": Decimal(0),
            "fee_float_lamports": 0,
            "priority_fee_cap_lamports": PRIORITY_FEE_CAP,
        }
        return DepositRequest(**named | changes)

    def sponsored_request(self, amount="1000", fee="7.5") -> DepositRequest:
        return self.deposit_request(
            amount,
            payer=str(self.sponsor.pubkey()),
            sponsor_fee=Decimal(fee),
            fee_float_lamports=3_000_000,
        )

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
            "expires_at": datetime.now(UTC) + timedelta(seconds=60),
        }
        request = OrderRequest(**named | changes)
        if request.price is not None or request.order_type != "market":
            return request
        quote = self.venue.quote(request, slippage=Decimal(2))
        return OrderRequest(**named | changes | {"price": quote.worst_price})

    # Messages.

    def plan_of(self, message: VenueMessage, *, sponsored=False, **changes) -> MessagePlan:
        keys = [self.sponsor, self.wallet] if sponsored else [self.wallet]
        named = {
            "fee_payer": str(keys[0].pubkey()),
            "signers": tuple(Signer(str(key.pubkey()), "local", "") for key in keys),
            "instructions": message.instructions,
            "allowed": message.allowed,
            "counters": message.counters,
            "priority_fee_cap_lamports": PRIORITY_FEE_CAP,
        }
        return MessagePlan(**named | changes)

    def carry_out(
        self, message: VenueMessage, *, sponsored=False, fails=False, checked=True
    ) -> str:
        """Check, sign, send, and wait until it is confirmed; its signature."""
        plan = self.plan_of(message, sponsored=sponsored)
        raw = self.raw(plan)
        if checked:
            check_transaction(raw=raw, plan=plan, memo=MEMO)
        keys = [self.sponsor, self.wallet] if sponsored else [self.wallet]
        signed = VersionedTransaction(VersionedTransaction.from_bytes(raw).message, keys)
        signature = self.sandbox.rpc(
            "sendTransaction", encoded(signed), {"encoding": "base64", "skipPreflight": True}
        )
        status = wait_for(lambda: self._confirmed(signature))
        if not fails:
            assert status["err"] is None, self._logs(signature)
        return signature

    def raw(self, plan: MessagePlan) -> bytes:
        return build_transaction(
            plan=plan,
            memo=MEMO,
            blockhash=str(latest_blockhash(self.sandbox)),
            unit_limit=600_000,
            unit_price=0,
        )

    # Acts; each gives None, or the code of why the venue did not take it.

    def place(self, *requests: OrderRequest) -> str | None:
        """All of them or none."""
        return self._act(lambda: self.venue.plan_orders(requests))

    def cancel(self, *orders: OrderState) -> str | None:
        ids = [order.venue_order_id for order in orders]
        return self._act(
            lambda: self.venue.plan_cancel(wallet_address=self.address, venue_order_ids=ids)
        )

    def modify(self, order: OrderState, **changes) -> str | None:
        return self._act(lambda: self.venue.plan_modify(self.modify_request(order, **changes)))

    def modify_request(self, order: OrderState, **changes) -> ModifyRequest:
        return ModifyRequest(
            wallet_address=self.address,
            market_index=order.market_index,
            venue_order_id=order.venue_order_id,
            **changes,
        )

    def withdraw(self, amount, token: str = "") -> str | None:
        return self._act(lambda: self.venue.plan_withdraw(self.withdraw_request(amount, token)))

    def withdraw_request(self, amount, token: str = "") -> WithdrawRequest:
        return WithdrawRequest(
            wallet_address=self.address,
            token_symbol=token or self.venue.quote_symbol,
            amount=Decimal(amount),
            priority_fee_cap_lamports=PRIORITY_FEE_CAP,
        )

    def withdrawable(self, token: str = "") -> Withdrawable:
        return self.venue.withdrawable(
            wallet_address=self.address, token_symbol=token or self.venue.quote_symbol
        )

    def settle(self, *market_indexes: int) -> str | None:
        return self._act(
            lambda: self.venue.plan_settle(
                wallet_address=self.address, market_indexes=market_indexes or (0,)
            )
        )

    def held(self, token: str = "") -> Decimal:
        """What the wallet itself holds of a token."""
        request = self.deposit_request(token_symbol=token or self.venue.quote_symbol)
        return self.venue.deposit_cost(request).wallet_token

    def attempt(self, act: Callable[[], object]) -> str | None:
        """The code by which it is refused, before anything is sent."""
        try:
            act()
        except Refused as refused:
            return refused.code
        return None

    def _act(self, plan: Callable[[], VenueMessage]) -> str | None:
        try:
            message = plan()
        except Refused as refused:
            return refused.code
        return self.send(message)

    def send(self, message: VenueMessage) -> str | None:
        """Carry a message out; the code of its failure, if it failed."""
        transaction = rpc().transaction(self.carry_out(message, fails=True))
        meta = transaction["meta"]
        if meta["err"] is None:
            return None
        return self.venue.explain_error(meta["err"], meta["logMessages"])[0]

    def close_quote_account(self) -> None:
        """Take away the wallet's own account of the quote token, with all that is in it."""
        token = DEPLOYMENTS[self.venue.deployment].collateral[self.venue.quote_symbol]
        account = str(wallet_steps.token_account(self.wallet.pubkey(), token))
        empty = {"lamports": 0, "data": "", "owner": SYSTEM_PROGRAM}
        self.sandbox.rpc("sandbox_setAccount", account, empty)
        wait_for(lambda: self.withdrawable().rent_lamports)

    def set_price(self, price, symbol="SOL") -> None:
        """Move the venue's price of a market and hold it there."""
        self.sandbox.set_price(symbol, price)
        wait_for(lambda: self.venue.oracle_prices()[0][0] == Decimal(price))

    # What becomes of the world around it.

    def stop_keepers(self) -> None:
        self.sandbox.set_fault("keeper_off")

    def pass_until(self, moment: datetime) -> None:
        wait_for(lambda: datetime.now(UTC) >= moment)

    @contextmanager
    def stale_prices(self):
        """The price is older than what the venue trusts for anything."""
        self.sandbox.set_fault("oracle_stale")
        try:
            self.sandbox.advance(150)
            yield
        finally:
            self.sandbox.clear_faults()
            self.set_price(self.sandbox.prices()["SOL"])

    # A liquidator takes a part at a time, and the account places nothing in between.
    liquidates_in_steps = True

    @contextmanager
    def liquidation(self, *, at_price):
        """The liquidation has begun, and nobody carries it on; then the price is as it was."""
        before = self.price()
        self.stop_keepers()
        self.set_price(at_price)
        self._mark_as_liquidated()
        wait_for(lambda: self.report().status == "being_liquidated")
        try:
            yield
        finally:
            self.set_price(before)
            self.sandbox.clear_faults()

    def _mark_as_liquidated(self) -> None:
        with self._written("User", self.account) as user:
            user.status |= UserStatus.BEING_LIQUIDATED

    def is_referred_by(self, other: "Bench") -> None:
        """As if it had been named when this account was made."""
        standin = STANDINS[self.venue.deployment]
        with self._written("UserStats", standin.user_stats(self.wallet.pubkey())) as stats:
            stats.referrer = other.wallet.pubkey()

    @contextmanager
    def _written(self, kind: str, address):
        """The bytes of an account of the venue's, to be changed."""
        options = {"encoding": "base64", "commitment": "processed"}
        found = self.sandbox.rpc("getAccountInfo", str(address), options)["value"]
        data, key = base64.b64decode(found["data"][0]), Pubkey.from_string(str(address))
        view = STANDINS[self.venue.deployment].view(kind, bytearray(data), key)
        yield view
        changed = found | {"data": base64.b64encode(bytes(view.data)).decode()}
        self.sandbox.rpc("sandbox_setAccount", str(address), changed)

    def price(self) -> Decimal:
        return self.venue.oracle_prices()[0][0]

    def deposit(self, amount="1000") -> str:
        return self.carry_out(self.venue.plan_deposit(self.deposit_request(amount)))

    def trade(self, direction="buy", size="1", **changes) -> OrderRequest:
        """Place a market order and wait until keepers have filled all of it."""
        request = self.order_request(direction, size, **changes)
        before = sum(fill.size for fill in self.fills())
        self.carry_out(self.venue.plan_orders([request]))
        wait_for(lambda: sum(fill.size for fill in self.fills()) >= before + request.size)
        return request

    def fund(self, lamports=2_000_000_000, quote_units=10_000_000_000) -> "Bench":
        """Give SOL and quote tokens, to the sponsor SOL alone, and wait until nodes show it."""
        self.sandbox.faucet(self.address, lamports=lamports, quote_units=quote_units)
        self.sandbox.faucet(self.sponsor.pubkey(), lamports=lamports, quote_units=0)
        wait_for(lambda: self.lamports(self.address) and self.lamports(self.sponsor.pubkey()))
        return self

    def lamports(self, address) -> int:
        return self.sandbox.rpc("getBalance", str(address), {"commitment": "confirmed"})["value"]

    # What the venue tells.

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

    def _confirmed(self, signature):
        answer = self.sandbox.rpc("getSignatureStatuses", [signature])
        found = answer["value"][0]
        settled = found and found["confirmationStatus"] in ("confirmed", "finalized")
        return found if settled else None

    def _logs(self, signature):
        options = {"commitment": "confirmed", "maxSupportedTransactionVersion": 1}
        return self.sandbox.rpc("getTransaction", signature, options)["meta"]["logMessages"]
