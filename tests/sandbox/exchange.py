"""A chain with both exchanges in this process, and a trader on it."""

from __future__ import annotations

from typing import Any

from solders.instruction import AccountMeta, Instruction
from solders.pubkey import Pubkey

from sandbox.perps import create_exchange
from sandbox.perps.deployment import TOKEN_PROGRAM, Deployment
from sandbox.perps.genesis import padded
from sandbox.perps.participants import deposit, initialize, instruction, market_accounts
from sandbox.perps.terms import MarketKind, OrderType, Trigger
from sandbox.solana.chain import Chain, Result
from sandbox.solana.tokens import associated_token_address
from sandbox.state import SandboxOptions, SandboxState

QUOTE = 10**6
BASE = 10**9
SOL = 10**9


def new_chain(*, seed: int = 1, walk: bool = False) -> Chain:
    """A chain after genesis; slots pass by `advance` only, and so does its time."""
    chain = empty_chain(seed=seed, walk=walk)
    chain.exchange.genesis(chain)
    return chain


def empty_chain(*, seed: int = 1, walk: bool = False) -> Chain:
    """A chain with both programs and nothing in it."""
    chain = Chain(SandboxState(SandboxOptions(slot_ms=0, seed=seed, walk=walk)))
    chain.install(create_exchange(chain.state))
    return chain


class Trader:
    """A user with 1,000 quote units deposited."""

    def __init__(
        self,
        chain: Chain,
        deployment: Deployment,
        name: str = "trader",
        *,
        referrer: Trader | None = None,
    ) -> None:
        self.chain, self.deployment = chain, deployment
        self.keypair = chain.keypair(name)
        self.key = self.keypair.pubkey()
        self.user = deployment.user(self.key)
        chain.airdrop(self.key, 10 * SOL)
        source = chain.mint_tokens(mint=deployment.quote_mint, owner=self.key, amount=1000 * QUOTE)
        made = initialize(
            deployment, "initialize_user", self.key, sub_account_id=0, name=padded("Main")
        )
        if referrer is not None:
            made = Instruction(made.program_id, made.data, made.accounts + referrer.pair())
        self.sends(
            initialize(deployment, "initialize_user_stats", self.key),
            made,
            deposit(chain, deployment, self.key, 0, 1000 * QUOTE, source),
        )

    def pair(self) -> list[AccountMeta]:
        """The trader's accounts, as makers and referrers are named."""
        stats = self.deployment.user_stats(self.key)
        return [AccountMeta(self.user, False, True), AccountMeta(stats, False, True)]

    def send(self, *instructions: Any) -> Result:
        return self.chain.send(instructions, payer=self.keypair)

    def sends(self, *instructions: Any) -> Result:
        result = self.send(*instructions)
        assert result.error is None, "\n".join(result.logs)
        return result

    def call(self, name: str, accounts: dict[str, Pubkey], **args: Any) -> Any:
        markets = market_accounts(self.chain, self.deployment)
        shared = {"state": self.deployment.state, "user": self.user, "authority": self.key}
        return instruction(self.deployment, name, shared | accounts, markets, **args)

    def order(self, **params: Any) -> Any:
        """A market order whose auction runs from the oracle's price to 1 % past it."""
        direction = params.get("direction", 0)
        defaults = {
            "order_type": OrderType.MARKET,
            "market_type": MarketKind.PERP,
            "market_index": 0,
            "base_asset_amount": BASE,
            "trigger_condition": Trigger.ABOVE,
        }
        if params.get("order_type", OrderType.MARKET) == OrderType.MARKET:
            defaults |= {
                "auction_duration": 10,
                "auction_start_price": 150 * QUOTE,
                "auction_end_price": (149 if direction else 151) * QUOTE,
                "max_ts": self.chain.clock.unix_timestamp + 60,
            }
        return self.call("place_perp_order", {}, params=defaults | params)

    def limit_params(self, **params: Any) -> dict[str, Any]:
        """A limit order without an auction."""
        return {
            "order_type": OrderType.LIMIT,
            "market_type": MarketKind.PERP,
            "market_index": 0,
            "base_asset_amount": BASE,
            "trigger_condition": Trigger.ABOVE,
        } | params

    def withdrawal(self, amount: int) -> Any:
        """Up to `amount` quote units to the trader's own token account."""
        accounts = {
            "user_stats": self.deployment.user_stats(self.key),
            "spot_market_vault": self.deployment.vault(0),
            self.deployment.declared.signer_seed: self.deployment.signer()[0],
            "user_token_account": associated_token_address(self.key, self.deployment.quote_mint),
            "token_program": TOKEN_PROGRAM,
        }
        return self.call("withdraw", accounts, market_index=0, amount=amount, reduce_only=True)

    def account(self) -> Any:
        account = self.chain.account(self.user)
        return self.deployment.view("User", bytearray(account.data), self.user)

    def position(self, market_index: int = 0) -> Any:
        return self.account().find_position(market_index)
