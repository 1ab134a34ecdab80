"""Addresses as bytes, and those that programs derive from seeds. Pure."""

from functools import lru_cache

from solders.pubkey import Pubkey


def address_bytes(address: str) -> bytes:
    """The 32 bytes of an address. Raises ValueError for what is none."""
    return bytes(Pubkey.from_string(address))


def address_of(raw: bytes) -> str:
    return str(Pubkey.from_bytes(raw))


@lru_cache(maxsize=50_000)
def derived_address(program: str, *seeds: bytes) -> str:
    """Where a program keeps what belongs to these seeds."""
    return str(Pubkey.find_program_address(list(seeds), Pubkey.from_string(program))[0])
