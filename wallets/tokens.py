"""The tokens that the desk knows, by mint; a symbol never comes from a token's own metadata."""

from dataclasses import dataclass

SOL = "SOL"
SOL_DECIMALS = 9
LAMPORTS = 10**SOL_DECIMALS
# With a sponsored first deposit a wallet gets this much SOL for the fees of its later trades.
FEE_FLOAT_LAMPORTS = 3_000_000


@dataclass(frozen=True, slots=True)
class Token:
    symbol: str
    mint: str
    decimals: int


# Mainnet's mints, and Velocity's test dollar on devnet.
TOKENS = (
    Token("USDC", "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v", 6),
    Token("USDT", "Es9vMFrzaCERmJfrF4H2FYD4KCoNkY11McCe8BenwNYB", 6),
    Token("DUSDT", "GqmEqYsy8EyvofDpmtFxK8zhYrgWgNokAtYoduQdL7v6", 6),
    Token("WSOL", "So11111111111111111111111111111111111111112", 9),
)
BY_MINT = {token.mint: token for token in TOKENS}
BY_SYMBOL = {token.symbol: token for token in TOKENS}
