"""SOL goes into a venue and comes back as SOL, exactly and once, whatever is killed between."""

from decimal import Decimal

import pytest
from django.utils import timezone

from chain.messages import transaction_fee
from chain.models import Submission
from chain.rpc import rpc
from core.errors import Refused
from core.roles import as_sync
from tests.authenticator import Authenticator
from tests.desk import Trader, new_telegram_id, run_killed, submission_of, sweep_until
from tests.journeys.test_crashes import ROWS
from tests.outsider import Outsider
from tests.withdrawer import Withdrawer
from trading.models import Difference, VenueTransfer
from trading.services import (
    fund_withdrawals,
    largest_deposit,
    place_deposit,
    place_venue_withdrawal,
    preview_deposit,
    preview_venue_withdrawal,
)
from trading.services.check_identities import compute_identities
from trading.venues.base import get_venue
from wallets.chain_balances import read_chain_balances, token_account
from wallets.models import IncomingTransfer
from wallets.services import sync_incoming
from wallets.tokens import BY_SYMBOL
from wallets.transfers import TOKEN_PROGRAM, MintFacts, plan_token

pytestmark = [pytest.mark.journey, pytest.mark.timeout(180)]
D = Decimal


@pytest.fixture
def owner(trader):
    """A trader with an authenticator."""
    Authenticator(trader.user_id, timezone.now())
    return trader


def asked(trader, amount):
    return {
        "user_id": trader.user_id, "deployment": trader.deployment, "token_symbol": "SOL",
        "amount": D(amount), "now": timezone.now(),
    }  # fmt: skip


def put_in(trader, amount, key="in"):
    return place_deposit(**asked(trader, amount), channel="telegram", key=key, sponsor_fee=D(0))


def take_out(trader, amount, key="out"):
    return place_venue_withdrawal(**asked(trader, amount), channel="telegram", key=key)


def transfer_of(placed) -> VenueTransfer:
    with as_sync():
        return VenueTransfer.objects.get(pk=placed.id)


def completed(placed) -> VenueTransfer:
    sweep_until(lambda: transfer_of(placed).status == "completed")
    return transfer_of(placed)


def held(trader) -> Decimal:
    return D(rpc().balance(trader.address)).scaleb(-9)


def fee_of(placed) -> Decimal:
    """What the chain took for the one message of it."""
    with as_sync():
        [raw] = set(Submission.objects.filter(acts__subject_id=placed.id).values_list("raw"))
    return D(transaction_fee(bytes(*raw))).scaleb(-9)


def at_venue(trader) -> Decimal:
    [report] = get_venue(trader.deployment).read_accounts([trader.account().address])
    return report.tokens.get("SOL", D(0))


def assert_books_agree(trader) -> None:
    venue, account = get_venue(trader.deployment), trader.account()
    [report] = venue.read_accounts([account.address])
    with as_sync():
        found = compute_identities(venue=venue, account=account, report=report, markets={})
        assert not Difference.objects.filter(account=account, resolved_at=None).exists()
    [spot] = [each for each in found if each.name == "spot SOL"]
    assert spot.holds
    # In lamports: a rounding is of one, not of a millionth.
    assert spot.allowed < D("0.00000001")


def sol_that_came(trader) -> list[Decimal]:
    """Once all that happened is final."""
    trader.sandbox.advance(45)
    sync_incoming(now=timezone.now())
    with as_sync():
        came = IncomingTransfer.objects.filter(token_symbol__in=("SOL", "WSOL"))
        return list(came.values_list("amount", flat=True))


def has_wrapped_account(trader) -> bool:
    mint = BY_SYMBOL["WSOL"].mint
    _, [found] = rpc().accounts([token_account(owner=trader.address, mint=mint)])
    return found is not None


def test_sol_goes_in_and_comes_back_to_the_lamport(owner):
    before = held(owner)
    shown = preview_deposit(**asked(owner, "0.75"))
    assert (shown.denials, shown.initializes, shown.sponsored) == ((), True, False)

    deposited = completed(put_in(owner, "0.75"))
    assert put_in(owner, "0.75").id == deposited.id
    assert (deposited.booked_amount, at_venue(owner)) == (D("0.75"), D("0.75"))
    spent = D("0.75") + shown.rent_sol + shown.fee_sol - D("0.000005") + fee_of(deposited)
    assert held(owner) == before - spent
    assert held(owner) >= shown.stays_sol
    assert not has_wrapped_account(owner)
    assert_books_agree(owner)

    with pytest.raises(Refused, match=r"venue_withdrawal\.too_much"):
        take_out(owner, "0.76")
    before = held(owner)
    shown = preview_venue_withdrawal(**asked(owner, "0.5"))
    assert (shown.denials, shown.withdrawable) == ((), D("0.75"))
    returned = completed(take_out(owner, "0.5"))
    assert take_out(owner, "0.5").id == returned.id
    assert returned.booked_amount == D("0.5")
    assert held(owner) == before + D("0.5") - fee_of(returned)
    # A part takes one more of the scaled balance, whose unit is far below a lamport.
    assert D("0.249999998") <= at_venue(owner) <= D("0.25")
    assert not has_wrapped_account(owner)
    assert_books_agree(owner)
    # What was unwrapped for its owner is nothing that came from outside.
    assert sol_that_came(owner) == [D(2)]


