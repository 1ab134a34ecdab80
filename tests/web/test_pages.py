"""The traders' pages in a real browser on a phone: enrol, add an address, withdraw, sign out."""

import re
from base64 import b32decode
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone
from django_otp.oath import totp
from playwright.sync_api import expect
from solders.keypair import Keypair

from accounts.enums import LinkPurpose
from accounts.services import make_link
from core.roles import as_sync
from tests import factories
from tests.authenticator import Authenticator, forget_used_codes
from tests.desk import Trader, new_telegram_id
from tests.web.browsing import beside
from wallets.models import Withdrawal, WithdrawalAddress
from wallets.services import list_addresses, place_withdrawal, read_withdrawal

pytestmark = pytest.mark.django_db


def link_for(user_id, purpose, **how):
    return make_link(user_id=user_id, purpose=purpose, now=timezone.now(), **how)


def prepare(trader):
    with as_sync():
        WithdrawalAddress.objects.update(usable_at=timezone.now() - timedelta(hours=1))
    [address] = list_addresses(user_id=trader.user_id, now=timezone.now())
    return place_withdrawal(
        user_id=trader.user_id,
        channel="telegram",
        key="one",
        token_symbol="USDC",
        amount=Decimal("123.45"),
        address_id=address.id,
        now=timezone.now(),
    )


@pytest.mark.browser
def test_a_person_enrols_adds_an_address_and_lets_a_withdrawal_go(desk, web, phone, tmp_path):
    trader = beside(lambda: Trader(desk, "drift", new_telegram_id()).arrive())
    phone.goto(beside(lambda: link_for(trader.user_id, LinkPurpose.ENROL)))
    phone.screenshot(path=tmp_path / "link.png")
    phone.get_by_role("button", name="Continue").click()
    secret = phone.locator("p.address").inner_text().replace(" ", "")
    phone.screenshot(path=tmp_path / "enrol.png", full_page=True)

    def code():
        beside(lambda: forget_used_codes(trader.user_id))
        return f"{totp(b32decode(secret)):06d}"

    phone.get_by_label("The code that it shows now").fill(code())
    phone.get_by_role("button", name="Enrol").click()
    expect(phone.get_by_text("Your authenticator is enrolled")).to_be_visible()

    target = str(Keypair().pubkey())
    phone.goto(f"{web}/desk/addresses")
    phone.get_by_label("Name").fill("My ledger")
    phone.get_by_label("Solana address").fill(target)
    phone.get_by_label("Code").fill("000000")
    phone.get_by_role("button", name="Add").click()
    expect(phone.get_by_role("alert")).to_contain_text("That code is not right")
    phone.get_by_label("Code").fill(code())
    phone.get_by_role("button", name="Add").click()
    expect(phone.get_by_text("Cooling off until")).to_be_visible()
    phone.screenshot(path=tmp_path / "addresses.png", full_page=True)

    placed = beside(lambda: prepare(trader))
    phone.goto(beside(lambda: link_for(trader.user_id, LinkPurpose.WITHDRAW, subject_id=placed.id)))
    phone.get_by_role("button", name="Continue").click()
    expect(phone.get_by_text(target)).to_be_visible()
    expect(phone.get_by_text("123.45 USDC")).to_be_visible()
    phone.screenshot(path=tmp_path / "withdraw.png", full_page=True)
    phone.get_by_label("Code").fill(code())
    phone.get_by_role("button", name="Withdraw").click()
    expect(phone.get_by_text("Confirmed. It waits")).to_be_visible()
    phone.screenshot(path=tmp_path / "waits.png", full_page=True)
    found = beside(lambda: read_withdrawal(user_id=trader.user_id, withdrawal_id=placed.id))
    assert found.status == "cooling"
    phone.get_by_role("button", name="Cancel it").click()
    expect(phone.get_by_text("cancelled, nothing was moved")).to_be_visible()

    phone.goto(f"{web}/desk/sessions")
    phone.get_by_role("button", name="Sign out").first.click()
    phone.goto(f"{web}/desk/")
    phone.screenshot(path=tmp_path / "home.png", full_page=True)


