"""Stable codes: each has a text of the bot's, and the page that lists them is up to date."""

from bot.texts.errors import TEXTS, reason_sentence
from laminator import error_docs
from trading import risk


def test_the_committed_page_is_what_the_code_says():
    hint = "run `manage.py write_error_docs` and commit docs/errors.md"
    assert error_docs.PAGE.read_text() == error_docs.page(), hint


def test_every_code_that_is_raised_has_a_text():
    assert sorted(error_docs.raised_codes().keys() - TEXTS.keys()) == []


def test_every_way_an_act_can_end_has_a_sentence_for_the_card():
    for code in sorted(error_docs.ending_codes()):
        assert reason_sentence(code) == TEXTS[code].what, code


def test_codes_are_found_wherever_they_are_made():
    raised = error_docs.raised_codes()

    assert raised["amount.empty"] == {"Refused"}  # raised in place
    assert "Unavailable" in raised["chain.unavailable"]  # kept in a variable first
    assert raised["custody.refused"] == {"Refused"}  # returned
    assert raised["deposit.sol_missing_user_cap"] == {"Refused"}  # a rule within a rule
    assert "venue.oracle_stale" in error_docs.ending_codes()
    assert "venue.order_expired" in error_docs.ending_codes()
    assert "withdrawal.cancelled_by_you" in error_docs.ending_codes()
    assert "withdrawal.not_waiting" not in error_docs.ending_codes()


def test_every_rule_of_the_risk_check_is_on_the_page():
    assert len([code for code in error_docs.raised_codes() if code.startswith("risk.")]) >= len(
        risk.RULES
    )


def test_a_code_means_the_same_for_the_money_wherever_it_is_raised():
    # One text cannot say both "nothing was moved" and "perhaps it was".
    for code, classes in error_docs.raised_codes().items():
        assert len(classes) == 1 or "OutcomeUnknown" not in classes, code
