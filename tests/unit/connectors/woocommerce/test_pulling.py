"""Pulling whole objects: every variant, shared stock, torn answers, people without evidence."""

from decimal import Decimal
from typing import Any

import pytest
from passerelle.model import Customer, Kind, Order, Product, PromoCode, StockLevel
from passerelle.port import Incomplete
from sandbox.woocommerce import Shop
from sandbox.woocommerce.sample import catalogue

from .connecting import connect, counted

SIZES = [{"name": "Size", "visible": True, "variation": True, "options": ["S", "M"]}]


def made(shop: Shop, **given: Any) -> int:
    """A product put into the shop; `parts`: its variations."""
    parts = given.pop("parts", ())
    desk = shop.desk()
    answer = desk.act("POST", "/wc/v3/products", {}, {"name": "Thing", "regular_price": "10", **given}, {})
    id = int(answer.body["id"])
    for part in parts:
        desk.act("POST", f"/wc/v3/products/{id}/variations", {"product_id": id}, part, {})
    return id


def pulled(shop: Shop, id: int) -> Product:
    (product,) = connect(shop).pull(Kind.PRODUCTS, [str(id)]).objects
    assert isinstance(product, Product)
    return product


@pytest.mark.parametrize("variations", [True, False])
def test_every_variant_comes_with_its_options_price_and_stock(variations: bool) -> None:
    shop = catalogue(0, 0, 0, variations=variations)
    parts: list[dict[str, Any]] = [
        {
            "sku": "T-S",
            "regular_price": "12",
            "sale_price": "9.5",
            "attributes": [{"name": "Size", "option": "S"}],
        },
        {
            "regular_price": "14",
            "stock_status": "outofstock",
            "attributes": [{"name": "Size", "option": "M"}],
        },
    ]
    id = made(shop, sku="T", type="variable", attributes=SIZES, parts=parts)
    small, medium = pulled(shop, id).variants
    assert (small.sku, str(small.price.amount), small.options) == ("T-S", "9.50", (("Size", "S"),))
    assert small.compare_at is not None
    assert small.compare_at.amount == Decimal("12.00")
    assert (medium.sku, medium.quantity, medium.title) == ("", 0, "M")


def test_more_variations_than_one_page_all_come() -> None:
    for variations in (True, False):
        shop = catalogue(0, 0, 0, variations=variations)
        names = [f"N{number}" for number in range(130)]
        parts = [{"regular_price": "1", "attributes": [{"name": "Size", "option": name}]} for name in names]
        attributes = [{"name": "Size", "visible": True, "variation": True, "options": names}]
        id = made(shop, type="variable", attributes=attributes, parts=parts)
        assert [one.title for one in pulled(shop, id).variants] == names


def test_stock_that_is_kept_with_the_product_is_that_of_each_variation() -> None:
    shop = catalogue(0, 0, 0)
    parts = [{"regular_price": "1", "attributes": [{"name": "Size", "option": size}]} for size in "SM"]
    id = made(shop, type="variable", attributes=SIZES, manage_stock=True, stock_quantity=6, parts=parts)
    assert [one.quantity for one in pulled(shop, id).variants] == [6, 6]


def test_a_product_whose_variations_do_not_come_is_unreadable_and_not_half_read() -> None:
    shop = catalogue(0, 0, 0)
    parts = [{"regular_price": "1", "attributes": [{"name": "Size", "option": size}]} for size in "SM"]
    id = made(shop, type="variable", attributes=SIZES, parts=parts)

    def without_one(path: str, body: Any) -> Any:
        if path == "products" and isinstance(body, list) and body and "variations" in body[0]:
            return [{**body[0], "variations": [*body[0]["variations"], 9999]}]
        return body

    found = connect(shop, edit=without_one).pull(Kind.PRODUCTS, [str(id)])
    assert [(one.id, one.why) for one in found.unreadable] == [
        (str(id), "1 of its 3 variations could not be read.")
    ]


def test_a_variation_that_was_deleted_between_two_lists_is_looked_at_again() -> None:
    shop = catalogue(0, 0, 0)
    parts = [{"regular_price": "1", "attributes": [{"name": "Size", "option": size}]} for size in "SM"]
    id = made(shop, type="variable", attributes=SIZES, parts=parts)
    gone = max(shop.state.products)
    shop.moods.on_call(1, lambda: shop.state.products.pop(gone), "GET /wp-json/wc/v3/variations")
    assert len(pulled(shop, id).variants) == 1


def test_what_the_shop_forgets_to_list_is_no_deletion() -> None:
    shop = catalogue(4, 0, 0)

    def forgetful(path: str, body: Any) -> Any:
        whole = path == "products" and body and "name" in body[0]
        return body[1:] if whole else body

    with pytest.raises(Incomplete, match="left out"):
        connect(shop, edit=forgetful).pull(Kind.PRODUCTS, [str(id) for id in shop.state.products])


