"""The environment with which the product runs against the sandbox instead of the real services."""

from sandbox.elsewhere import hermes
from sandbox.privy import credentials
from sandbox.telegram.world import DEFAULT_TOKEN


def environment(base_port: int) -> dict[str, str]:
    """Every variable that the product needs, for a sandbox that listens from `base_port` on.

    The withdraw signer's private key is left out on purpose: it belongs to the withdrawal worker
    alone, see `withdrawal_environment`.
    """
    trading = credentials.TRADING_SIGNER
    node = f"http://127.0.0.1:{base_port + 1}"
    return {
        # Two nodes, each with faults of its own: one alone may never let a message be signed anew.
        "SOLANA_RPC_URLS": f"{node},{node}/second",
        "SOLANA_WS_URL": f"ws://127.0.0.1:{base_port + 2}",
        # A node of this machine minds no haste; real providers sell a rate.
        "SOLANA_RPC_REQUESTS_PER_SECOND": "2000",
        "PRIVY_BASE_URL": f"http://127.0.0.1:{base_port + 3}",
        "PRIVY_APP_ID": credentials.APP_ID,
        "PRIVY_APP_SECRET": credentials.APP_SECRET,
        "PRIVY_TRADING_SIGNER_ID": trading.id,
        "PRIVY_TRADING_SIGNER_KEY": trading.keys[0].private_key,
        "PRIVY_WITHDRAW_SIGNER_ID": credentials.WITHDRAW_SIGNER.id,
        "PRIVY_OWNER_QUORUM_ID": credentials.OWNER.id,
        "TELEGRAM_API_URL": f"http://127.0.0.1:{base_port + 4}",
        "TELEGRAM_BOT_TOKEN": DEFAULT_TOKEN,
        "EXPLORER_URL": f"http://127.0.0.1:{base_port}/explorer",
        "FLASH_API_URL": f"http://127.0.0.1:{base_port}/flash",
        "HERMES_URL": f"http://127.0.0.1:{base_port}/hermes",
        "PYTH_API_KEY": hermes.KEY,
        "FAUCET_URL": f"http://127.0.0.1:{base_port + 4}/",
    }


def withdrawal_environment(base_port: int) -> dict[str, str]:
    """`environment` for the withdrawal worker, which alone holds the withdraw signer's key."""
    key = credentials.WITHDRAW_SIGNER.keys[0].private_key
    return environment(base_port) | {"PRIVY_WITHDRAW_SIGNER_KEY": key}
