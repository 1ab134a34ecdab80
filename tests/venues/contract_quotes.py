"""What every venue foretells of orders that wait: the numbers of their cards come true."""

from decimal import Decimal

from tests.venues.contract_orders import waiting_request


def quoted(bench, request):
    return bench.venue.quote(request, slippage=Decimal(1))


def test_a_limit_order_that_waits_binds_what_its_quote_says(bench):
    bench.set_price(150)
    bench.deposit("1000")
    request = bench.order_request("buy", "4", order_type="limit", price=Decimal(140))
    quote = quoted(bench, request)
    assert quote.expected_price == quote.worst_price == 140
    assert quote.notional == 560
    assert quote.fee > 0
    before = bench.report().free_collateral
    assert bench.place(request) is None
    bound = before - bench.report().free_collateral
    assert abs(bound - quote.initial_margin) < Decimal("0.001")


def test_an_order_that_only_makes_is_quoted_with_what_makers_pay(bench):
    bench.set_price(150)
    bench.deposit("1000")
    named = {"order_type": "limit", "price": Decimal(140)}
    taking = quoted(bench, bench.order_request("buy", "4", **named))
    making = quoted(bench, bench.order_request("buy", "4", post_only=True, **named))
    assert making.fee < taking.fee
    assert making.expected_price == 140


def test_a_limit_order_that_crosses_is_quoted_at_the_market(bench):
    bench.set_price(150)
    bench.deposit("1000")
    quote = quoted(bench, bench.order_request("buy", "1", order_type="limit", price=Decimal(155)))
    assert 149 < quote.expected_price < 151
    assert quote.worst_price == 155


def test_a_stop_is_quoted_as_what_it_does_at_its_trigger(bench):
    bench.set_price(150)
    bench.deposit("1000")
    bench.trade("buy", "4")
    stop = waiting_request(bench, "stop_market", "sell", "0.9", None, size="9", reduce_only=True)
    quote = quoted(bench, stop)
    assert quote.expected_price == 135
    assert quote.worst_price < 135
    # It closes what is held, no more.
    assert quote.notional == 4 * 135
    assert quote.leverage_after == 0
    before = bench.report().free_collateral
    assert bench.place(stop) is None
    bound = before - bench.report().free_collateral
    assert abs(bound - quote.initial_margin) < Decimal("0.001")


def test_a_stop_that_opens_is_quoted_with_the_margin_it_will_need(bench):
    bench.set_price(150)
    bench.deposit("1000")
    quote = quoted(bench, waiting_request(bench, "stop_limit", "buy", "1.1", "1.11", size="4"))
    assert (quote.expected_price, quote.worst_price) == (165, Decimal("166.5"))
    assert quote.notional == 660
    assert quote.initial_margin > 25