@pytest.mark.parametrize("deployment", ["velocity"])
def test_wrapped_sol_that_somebody_sent_is_unwrapped_with_it_and_spoils_nothing(desk, owner):
    friend = Outsider(desk)
    mint, before = BY_SYMBOL["WSOL"].mint, held(owner)
    place = token_account(owner=owner.address, mint=mint)
    facts = MintFacts(mint, TOKEN_PROGRAM, 9)
    made = plan_token(wallet=friend.address, to=owner.address, mint=facts, units=1).instructions[0]
    friend.send(friend.sol(place, 40_000_000), made)
    assert has_wrapped_account(owner)
    came = sol_that_came(owner)
    assert len(came) == 2

    shown = preview_deposit(**asked(owner, "0.5"))
    deposited = completed(put_in(owner, "0.5"))

    assert at_venue(owner) == D("0.5")
    assert not has_wrapped_account(owner)
    spent = D("0.5") + shown.rent_sol + shown.fee_sol - D("0.000005") + fee_of(deposited)
    assert held(owner) == before + D("0.04") - spent
    assert sol_that_came(owner) == came


@pytest.mark.parametrize("deployment", ["velocity"])
def test_what_the_way_back_needs_is_named_to_the_lamport_and_is_enough(owner):
    completed(put_in(owner, "0.5"))
    needed = 5_000 + 200_000 + rpc().rent(165) + rpc().rent(0)

    _hold(owner, needed - 1)
    [denial] = preview_venue_withdrawal(**asked(owner, "0.25")).denials
    assert (denial.rule, D(denial.params["missing"])) == ("sol_missing", D("0.000000001"))
    with pytest.raises(Refused, match=r"venue_withdrawal\.sol_missing"):
        take_out(owner, "0.25")
    with as_sync():
        assert VenueTransfer.objects.count() == 1

    _hold(owner, needed)
    returned = completed(take_out(owner, "0.25"))
    assert held(owner) == D(needed).scaleb(-9) + D("0.25") - fee_of(returned)


def _hold(trader, lamports: int) -> None:
    trader.sandbox.rpc("sandbox_setAccount", trader.address, {"lamports": lamports})
    trader.sandbox.advance(5)
    assert rpc().balance(trader.address) == lamports


@pytest.mark.parametrize(
    ("into", "out_of"),
    [
        ("after claim, before signing", "sent, answer lost"),
        pytest.param("signed, before commit", "after place, before claim", marks=pytest.mark.long),
        pytest.param(
            "confirmed, before our commit", "committed, before sending", marks=pytest.mark.long
        ),
    ],
)
@pytest.mark.parametrize("deployment", ["drift"])
def test_killed_on_its_way_it_still_goes_once(owner, into, out_of):
    before = held(owner)
    # All that can go, so that it is seen to be no lamport too much.
    most = largest_deposit(user_id=owner.user_id, deployment="drift", token_symbol="SOL")
    shown = preview_deposit(**asked(owner, most))
    placed = put_in(owner, most)
    _kill(into, placed.id)
    deposited = completed(placed)
    back = take_out(owner, "0.25")
    _kill(out_of, back.id)
    returned = completed(back)

    spent = shown.rent_sol + shown.fee_sol - D("0.000005")
    spent += fee_of(deposited) + fee_of(returned)
    assert held(owner) == before - most + D("0.25") - spent
    assert_books_agree(owner)
    with as_sync():
        assert Submission.objects.filter(signature__isnull=False).count() == 2


def _kill(row: str, subject_id) -> None:
    run_killed(before=ROWS[row], submission_id=submission_of(subject_id).id)


@pytest.mark.long
def test_sol_leaves_the_house_straight_from_a_venue(desk, settings):
    trader = Trader(desk, "drift", new_telegram_id()).arrive()
    person = Withdrawer(trader)
    completed(put_in(trader, "1.9"))
    # More than the wallet holds: the venue pays first.
    placed = person.prepare("1.5", token="SOL", source_deployment="drift")
    person.confirm(placed)
    person.release()

    def funded():
        fund_withdrawals(now=timezone.now())
        with as_sync():
            return Submission.objects.filter(acts__subject_id=placed.id).exists()

    sweep_until(funded)
    person.drive(placed, settings)
    sweep_until(lambda: read_chain_balances([person.target])[person.target].amounts["SOL"])
    assert person.arrived("SOL") == D("1.5")
