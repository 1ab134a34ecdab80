"""Tests of venues: one contract for all, and what each has beside it."""

import pytest

# Its name is no test's, yet its asserts are to say what they found.
pytest.register_assert_rewrite(
    "tests.venues.contract",
    "tests.venues.contract_changes",
    "tests.venues.contract_fates",
    "tests.venues.contract_orders",
    "tests.venues.contract_quotes",
    "tests.venues.contract_withdrawals",
    "tests.venues.chain_contract",
)
