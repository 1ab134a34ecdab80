"""Keys in this process in place of a custodian's."""

import pytest

from tests.hand_custodian import keys_held_by_hand


@pytest.fixture
def custodian(settings):
    with keys_held_by_hand(settings) as found:
        yield found
