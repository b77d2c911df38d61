"""A Magento shop's full sync into an audience, its changes, and its bad days."""

from math import ceil
from typing import Any

import pytest
from passerelle.memory import RunOutcome, Scope
from passerelle.model import Kind
from sandbox.hamlet import Hamlet, hamlet_of
from sandbox.magento import InputLimits
from sandbox.mailchimp import Member
from sandbox.moods import Mood

KINDS = (Kind.PRODUCTS, Kind.CUSTOMERS, Kind.ORDERS, Kind.CARTS, Kind.PROMO_CODES)
COUNTS = {"products": 12, "customers": 14, "orders": 10, "carts": 4, "promo_codes": 3}


def staged(**counts: int) -> Hamlet:
    return hamlet_of("magento", counts or COUNTS)


def whole(here: Hamlet, kind: Kind, **how: Any) -> Any:
    run = here.sync(kind, **how)
    assert run.outcome is RunOutcome.COMPLETED, run.why
    assert run.counts.settled == run.expected
    return run


def goods(here: Hamlet) -> dict[str, Any]:
    """What the audience's store holds of the shop's products."""
    return {key: row for key, row in here.store.products.items() if key.isdigit()}


def test_every_kind_arrives_and_the_counts_reconcile():  # B-12, A-24
    here = staged()
    for kind in KINDS:
        assert whole(here, kind, batch_size=5).expected > 0
    products = goods(here)
    assert set(products) == set(here.origin.ids(Kind.PRODUCTS))
    variants = {
        str(row["id"]): [str(id) for id in row["links"]] or [str(row["id"])]
        for row in here.shop.state.products.values()
        if row["visibility"] != 1
    }
    assert {id: sorted(v["id"] for v in row["variants"]) for id, row in products.items()} == {
        id: sorted(ids) for id, ids in variants.items()
    }
    assert set(here.store.orders) == set(here.origin.ids(Kind.ORDERS))
    assert set(here.store.carts) == set(here.origin.ids(Kind.CARTS))


def test_a_second_run_over_unchanged_data_writes_nothing_anywhere():  # B-8
    here = staged()
    for kind in KINDS:
        whole(here, kind)
    here.account.calls.clear()
    here.shop.calls.clear()
    for kind in KINDS:
        run = whole(here, kind)
        assert run.counts.created == run.counts.updated == 0
    assert here.account.calls.writes == []
    assert here.shop.calls.writes == []


def test_only_a_tick_makes_a_subscriber_and_no_tick_never_unsubscribes_one():
    here = staged(customers=3)
    for place, state in enumerate(("SUBSCRIBED", "NOT_SUBSCRIBED", "NOT_SUBSCRIBED")):
        here.origin.consent_was(place, state, f"person{place}@example.com")
    here.account.audience.seed(Member("person2@example.com", timestamp_opt=here.clock()))
    whole(here, Kind.CUSTOMERS)
    statuses = [here.account.audience.status(f"person{place}@example.com") for place in range(3)]
    assert statuses == ["subscribed", "transactional", "subscribed"]
    # Whoever is subscribed in the audience is told so to the shop.
    assert here.shop.consents() == {"1": "True", "2": "False", "3": "True"}


def test_someone_who_left_the_audience_loses_the_newsletter_at_the_shop():
    here = staged(customers=2)
    here.origin.consent_was(0, "SUBSCRIBED", "gone@example.com")
    here.account.audience.seed(Member("gone@example.com", "unsubscribed"))
    whole(here, Kind.CUSTOMERS)
    assert here.shop.consents()["1"] == "False"
    assert here.account.audience.status("gone@example.com") == "unsubscribed"


def test_an_incremental_run_carries_what_changed_and_a_variants_change_with_its_product():  # B-13
    here = staged(products=9)
    whole(here, Kind.PRODUCTS)
    here.clock.sleep(3600)
    whole(here, Kind.PRODUCTS)
    here.clock.sleep(3600)
    tee = next(row for row in here.shop.state.products.values() if row["links"])
    child = here.shop.state.products[tee["links"][0]]
    child["price"] = 77
    here.shop.state.touch(child)
    run = whole(here, Kind.PRODUCTS, scope=Scope.INCREMENTAL)
    assert (run.expected, run.counts.updated) == (1, 1)
    held = {v["id"]: v["price"] for v in goods(here)[str(tee["id"])]["variants"]}
    assert held[str(child["id"])] == 77


