"""The sandbox's own users of an exchange: a whale who lends, and the keepers' accounts."""

from __future__ import annotations

from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from drift.layouts.schema import Instruction as Declared
from sandbox.perps.borsh import write_fields
from sandbox.perps.deployment import SYSTEM_PROGRAM, TOKEN_PROGRAM, Deployment
from sandbox.perps.feeds import oracle_address
from sandbox.perps.genesis import SOL_MARKET, padded, write_token_account
from sandbox.perps.listings import LISTINGS, WRAPPED_SOL
from sandbox.perps.terms import QUOTE, QUOTE_MARKET
from sandbox.solana.programs import Chain

RENT_SYSVAR = Pubkey.from_string("SysvarRent111111111111111111111111111111111")
LAMPORTS_PER_SOL = 10**9
WHALE_QUOTE = 20_000_000 * QUOTE
WHALE_SOL = 100_000 * LAMPORTS_PER_SOL
KEEPER_QUOTE = 1_000_000 * QUOTE


def whale_of(chain: Chain, deployment: Deployment) -> Keypair:
    return chain.keypair(f"{deployment.key} whale")


def keeper_of(chain: Chain, deployment: Deployment) -> Keypair:
    return chain.keypair(f"{deployment.key} keeper")


def maker_of(chain: Chain, deployment: Deployment) -> Keypair:
    """Quotes against orders that keepers fill in part."""
    return chain.keypair(f"{deployment.key} maker")


def fund_participants(chain: Chain, deployment: Deployment) -> None:
    """Open the sandbox's own accounts and deposit what others can borrow and win."""
    whale = whale_of(chain, deployment)
    _join(chain, deployment, whale, WHALE_QUOTE)
    source = chain.keypair(f"{deployment.key} whale wrapped sol").pubkey()
    write_token_account(chain, source, mint=WRAPPED_SOL, owner=whale.pubkey(), amount=WHALE_SOL)
    lent = deposit(chain, deployment, whale.pubkey(), SOL_MARKET, WHALE_SOL, source)
    _must(chain, [lent], whale)
    for user in (keeper_of(chain, deployment), maker_of(chain, deployment)):
        _join(chain, deployment, user, KEEPER_QUOTE)


def _join(chain: Chain, deployment: Deployment, user: Keypair, amount: int) -> None:
    key = user.pubkey()
    chain.airdrop(key, 1_000 * LAMPORTS_PER_SOL)
    source = chain.mint_tokens(mint=deployment.quote_mint, owner=key, amount=amount)
    made = [
        initialize(deployment, "initialize_user_stats", key),
        initialize(deployment, "initialize_user", key, sub_account_id=0, name=padded("Sandbox")),
        deposit(chain, deployment, key, QUOTE_MARKET, amount, source),
    ]
    _must(chain, made, user)


def _must(chain: Chain, instructions: list[Instruction], user: Keypair) -> None:
    result = chain.send(instructions, payer=user)
    if result.error is not None:
        raise RuntimeError(f"genesis failed: {result.error}\n" + "\n".join(result.logs))


def instruction(
    deployment: Deployment,
    what: str,
    accounts: dict[str, Pubkey],
    remaining: list[AccountMeta],
    **args: object,
) -> Instruction:
    """An instruction of the program from its declared accounts and arguments."""
    declared: Declared = deployment.layout.instructions[what]
    metas = [
        AccountMeta(accounts[slot.name], slot.signer, slot.writable) for slot in declared.accounts
    ]
    data = declared.discriminator + write_fields(deployment.layout, declared.args, args)
    return Instruction(deployment.program_id, data, metas + remaining)


def initialize(deployment: Deployment, what: str, authority: Pubkey, **args: object) -> Instruction:
    accounts = {
        "user": deployment.user(authority),
        "user_stats": deployment.user_stats(authority),
        "state": deployment.state,
        "authority": authority,
        "payer": authority,
        "rent": RENT_SYSVAR,
        "system_program": SYSTEM_PROGRAM,
    }
    return instruction(deployment, what, accounts, [], **args)


def deposit(
    chain: Chain,
    deployment: Deployment,
    authority: Pubkey,
    market_index: int,
    amount: int,
    source: Pubkey,
) -> Instruction:
    accounts = {
        "state": deployment.state,
        "user": deployment.user(authority),
        "user_stats": deployment.user_stats(authority),
        "authority": authority,
        "spot_market_vault": deployment.vault(market_index),
        "user_token_account": source,
        "token_program": TOKEN_PROGRAM,
    }
    remaining = market_accounts(chain, deployment)
    args = {"market_index": market_index, "amount": amount, "reduce_only": False}
    return instruction(deployment, "deposit", accounts, remaining, **args)


def market_accounts(chain: Chain, deployment: Deployment) -> list[AccountMeta]:
    """Every oracle, spot market and perp market, in the order that the programs read them."""
    oracles = [
        AccountMeta(oracle_address(chain, deployment, listing), False, False)
        for listing in LISTINGS
    ]
    spot = [
        AccountMeta(deployment.spot_market(index), False, True)
        for index in (QUOTE_MARKET, SOL_MARKET)
    ]
    perp = [AccountMeta(deployment.perp_market(listing.index), False, True) for listing in LISTINGS]
    return oracles + spot + perp
