"""Products looked for by SKU, barcode and title; the terms of a shop; what was ordered."""

import pytest
from passerelle.model import Kind
from passerelle.port import By, Location, Match, PermissionMissing
from sandbox.prestashop import METHODS, Shop
from sandbox.prestashop.sample import as_recorded, catalogue

from .connecting import connect, counted
from .dependent import create, empty_shop, mug, open_to, push, read, shirt


def own(shop: Shop, *keys: str, by: By = By.OWN) -> list[tuple[str, str, str]]:
    matches: list[Match] = connect(shop).find(Kind.PRODUCTS, keys, by)
    return [(each.key, each.destination_id, each.variant_id) for each in matches]


def test_each_match_of_a_sku_names_its_variant() -> None:
    shop = empty_shop()
    push(open_to(shop), create(shirt()))
    push(open_to(shop), create(mug()))
    assert own(shop, "SHIRT-L-Red", "MUG-1") == [("MUG-1", "2", "2-0"), ("SHIRT-L-Red", "1", "1-3")]


def test_a_sku_that_several_have_gives_them_all() -> None:  # C-5
    found = own(as_recorded(), "demo_1")
    assert found == [("demo_1", "1", f"1-{n}") for n in range(1, 9)]


def test_the_reference_of_a_product_with_combinations_is_no_variants() -> None:
    shop = as_recorded()
    shop.state.products.update(1, reference="FAMILY")
    assert own(shop, "FAMILY") == [("FAMILY", "1", "")]


def test_skus_compare_without_case_and_without_outer_blanks() -> None:
    assert own(as_recorded(), " DEMO_11 ", "Demo_11") == [(" DEMO_11 ", "6", "6-0"), ("Demo_11", "6", "6-0")]


@pytest.mark.parametrize("sku", ["A[1]", "A|B", "50%", "a_b", "10,20", "ÉTÉ-1", "手-1"])
def test_skus_of_any_signs_are_found_and_no_other(sku: str) -> None:
    shop = as_recorded()
    shop.state.products.update(6, reference=sku)
    shop.state.products.update(7, reference="A1")
    shop.state.products.update(8, reference="axb")
    assert own(shop, sku) == [(sku, "6", "6-0")]


def test_what_was_never_saved_in_the_back_office_is_not_found() -> None:
    shop = as_recorded()
    shop.state.products.update(6, state=0)
    shop.state.products.update(1, state=0)
    assert own(shop, "demo_11", "demo_1") == []


@pytest.mark.parametrize("field", ["ean13", "upc", "isbn"])
def test_barcodes_are_found_whatever_field_holds_them(field: str) -> None:
    shop = as_recorded()
    shop.state.products.update(6, **{field: "9780201379"})
    shop.state.combinations.update(9, **{field: "9780201378"})
    assert own(shop, "9780201378", "9780201379", by=By.BARCODE) == [
        ("9780201379", "6", "6-0"),
        ("9780201378", "2", "2-9"),
    ]


def test_a_title_finds_what_a_person_would_recognise_the_best_first() -> None:
    found = own(as_recorded(), "Mug The best is yet to come", by=By.TITLE)
    assert found[0][1] == "6"
    assert 1 <= len(found) <= 5
    assert own(as_recorded(), "Zeppelin", by=By.TITLE) == []


def test_a_thousand_skus_take_few_calls() -> None:
    shop = catalogue(1000, 0, 0)
    skus = [f"SKU-{n:05}" for n in range(1, 1001)]
    connector = connect(shop)
    assert counted(shop, lambda: connector.find(Kind.PRODUCTS, skus)) <= 25


def test_the_terms_tell_currency_languages_and_the_one_place() -> None:
    terms = connect(as_recorded()).terms()
    assert (terms.currency, terms.tax_included, terms.languages) == ("USD", True, ("en", "fr"))
    assert terms.locations == (Location("1", "Sync Lab", default=True),)
    assert connect(as_recorded(), language="fr").terms().languages == ("fr", "en")
    assert connect(as_recorded(languages=1)).terms().languages == ()


def test_products_that_stand_in_an_order_are_known() -> None:  # C-9
    shop = catalogue(20, 5, 4)
    sold = {row["product_id"] for _, row in shop.state.order_details}
    everything = [str(id) for id in shop.state.products.ids()]
    assert connect(shop).ordered([*everything, "999"]) == sold
    assert 0 < len(sold) < 20


def test_the_right_to_look_into_orders_is_named_when_it_is_needed() -> None:
    shop = as_recorded()
    weak = "WEAK0000000000000000000000000000"
    shop.keys[weak] = {"*": METHODS, "order_details": frozenset()}
    assert connect(shop, weak).check().missing == ()
    with pytest.raises(PermissionMissing, match="GET order_details"):
        connect(shop, weak).ordered(["1"])


def test_tags_are_told_and_a_key_that_may_not_read_them_tells_none() -> None:
    shop = empty_shop()
    id = push(open_to(shop), create(mug())).destination_id
    assert set(read(open_to(shop), id).tags) == {"renard", "cadeau"}
    weak = "WEAK0000000000000000000000000000"
    shop.keys[weak] = {"*": METHODS, "tags": frozenset()}
    assert read(connect(shop, weak), id).tags == ()
    assert connect(shop, weak).check().missing == ("GET tags",)
