"""Whoever has stolen a chat, and so every link that it gives, moves nothing without a new code."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice
from solders.keypair import Keypair

from accounts.enums import LinkPurpose
from accounts.models import User
from accounts.services import make_link
from chain.models import Submission
from core.errors import DeskError
from core.roles import as_sync
from tests.desk import Trader, new_telegram_id
from tests.withdrawer import Withdrawer
from trading.services import freeze_user
from wallets.models import Withdrawal, WithdrawalAddress
from wallets.services import add_address

pytestmark = pytest.mark.journey


@pytest.fixture
def owner(desk):
    """With an authenticator, an address in the book and money in the wallet."""
    return Withdrawer(Trader(desk, "drift", new_telegram_id()).arrive())


@pytest.fixture
def thief(owner):
    """Signed in to the owner's pages by a link that the chat gave."""
    browser = Client(HTTP_HOST="localhost")
    link = make_link(user_id=owner.user_id, purpose=LinkPurpose.SIGN_IN, now=timezone.now())
    assert browser.post("/desk/link", {"t": link.rpartition("=")[2]}).status_code == 302
    assert browser.get("/desk/").status_code == 200
    return browser


def wait_out_pauses(owner):
    """Wrong codes make the next try wait; a patient thief waits, and no code becomes right."""
    with as_sync():
        TOTPDevice.objects.filter(user_id=owner.user_id).update(
            throttling_failure_count=0, throttling_failure_timestamp=None
        )


def used_code(owner):
    """One that the owner has typed a moment ago, and somebody saw."""
    code = owner.device.code()
    add_address(
        user_id=owner.user_id,
        label="second",
        address=str(Keypair().pubkey()),
        code=code,
        now=timezone.now(),
    )
    return code


def the_books(owner):
    with as_sync():
        person = User.objects.get(pk=owner.user_id)
        return (
            set(
                WithdrawalAddress.objects.filter(removed_at=None).values_list("address", flat=True)
            ),
            list(Withdrawal.objects.values_list("status", flat=True)),
            list(TOTPDevice.objects.values_list("key", "confirmed")),
            person.email,
            person.frozen_at is not None,
            Submission.objects.count(),
        )


@pytest.mark.parametrize("kind", ["none", "guessed", "replayed"])
def test_every_page_asks_for_a_new_code_and_nothing_moves_without_it(owner, thief, kind):
    placed = owner.prepare("100")
    code = {"none": "", "guessed": "000000"}.get(kind)
    code = used_code(owner) if code is None else code
    before, mine = the_books(owner), str(Keypair().pubkey())
    for path, typed in (
        (f"/desk/withdrawals/{placed.id}", {}),
        ("/desk/addresses", {"label": "mine", "address": mine}),
        ("/desk/email", {"email": "thief@desk.example"}),
        ("/desk/authenticator", {}),
    ):
        wait_out_pauses(owner)
        answer = thief.post(path, typed | {"code": code})
        assert answer.status_code >= 400, path
    assert the_books(owner) == before
    # Long after everything that waits has waited.
    owner.release(after=timedelta(days=2))
    with as_sync():
        assert Submission.objects.count() == 0
        assert Withdrawal.objects.get().status == "not_executed"
    assert (owner.arrived("USDC"), owner.held("USDC")) == (0, 1000)


@pytest.mark.parametrize("kind", ["none", "guessed", "replayed"])
def test_a_frozen_account_is_thawed_by_nobody_without_a_new_code(owner, thief, kind):
    code = {"none": "", "guessed": "000000"}.get(kind)
    code = used_code(owner) if code is None else code
    freeze_user(user_id=owner.user_id, now=timezone.now())
    wait_out_pauses(owner)
    assert thief.post("/desk/unfreeze", {"code": code}).status_code >= 400
    with as_sync():
        assert User.objects.get(pk=owner.user_id).frozen_at is not None


def test_an_address_that_a_thief_could_add_is_of_no_use_for_a_day(owner):
    """Even one right code, read off the owner's device, sends nothing anywhere new at once."""
    mine = add_address(
        user_id=owner.user_id,
        label="mine",
        address=str(Keypair().pubkey()),
        code=owner.device.code(),
        now=timezone.now(),
    )
    owner.address = mine
    with pytest.raises(DeskError) as caught:
        owner.prepare("100", key="stolen")
    assert caught.value.code == "address.cooling"
    with as_sync():
        assert not Withdrawal.objects.exists()
