"""The page of API keys: a code makes one, it is shown once, and anybody's own can be ended."""

import re

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.enums import LinkPurpose
from accounts.models import UserApiKey
from accounts.services import access_api_key, make_link
from core.errors import NotAllowed
from core.roles import as_sync
from tests import factories
from tests.authenticator import Authenticator

pytestmark = pytest.mark.django_db
FORM = {"name": "robot", "scope": ["read:account", "trade"], "addresses": "", "days": "30"}


@pytest.fixture
def person():
    with as_sync():
        return factories.user()


def browser_of(person):
    """Through the link that the chat gives."""
    client = Client(HTTP_HOST="localhost")
    url = make_link(user_id=person.pk, purpose=LinkPurpose.API_KEY, now=timezone.now())
    answer = client.post("/desk/link", {"t": url.rpartition("=")[2]})
    assert answer.headers["Location"] == "/desk/keys"
    return client


def keys():
    with as_sync():
        return list(UserApiKey.objects.order_by("id"))


def test_a_code_makes_a_key_that_works_and_is_shown_once(person):
    device, browser = Authenticator(person.pk, timezone.now()), browser_of(person)
    answer = browser.post("/desk/keys", FORM | {"code": device.code()})
    [secret] = re.findall(r'id="secret">([^<]+)<', answer.content.decode())
    holder = access_api_key(presented=secret, address="203.0.113.1", now=timezone.now())
    assert (holder.user_id, holder.scopes) == (person.pk, frozenset({"read:account", "trade"}))
    [row] = keys()
    assert 29 <= (row.expires_at - timezone.now()).days <= 30
    again = browser.get("/desk/keys").content.decode()
    assert "robot" in again
    assert secret.partition(".")[2] not in again


@pytest.mark.parametrize(
    "change",
    [{"code": "000000"}, {"code": ""}, {"scope": []}, {"scope": ["staff:all"]}, {"name": ""},
     {"addresses": "not an address"}],
)  # fmt: skip
def test_what_is_wrong_makes_none(person, change):
    device, browser = Authenticator(person.pk, timezone.now()), browser_of(person)
    answer = browser.post("/desk/keys", FORM | {"code": device.code()} | change)
    assert answer.status_code == 422
    assert b'role="alert"' in answer.content
    assert keys() == []


def test_a_used_code_makes_no_second_key(person):
    device, browser = Authenticator(person.pk, timezone.now()), browser_of(person)
    code = device.code()
    assert browser.post("/desk/keys", FORM | {"code": code}).status_code == 200
    assert browser.post("/desk/keys", FORM | {"code": code}).status_code == 422
    assert len(keys()) == 1


def test_without_an_authenticator_there_is_no_form(person):
    browser = browser_of(person)
    assert b'name="code"' not in browser.get("/desk/keys").content
    assert browser.post("/desk/keys", FORM | {"code": "123456"}).status_code == 422
    assert keys() == []


def test_a_key_is_ended_by_its_own_person_alone(person):
    device, browser = Authenticator(person.pk, timezone.now()), browser_of(person)
    browser.post("/desk/keys", FORM | {"code": device.code()})
    [row] = keys()
    with as_sync():
        stranger = factories.user()
    assert browser_of(stranger).post(f"/desk/keys/{row.pk}/end").status_code == 404
    assert keys()[0].status == "active"
    browser.post(f"/desk/keys/{row.pk}/end")
    assert keys()[0].status == "revoked"
    with pytest.raises(NotAllowed):
        access_api_key(presented=f"{row.api_key}.x", address=None, now=timezone.now())
    assert mail.outbox == []
