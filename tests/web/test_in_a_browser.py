"""API keys and the review of a withdrawal in a real browser: the main path of each."""

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from accounts.enums import LinkPurpose
from accounts.models import UserApiKey
from accounts.services import access_api_key, make_link
from core.roles import as_admin, as_sync
from tests import factories
from tests.authenticator import Authenticator
from tests.web.browsing import beside
from wallets.models import Withdrawal

pytestmark = [pytest.mark.django_db, pytest.mark.browser, pytest.mark.timeout(300)]


def test_a_person_makes_a_key_and_ends_it(web, phone, tmp_path):
    person, device, url = beside(_person_with_a_link)
    phone.goto(url)
    phone.get_by_role("button", name="Continue").click()
    phone.screenshot(path=tmp_path / "keys.png", full_page=True)
    phone.get_by_label("Name").fill("robot")
    phone.get_by_label("only close positions and set their stops").check()
    phone.get_by_label("Code of your authenticator").fill(beside(device.code))
    phone.get_by_role("button", name="Make it").click()
    secret = phone.locator("#secret").inner_text()
    phone.screenshot(path=tmp_path / "made.png", full_page=True)
    holder = beside(
        lambda: access_api_key(presented=secret, address="127.0.0.1", now=timezone.now())
    )
    assert holder.user_id == person.pk
    phone.goto(f"{web}/desk/keys")
    phone.screenshot(path=tmp_path / "listed.png", full_page=True)
    phone.get_by_role("button", name="Revoke").click()
    assert beside(lambda: _only(UserApiKey)).status == "revoked"


def test_finance_approves_a_withdrawal_in_the_back_office(web, desktop, tmp_path):
    name = settings.SESSION_COOKIE_NAME
    cookie = beside(_finance_with_a_withdrawal_to_review)
    desktop.context.add_cookies([{"name": name, "value": cookie, "url": web}])
    desktop.goto(f"{web}/admin/wallets/withdrawal/")
    desktop.screenshot(path=tmp_path / "queue.png", full_page=True)
    desktop.locator("input.action-select").first.check()
    desktop.locator("select[name=action]").select_option("approve")
    desktop.screenshot(path=tmp_path / "chosen.png", full_page=True)
    desktop.get_by_role("button", name="Run").click()
    expect(desktop.get_by_text("done")).to_be_visible()
    desktop.screenshot(path=tmp_path / "approved.png", full_page=True)
    assert beside(lambda: _only(Withdrawal)).status == "cooling"


def _person_with_a_link():
    with as_sync():
        person = factories.user()
    now = timezone.now()
    url = make_link(user_id=person.pk, purpose=LinkPurpose.API_KEY, now=now)
    return person, Authenticator(person.pk, now), url


def _finance_with_a_withdrawal_to_review():
    client, now = Client(HTTP_HOST="localhost"), timezone.now()
    with as_admin():
        client.force_login(factories.staff("finance"))
    with as_sync():
        factories.withdrawal(status="awaiting_approval", confirmed_at=now, release_at=now)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def _only(model):
    with as_sync():
        return model.objects.get()
