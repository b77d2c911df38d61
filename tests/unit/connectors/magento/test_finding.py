"""Finding what a catalogue asks for: every match of a key, how products are told, and which stand in an order."""

from dataclasses import replace
from typing import Any

import pytest
from passerelle.connectors.magento import OFFERS
from passerelle.model import Kind
from passerelle.port import By, Location, Match, Result, Verb
from sandbox.magento import InputLimits, Shop

from .connecting import a_shop, connect, counted, listed
from .wares import a_stand, barcodes, create, cup, only, shirt


def tee_of(shop: Shop) -> Any:
    return next(row for row in shop.state.products.values() if row["links"])


@pytest.mark.parametrize("key", ["SKU-00002", "sku-00002", "  Sku-00002 "])
def test_skus_are_found_as_the_database_compares_them(key: str) -> None:  # C-5
    shop = a_shop(3, 0, 0)
    row = shop.state.product("SKU-00002")
    assert row is not None
    id = str(row["id"])
    assert connect(shop).find(Kind.PRODUCTS, [key, "NOSUCH"]) == [Match(key, id, variant_id=id)]


def test_a_variant_is_found_in_its_product_and_the_frame_by_its_own_name() -> None:
    shop = a_shop(3, 0, 0)
    tee = tee_of(shop)
    kid = shop.state.products[tee["links"][0]]
    found = connect(shop).find(Kind.PRODUCTS, [kid["sku"], tee["sku"]])
    assert found == [
        Match(kid["sku"], str(tee["id"]), variant_id=str(kid["id"])),
        Match(tee["sku"], str(tee["id"])),
    ]


def test_every_place_that_tells_a_sku_is_a_match() -> None:  # C-5
    shop = a_shop(3, 0, 0)
    tee = tee_of(shop)
    kid = shop.state.products[tee["links"][0]]
    kid["visibility"] = 4
    found = connect(shop).find(Kind.PRODUCTS, [kid["sku"]])
    assert {(each.destination_id, each.variant_id) for each in found} == {
        (str(kid["id"]), str(kid["id"])),
        (str(tee["id"]), str(kid["id"])),
    }


def test_a_hidden_product_that_is_nobodys_variant_is_not_found() -> None:
    shop = a_shop(3, 0, 0)
    row = shop.state.product("SKU-00002")
    assert row is not None
    row["visibility"] = 1
    assert connect(shop).find(Kind.PRODUCTS, ["SKU-00002"]) == []


def test_what_was_made_is_found_by_our_reference_by_a_connector_that_looked_before() -> None:  # B-7
    _, connector = a_stand()
    change = create(shirt())
    assert connector.find(Kind.PRODUCTS, [change.reference, "NEW-M"]) == []
    made = only(connector, change)
    assert connector.find(Kind.PRODUCTS, [change.reference, "NEW-M"]) == [
        Match(change.reference, made.destination_id),
        Match("NEW-M", made.destination_id, variant_id=made.variants["v-M"]),
    ]


def test_a_variant_that_another_worker_made_meanwhile_is_found_in_its_product() -> None:  # B-7
    shop, other = a_stand()
    worker = connect(shop)
    worker.find(Kind.PRODUCTS, ["SKU-00001-S-Rouge"])
    before = set(listed(worker, Kind.STOCK))
    made = only(other, create(shirt()))
    (match,) = worker.find(Kind.PRODUCTS, ["NEW-M"])
    assert (match.destination_id, match.variant_id) == (made.destination_id, made.variants["v-M"])
    assert set(listed(worker, Kind.STOCK)) - before == set(made.variants.values())
    clash = replace(shirt(), id="p9")
    assert only(worker, replace(create(clash), reference="another")).result is Result.EXISTS


def test_barcodes_are_found_where_the_link_says_in_what_they_are() -> None:
    shop = a_shop(3, 0, 0)
    connector = connect(shop, barcode=barcodes(shop))
    coded = replace(cup().variants[0], barcode="4001234567890")
    made = only(connector, create(replace(cup(), variants=(coded,))))
    (match,) = connector.find(Kind.PRODUCTS, ["4001234567890", "4001234567891"], By.BARCODE)
    assert (match.key, match.destination_id) == ("4001234567890", made.destination_id)
    assert match.variant_id == made.variants["v1"]
    assert connect(shop).find(Kind.PRODUCTS, ["4001234567890"], By.BARCODE) == []


def test_a_title_finds_what_a_person_would_recognise_the_best_first() -> None:  # C-17
    _, connector = a_stand()
    ids = {}
    for number, title in enumerate(("Blue enamel cup", "Enamel cup, blue and white", "Cup of tea", "Spoon")):
        variant = replace(cup().variants[0], sku=f"T-{number}")
        made = only(connector, create(replace(cup(title=title), id=f"p{number}", variants=(variant,))))
        ids[made.destination_id] = title
    found = connector.find(Kind.PRODUCTS, ["enamel cup blue", "100 % nothing"], By.TITLE)
    assert [ids[each.destination_id] for each in found] == ["Blue enamel cup", "Enamel cup, blue and white"]
    assert {each.key for each in found} == {"enamel cup blue"}
    (near,) = connector.find(Kind.PRODUCTS, ["a spoon"], By.TITLE)
    assert ids[near.destination_id] == "Spoon"


@pytest.mark.parametrize(("limits", "most"), [(None, 6), (InputLimits(), 8)])
def test_a_thousand_skus_are_looked_for_by_hundreds(limits: Any, most: int) -> None:
    shop = a_shop(1, 0, 0, limits=limits)
    assert (
        counted(shop, lambda: connect(shop).find(Kind.PRODUCTS, [f"SKU-{n:05}" for n in range(1000)])) <= most
    )


# --- terms and orders ----------------------------------------------------------------------------------------


def test_terms_tell_currency_tax_places_and_languages() -> None:
    shop = a_shop(3, 0, 0)
    terms = connect(shop, prices_include_tax=True).terms()
    assert (terms.currency, terms.tax_included, terms.languages) == ("USD", True, ())
    assert terms.locations == (
        Location("default", "Default Source", default=True),
        Location("depot", "Dépôt"),
    )
    shop.state.configs.append(shop.state.configs[0] | {"id": 2, "code": "fr", "locale": "fr_FR"})
    assert connect(shop).terms().languages == ("en", "fr")
    assert connect(shop, store="fr").terms().languages == ("fr", "en")


@pytest.mark.parametrize(("sources", "msi"), [((), False), (("depot",), True)])
def test_exactly_one_place_is_the_default(sources: Any, msi: bool) -> None:
    shop = a_shop(3, 0, 0, msi=msi)
    places = connect(shop, sources=sources).terms().locations
    assert [place.default for place in places] == [True]


def test_terms_are_offered() -> None:
    assert Verb.TERMS in OFFERS[Kind.PRODUCTS]


@pytest.mark.parametrize("limits", [None, InputLimits(page=3)])
def test_what_stands_in_an_order_is_known(limits: Any) -> None:  # C-9
    shop = a_shop(9, 5, 12, limits=limits)
    wanted = [str(id) for id, row in shop.state.products.items() if row["visibility"] != 1]
    ordered = {str(item["product_id"]) for row in shop.state.orders.values() for item in row["items"]}
    assert connect(shop).ordered([*wanted, "99999"]) == ordered & set(wanted) != set(wanted)
    assert connect(shop).ordered([]) == set()
