"""Balances follow the chain: only what changed is written, and never an older answer."""

import struct
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from chain.rpc import AccountData
from core.roles import as_sync
from tests import factories
from tests.desk import led_to
from tests.sandbox_server import running_sandbox
from wallets.chain_balances import (
    TOKEN_2022_PROGRAM,
    TOKEN_PROGRAM,
    ChainBalances,
    _amount,
    token_account,
)
from wallets.models import WalletBalance
from wallets.services import refresh_wallet, sync_balances
from wallets.services.sync_balances import store_balances
from wallets.tokens import BY_SYMBOL

pytestmark = pytest.mark.django_db

D = Decimal
USDC = BY_SYMBOL["USDC"]


def show(wallet, slot, **amounts):
    held = {symbol: D(amount) for symbol, amount in amounts.items()}
    return store_balances(balances={wallet.pk: ChainBalances(slot, held)}, now=timezone.now())


def stored(wallet, token="USDC"):
    with as_sync():
        return WalletBalance.objects.get(wallet=wallet, token_symbol=token)


def test_only_rows_that_changed_are_written():
    wallet = factories.wallet()
    assert show(wallet, 10, USDC="5", SOL="1") == 2
    before = stored(wallet, "SOL")
    assert show(wallet, 11, USDC="6", SOL="1") == 1
    after = stored(wallet, "SOL")
    assert (after.updated_at, after.observed_slot) == (before.updated_at, 10)
    assert (stored(wallet).balance, stored(wallet).observed_slot) == (6, 11)


def test_an_older_answer_changes_nothing():
    wallet = factories.wallet()
    show(wallet, 20, USDC="5")
    assert show(wallet, 19, USDC="9") == 0
    assert stored(wallet).balance == 5
    assert show(wallet, 20, USDC="9") == 1


def test_a_locked_part_shrinks_with_what_is_there():
    wallet = factories.wallet()
    factories.balance(wallet, "100", locked="40")
    show(wallet, 10, USDC="50")
    assert (stored(wallet).locked_balance, stored(wallet).available_balance) == (40, 10)
    show(wallet, 11, USDC="30")
    assert (stored(wallet).locked_balance, stored(wallet).available_balance) == (30, 0)


def test_many_wallets_are_one_statement_and_keep_apart():
    wallets = [factories.wallet() for _ in range(3)]
    seen = {
        wallet.pk: ChainBalances(10, {"USDC": D(number)}) for number, wallet in enumerate(wallets)
    }
    assert store_balances(balances=seen, now=timezone.now()) == 3
    assert [stored(wallet).balance for wallet in wallets] == [0, 1, 2]


def _token_account_of(mint, owner, units, program=TOKEN_PROGRAM):
    data = bytes(Pubkey.from_string(mint)) + bytes(Pubkey.from_string(owner))
    data += struct.pack("<Q", units)
    return AccountData("anywhere", str(program), data.ljust(165, b"\0"), 2_039_280, 10)


def test_a_token_account_counts_only_if_it_is_what_it_should_be():
    owner, thief = str(Keypair().pubkey()), str(Keypair().pubkey())
    right = _token_account_of(USDC.mint, owner, 7_000_001)
    assert _amount(right, USDC, owner) == D("7.000001")
    in_new_program = _token_account_of(USDC.mint, owner, 5_000_000, TOKEN_2022_PROGRAM)
    assert _amount(in_new_program, USDC, owner) == 5
    for spoofed in (
        _token_account_of(str(Keypair().pubkey()), owner, 7),
        _token_account_of(USDC.mint, thief, 7),
        _token_account_of(USDC.mint, owner, 7, Keypair().pubkey()),
        AccountData("short", str(TOKEN_PROGRAM), right.data[:71], 1, 10),
        None,
    ):
        assert _amount(spoofed, USDC, owner) == 0


@pytest.fixture(scope="session")
def _chain():
    with running_sandbox(slot_ms=40) as handle:
        yield handle


@pytest.fixture
def chain(_chain, db, settings):
    _chain.clear_faults()
    with led_to(_chain, settings):
        yield _chain


def test_the_chain_is_read_for_active_wallets_that_are_due(chain):
    held = Keypair().pubkey()
    wallet = factories.wallet(wallet_address=str(held))
    factories.wallet(wallet_address=str(Keypair().pubkey()), status="inactive")
    chain.airdrop(held, 1_500_000_000)
    chain.mint(USDC.mint, held, 25_000_000)
    chain.mint(str(Keypair().pubkey()), held, 99_000_000)
    chain.advance(2)
    now = timezone.now()
    read = sync_balances(now=now)
    assert (read["wallets"], stored(wallet).balance, stored(wallet, "SOL").balance) == (
        1, 25, D("1.5"),
    )  # fmt: skip
    with as_sync():
        symbols = set(WalletBalance.objects.values_list("token_symbol", flat=True))
    assert symbols == {"SOL", *BY_SYMBOL}
    assert sync_balances(now=now + timedelta(seconds=30))["wallets"] == 0
    assert sync_balances(now=now + timedelta(seconds=60)) == {"wallets": 1, "changed": 0}


def test_one_wallet_is_read_at_once_after_an_act(chain):
    held = Keypair().pubkey()
    wallet = factories.wallet(wallet_address=str(held))
    refresh_wallet(wallet_id=wallet.pk, now=timezone.now())
    chain.mint(USDC.mint, held, 3_000_000)
    chain.advance(2)
    assert refresh_wallet(wallet_id=wallet.pk, now=timezone.now()) == 1
    assert stored(wallet).balance == 3


def test_the_account_asked_for_is_the_owners_associated_one():
    owner = "EAkEx2kVmCKAnRcYMWKRVSTWuFdpPZ6kPySyXGCuuVtZ"
    derived, _ = Pubkey.find_program_address(
        [bytes(Pubkey.from_string(owner)), bytes(TOKEN_PROGRAM),
         bytes(Pubkey.from_string(USDC.mint))],
        Pubkey.from_string("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL"),
    )  # fmt: skip
    assert token_account(owner=owner, mint=USDC.mint) == str(derived)
