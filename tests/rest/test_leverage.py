"""How far a person lets orders go, set by a program: kept, and asked by the rule of orders."""

import pytest

from accounts.services import read_settings
from tests import factories
from tests.rest.programs import problem, program, told

pytestmark = pytest.mark.django_db


def test_the_limit_is_read_set_and_kept_with_the_other_settings():
    user = factories.user()
    caller = program(user)
    assert told(caller.get("leverage")) == {"leverage": "10"}
    answer = caller.post("leverage", {"leverage": "3.50"}, method="put")
    assert (answer.status_code, told(answer)) == (200, {"leverage": "3.5"})
    assert told(caller.get("me"))["settings"]["risk_management"]["max_leverage"] == "3.50"
    assert told(program(factories.user()).get("leverage")) == {"leverage": "10"}


@pytest.mark.parametrize("wrong", ["0.5", "101", "-3", "ten"])
def test_what_is_no_leverage_is_refused_and_changes_nothing(wrong):
    user = factories.user()
    answer = program(user).post("leverage", {"leverage": wrong}, method="put")
    assert problem(answer)[0] in (400, 422)
    assert read_settings(user_id=user.pk)["risk_management"]["max_leverage"] == "10"


def test_a_key_that_only_reads_sets_nothing():
    user = factories.user()
    caller = program(user, "read:account")
    assert caller.get("leverage").status_code == 200
    assert problem(caller.post("leverage", {"leverage": "3"}, method="put"))[0] == 403
    assert read_settings(user_id=user.pk)["risk_management"]["max_leverage"] == "10"
