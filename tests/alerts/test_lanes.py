"""Money goes before alerts and those before digests, none is starved, and much becomes one."""

from datetime import timedelta

import pytest
from django.utils import timezone

from alerts.enums import Lane, NotificationType
from alerts.models import OutboxMessage
from alerts.services import claim_cards, mark_delivered, message_of, put_off_card, queue_messages
from alerts.services.outbox import SPACING
from core.roles import as_sync
from core.uuid7 import uuid7
from tests import factories

pytestmark = pytest.mark.django_db
ALERT, TRADE, DIGEST = (
    NotificationType.PRICE_ALERT, NotificationType.TRADE, NotificationType.DIGEST,
)  # fmt: skip


def queue(kind, *, count=1, of=None, subject_id=None, due_at=None):
    """Messages of a kind, each for a person and a subject of its own unless they are given."""
    with as_sync():
        queue_messages([
            message_of(
                user_id=of.pk if of else factories.user().pk, subject_type="notification",
                subject_id=subject_id or uuid7(), due_at=due_at or timezone.now(), kind=kind,
            )
            for _ in range(count)
        ])  # fmt: skip


def test_money_goes_first_and_the_other_lanes_have_their_share():
    now = timezone.now()
    long_ago = now - timedelta(hours=1)
    queue(DIGEST, count=5, due_at=long_ago)
    queue(ALERT, count=12, due_at=long_ago)
    queue(TRADE, count=30, due_at=now)

    lanes = [card.lane for card in claim_cards(now=now)]

    assert lanes == sorted(lanes, key=list(Lane).index)
    assert [lanes.count(lane) for lane in Lane] == [24, 9, 3]


def test_alerts_of_one_kind_that_wait_for_a_person_become_one_message():
    person, now = factories.user(), timezone.now()
    first, second = uuid7(), uuid7()
    queue(ALERT, count=14, of=person, subject_id=first, due_at=now)
    queue(ALERT, of=person, subject_id=second, due_at=now)
    queue(NotificationType.WALLET_ALERT, of=person, due_at=now)

    # The many fill their lane's share of a round; what is of another kind goes in the next one.
    told = {card.kind: card for _ in range(2) for card in claim_cards(now=now)}

    assert set(told) == {ALERT, NotificationType.WALLET_ALERT}
    assert {key: times for _, key, times in told[ALERT].subjects} == {first: 14, second: 1}
    assert len(told[ALERT].message_ids) == 15


def test_an_alert_that_goes_back_and_forth_is_told_at_once_and_then_now_and_then():
    person, alert, now = factories.user(), uuid7(), timezone.now()
    sent = []
    for second in range(60):
        at = now + timedelta(seconds=second)
        queue(ALERT, of=person, subject_id=alert, due_at=at)
        cards = claim_cards(now=at)
        sent += [card.subjects[0][2] for card in cards]
        mark_delivered(cards=cards, now=at)

    assert sent == [1, 20, 20]
    assert claim_cards(now=now + timedelta(seconds=60) + SPACING)[0].subjects[0][2] == 19


def test_two_senders_hold_no_parts_of_one_card_or_message():
    person, subject, now = factories.user(), uuid7(), timezone.now()
    for kind in (TRADE, ALERT):
        queue(kind, of=person, subject_id=subject, due_at=now)
    assert len(claim_cards(now=now)) == 2
    for kind in (TRADE, ALERT):
        queue(kind, of=person, subject_id=subject, due_at=now)

    assert claim_cards(now=now) == []
    # A sender that died comes to no more than its lease.
    later = now + timedelta(seconds=31)
    assert sorted(len(card.message_ids) for card in claim_cards(now=later)) == [2, 2]


def test_what_is_held_for_the_night_is_one_message_in_the_morning():
    person, now = factories.user(), timezone.now()
    morning = now + timedelta(hours=7)
    for hour in range(4):
        at = now + timedelta(hours=hour)
        queue(ALERT, of=person, due_at=at)
        [card] = claim_cards(now=at)
        assert len(card.message_ids) == hour + 1
        put_off_card(card=card, now=at, error="quiet hours", after=morning - at)

    assert claim_cards(now=morning - timedelta(seconds=1)) == []
    [card] = claim_cards(now=morning)
    assert len(card.subjects) == 4
    with as_sync():
        assert OutboxMessage.objects.filter(state="waiting").count() == 4
