"""Writing products, orders, carts and promo codes, directly and as batches."""

import pytest
from passerelle.connectors.mailchimp.bodies import PLACEHOLDER, key
from passerelle.model import AudienceStatus, FinancialStatus, Kind
from passerelle.port import Rejected, Result, Unavailable
from sandbox.mailchimp import Member, hashed
from sandbox.moods import Mood

from .samples import cart, changed, euros, line, made, order, product, promo, removed


def test_a_product_arrives_with_every_variant(world, connector) -> None:
    (outcome,) = connector.push(Kind.PRODUCTS, [made(product(description_html="<p>Good &amp; warm</p>"))])
    assert (outcome.result, outcome.destination_id) == (Result.CREATED, "10")
    held = world.store.products["10"]
    assert held["description"] == "Good & warm"
    assert [(v["id"], v["price"], v["inventory_quantity"], v["title"]) for v in held["variants"]] == [
        ("10-s", 12.5, 3, "S"),
        ("10-m", 13.0, 0, "M"),
    ]


@pytest.mark.parametrize(("images", "count"), [("all", 2), ("first", 1), ("none", 0)])
def test_pictures_are_sent_as_the_setting_says(world, images: str, count: int) -> None:
    world.connect(images=images).push(Kind.PRODUCTS, [made(product())])
    assert len(world.store.products["10"].get("images", [])) == count


@pytest.mark.parametrize("many", [3, 30])
def test_pushing_products_twice_leaves_them_as_they_are(world, connector, many: int) -> None:
    changes = [made(product(str(n))) for n in range(many)]
    assert {o.result for o in connector.push(Kind.PRODUCTS, changes)} == {Result.CREATED}
    before = dict(world.store.products)
    assert all(o.result is Result.CREATED for o in connector.push(Kind.PRODUCTS, changes))
    assert world.store.products == before


def test_more_than_ten_changes_are_one_batch(world, connector) -> None:
    connector.push(Kind.PRODUCTS, [made(product(str(n))) for n in range(1000)])
    paths = [f"{call.method} {call.path}" for call in world.account.calls]
    assert paths.count("POST /3.0/batches") == 1
    assert not any(path.startswith("PUT") for path in paths)
    assert world.waits == [5.0]  # a thousand operations are given five seconds before the first look


def test_two_thousand_changes_are_two_batches_answered_in_order(world, connector) -> None:
    changes = [made(product(str(n))) for n in range(1500)]
    outcomes = connector.push(Kind.PRODUCTS, changes)
    assert [o.id for o in outcomes] == [c.id for c in changes]
    assert len(world.account.batches.batches) == 2


def test_waits_for_a_batch_double_up_to_thirty_seconds(world, connector) -> None:
    world.account.batches.seconds = 200
    connector.push(Kind.PRODUCTS, [made(product(str(n))) for n in range(11)])
    assert [round(wait, 1) for wait in world.waits] == [1.0, 2.1, 4.2, 8.4, 16.7, *[30.0] * 6]


def test_a_batch_that_never_ends_is_unavailable(world, connector) -> None:
    world.account.batches.seconds = 10**9
    with pytest.raises(Unavailable):
        connector.push(Kind.PRODUCTS, [made(product(str(n))) for n in range(11)])


def test_a_finished_batch_may_hold_failures_and_each_change_is_told_its_own(world, connector) -> None:
    connector.push(Kind.PRODUCTS, [made(product("10"))])
    orders = [order(str(n)) for n in range(20)]
    orders[7] = order("7", email="")
    outcomes = connector.push(Kind.ORDERS, [made(one) for one in orders])
    assert [o.result for o in outcomes].count(Result.CREATED) == 19
    assert (outcomes[7].result, outcomes[7].code) == (Result.REFUSED, "no_email")


def test_an_operation_that_left_no_result_is_sent_again_later(world, connector) -> None:
    world.account.batches.lost_operations = 2
    outcomes = connector.push(Kind.PRODUCTS, [made(product(str(n))) for n in range(12)])
    assert [o.result for o in outcomes].count(Result.THROTTLED) == 2
    assert [o.result for o in outcomes].count(Result.CREATED) == 10


def test_results_that_arrive_damaged_are_not_taken_for_success(world, connector) -> None:
    world.account.moods.add(Mood.TRUNCATED, "GET /.*tar.gz", times=9)
    with pytest.raises(Unavailable):
        connector.push(Kind.PRODUCTS, [made(product(str(n))) for n in range(12)])


def test_an_order_of_a_guest_makes_no_subscriber(world, connector) -> None:
    connector.push(Kind.PRODUCTS, [made(product())])
    (outcome,) = connector.push(Kind.ORDERS, [made(order(customer_id="", email="guest@shop.example"))])
    assert outcome.result is Result.CREATED
    held = world.store.orders["500"]
    assert held["customer"] == {
        "id": hashed("guest@shop.example"),
        "email_address": "guest@shop.example",
        "opt_in_status": False,
    }
    assert (held["financial_status"], held["fulfillment_status"]) == ("paid", "shipped")
    assert held["processed_at_foreign"] == "2026-03-01T09:00:00+00:00"
    assert world.audience.status("guest@shop.example") == "transactional"


