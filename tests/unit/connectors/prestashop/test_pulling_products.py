"""Products as a buyer meets them: variants, prices, stock, languages; nonsense is set apart."""

from decimal import Decimal
from typing import Any

import pytest
from passerelle.connectors.prestashop import Connector
from passerelle.model import Kind, Product, ProductStatus, StockLevel
from passerelle.port import Incomplete, Rejected, Unavailable
from sandbox.moods import Mood
from sandbox.prestashop import set_quantity
from sandbox.prestashop.sample import as_recorded, catalogue

from .connecting import connect, counted


def product(connector: Connector, id: str = "1") -> Product:
    pulled = connector.pull(Kind.PRODUCTS, [id])
    assert (pulled.unreadable, pulled.missing) == ((), ())
    (found,) = pulled.objects
    assert isinstance(found, Product)
    return found


def test_a_product_comes_with_every_combination_and_its_choices() -> None:
    shirt = product(connect(as_recorded()))
    assert [v.id for v in shirt.variants] == [f"1-{n}" for n in range(1, 9)]
    assert shirt.variants[0].options == (("Size", "S"), ("Color", "White"))
    assert shirt.variants[0].title == "S / White"
    assert shirt.vendor == "Studio Design"
    assert shirt.categories == ("Home", "Clothes", "Men")


def test_a_product_without_choices_has_one_variant() -> None:
    (variant,) = product(connect(as_recorded()), "6").variants
    assert (variant.id, variant.sku, variant.options) == ("6-0", "demo_11", ())


def test_prices_are_what_the_buyer_pays_and_what_they_were() -> None:
    shirt = product(connect(as_recorded()))
    assert shirt.tax_included
    assert {(v.price.amount, v.price.currency) for v in shirt.variants} == {(Decimal("19.12"), "USD")}
    assert shirt.variants[0].compare_at is not None
    assert shirt.variants[0].compare_at.amount == Decimal("23.90")


def test_a_combinations_price_is_its_impact_on_the_products() -> None:
    poster = product(connect(as_recorded()), "3")
    assert [str(v.price.amount) for v in poster.variants] == ["29.00", "49.00", "79.00"]


def test_prices_include_the_taxes_of_the_country_chosen() -> None:
    shop = as_recorded()
    shop.state.tax_rates[("9", "8")] = Decimal(20)
    mug = product(connect(shop, country="fr"), "6")
    assert mug.variants[0].price.amount == Decimal("14.28")


def test_a_country_that_the_shop_does_not_know_is_refused_in_words() -> None:
    with pytest.raises(Rejected, match="no country XX"):
        connect(as_recorded(), country="xx").pull(Kind.PRODUCTS, ["1"])


def test_where_the_shop_calculates_no_prices_they_are_without_tax_and_say_so() -> None:
    def older(resource: str, body: Any) -> Any:
        for row in body[resource] if isinstance(body, dict) else ():
            row.pop("final", None)
            row.pop("regular", None)
        return body

    poster = product(connect(as_recorded(), edit=older), "3")
    assert not poster.tax_included
    assert [str(v.price.amount) for v in poster.variants] == ["29.00", "49.00", "79.00"]
    assert poster.variants[0].compare_at is None


def test_prices_keep_their_cents_whatever_the_shops_rounding_mode() -> None:
    shop = as_recorded()
    mode = shop.state.configurations.where("name", "PS_PRICE_ROUND_MODE")[0]
    shop.state.configurations.update(mode, value="0")
    assert product(connect(shop), "6").variants[0].price.amount == Decimal("11.90")


def test_where_only_combinations_lack_a_calculated_price_the_whole_product_is_without_tax() -> None:
    def older(resource: str, body: Any) -> Any:
        for row in body[resource] if resource == "combinations" and isinstance(body, dict) else ():
            row.pop("final")
        return body

    poster = product(connect(as_recorded(), edit=older), "3")
    assert not poster.tax_included
    assert str(poster.variants[1].price.amount) == "49.00"


def test_a_price_of_zero_is_a_price() -> None:
    shop = as_recorded()
    shop.state.products.update(6, price=0)
    assert product(connect(shop), "6").variants[0].price.amount == 0


def test_stock_is_per_variant_and_zero_when_sold_out() -> None:
    shop = as_recorded()
    set_quantity(shop.state, 21, 0)
    quantities = {v.id: v.quantity for v in product(connect(shop)).variants}
    assert quantities["1-2"] == 0
    assert quantities["1-1"] == 300


def test_titles_come_in_the_language_of_the_link_or_the_shops_own() -> None:
    shop = as_recorded(languages=2)
    shop.state.products.update(6, name={"1": "Mug", "2": "Tasse"})
    assert product(connect(shop), "6").title == "Mug"
    assert product(connect(shop, language="fr"), "6").title == "Tasse"
    assert product(connect(as_recorded(languages=1)), "1").title == "Hummingbird printed t-shirt"


def test_a_language_that_the_shop_does_not_speak_is_refused_in_words() -> None:
    with pytest.raises(Rejected, match="no language de"):
        connect(as_recorded(), language="de").pull(Kind.PRODUCTS, ["1"])


def test_pictures_have_addresses_in_the_size_chosen() -> None:
    shop = as_recorded()
    assert product(connect(shop), "2").images[0].url == "https://shop.example/img/p/2/1/21-large_default.jpg"
    assert product(connect(shop, image_format=""), "2").images[0].url.endswith("/2/1/21.jpg")