def test_stock_that_moved_no_date_arrives_with_the_next_whole_reading():
    here = staged(products=4)
    whole(here, Kind.PRODUCTS)
    here.clock.sleep(3600)
    here.shop.acts.set_quantity("SKU-00002", 321)
    assert whole(here, Kind.PRODUCTS, scope=Scope.INCREMENTAL).expected == 0
    whole(here, Kind.PRODUCTS)
    row = here.shop.state.product("SKU-00002")
    depot = here.shop.state.source_items["sku-00002", "depot"]["quantity"]
    assert goods(here)[str(row["id"])]["variants"][0]["inventory_quantity"] == 321 + depot


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("mood", "options"),
    [
        (Mood.THROTTLED, {}),
        (Mood.UNAVAILABLE, {"status": 502}),
        (Mood.SLOW, {}),
        (Mood.TRUNCATED, {}),
        (Mood.EMPTY_PAGE, {}),
        (Mood.LYING_COUNT, {"by": 2, "times": 1}),
        (Mood.LYING_COUNT, {"by": -1, "times": 1}),
    ],
)
def test_a_passing_trouble_of_the_shop_is_no_trouble_in_the_end(kind, mood, options):  # B-12, B-14, G-1
    wanted = {"products": 4, "customers": 4, str(kind): 4}
    calm = staged(**wanted)
    whole(calm, kind, batch_size=3)
    here = staged(**wanted)
    for after in (0, 2, 4):
        here.shop.moods.add(mood, after=after, **options)
    whole(here, kind, batch_size=3)
    assert here.behind() == calm.behind()
    assert [incident for incident in here.incidents() if incident.object_id] == []


def test_a_shop_that_goes_on_contradicting_its_total_fails_the_run():  # B-14
    here = staged(products=5)
    here.shop.moods.add(Mood.EMPTY_PAGE, times=100_000)
    assert here.sync(Kind.PRODUCTS).outcome is not RunOutcome.COMPLETED
    here.shop.moods.clear()
    whole(here, Kind.PRODUCTS)
    assert len(goods(here)) == 5


def test_a_shop_that_fails_on_large_requests_gets_smaller_ones():  # B-4
    here = staged(products=30)
    here.shop.moods.add(Mood.FAILS_ABOVE, "GET /rest/V1/products$", limit=9)
    whole(here, Kind.PRODUCTS, batch_size=25)
    assert len(goods(here)) == 30


@pytest.mark.parametrize("call", [1, 2, 3, 4])
def test_a_shop_that_changes_while_it_is_read_loses_nothing(call):  # B-15
    here = staged(products=40)
    gone, changed = here.origin.ids(Kind.PRODUCTS)[10:12]

    def meanwhile() -> None:
        here.shop.acts.delete_product(int(gone))
        here.shop.acts.rename_product(int(changed), "Changed meanwhile")
        here.origin.add(Kind.PRODUCTS)

    here.shop.moods.on_call(call, meanwhile)
    here.sync(Kind.PRODUCTS, batch_size=15)
    here.clock.sleep(300)
    whole(here, Kind.PRODUCTS, batch_size=15)
    assert set(goods(here)) == set(here.origin.ids(Kind.PRODUCTS))
    assert goods(here)[changed]["title"] == "Changed meanwhile"


@pytest.mark.parametrize(("limits", "page", "learning"), [(None, 1000, 0), (InputLimits(), 300, 1)])
def test_products_with_variants_and_stock_are_synced_in_the_fewest_calls(
    limits, page, learning
):  # platforms 7.2
    here = staged(products=600)
    here.shop.limits = limits
    whole(here, Kind.PRODUCTS, batch_size=500)
    rows, items = len(here.shop.state.products), len(here.shop.state.source_items)
    # Views, sources, categories, attributes, and how many there are. Of two sources the last SKU is read again.
    facts = 5 + learning
    assert len(here.shop.calls) <= ceil(rows / page) + ceil(items / (page - 1)) + facts


@pytest.mark.parametrize(("kind", "facts"), [(Kind.CUSTOMERS, 2), (Kind.ORDERS, 2)])
def test_a_thousand_customers_or_orders_are_synced_in_one_call_and_the_shops_facts(
    kind, facts
):  # platforms 7.2
    here = staged(products=5, **{str(kind): 1_000})
    here.sync(kind, batch_size=500)
    assert len(here.shop.calls) <= 1 + facts, here.shop.calls.counts()
