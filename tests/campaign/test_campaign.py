"""The campaign in short: what `make chaos` plays a thousand times."""

import pytest

from audit.verifying import verify_audit
from tests.campaign.house import workers
from tests.campaign.runs import Player

pytestmark = pytest.mark.journey


@pytest.fixture
def zygote(desk):
    with workers() as parent:
        yield parent


@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", range(1, 5))
def test_whatever_is_killed_or_lied_to_each_act_happens_once_and_no_money_is_missing(
    desk, zygote, seed
):
    run = Player(seed=seed, sandbox=desk, zygote=zygote).play()
    assert run.wrong == "", run
    assert verify_audit().problem == ""
