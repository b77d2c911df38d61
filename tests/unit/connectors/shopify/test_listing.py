"""Which objects a shop holds: indexes, windows, counts, selections."""

from datetime import UTC, datetime, timedelta

import pytest
from passerelle.connectors.shopify import listing
from passerelle.connectors.shopify.listing import Listing
from passerelle.model import Kind
from passerelle.port import Incomplete, Selection, Unavailable
from sandbox.moods import Mood
from sandbox.shopify.sample import EPOCH, catalogue, product
from sandbox.shopify.state import gid


def test_an_index_lists_every_id_once_in_pages_of_250(world):
    world.shop.load(catalogue(620, 0, 0))
    entries = world.entries(Kind.PRODUCTS)
    assert len(entries) == len({entry.id for entry in entries}) == 620
    assert entries[0].id == "7000"
    # Three pages, and the rest of the variants of the few products that have more than 100.
    longer = sum(len(each["variants"]) > 100 for each in world.shop.state.shelf("Product").things.values())
    assert len(world.shop.calls) == 3 + longer


def test_the_version_of_an_entry_moves_with_the_object(world):
    world.shop.load(catalogue(3, 0, 0))
    before = world.entries(Kind.PRODUCTS)
    world.shop.life.edit(gid("Product", 7001), title="Nouveau")
    after = world.entries(Kind.PRODUCTS)
    assert [a.version != b.version for a, b in zip(before, after, strict=True)] == [False, True, False]


def test_deletes_and_inserts_between_pages_lose_nothing(world):  # B-15
    world.shop.load(catalogue(700, 0, 0))

    def disturb():
        for place in range(100):
            world.shop.life.delete(gid("Product", 7000 + place))
        world.shop.life.add(product(900))

    world.shop.moods.on_call(2, disturb)
    found = {entry.id for entry in world.entries(Kind.PRODUCTS)}
    assert {str(7000 + place) for place in range(100, 700)} <= found
    assert str(7900) in found


def test_an_object_changed_between_pages_is_not_lost(world):  # B-15
    world.shop.load(catalogue(600, 0, 0))
    world.shop.moods.on_call(2, lambda: world.shop.life.edit(gid("Product", 7001), title="Saut"))
    assert len(world.entries(Kind.PRODUCTS)) == 600


def test_more_than_25000_objects_are_read_in_windows_of_ids(world):
    world.open(rate=10_000, bucket=20_000)
    world.shop.load(catalogue(0, 26_000, 0))
    entries = world.entries(Kind.CUSTOMERS)
    assert len({entry.id for entry in entries}) == 26_000
    assert len(world.shop.calls) == 104


def test_a_window_ends_before_the_connection_does(world):
    world.shop.load(catalogue(0, 1_200, 0))
    small = Listing(world.connector._admin, window=500)
    found, after, marks = [], None, []
    while after is not None or not found:
        page = small.index(Kind.CUSTOMERS, Selection(), after)
        found.extend(entry.id for entry in page.entries)
        after = page.after
        marks.append(after or "")
    assert len(set(found)) == len(found) == 1_200
    assert any('"beyond":"20499"' in mark for mark in marks)


def test_an_empty_page_where_the_count_says_otherwise_is_an_error(world):  # B-14
    world.shop.load(catalogue(10, 0, 0))
    world.shop.moods.add(Mood.EMPTY_PAGE)
    with pytest.raises(Incomplete, match="listed 0 products and counts 10"):
        world.connector.index(Kind.PRODUCTS, Selection(), None)


def test_a_list_shorter_than_the_count_is_an_error(world):  # B-14
    world.shop.load(catalogue(300, 0, 0))
    world.shop.moods.add(Mood.LYING_COUNT, by=2)
    with pytest.raises(Incomplete):
        world.entries(Kind.PRODUCTS)


def test_deletions_while_listing_are_no_error(world):
    world.shop.load(catalogue(300, 0, 0))
    world.shop.moods.on_call(2, lambda: world.shop.life.delete(gid("Product", 7299)))
    assert len(world.entries(Kind.PRODUCTS)) == 299


