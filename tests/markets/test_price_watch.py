"""Fresh, late, stale: what a batch of prices is by the moments it was observed at."""

from datetime import timedelta
from decimal import Decimal

from markets.price_events import find_gaps
from markets.price_watch import PriceWatch
from tests.markets.hand_feed import NOW, price


def watch():
    return PriceWatch(timedelta(seconds=30))


def test_a_late_batch_changes_nothing():
    seen = watch()
    seen.take([price(150, age=2)], now=NOW)
    taken = seen.take([price(140, age=5)], now=NOW)
    assert (taken.fresh, taken.moved, taken.late) == ((), (), 1)
    seen.take([price(1, token="BTC", slot=9)], now=NOW)
    assert seen.take([price(2, token="BTC", slot=8)], now=NOW).late == 1
    # Of one slot it is the same reading, though its moment wavers.
    assert seen.take([price(1, token="BTC", slot=9, age=1)], now=NOW).late == 0


def test_an_older_price_counts_again_once_the_newer_one_is_stale():
    seen = watch()
    seen.take([price(150, slot=900)], now=NOW)
    later = NOW + timedelta(seconds=31)
    restarted = price(120, slot=5, now=later)
    assert seen.take([restarted], now=later).fresh == (restarted,)


def test_only_what_moved_is_handed_on_and_all_that_is_fresh_is_kept():
    seen = watch()
    assert len(seen.take([price(150), price(3, token="HYPE")], now=NOW).moved) == 2
    later = NOW + timedelta(seconds=1)
    batch = [price(150, now=later), price(4, token="HYPE", now=later)]
    taken = seen.take(batch, now=later)
    assert [each.token for each in taken.fresh] == ["SOL", "HYPE"]
    assert [each.token for each in taken.moved] == ["HYPE"]


def test_a_price_that_stands_still_is_told_as_stale_once_and_is_not_fresh():
    seen = watch()
    standing = price(150, slot=7)
    seen.take([standing], now=NOW)
    assert seen.turned(now=NOW) == ([], [])
    later = NOW + timedelta(seconds=31)
    assert seen.take([standing], now=later).fresh == ()
    assert seen.turned(now=later) == ([standing], [])
    assert seen.stale_names() == ["velocity SOL"]
    assert seen.turned(now=later) == ([], [])
    moving = price(150, slot=99, now=later)
    # It is handed on though it costs the same: who waited for a price has one again.
    assert seen.take([moving], now=later).moved == (moving,)
    assert seen.turned(now=later) == ([], [moving])


def test_sources_are_compared_token_by_token():
    found = find_gaps(
        [
            price(100), price(103, source="pyth"), price("101.9", source="drift"),
            price(5, token="HYPE"), price(50, token="BTC", source="pyth"),
        ],
        percent=Decimal(2),
    )  # fmt: skip
    assert [(gap.token, gap.one.source, gap.other.source, gap.percent) for gap in found] == [
        ("SOL", "pyth", "velocity", Decimal(3))
    ]