# Without a browser: what a page must refuse.


@pytest.fixture
def browser(settings):
    return Client(HTTP_HOST="localhost")


def signed_in(browser, user_id, purpose=LinkPurpose.SIGN_IN):
    path = re.search(r"/desk/link\?t=(.+)", link_for(user_id, purpose))
    assert browser.post("/desk/link", {"t": path[1]}).status_code == 302
    return browser


def test_looking_at_a_link_signs_nobody_in(browser, db):
    path = re.search(r"/desk/link\?t=.+", link_for(factories.user().pk, LinkPurpose.SIGN_IN))[0]
    for _ in range(3):
        assert browser.get(path).status_code == 200
    assert browser.cookies.get("desk_session") is None
    assert browser.get("/desk/").status_code == 403


def test_a_used_link_opens_nothing(browser, db):
    user = factories.user()
    token = link_for(user.pk, LinkPurpose.SIGN_IN).rpartition("=")[2]
    assert browser.post("/desk/link", {"t": token}).status_code == 302
    assert Client(HTTP_HOST="localhost").post("/desk/link", {"t": token}).status_code == 422


def test_a_trader_who_is_signed_in_is_nobody_to_the_back_office(browser, db):
    signed_in(browser, factories.user().pk)
    assert browser.get("/desk/").status_code == 200
    assert browser.get("/admin/").status_code == 302


def test_staff_who_are_signed_in_are_nobody_to_these_pages(browser, db):
    from core.roles import as_admin

    with as_admin():
        browser.force_login(factories.staff())
    assert browser.get("/desk/").status_code == 403


@pytest.mark.parametrize(
    "path", ["", "authenticator", "email", "sessions", "addresses", "withdrawals/{id}"]
)
def test_every_page_is_closed_to_strangers_and_hardened(browser, db, path):
    held = factories.withdrawal()
    url = f"/desk/{path.format(id=held.pk)}"
    assert browser.get(url).status_code == 403
    shown = signed_in(browser, held.user_id).get(url)
    assert shown.status_code == 200
    assert "default-src 'none'" in shown["Content-Security-Policy"]
    assert "script" not in shown["Content-Security-Policy"]
    assert b"<script" not in shown.content
    assert (shown["Referrer-Policy"], shown["Cache-Control"]) == ("same-origin", "no-store")


def test_anothers_withdrawal_and_address_are_not_found(browser, db):
    theirs = factories.withdrawal(status="cooling", release_at=timezone.now())
    signed_in(browser, factories.user().pk)
    assert browser.get(f"/desk/withdrawals/{theirs.pk}").status_code == 404
    assert browser.post(f"/desk/withdrawals/{theirs.pk}/cancel").status_code == 404
    assert browser.post(f"/desk/addresses/{theirs.address_id}/remove").status_code == 404
    with as_sync():
        assert Withdrawal.objects.get().status == "cooling"
        assert WithdrawalAddress.objects.get().removed_at is None


def test_a_form_from_elsewhere_is_refused(db):
    user = factories.user()
    strict = Client(HTTP_HOST="localhost", enforce_csrf_checks=True)
    token = link_for(user.pk, LinkPurpose.SIGN_IN).rpartition("=")[2]
    assert strict.post("/desk/link", {"t": token}).status_code == 403


def test_the_link_of_a_mail_stops_what_it_tells_of(browser, db):
    held = factories.withdrawal(status="cooling", release_at=timezone.now())
    Authenticator(held.user_id, timezone.now())
    token = link_for(
        held.user_id, LinkPurpose.STOP, subject_id=held.pk, params={"kind": "withdrawal"}
    ).rpartition("=")[2]
    assert browser.post("/desk/link", {"t": token}).status_code == 200
    # It stops, and opens nothing.
    assert browser.cookies.get("desk_session") is None
    with as_sync():
        assert Withdrawal.objects.get().status == "cancelled"
