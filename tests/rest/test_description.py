"""The API's description is whole: what makes it has nothing to warn of."""

from io import StringIO

import pytest
from django.core.management import call_command

pytestmark = pytest.mark.django_db


def test_the_description_is_made_without_a_warning():
    call_command("spectacular", validate=True, fail_on_warn=True, format="openapi-json",
                 file=None, stdout=StringIO())  # fmt: skip
