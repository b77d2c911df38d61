"""Stock: read by variant, with its places, and told by webhook under the same id."""

import pytest
from passerelle.connectors.shopify.stock import Stock
from passerelle.model import Kind, StockLevel
from passerelle.port import PermissionMissing, Selection
from sandbox.moods import Mood
from sandbox.shopify import Shop
from sandbox.shopify.sample import product
from sandbox.shopify.state import gid


def loaded(world, products=3, variants=2):
    world.shop.load([product(place, variants=variants) for place in range(1, 1 + products)])
    for item in world.shop.state.shelf("InventoryItem").things.values():
        item["tracked"] = True


def test_a_level_has_the_id_of_its_item_and_names_variant_and_product(world):  # C-7
    loaded(world, 1, 1)
    world.shop.life.edit_variant(gid("ProductVariant", 400_128), sku="A", inventoryQuantity=7)
    (level,) = world.pull(Kind.STOCK).objects
    assert level == StockLevel("400128", "A", 7, product_id="7001", variant_id="400128")
    (told,) = world.connector.pull(Kind.PRODUCTS, ["7001"]).objects
    assert (told.id, told.variants[0].id) == (level.product_id, level.variant_id)


def test_a_page_of_levels_comes_whole_and_as_pulls_bring_it(world):  # G-1
    loaded(world, 90, 3)
    pages = list(world.pages(Kind.STOCK))
    assert [len(page.entries) for page in pages] == [250, 20]
    listed = {each.id: each for page in pages for each in page.objects}
    pulled = {each.id: each for each in world.pull(Kind.STOCK).objects}
    assert listed == pulled
    assert world.connector.count(Kind.STOCK, Selection()).objects == len(listed) == 270


def test_units_at_several_locations_are_told_by_place_and_in_sum(world):  # C-7
    loaded(world, 1, 1)
    world.shop.life.edit_variant(gid("ProductVariant", 400_128), inventoryQuantity=7)
    depot = world.shop.open_location("Dépôt")
    world.shop.life.stock(gid("ProductVariant", 400_128), depot, 5)
    (level,) = world.connect().index(Kind.STOCK, Selection(), None).objects
    assert (level.quantity, level.by_location) == (12, (("800", 7), (str(depot), 5)))


def test_what_is_not_tracked_has_no_quantity(world):  # C-7
    loaded(world, 1, 1)
    world.shop.state.shelf("InventoryItem").things[400_128]["tracked"] = False
    (level,) = world.pull(Kind.STOCK).objects
    assert (level.quantity, level.by_location) == (None, ())


def test_the_version_moves_with_the_units_alone(world):  # B-8
    loaded(world, 1, 2)
    before = {entry.id: entry.version for entry in world.entries(Kind.STOCK)}
    world.shop.life.edit_variant(gid("ProductVariant", 400_128), price="1.00")
    assert {entry.id: entry.version for entry in world.entries(Kind.STOCK)} == before
    world.shop.life.edit_variant(gid("ProductVariant", 400_129), inventoryQuantity=31)
    after = {entry.id: entry.version for entry in world.entries(Kind.STOCK)}
    assert {id for id in before if before[id] != after[id]} == {"400129"}


def test_more_variants_than_one_list_holds_are_all_listed(world):  # B-15
    loaded(world, 120, 5)
    admin, fetcher, places = world.connector._admin, world.connector._stock._fetcher, world.connector._places
    narrow, seen, after = Stock(admin, fetcher, places, window=500), [], None
    while True:
        page = narrow.index(after)
        seen += [entry.id for entry in page.entries]
        after = page.after
        if after is None:
            break
    assert len(set(seen)) == len(seen) == 600


def test_a_thousand_levels_take_four_calls(world):  # G-1
    loaded(world, 250, 4)
    world.connector.terms()
    world.shop.calls.clear()
    entries = world.entries(Kind.STOCK)
    assert (len(entries), len(world.shop.calls)) == (1_000, 4)
    world.rest()
    world.connector.pull(Kind.STOCK, [entry.id for entry in entries])
    assert len(world.shop.calls) == 8


def test_a_shop_that_charges_each_node_is_read_all_the_same(world):  # G-1
    world.open(nodes_cost="each")
    loaded(world, 150, 2)
    assert (
        len(world.connector.pull(Kind.STOCK, [entry.id for entry in world.entries(Kind.STOCK)]).objects)
        == 300
    )


def test_a_level_that_is_gone_is_missing(world):  # B-12
    loaded(world, 1, 1)
    assert world.connector.pull(Kind.STOCK, ["400128", "999"]).missing == ("999",)


@pytest.mark.parametrize("act", ["sold", "counted", "deleted"])
def test_a_change_is_heard_under_the_id_that_the_index_tells(world, act):  # F-1
    loaded(world, 1, 2)
    world.connector.subscribe("https://api.example/hooks/hk_1")
    variant, depot = gid("ProductVariant", 400_128), world.shop.open_location("Dépôt")
    match act:
        case "sold":
            world.shop.life.edit_variant(variant, inventoryQuantity=1)
        case "counted":
            world.shop.life.stock(variant, depot, 4)
        case "deleted":
            world.shop.life.delete(gid("Product", 7_001))
    notices = [
        notice
        for delivery in world.shop.deliveries()
        for notice in world.connector.hear(
            {name.lower(): text for name, text in delivery.headers.items()},
            delivery.body,
            [world.shop.messenger.secret],
        )
        if notice.kind is Kind.STOCK
    ]
    assert {notice.id for notice in notices} == ({"400128", "400129"} if act == "deleted" else {"400128"})
    assert {notice.deleted for notice in notices} == {act == "deleted"}


def test_terms_name_the_currency_and_the_places(world):  # C-7
    world.shop.open_location("Dépôt")
    terms = world.connector.terms()
    assert (terms.currency, terms.tax_included, terms.languages) == ("EUR", True, ())
    assert [(each.id, each.name, each.default) for each in terms.locations] == [
        ("800", "Entrepôt", True),
        ("801", "Dépôt", False),
    ]


def test_without_the_right_to_locations_stock_is_read_and_places_go_by_number(world):  # G-9
    world.open(Shop.ALL_SCOPES - {"read_locations", "write_inventory", "write_products"})
    loaded(world, 1, 1)
    assert len(world.entries(Kind.STOCK)) == 1
    assert [each.name for each in world.connector.terms().locations] == ["800"]
    assert world.connector.check().missing == ()


def test_without_the_right_to_stock_the_refusal_names_it(world):  # G-9
    world.open(Shop.ALL_SCOPES - {"read_inventory", "write_inventory", "read_locations"})
    loaded(world, 1, 1)
    with pytest.raises(PermissionMissing, match="read_inventory"):
        world.connector.index(Kind.STOCK, Selection(), None)


def test_a_list_that_lies_about_its_length_is_not_believed(world):  # B-3
    loaded(world, 2, 2)
    world.connector.terms()
    world.shop.moods.add(Mood.LYING_COUNT, by=3)
    with pytest.raises(Exception, match="counts 7"):
        world.connector.index(Kind.STOCK, Selection(), None)