@pytest.mark.parametrize("status", ["subscribed", "unsubscribed", "cleaned", "pending", "archived"])
def test_an_order_changes_nobodys_status(world, connector, status: str) -> None:
    world.audience.seed(Member("ada@shop.example", status))
    connector.push(Kind.PRODUCTS, [made(product())])
    connector.push(Kind.ORDERS, [made(order())])
    connector.push(Kind.CARTS, [made(cart())])
    assert world.audience.status("ada@shop.example") == status


def test_an_order_follows_its_store(world, connector) -> None:
    connector.push(Kind.PRODUCTS, [made(product())])
    connector.push(Kind.ORDERS, [made(order(financial_status=FinancialStatus.PENDING))])
    (outcome,) = connector.push(Kind.ORDERS, [changed(order(financial_status=FinancialStatus.REFUNDED))])
    assert outcome.result is Result.UPDATED
    assert world.store.orders["500"]["financial_status"] == "refunded"
    assert len(world.store.orders) == 1


@pytest.mark.parametrize("many", [1, 15])
def test_lines_of_products_no_longer_sold_go_to_a_placeholder_and_it_is_said(
    world, connector, many: int
) -> None:
    connector.push(Kind.PRODUCTS, [made(product("10"))])
    lines = (line(), line("", "", id="l2"), line("99", "99-s", id="l3"), line("10", "10-gone", id="l4"))
    outcomes = connector.push(Kind.ORDERS, [made(order(str(n), lines=lines)) for n in range(many)])
    assert {o.result for o in outcomes} == {Result.CREATED}
    assert all("3 line(s)" in o.why and "placeholder" in o.why for o in outcomes)
    held = world.store.orders["0"]["lines"]
    assert [part["product_id"] for part in held] == ["10", PLACEHOLDER, PLACEHOLDER, PLACEHOLDER]


def test_a_line_without_variant_finds_the_only_variant_of_its_product(world, connector) -> None:
    single = product("20", variants=product("20").variants[:1])
    connector.push(Kind.PRODUCTS, [made(single)])
    (outcome,) = connector.push(Kind.ORDERS, [made(order(lines=(line("20", ""),)))])
    assert (outcome.result, outcome.why) == (Result.CREATED, "")
    assert world.store.orders["500"]["lines"][0]["product_variant_id"] == "20-s"


def test_a_cart_is_made_then_changed_then_removed(world, connector) -> None:
    connector.push(Kind.PRODUCTS, [made(product())])
    assert connector.push(Kind.CARTS, [made(cart())])[0].result is Result.CREATED
    fuller = cart(total=euros("40"), lines=(line(), line("10", "10-m", id="l2", quantity=1)))
    assert connector.push(Kind.CARTS, [changed(fuller)])[0].result is Result.UPDATED
    assert world.store.carts["900"]["order_total"] == 40.0
    assert len(world.store.carts["900"]["lines"]) == 2
    gone = [connector.push(Kind.CARTS, [removed(cart(), "900")])[0].result for _ in range(2)]
    assert gone == [Result.DELETED, Result.UNCHANGED]


@pytest.mark.parametrize("many", [1, 15])
def test_a_cart_whose_answer_was_lost_is_found_and_changed(world, connector, many: int) -> None:  # B-7
    connector.push(Kind.PRODUCTS, [made(product())])
    carts = [made(cart(str(n))) for n in range(many)]
    connector.push(Kind.CARTS, carts)
    assert {o.result for o in connector.push(Kind.CARTS, carts)} == {Result.CREATED}
    assert len(world.store.carts) == many


def test_a_changed_cart_that_is_not_there_is_made(world, connector) -> None:
    connector.push(Kind.PRODUCTS, [made(product())])
    assert connector.push(Kind.CARTS, [changed(cart())])[0].result is Result.UPDATED
    assert "900" in world.store.carts


def test_thousands_of_codes_share_one_rule(world, connector) -> None:
    codes = [promo(str(n)) for n in range(2500)]
    assert {o.result for o in connector.push(Kind.PROMO_CODES, [made(c) for c in codes])} == {Result.CREATED}
    assert len(world.store.promo_rules) == 1
    assert len(world.store.promo_codes["7"]) == 2500
    assert world.store.promo_rules["7"]["amount"] == 0.1


def test_a_promo_code_is_changed_and_removed(world, connector) -> None:
    connector.push(Kind.PROMO_CODES, [made(promo())])
    (outcome,) = connector.push(Kind.PROMO_CODES, [changed(promo(enabled=False, usage_count=4))])
    held = world.store.promo_codes["7"]["77"]
    assert (outcome.result, held["enabled"], held["usage_count"]) == (Result.UPDATED, False, 4)
    assert held["redemption_url"] == "https://shop.example"
    assert (
        connector.push(Kind.PROMO_CODES, [removed(promo(), outcome.destination_id)])[0].result
        is Result.DELETED
    )
    assert world.store.promo_codes["7"] == {}
    assert world.store.promo_rules == {}, "a rule goes with its last code"


