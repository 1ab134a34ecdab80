"""A person's wallet is made once, whatever happens in between."""

import pytest
from django.utils import timezone

from audit.models import AuditLog
from core.errors import NotAllowed, NotFound, Unavailable
from core.roles import as_sync
from core.uuid7 import uuid7
from tests import factories
from tests.threads import all_at_once
from wallets.chain_balances import known_symbols
from wallets.models import Wallet, WalletBalance
from wallets.services import create_wallet
from wallets.services.create_wallet import external_id_of

pytestmark = pytest.mark.django_db


def create(user):
    return create_wallet(user_id=user.pk, now=timezone.now())


def test_a_wallet_is_made_with_its_zero_balances_and_one_audit_row(custodian):
    user = factories.user()
    facts, is_new = create(user)
    assert is_new
    assert (facts.user_id, facts.custodian) == (user.pk, "privy")
    assert facts.address == custodian.wallets[external_id_of(user)].address
    assert {(b.token_symbol, b.balance) for b in facts.balances} == {
        (symbol, 0) for symbol in known_symbols()
    }
    with as_sync():
        assert AuditLog.objects.filter(action="wallet.created").count() == 1


def test_the_second_time_the_first_wallet_is_given_without_asking_the_custodian(custodian):
    user = factories.user()
    first, _ = create(user)
    custodian.is_down = True
    again, is_new = create(user)
    assert (again.id, is_new) == (first.id, False)


def test_many_threads_make_one_wallet(custodian):
    user = factories.user()
    outcomes = all_at_once(*[lambda: create(user)] * 10)
    assert len({facts.id for facts, _ in outcomes}) == 1
    assert sum(is_new for _, is_new in outcomes) == 1
    with as_sync():
        assert Wallet.objects.count() == 1
        assert WalletBalance.objects.count() == len(list(known_symbols()))


def test_a_crash_after_the_custodian_made_it_ends_in_the_same_wallet(custodian):
    user = factories.user()
    made = custodian.ensure_wallet(external_id=external_id_of(user))
    facts, is_new = create(user)
    assert (facts.address, is_new) == (made.address, True)


def test_a_custodian_that_does_not_answer_leaves_nothing(custodian):
    user = factories.user()
    custodian.is_down = True
    with pytest.raises(Unavailable):
        create(user)
    with as_sync():
        assert Wallet.objects.count() == 0


def test_nobody_has_no_wallet_made(custodian):
    with pytest.raises(NotFound):
        create_wallet(user_id=uuid7(), now=timezone.now())
    assert custodian.asked == []


def test_beside_a_wallet_that_staff_took_out_of_use_no_second_one_is_made(custodian):
    user = factories.user()
    facts, _ = create(user)
    with as_sync():
        Wallet.objects.filter(pk=facts.id).update(status="inactive")
    with pytest.raises(NotAllowed, match=r"wallet\.not_active"):
        create(user)
    with as_sync():
        assert Wallet.objects.count() == 1


def test_the_name_at_the_custodian_outlives_our_rows():
    known = factories.user(telegram_id=77_001)
    restored = type(known)(telegram_id=77_001)
    assert restored.id != known.id
    assert external_id_of(restored) == external_id_of(known) == "telegram-77001-solana"
