"""Errors of programs and chain become stable codes and plain sentences."""

import re

import pytest

from drift.failure_words import PROGRAM_FAILURES
from drift.failures import explain
from drift.layouts.deployments import DRIFT, VELOCITY
from drift.layouts.program_errors import ERRORS
from tests.drift.recordings import SCENARIOS, scenario

CASES = {
    "venue.insufficient_collateral": {"InstructionError": [2, {"Custom": 6003}]},
    "venue.daily_withdraw_limit": {"InstructionError": [1, {"Custom": 6128}]},
    "venue.no_account": {"InstructionError": [1, {"Custom": 3012}]},
    "chain.insufficient_funds": {"InstructionError": [3, {"Custom": 1}]},
    "venue.program_error": {"InstructionError": [1, {"Custom": 9999}]},
    "venue.math_error": {"InstructionError": [1, {"Custom": 6019}]},
    "chain.expired": "BlockhashNotFound",
    "chain.no_sol": {"InsufficientFundsForRent": {"account_index": 0}},
    "chain.too_much_work": {"InstructionError": [1, "ComputationalBudgetExceeded"]},
    "chain.failed": {"InstructionError": [1, "InvalidAccountData"]},
}


@pytest.mark.parametrize("deployment", [DRIFT, VELOCITY], ids=["drift", "velocity"])
@pytest.mark.parametrize("code", CASES)
def test_errors_have_their_code_and_a_sentence(deployment, code):
    told, sentence = explain(deployment, CASES[code])
    assert told == code
    assert sentence.endswith(".")
    assert sentence[0].isupper()


def test_errors_that_only_one_deployment_knows_are_read_by_its_own_list():
    error = {"InstructionError": [1, {"Custom": 6342}]}
    assert explain(VELOCITY, error)[0] == "venue.unauthorized"
    assert explain(DRIFT, error)[0] == "venue.program_error"


def test_another_programs_number_is_not_taken_for_the_venues():
    error = {"InstructionError": [1, {"Custom": 6003}]}
    logs = [
        "Program Other11111111111111111111111111111111111111 failed: custom program error: 0x1773"
    ]
    assert explain(DRIFT, error, logs)[0] == "chain.program_error"
    logs = [f"Program {DRIFT.program_id} failed: custom program error: 0x1773"]
    assert explain(DRIFT, error, logs)[0] == "venue.insufficient_collateral"


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_recorded_error_is_explained(name):
    for step in scenario(name)["steps"]:
        if step["error"] is None:
            continue
        code, sentence = explain(DRIFT, step["error"], step["logs"])
        assert code.startswith(("venue.", "chain."))
        assert code != "venue.program_error", step["error"]
        assert sentence


def test_every_declared_number_has_a_code_of_its_shape():
    for number in ERRORS:
        code, _ = explain(DRIFT, {"InstructionError": [0, {"Custom": number}]})
        assert code.replace(".", "").replace("_", "").isalnum()
        assert code == code.lower()


# Faults of whoever builds a message, keepers' and liquidators' own, and the program's inner ones:
# no act of a user meets them.
OF_NO_USER = {
    "SufficientCollateral", "MathError", "LiquidationsBlockedByOracle", "NoPositionsLiquidatable",
    "InvalidMarginRatio", "CantExpireOrders", "UnableToCastUnixTime", "AuctionNotComplete",
    "SpotMarketInterestNotUpToDate", "AuctionPriceDoesNotSatisfyMaker", "MakerCantFulfillOwnOrder",
    "MakerOrderMustBePostOnly", "CantMatchTwoPostOnlys", "PositionAlreadyBeingLiquidated",
    "PositionDoesntHaveOpenPositionOrOrders", "AllOrdersAreAlreadyLiquidations",
    "CantCancelLiquidationOrder", "WrongSpotBalanceType", "UserCantLiquidateThemself",
    "InvalidPerpPositionToLiquidate", "InvalidBaseAssetAmountForLiquidatePerp",
    "InvalidPositionLastFundingRate", "InvalidPositionDelta", "UserNotBankrupt", "DefaultError",
    "LiquidationDoesntSatisfyLimitPrice", "PerpMarketNotInSettlement",
    "PerpMarketSettlementUserHasOpenOrders", "BlockchainClockInconsistency", "SpotOrdersDisabled",
    "CantTransferBetweenSameUserAccount", "InvalidLiquidation", "FailedUnwrap", "MarginOrdersOpen",
    "UserNotInactive", "FundingWasNotUpdated", "InvalidMarginCalculation",
    "LiquidationOrderFailedToFill",
}  # fmt: skip
OF_THE_BUILDER = re.compile(
    "Load|NotFound|Mutability|Invalid(Market|SpotMarket|User|UserStats)Account|Authority|Vault|"
    "IncorrectSpotMarketAccount"
)


def test_every_error_that_an_act_of_a_user_can_meet_has_words_of_its_own():
    wordless = {
        name
        for number, name in ERRORS.items()
        if number >= 6000 and name not in PROGRAM_FAILURES and not OF_THE_BUILDER.search(name)
    }
    assert wordless == OF_NO_USER
    assert set(PROGRAM_FAILURES) <= set(VELOCITY.layout.errors.values())
    assert all(sentence.endswith(".") for _, sentence in PROGRAM_FAILURES.values())
