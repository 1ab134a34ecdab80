"""What tests of the Privy stand-in send and read."""

from tests.solana_transactions import as_text


def sign_body(transaction: bytes) -> dict:
    return {
        "method": "signTransaction",
        "chain_type": "solana",
        "params": {"transaction": as_text(transaction), "encoding": "base64"},
    }


def rpc_path(wallet: dict) -> str:
    return f"/v1/wallets/{wallet['id']}/rpc"


def code_of(response) -> tuple[int, str]:
    return response.status_code, response.json()["code"]