def test_a_rule_stays_while_one_of_its_codes_does_and_a_retry_takes_the_rest(world, connector) -> None:
    connector.push(Kind.PROMO_CODES, [made(promo("1")), made(promo("2"))])
    connector.push(Kind.PROMO_CODES, [removed(promo("1"), "7/1")])
    assert sorted(world.store.promo_rules) == ["7"]
    # A worker ended after it had deleted the last code, and before it looked at the rule.
    world.store.promo_codes["7"].clear()
    (outcome,) = connector.push(Kind.PROMO_CODES, [removed(promo("2"), "7/2")])
    assert outcome.result is Result.UNCHANGED
    assert world.store.promo_rules == {}


def test_a_product_is_removed_once(world, connector) -> None:
    connector.push(Kind.PRODUCTS, [made(product())])
    gone = [connector.push(Kind.PRODUCTS, [removed(product(), "10")])[0].result for _ in range(2)]
    assert gone == [Result.DELETED, Result.UNCHANGED]


def test_past_orders_start_no_automation_while_the_store_is_syncing(world, connector) -> None:
    connector.open_backfill()
    connector.push(Kind.PRODUCTS, [made(product())])
    connector.push(Kind.ORDERS, [made(order(str(n))) for n in range(30)])
    connector.push(Kind.CARTS, [made(cart())])
    assert world.account.automations_started == []
    connector.close_backfill()
    connector.push(Kind.CARTS, [made(cart("901"))])
    assert world.account.automations_started == [("abandoned_cart", "901")]


def test_opening_and_closing_a_backfill_twice_changes_nothing(world, connector) -> None:
    for act, syncing in ((connector.open_backfill, True), (connector.close_backfill, False)):
        act()
        act()
        assert world.store.data["is_syncing"] is syncing
    assert list(world.account.stores) == ["shop-1"]
    assert list(world.store.products) == [PLACEHOLDER]


def test_opening_again_writes_nothing_but_the_mark(world) -> None:  # B-8
    world.connect().open_backfill()
    assert [(call.method, call.path) for call in world.account.calls.writes] == [
        ("PATCH", "/3.0/ecommerce/stores/shop-1")
    ]


def test_without_a_store_each_change_is_refused_with_what_to_do(world, connector) -> None:
    world.account.stores.clear()
    (outcome,) = connector.push(Kind.PRODUCTS, [made(product())])
    assert (outcome.result, outcome.code) == (Result.REFUSED, "audience_store_missing")
    connector.close_backfill()


def test_long_and_odd_ids_become_short_plain_ones_that_stay_distinct() -> None:
    odd = ["gid://shopify/Product/1", "gid://shopify/Product/2", "a/b", "a b", "é" * 80]
    keys = [key(id) for id in odd]
    assert len(set(keys)) == len(odd)
    assert all(len(k) <= 50 and k.replace("-", "").replace("_", "").isalnum() and k.isascii() for k in keys)
    assert key("123_x-Y") == "123_x-Y"


def test_a_status_nobody_asked_for_is_never_in_an_order(world, connector) -> None:
    world.audience.seed(Member("ada@shop.example", AudienceStatus.UNSUBSCRIBED.value))
    connector.push(Kind.PRODUCTS, [made(product())])
    connector.push(Kind.ORDERS, [made(order(str(n))) for n in range(12)])
    customers = [held["customer"]["opt_in_status"] for held in world.store.orders.values()]
    assert customers == [False] * 12


def test_a_store_of_another_audience_is_refused_and_left_as_it_is(world, connector) -> None:
    connector.close_backfill()
    with pytest.raises(Rejected) as caught:
        world.connect(audience_id="another").open_backfill()
    assert caught.value.code == "store_of_other_audience"
    assert world.store.data["is_syncing"] is False


def test_two_runs_that_open_at_once_make_one_store(world, connector) -> None:
    del world.account.stores["shop-1"]
    other = world.connect()
    world.account.moods.on_call(1, other.open_backfill, "POST .*/stores$")
    connector.open_backfill()
    assert world.store.data["is_syncing"] is True
    assert PLACEHOLDER in world.store.products


def test_codes_whose_rule_is_refused_are_refused_with_it(world, connector) -> None:
    world.account.moods.add(Mood.THROTTLED, "POST .*/promo-rules$", status=400)
    good, bad = promo("1", "good"), promo("2", "bad")
    outcomes = connector.push(Kind.PROMO_CODES, [made(bad), made(good)])
    assert sorted(o.result for o in outcomes) == [Result.CREATED, Result.REFUSED]
    assert len(world.store.promo_rules) == 1
