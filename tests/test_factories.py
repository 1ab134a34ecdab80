"""Every factory makes a row that the database takes."""

import inspect

import pytest

from tests import factories

_MAKERS = [
    maker
    for name, maker in inspect.getmembers(factories, inspect.isfunction)
    if maker.__module__ == factories.__name__ and not name.startswith("_")
    and name not in ("address", "signature")
]  # fmt: skip


@pytest.mark.django_db
def test_every_factory_makes_a_row_that_the_database_takes():
    made = [maker() for maker in _MAKERS]

    assert all(row.pk is not None for row in made)
    assert len(made) == len(_MAKERS) > 20