@pytest.mark.parametrize(
    ("taxes", "with_tax", "told"), [("yes", "no", False), ("yes", "yes", True), ("no", "no", True)]
)
def test_whether_prices_hold_the_tax_is_told(taxes: str, with_tax: str, told: bool) -> None:
    shop = catalogue(0, 0, 0)
    shop.state.settings["woocommerce_calc_taxes"].value = taxes
    shop.state.settings["woocommerce_prices_include_tax"].value = with_tax
    assert pulled(shop, made(shop)).tax_included is told


def test_a_product_in_the_bin_is_missing_and_a_draft_is_a_draft() -> None:
    shop = catalogue(0, 0, 0)
    gone, draft = made(shop), made(shop, status="draft", name="Draft")
    shop.acts.trash_product(gone)
    found = connect(shop).pull(Kind.PRODUCTS, [str(gone), str(draft), "999"])
    assert found.missing == (str(gone), "999")
    assert [one.status for one in found.objects if isinstance(one, Product)] == ["draft"]


def test_pictures_tags_and_escaped_names_are_read() -> None:
    shop = catalogue(0, 0, 0)
    (category,) = [
        shop.desk().act("POST", "/wc/v3/products/categories", {}, {"name": "Caps & Hats"}, {}).body["id"]
    ]
    id = made(
        shop, images=[{"src": "https://images.example/a.png", "alt": "A"}], categories=[{"id": category}]
    )
    product = pulled(shop, id)
    assert (product.categories, product.product_type) == (("Caps & Hats",), "Caps & Hats")
    (image,) = product.images
    assert (image.alt, image.url.startswith("https://shop.example/wp-content/")) == ("A", True)


def test_stock_of_a_product_that_has_variations_by_now_is_missing() -> None:
    shop = catalogue(0, 0, 0)
    parts = [{"sku": "X", "regular_price": "1", "manage_stock": True, "stock_quantity": 3}]
    id = made(shop, type="variable", attributes=SIZES, parts=parts)
    part = max(shop.state.products)
    found = connect(shop).pull(Kind.STOCK, [f"{id}-0", f"{id}-{part}", f"{id}-999"])
    assert found.objects == (StockLevel(f"{id}-{part}", "X", 3, str(id), variant_id=str(part)),)
    assert found.missing == (f"{id}-0", f"{id}-999")


def test_an_order_with_a_promo_code_tells_prices_before_the_discount() -> None:
    shop = catalogue(0, 0, 0, coupons=1)
    id = made(shop, regular_price="10")
    code = next(iter(shop.state.coupons.values()))
    code |= {"code": "half", "discount_type": "percent", "amount": Decimal(50)}
    desk = shop.desk()
    given = {
        "line_items": [{"product_id": id, "quantity": 2}],
        "coupon_lines": [{"code": "half"}],
        "set_paid": True,
    }
    row = desk.act("POST", "/wc/v3/orders", {}, given, {}).body
    (order,) = connect(shop).pull(Kind.ORDERS, [str(row["id"])]).objects
    assert isinstance(order, Order)
    (line,) = order.lines
    assert (str(line.unit_price.amount), str(line.discount.amount) if line.discount else "") == (
        "10.00",
        "10.00",
    )
    assert (order.promo_codes, str(order.total.amount), order.financial_status) == (
        ("half",),
        "10.00",
        "paid",
    )


def test_a_code_that_takes_nothing_off_is_told_to_somebody() -> None:
    shop = catalogue(0, 0, 0, coupons=3)
    rows = list(shop.state.coupons.values())
    rows[0] |= {"amount": Decimal(0)}
    rows[1] |= {"amount": Decimal(0), "free_shipping": True}
    rows[2] |= {"usage_limit": 1, "usage_count": 1}
    found = connect(shop).pull(Kind.PROMO_CODES, [str(row["id"]) for row in rows])
    assert [one.id for one in found.unreadable] == [str(rows[0]["id"])]
    shipping, used = found.objects
    assert isinstance(shipping, PromoCode)
    assert isinstance(used, PromoCode)
    assert (shipping.target, used.enabled) == ("shipping", False)


def test_many_long_skus_are_asked_for_in_addresses_that_a_server_takes() -> None:
    shop = catalogue(0, 0, 0)
    skus = [f"手ぬぐい-{'x' * 40}-{number}" for number in range(100)]
    for sku in skus[::10]:
        made(shop, sku=sku)
    shop.calls.clear()
    assert len(connect(shop).find(Kind.PRODUCTS, skus)) == 10
    assert max(len(call.query) for call in shop.calls.all) < 4_000


def test_customers_are_found_by_e_mail_whatever_its_case() -> None:
    shop = catalogue(0, 3, 0)
    connector = connect(shop)
    (match,) = connector.find(Kind.CUSTOMERS, ["PERSON1@customers.example", "no@customers.example", "none"])
    assert match.key == "PERSON1@customers.example"
    assert isinstance(match.object, Customer)
    assert counted(shop, lambda: connector.find(Kind.CUSTOMERS, ["none"])) == 0
