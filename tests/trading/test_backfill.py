"""A person's books made anew from what the venue recorded."""

import io
import os
import pickle
import signal
import subprocess
import sys
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command, load_command_class

from core.roles import as_sync
from laminator.settings.environment import ROOT
from tests import factories
from tests.trading.books import fill, transaction
from tests.trading.hand_venue import HAND, empty_report
from trading.models import Fill, VenueAccount
from trading.venues.base import get_venue

# The command in a process that dies, by SIGKILL, in the second account of two.
_KILLED = """
import os, pickle, signal, sys
import django; django.setup()
from importlib import import_module
from django.conf import settings
from django.core.management import call_command
settings.VENUES = dict.fromkeys(("hand", "second"), "tests.trading.hand_venue.HandVenue")
from trading.venues.base import get_venue
for name, told in pickle.loads(bytes.fromhex(sys.argv[3])).items():
    get_venue(name).__dict__.update(told)
module, name = import_module("trading.services.reconcile_account"), sys.argv[2]
real, calls = getattr(module, name), []
def dies(**asked):
    done = real(**asked)
    calls.append(name)
    if len(calls) == 2: os.kill(os.getpid(), signal.SIGKILL)
    return done
setattr(module, name, dies)
call_command("backfill_user", sys.argv[1])
"""


def _backfill(typed):
    said = io.StringIO()
    call_command("backfill_user", str(typed), stdout=said)
    return said.getvalue()


def _fills(books):
    with as_sync():
        return sorted(Fill.objects.filter(account=books.address).values_list("size", flat=True))


@pytest.fixture
def traded(books):
    """Two transactions are booked and the cursor stands behind them."""
    books.hear(transaction(fill(size="1")), transaction(fill(size="2")))
    assert _fills(books) == [1, 2]
    return books


def test_a_fill_that_was_lost_is_booked_again_and_the_others_stay_one(traded, owner_sql):
    owner_sql.execute("DELETE FROM fills WHERE size = 1")
    traded.look()
    assert _fills(traded) == [2]  # the cursor hides what lies before it

    said = _backfill(traded.wallet.user.telegram_id)

    assert _fills(traded) == [1, 2]
    assert "2 fills (+1)" in said


def test_an_account_whose_row_was_lost_is_made_from_the_chain(traded, owner_sql):
    address = traded.address
    owner_sql.execute("DELETE FROM fills")
    owner_sql.execute("DELETE FROM drift_positions")
    owner_sql.execute("DELETE FROM venue_accounts")

    _backfill(traded.wallet.user.pk)

    with as_sync():
        assert VenueAccount.objects.get().address == address
    assert _fills(traded) == [Decimal(1), Decimal(2)]


def test_repeating_it_changes_nothing(traded):
    said = [_backfill(traded.wallet.user.pk) for _ in range(2)]

    assert said[0] == said[1]
    assert "(+0)" in said[0]
    assert _fills(traded) == [1, 2]


@pytest.fixture
def traded_twice(traded, market, settings):
    """The same person has an account at another venue, of which nothing is booked."""
    settings.VENUES = dict.fromkeys((HAND, "second"), "tests.trading.hand_venue.HandVenue")
    other = get_venue("second")
    other.reset()
    factories.drift_market("second", symbol="SOL-PERP", market_index=0, quote_asset="USDC")
    address = f"second {traded.address}"
    factories.venue_account(traded.wallet, "second", address=address)
    other.histories[address] = [transaction(fill(size="4"))]
    other.reports[address] = empty_report(address)
    return traded, address


# After it has read, and after all of it is written but not committed.
@pytest.mark.parametrize("after", ["find_taken_back", "book_accounts"])
def test_one_that_is_killed_has_booked_whole_accounts_and_does_the_rest_when_repeated(
    traded_twice, owner_sql, after
):
    books, address = traded_twice
    owner_sql.execute("DELETE FROM fills")
    told = {
        name: {"reports": get_venue(name).reports, "histories": get_venue(name).histories}
        for name in (HAND, "second")
    }
    killed = subprocess.run(
        [sys.executable, "-c", _KILLED, str(books.wallet.user.pk), after,
         pickle.dumps(told).hex()],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "laminator.settings"},
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL, killed.stderr[-2000:]
    assert "1 of 2: reading hand" in killed.stdout
    assert "2 of 2: reading second" in killed.stdout
    assert _fills(books) == [1, 2]
    with as_sync():
        assert not Fill.objects.filter(account=address).exists()

    said = _backfill(books.wallet.user.pk)

    assert said.count("(+0)") >= 4
    assert "1 fills (+1)" in said
    with as_sync():
        assert [row.size for row in Fill.objects.filter(account=address)] == [4]
    assert _fills(books) == [1, 2]
    assert _backfill(books.wallet.user.pk).count("(+0)") == 8


def test_its_help_says_how_it_is_called_and_that_it_may_be_repeated(capsys):
    parser = load_command_class("laminator", "backfill_user").create_parser("manage.py", "x")

    parser.print_help()

    said = capsys.readouterr().out
    assert "manage.py backfill_user 123456789\n" in said
    assert "repeat it" in said
    assert "TELEGRAM_ID_OR_UUID" in said


def test_a_person_without_an_account_gets_none(books, owner_sql):
    owner_sql.execute("DELETE FROM venue_accounts")
    books.venue.reports[books.address] = empty_report(books.address, exists=False)

    assert "no account at any venue" in _backfill(books.wallet.user.pk)

    with as_sync():
        assert not VenueAccount.objects.exists()


def test_an_outage_stops_it_and_says_that_it_may_be_repeated(traded):
    traded.venue.is_down = True

    with pytest.raises(CommandError, match="Repeat it"):
        _backfill(traded.wallet.user.pk)

    assert _fills(traded) == [1, 2]


@pytest.mark.parametrize(
    "typed", ["12", "38261772-4d36-4876-86a8-dec5088dabc4", "9" * 40, "kim", "١٢"]
)
def test_a_person_who_is_not_there_is_named(db, typed):
    with pytest.raises(CommandError, match=r"no user|neither"):
        _backfill(typed)
