"""Secrets at rest: read back at their own place, by a key of the ring, and in no other way."""

import base64
import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.encryption import KeyRing, Place, key_ring
from core.errors import Misconfigured

PLACE = Place("devices", "key", 7)


def key():
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


OLD, NEW = key(), key()
RING = KeyRing([NEW, OLD])


@given(st.binary(max_size=200), st.text(max_size=20), st.text(max_size=20), st.integers())
def test_a_secret_comes_back_at_its_place_alone(secret, table, column, row):
    place = Place(table, column, row)
    text = RING.seal(secret, place=place)

    assert RING.unseal(text, place=place) == secret
    for other in (place._replace(table=table + "x"), place._replace(row=row + 1)):
        with pytest.raises(Misconfigured, match="unreadable"):
            RING.unseal(text, place=other)


@given(st.data())
def test_a_text_that_was_altered_anywhere_is_refused(data):
    text = RING.seal(b"a secret of twenty by", place=PLACE)
    at = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.characters(codec="ascii").filter(lambda each: each != text[at]))

    altered = text[:at] + letter + text[at + 1 :]

    with pytest.raises(Misconfigured, match=r"encryption\.(unreadable|key_unknown)"):
        RING.unseal(altered, place=PLACE)


@given(st.text(max_size=120))
def test_no_other_text_is_taken_for_a_secret(text):
    with pytest.raises(Misconfigured):
        RING.unseal(text, place=PLACE)


def test_the_first_key_encrypts_and_each_decrypts():
    by_old = KeyRing([OLD]).seal(b"secret", place=PLACE)

    assert RING.unseal(by_old, place=PLACE) == b"secret"
    assert RING.seal(b"secret", place=PLACE).startswith(RING.prefix)
    assert KeyRing([NEW]).prefix == RING.prefix != KeyRing([OLD]).prefix


def test_the_same_secret_never_reads_the_same_twice():
    assert len({RING.seal(b"secret", place=PLACE) for _ in range(100)}) == 100


def test_a_key_that_is_gone_is_named_and_not_shown():
    text = KeyRing([OLD]).seal(b"secret", place=PLACE)

    with pytest.raises(Misconfigured) as caught:
        KeyRing([NEW]).unseal(text, place=PLACE)

    assert caught.value.code == "encryption.key_unknown"
    assert caught.value.params == {"key": text.split(".")[1]}
    assert OLD not in str(caught.value)


def test_without_keys_nothing_is_encrypted(settings):
    settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(update={"encryption_keys": None})

    with pytest.raises(Misconfigured, match=r"encryption\.no_keys"):
        key_ring()