def test_a_product_that_is_not_for_sale_is_a_draft() -> None:
    shop = as_recorded()
    shop.state.products.update(6, active=0)
    assert product(connect(shop), "6").status is ProductStatus.DRAFT


def test_ids_that_are_gone_or_never_saved_are_missing() -> None:
    shop = as_recorded()
    shop.state.products.update(6, state=0)
    pulled = connect(shop).pull(Kind.PRODUCTS, ["1", "6", "9999"])
    assert pulled.missing == ("6", "9999")


def test_a_hundred_products_take_a_handful_of_calls() -> None:
    shop = catalogue(100, 0, 0)
    connector = connect(shop)
    ids = [str(n) for n in range(1, 101)]
    assert counted(shop, lambda: connector.pull(Kind.PRODUCTS, ids)) <= 8
    assert counted(shop, lambda: connector.pull(Kind.PRODUCTS, ids)) == 3


def test_every_generated_product_can_be_read() -> None:
    shop = catalogue(150, 0, 0)
    pulled = connect(shop).pull(Kind.PRODUCTS, [str(n) for n in range(1, 151)])
    assert len(pulled.objects) == 150


def test_nonsense_is_set_apart_with_why_and_remedy_and_the_rest_goes_on() -> None:
    def spoil(resource: str, body: Any) -> Any:
        if resource == "products":
            rows = {row["id"]: row for row in body["products"]}
            rows[3]["name"] = [{"id": "1", "value": ""}, {"id": "2", "value": None}]
            rows[4]["final"] = "a lot"
            rows[4]["price"] = "free"
            body["products"].append(rows[5])
        return body

    pulled = connect(as_recorded(), edit=spoil).pull(Kind.PRODUCTS, ["1", "3", "4", "5", "6"])
    assert [p.id for p in pulled.objects] == ["1", "6"]
    assert {u.id for u in pulled.unreadable} == {"3", "4", "5"}
    assert all(u.why and u.remedy for u in pulled.unreadable)


def test_combinations_that_did_not_come_are_asked_for_again() -> None:  # B-14
    shop = as_recorded()
    shop.moods.add(Mood.EMPTY_PAGE, "GET /api/combinations")
    assert len(product(connect(shop)).variants) == 8


def test_a_product_whose_combinations_never_come_is_set_apart() -> None:  # B-14
    def lose(resource: str, body: Any) -> Any:
        return [] if resource == "combinations" else body

    pulled = connect(as_recorded(), edit=lose).pull(Kind.PRODUCTS, ["1", "6"])
    assert [p.id for p in pulled.objects] == ["6"]
    assert "0 of its 8 combinations" in pulled.unreadable[0].why


def test_stock_rows_that_never_come_are_not_taken_for_sold_out() -> None:  # B-14
    def lose(resource: str, body: Any) -> Any:
        return [] if resource == "stock_availables" else body

    pulled = connect(as_recorded(), edit=lose).pull(Kind.PRODUCTS, ["6"])
    assert not pulled.objects
    assert pulled.unreadable[0].id == "6"


def test_an_answer_without_what_the_shop_has_is_an_error_not_a_disappearance() -> None:  # B-14
    shop = as_recorded()
    shop.moods.add(Mood.EMPTY_PAGE, "GET /api/products")
    with pytest.raises(Incomplete):
        connect(shop).pull(Kind.PRODUCTS, ["1", "2"])


def test_a_shop_that_fails_on_large_requests_says_so_for_the_batch_to_be_split() -> None:  # B-4
    shop = catalogue(40, 0, 0)
    shop.moods.add(Mood.FAILS_ABOVE, "GET /api/products", limit=20)
    connector = connect(shop)
    with pytest.raises(Unavailable):
        connector.pull(Kind.PRODUCTS, [str(n) for n in range(1, 41)])
    assert len(connector.pull(Kind.PRODUCTS, [str(n) for n in range(1, 21)]).objects) == 20


def test_products_are_found_by_their_own_reference_or_a_combinations() -> None:
    shop = as_recorded()
    shop.state.combinations.update(9, reference="SWEATER-S")
    matches = connect(shop).find(Kind.PRODUCTS, ["DEMO_11", "SWEATER-S", "nothing", ""])
    assert [(m.key, m.destination_id) for m in matches] == [("DEMO_11", "6"), ("SWEATER-S", "2")]


def test_a_reference_that_looks_like_a_range_finds_only_itself() -> None:
    shop = as_recorded()
    shop.state.products.update(6, reference="10,20")
    shop.state.products.update(7, reference="15")
    matches = connect(shop).find(Kind.PRODUCTS, ["10,20"])
    assert [m.destination_id for m in matches] == ["6"]


def test_a_reference_used_twice_gives_both_products() -> None:
    shop = as_recorded()
    shop.state.products.update(7, reference="demo_11")
    assert [m.destination_id for m in connect(shop).find(Kind.PRODUCTS, ["demo_11"])] == ["6", "7"]


def test_stock_levels_name_the_sku_of_the_variant() -> None:
    shop = as_recorded()
    shop.state.combinations.update(9, reference="SWEATER-S")
    pulled = connect(shop).pull(Kind.STOCK, ["28", "6", "2", "9999"])
    assert set(pulled.objects) == {
        StockLevel("28", "SWEATER-S", 300, "2", variant_id="2-9"),
        StockLevel("6", "demo_11", 300, "6", variant_id="6-0"),
    }
    assert pulled.missing == ("2", "9999")