def test_a_truncated_answer_is_an_error(world):  # B-14
    world.shop.load(catalogue(10, 0, 0))
    world.shop.moods.add(Mood.TRUNCATED, times=3)
    with pytest.raises(Unavailable):
        world.connector.index(Kind.PRODUCTS, Selection(), None)


def test_changes_since_an_instant_are_found_to_the_second(world):
    world.shop.load(catalogue(50, 0, 0))
    since = EPOCH + timedelta(minutes=40, hours=1)
    found = world.entries(Kind.PRODUCTS, Selection(since=since))
    assert [entry.id for entry in found] == [str(7000 + place) for place in range(40, 50)]


def test_an_instant_in_another_zone_is_the_same_instant(world):
    aware = datetime.fromisoformat("2026-03-29T03:00:00+02:00")
    text = listing.query(Kind.PRODUCTS, Selection(since=aware))
    assert text == "updated_at:>='2026-03-29T01:00:00Z'"


def test_orders_are_chosen_by_period_and_current_status(world):
    world.shop.load(catalogue(20, 20, 400))
    chosen = Selection(
        placed_from=datetime(2026, 1, 3, tzinfo=UTC),
        placed_until=datetime(2026, 1, 12, tzinfo=UTC),
        statuses=frozenset({"paid", "cancelled"}),
    )
    found = {entry.id for entry in world.entries(Kind.ORDERS, chosen)}
    expected = {
        order["legacyResourceId"]
        for order in world.shop.state.shelf("Order").things.values()
        if "2026-01-03T00:00:00Z" <= order["processedAt"] <= "2026-01-12T00:00:00Z"
        and (order["cancelledAt"] or order["displayFinancialStatus"] == "PAID")
    }
    assert found == expected
    assert len(found) > 20
    assert world.connector.count(Kind.ORDERS, chosen).objects == len(found)


def test_a_cancelled_order_that_was_paid_is_only_cancelled(world):
    world.shop.load(catalogue(5, 5, 40))
    paid = world.entries(Kind.ORDERS, Selection(statuses=frozenset({"paid"})))
    world.shop.life.edit(gid("Order", paid[0].id), cancelledAt="2026-02-01T00:00:00Z")
    assert paid[0].id not in {
        e.id for e in world.entries(Kind.ORDERS, Selection(statuses=frozenset({"paid"})))
    }
    cancelled = world.entries(Kind.ORDERS, Selection(statuses=frozenset({"cancelled"})))
    assert paid[0].id in {entry.id for entry in cancelled}


def test_every_status_offered_can_be_chosen(world):
    world.shop.load(catalogue(5, 5, 200))
    keys = [key for key, _ in world.connector.order_statuses()]
    parts = [world.connector.count(Kind.ORDERS, Selection(statuses=frozenset({key}))).objects for key in keys]
    assert sum(parts) == 200


def test_completed_checkouts_are_no_carts(world):
    world.shop.load(catalogue(5, 5, 0, checkouts=25))
    assert len(world.entries(Kind.CARTS)) == 20
    assert world.connector.count(Kind.CARTS, Selection()).objects == 20


def test_a_count_beyond_10000_is_exact(world):
    world.shop.load(catalogue(0, 10_500, 0))
    assert world.connector.count(Kind.CUSTOMERS, Selection()).objects == 10_500
    assert len(world.shop.calls) == 1


def test_variants_of_a_selection_are_counted_although_shopify_ignores_the_filter(world):
    world.shop.load(catalogue(200, 0, 0))
    held = world.shop.state.shelf("Product").things
    since = EPOCH + timedelta(minutes=90, hours=1)
    whole = world.connector.count(Kind.PRODUCTS, Selection())
    part = world.connector.count(Kind.PRODUCTS, Selection(since=since))
    assert whole.variants == sum(len(each["variants"]) for each in held.values())
    assert part.objects == 110
    assert part.variants == sum(len(held[7000 + place]["variants"]) for place in range(90, 200))
    assert part.variants < whole.variants
