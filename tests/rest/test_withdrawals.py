"""Money out over REST: a scope of its own and a code in each request; stopped as freely as kept."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from solders.keypair import Keypair

from accounts.models import Intent, User
from core.errors import Refused
from core.roles import as_sync
from tests.authenticator import Authenticator, forget_used_codes
from tests.rest.programs import followed, fund, problem, program, told
from tests.withdrawer import withdraw_key
from trading.models import VenueTransfer
from trading.services import freeze_user
from wallets.models import Withdrawal, WithdrawalAddress
from wallets.services import release_withdrawals
from wallets.subject import WithdrawalSubject


@pytest.fixture
def device(trader):
    return Authenticator(trader.user_id, timezone.now())


@pytest.fixture
def address(caller, device):
    """An address of the book that has cooled off."""
    target = str(Keypair().pubkey())
    body = {"name": "ledger", "address": target, "code": device.code()}
    added = caller.post("addresses", body)
    assert added.status_code == 201, added.content
    assert told(added)["usable"] is False
    with as_sync():
        WithdrawalAddress.objects.update(usable_at=timezone.now() - timedelta(hours=1))
    return told(added)


def wish(address, amount="25", **more):
    return {"currency": "USDT", "amount": amount, "addressId": address["id"], **more}


def kept():
    with as_sync():
        return Withdrawal.objects.count(), Intent.objects.count()


def test_a_withdrawal_from_preview_to_its_end(caller, device, address, settings):
    preview = told(caller.post("withdrawals/preview", wish(address)))
    assert (preview["address"], preview["obstacles"]) == (address["address"], [])
    answer = caller.post("withdrawals", wish(address, code=device.code()), key="one")
    assert answer.status_code == 202, answer.content
    made = told(answer)
    assert (made["status"], made["amount"], made["to"]) == ("cooling", "25", "ledger")
    # Once for its key, whatever code comes with it.
    again = caller.post("withdrawals", wish(address, code="000000"), key="one")
    assert told(again)["id"] == made["id"]
    assert kept()[0] == 1
    assert [each["id"] for each in told(caller.get("withdrawals"))["items"]] == [made["id"]]
    release_withdrawals(now=timezone.now() + timedelta(minutes=11))
    with withdraw_key(settings):
        from chain.models import Submission
        from chain.services import drive_submission

        with as_sync():
            submission = Submission.objects.get(acts__subject_id=made["id"])
        drive_submission(submission_id=submission.id)
    ended = followed(caller, answer, until={"finalized"})
    assert (ended["sent"], ended["address"]) == ("25", address["address"])


def test_without_the_scope_or_the_code_nothing_is_even_prepared(trader, caller, device, address):
    with as_sync():
        user = User.objects.get(pk=trader.user_id)
    before = kept()
    trading = program(user, "read:account", "trade")
    body = wish(address, code=device.code())
    assert problem(trading.post("withdrawals", body, key="x")) == (403, "api.scope_missing")
    assert problem(trading.post("addresses", {})) == (403, "api.scope_missing")
    assert caller.post("withdrawals", wish(address), key="x").status_code == 422
    assert problem(caller.post("withdrawals", body)) == (400, "request.key_missing")
    assert kept() == before


def test_a_wrong_or_used_code_moves_nothing_and_the_right_one_lets_the_same_go(
    caller, device, address
):
    wrong = caller.post("withdrawals", wish(address, code="000000"), key="one")
    assert problem(wrong) == (422, "security.totp_wrong")
    with as_sync():
        assert Withdrawal.objects.get().status == "awaiting_code"
    code = device.code()
    assert told(caller.post("withdrawals", wish(address, code=code), key="one"))["status"] == (
        "cooling"
    )
    replayed = caller.post("withdrawals", wish(address, "26", code=code), key="two")
    assert problem(replayed) == (422, "security.totp_wrong")
    with as_sync():
        assert sorted(Withdrawal.objects.values_list("amount", "status")) == [
            (Decimal(25), "cooling"), (Decimal(26), "awaiting_code"),
        ]  # fmt: skip
    forget_used_codes(device.user_id)


def test_what_waits_is_cancelled_without_a_code_and_another_body_is_refused(
    caller, device, address
):
    made = told(caller.post("withdrawals", wish(address, code=device.code()), key="one"))
    other = caller.post("withdrawals", wish(address, "30", code=device.code()), key="one")
    assert problem(other) == (422, "request.key_used")
    cancelled = told(caller.delete(f"withdrawals/{made['id']}"))
    assert (cancelled["status"], cancelled["cancellable"]) == ("cancelled", False)


def test_an_address_that_is_taken_out_and_put_in_again_cools_off_anew(caller, device, address):
    """Also what waits for it goes nowhere, though the same address is in the book again."""
    made = told(caller.post("withdrawals", wish(address, code=device.code()), key="one"))
    assert caller.delete(f"addresses/{address['id']}").status_code == 204
    body = {"name": "ledger", "address": address["address"], "code": device.code()}
    again = told(caller.post("addresses", body))
    assert (again["usable"], again["id"] != address["id"]) == (False, True)
    for each, code in ((again, "address.cooling"), (address, "address.not_found")):
        refused = caller.post("withdrawals", wish(each, code=device.code()), key=code)
        assert problem(refused)[1] == code
    release_withdrawals(now=timezone.now() + timedelta(minutes=11))
    with as_sync():
        row = Withdrawal.objects.get(pk=made["id"])
        with pytest.raises(Refused, match="address_removed"):
            WithdrawalSubject().guard(subject_id=row.pk, submission_id=row.pk, now=timezone.now())


def test_another_persons_money_is_not_there(caller, device, address):
    from tests import factories

    made = told(caller.post("withdrawals", wish(address, code=device.code()), key="one"))
    stranger = program(factories.user())
    assert problem(stranger.get(f"withdrawals/{made['id']}"))[0] == 404
    assert problem(stranger.delete(f"withdrawals/{made['id']}"))[0] == 404
    assert problem(stranger.delete(f"addresses/{address['id']}"))[0] == 404
    for place in ("withdrawals", "addresses", "incoming", "venue-withdrawals"):
        assert told(stranger.get(place))["items"] == []


def test_sol_goes_into_the_venue_and_comes_back_and_what_stays_is_shown(caller, device):
    body = {"venue": "velocity", "currency": "SOL", "amount": "0.6"}
    preview = told(caller.post("deposits/preview", body))
    assert (preview["denials"], preview["sponsored"]) == ([], False)
    assert Decimal("1.3") < Decimal(preview["staysSol"]) < Decimal("1.4")
    answer = caller.post("deposits", body, key="in")
    assert told(caller.post("deposits", body, key="in"))["id"] == told(answer)["id"]
    ended = followed(caller, answer, until={"completed"})
    assert (ended["currency"], ended["booked"]) == ("SOL", "0.6")
    most = caller.post("deposits", body | {"amount": "1.4"}, key="more")
    assert problem(most) == (422, "deposit.sol_missing_beside")

    back = caller.post("venue-withdrawals", body | {"amount": "0.25"}, key="out")
    ended = followed(caller, back, until={"completed"})
    assert (ended["currency"], ended["booked"]) == ("SOL", "0.25")
    # It reaches the person's own wallet alone: the scope is asked for, and no code.
    with as_sync():
        user = User.objects.get(pk=device.user_id)
    trading = program(user, "read:account", "trade")
    refused = trading.post("venue-withdrawals", body | {"amount": "0.1"}, key="x")
    assert problem(refused) == (403, "api.scope_missing")
    freeze_user(user_id=user.pk, now=timezone.now())
    refused = caller.post("venue-withdrawals", body | {"amount": "0.1"}, key="frozen")
    assert problem(refused) == (422, "venue_withdrawal.frozen")
    with as_sync():
        assert VenueTransfer.objects.filter(user_id=user.pk, kind="withdrawal").count() == 1


def test_money_comes_back_from_the_venue_once_for_its_key(caller):
    fund(caller, "300")
    body = {"venue": "velocity", "currency": "USDT", "amount": "120"}
    preview = told(caller.post("venue-withdrawals/preview", body))
    assert (preview["withdrawable"], preview["denials"]) == ("300", [])
    answer = caller.post("venue-withdrawals", body, key="back")
    assert told(caller.post("venue-withdrawals", body, key="back"))["id"] == told(answer)["id"]
    ended = followed(caller, answer, until={"completed"})
    assert (ended["amount"], ended["booked"]) == ("120", "120")
    assert [each["id"] for each in told(caller.get("venue-withdrawals"))["items"]] == [ended["id"]]
    too_much = caller.post("venue-withdrawals", body | {"amount": "999"}, key="more")
    assert problem(too_much) == (422, "venue_withdrawal.too_much")
