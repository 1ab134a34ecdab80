import pytest

# Its name is no test's, yet its asserts are to say what they found.
pytest.register_assert_rewrite("tests.venues.contract")
