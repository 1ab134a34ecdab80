"""What is said of a withdrawal that ended without its effect: where the money is."""

from decimal import Decimal

import pytest

from core.roles import as_sync
from tests import factories
from wallets.services import read_withdrawal

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"status": "not_executed"}, "not executed, nothing was moved"),
        (
            {"status": "not_executed", "sent_amount": Decimal(100)},
            "not executed, nothing was moved",
        ),
        (
            {"status": "not_executed", "source_deployment": "drift"},
            "not executed, nothing was moved",
        ),
        (
            {"status": "not_executed", "source_deployment": "drift", "sent_amount": Decimal(99)},
            "not executed, the venue's money is in your wallet",
        ),
        ({"status": "failed"}, "failed on the chain, your money is in your wallet"),
    ],
)
def test_a_withdrawal_that_was_not_sent_is_told_with_where_its_money_is(columns, said):
    with as_sync():
        held = factories.withdrawal(**columns)
    found = read_withdrawal(user_id=held.user_id, withdrawal_id=held.pk)
    assert found.status_words == said
