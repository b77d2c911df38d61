"""Writing: consent, products with variants and pictures, stock; what the queue accepted is not yet done."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from passerelle.model import (
    Consent,
    ConsentState,
    Image,
    Kind,
    Money,
    Product,
    ProductField,
    StockLevel,
    Variant,
)
from passerelle.port import (
    Action,
    Change,
    ConsentChange,
    Outcome,
    PermissionMissing,
    Result,
    Unavailable,
)
from sandbox.magento import InputLimits
from sandbox.moods import Mood
from werkzeug.wrappers import Request, Response

from .connecting import a_shop, connect, counted
from .wares import Refusing

CUP = Product("p1", "Cup", (Variant("v1", Money(Decimal("12.50"), "USD"), "CUP", quantity=3),))
PICTURE = "https://pictures.example/cup.png"


def tee(*sizes: str) -> Product:
    price = Money(Decimal(20), "USD")
    variants = tuple(
        Variant(s, price, f"NEW-{s}", title=s, quantity=2, options=(("Taille", s),)) for s in sizes
    )
    return Product("p2", "Tee", variants, description_html="<p>Soft</p>")


def create(product: Product) -> Change:
    return Change(product.id, Action.CREATE, product, reference=f"ref-{product.id}")


def consent(id: str, state: ConsentState) -> ConsentChange:
    return ConsentChange(id, Consent(state))


def level(sku: str, quantity: int | None, location: str = "") -> Change:
    places = ((location, quantity or 0),) if location else ()
    return Change(f"{location}/{sku}", Action.UPDATE, StockLevel(sku, sku, quantity, by_location=places))


def results(outcomes: list[Outcome]) -> list[Result]:
    return [outcome.result for outcome in outcomes]


# --- consent -------------------------------------------------------------------------------------------------


def test_a_consent_is_written_and_the_rest_of_the_customer_stays() -> None:
    shop = a_shop(0, 5, 0)
    shop.acts.newsletter(2, False)
    before = {**shop.state.customers[2]}
    assert results(connect(shop).push_consent([consent("2", ConsentState.SUBSCRIBED)])) == [Result.UPDATED]
    assert shop.state.customers[2].pop("extension_attributes") == {"is_subscribed": True}
    assert before.pop("extension_attributes") == {"is_subscribed": False}
    assert shop.state.customers[2] == before


def test_writing_a_consent_twice_changes_nothing() -> None:  # B-8
    shop = a_shop(0, 5, 0)
    connector = connect(shop)
    connector.push_consent([consent("2", ConsentState.UNSUBSCRIBED)])
    shop.calls.clear()
    assert results(connector.push_consent([consent("2", ConsentState.UNSUBSCRIBED)])) == [Result.UNCHANGED]
    assert shop.calls.writes == []


def test_customers_that_are_gone_and_wishes_a_shop_cannot_hold_are_refused() -> None:
    changes = [consent("99", ConsentState.SUBSCRIBED), consent("1", ConsentState.PENDING)]
    outcomes = connect(a_shop(0, 5, 0)).push_consent(changes)
    assert [outcome.code for outcome in outcomes] == ["customer_gone", "consent_state_unwritable"]


def test_a_customer_the_shop_refuses_does_not_stop_those_behind() -> None:
    shop = a_shop(0, 5, 0)
    for id in (1, 2, 3):
        shop.acts.newsletter(id, False)
    shop.state.customers[2]["firstname"] = ""
    outcomes = connect(shop).push_consent([consent(str(id), ConsentState.SUBSCRIBED) for id in (1, 2, 3)])
    assert results(outcomes) == [Result.UPDATED, Result.REFUSED, Result.UPDATED]
    assert outcomes[1].code == "consent_refused"


def test_a_token_that_may_not_write_customers_names_the_right_it_lacks() -> None:
    shop = a_shop(0, 5, 0)
    shop.acts.newsletter(1, False)
    shop.guard.tokens["weak"] = frozenset({"Magento_Customer::customer"})
    with pytest.raises(PermissionMissing, match="Magento_Customer::manage"):
        connect(shop, {"token": "weak"}).push_consent([consent("1", ConsentState.SUBSCRIBED)])


# --- products ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bulk", [True, False])
def test_a_new_product_is_there_with_every_variant(bulk: bool) -> None:
    shop = a_shop(3, 0, 0)
    connector = connect(shop, bulk=bulk)
    outcomes = connector.push(Kind.PRODUCTS, [create(CUP), create(tee("M", "XXL"))])
    assert results(outcomes) == [Result.CREATED, Result.CREATED]
    cup, shirt = connector.pull(Kind.PRODUCTS, [outcome.destination_id for outcome in outcomes]).objects
    assert isinstance(cup, Product)
    assert isinstance(shirt, Product)
    assert (cup.title, cup.variants[0].quantity, str(cup.variants[0].price.amount)) == ("Cup", 3, "12.50")
    assert sorted((v.sku, v.options) for v in shirt.variants) == [
        ("NEW-M", (("Taille", "M"),)),
        ("NEW-XXL", (("Taille", "XXL"),)),
    ]
    assert shirt.description_html == "<p>Soft</p>"
    assert [row["visibility"] for row in shop.state.products.values() if row["sku"].startswith("NEW")] == [
        1,
        1,
    ]


def test_options_take_the_shops_own_attribute_and_make_what_is_missing() -> None:
    shop = a_shop(3, 0, 0)
    before = set(shop.state.attributes)
    odd = replace(
        tee("M"), variants=(replace(tee("M").variants[0], options=(("Taille", "M"), ("手触り", "柔"))),)
    )
    connect(shop).push(Kind.PRODUCTS, [create(odd)])
    (made,) = set(shop.state.attributes) - before
    assert made.startswith("option_")
    assert made in shop.state.in_set


def test_a_create_that_meets_the_sku_writes_nothing() -> None:
    shop = a_shop(3, 0, 0)
    held = shop.state.product("SKU-00002")
    assert held is not None
    taken = replace(CUP, variants=(replace(CUP.variants[0], sku="sku-00002"),))
    (outcome,) = connect(shop).push(Kind.PRODUCTS, [create(taken)])
    assert (outcome.result, outcome.destination_id) == (Result.EXISTS, str(held["id"]))
    assert shop.calls.writes == []


def test_a_changed_product_keeps_its_stock_and_its_place_and_gets_its_new_variant() -> None:
    shop = a_shop(3, 0, 0)
    connector = connect(shop)
    (made,) = connector.push(Kind.PRODUCTS, [create(tee("M"))])
    shop.acts.set_quantity("NEW-M", 40)
    wanted = replace(tee("M", "XXL"), title="Softer tee")
    fields = frozenset(ProductField) - {ProductField.QUANTITY}
    change = Change("p2", Action.UPDATE, wanted, made.destination_id, fields=fields)
    assert results(connector.push(Kind.PRODUCTS, [change])) == [Result.UPDATED]
    (shirt,) = connector.pull(Kind.PRODUCTS, [made.destination_id]).objects
    assert isinstance(shirt, Product)
    assert (shirt.title, [v.quantity for v in shirt.variants]) == ("Softer tee", [40, 0])


def test_a_change_holds_in_every_store_view_that_has_no_title_of_its_own() -> None:
    shop = a_shop(3, 0, 0)
    connector = connect(shop)
    (made,) = connector.push(Kind.PRODUCTS, [create(CUP)])
    change = Change("p1", Action.UPDATE, replace(CUP, title="Mug"), made.destination_id)
    connector.push(Kind.PRODUCTS, [change])
    row = shop.state.products[int(made.destination_id)]
    assert (row["name"], row["own"]) == ("Mug", {})


def test_a_reduced_price_is_a_special_price_and_is_taken_away_again() -> None:
    shop = a_shop(3, 0, 0)
    connector = connect(shop)
    reduced = replace(CUP.variants[0], compare_at=Money(Decimal(20), "USD"))
    (made,) = connector.push(Kind.PRODUCTS, [create(replace(CUP, variants=(reduced,)))])
    row = shop.state.products[int(made.destination_id)]
    assert (row["price"], row["attributes"]["special_price"]) == (20, "12.50")
    connector.push(Kind.PRODUCTS, [Change("p1", Action.UPDATE, CUP, made.destination_id)])
    assert (row["price"], row["attributes"].get("special_price")) == (12.5, None)


@Request.application
def pictures(request: Request) -> Response:
    """A place where pictures lie."""
    return Response(b"\x89PNG", content_type="image/png") if "gone" not in request.path else Response("", 404)


def test_pictures_are_sent_once_and_go_with_the_product() -> None:
    shop = a_shop(3, 0, 0)
    connector = connect(shop, origins={"https://pictures.example": pictures})
    shown = replace(CUP, images=(Image("1", PICTURE, "A cup"),))
    (made,) = connector.push(Kind.PRODUCTS, [create(shown)])
    row = shop.state.products[int(made.destination_id)]
    (first,) = row["media"]
    assert (first["label"], first["types"]) == ("A cup", ["image", "small_image", "thumbnail"])
    connector.push(Kind.PRODUCTS, [Change("p1", Action.UPDATE, shown, made.destination_id)])
    assert row["media"] == [first]
    more = replace(CUP, images=(Image("2", f"{PICTURE}?2"), *shown.images))
    connector.push(Kind.PRODUCTS, [Change("p1", Action.UPDATE, more, made.destination_id)])
    assert [one["id"] == first["id"] for one in row["media"]] == [False, True]
    connector.push(Kind.PRODUCTS, [Change("p1", Action.UPDATE, CUP, made.destination_id)])
    assert row["media"] == []


def test_a_picture_that_is_gone_is_told_and_the_product_is_written() -> None:
    shop = a_shop(3, 0, 0)
    shown = replace(CUP, images=(Image("1", "https://pictures.example/gone.png"),))
    (made,) = connect(shop, origins={"https://pictures.example": pictures}).push(
        Kind.PRODUCTS, [create(shown)]
    )
    assert made.result is Result.CREATED
    assert [beside.code for beside in made.beside] == ["image_left_out"]


@pytest.mark.parametrize(
    ("product", "code"),
    [
        (replace(CUP, variants=(replace(CUP.variants[0], sku="X" * 65),)), "sku_too_long"),
        (
            replace(CUP, variants=(replace(CUP.variants[0], price=Money(Decimal(1), "EUR")),)),
            "currency_differs",
        ),
        (replace(tee("M", "L"), variants=(tee("M").variants[0],) * 2), "sku_repeated"),
    ],
)
def test_what_a_shop_could_not_hold_is_refused_and_nothing_of_it_written(product: Product, code: str) -> None:
    shop = a_shop(3, 0, 0)
    (outcome,) = connect(shop).push(Kind.PRODUCTS, [create(product)])
    assert (outcome.result, outcome.code) == (Result.REFUSED, code)
    assert shop.calls.writes == []


def test_a_deleted_product_takes_its_hidden_variants_along() -> None:
    shop = a_shop(3, 0, 0)
    connector = connect(shop)
    (made,) = connector.push(Kind.PRODUCTS, [create(tee("M", "L"))])
    change = Change("p2", Action.DELETE, None, made.destination_id)
    assert results(connector.push(Kind.PRODUCTS, [change])) == [Result.DELETED]
    assert [row["sku"] for row in shop.state.products.values() if row["sku"].startswith(("NEW", "ref"))] == []
    assert results(connector.push(Kind.PRODUCTS, [change])) == [Result.DELETED]


# --- the queue -----------------------------------------------------------------------------------------------


def test_what_fails_late_in_the_queue_is_told_of_its_object_and_no_other() -> None:  # B-12
    shop = a_shop(3, 0, 0)
    shop.state.by_url_key["cup"] = 1  # the address is taken, which only the consumer finds out
    other = replace(CUP, id="p9", variants=(replace(CUP.variants[0], sku="OTHER"),))
    outcomes = connect(shop).push(Kind.PRODUCTS, [create(CUP), create(other)])
    assert results(outcomes) == [Result.REFUSED, Result.CREATED]
    assert (outcomes[0].code, "URL key" in outcomes[0].why) == ("product_refused", True)


def test_a_variant_that_fails_late_fails_its_product_and_is_mended_by_the_next_push() -> None:
    shop = a_shop(3, 0, 0)
    shop.state.by_url_key["new-l"] = 1
    connector = connect(shop)
    (outcome,) = connector.push(Kind.PRODUCTS, [create(tee("M", "L"))])
    assert outcome.result is Result.REFUSED
    assert shop.state.product("ref-p2") is None
    del shop.state.by_url_key["new-l"]
    assert results(connector.push(Kind.PRODUCTS, [create(tee("M", "L"))])) == [Result.CREATED]


def test_a_queue_that_nobody_works_on_is_no_success_and_names_the_consumer() -> None:  # B-12
    shop = a_shop(3, 0, 0, consumer_after=None)
    with pytest.raises(Unavailable) as stuck:
        connect(shop).push(Kind.PRODUCTS, [create(CUP)])
    assert "async.operations.all" in stuck.value.remedy
    shop.consume()
    assert results(connect(shop).push(Kind.PRODUCTS, [create(CUP)])) == [Result.EXISTS]


def test_an_operation_that_may_be_sent_again_is_told_as_to_come_later() -> None:
    def deadlock(path: str, body: Any) -> Any:
        if path.endswith("status") and body["operations_list"][0]["status"] == 1:
            body["operations_list"][0] |= {"status": 2, "result_message": "Deadlock found"}
        return body

    (outcome,) = connect(a_shop(3, 0, 0), edit=deadlock).push(Kind.PRODUCTS, [create(CUP)])
    assert outcome.result is Result.THROTTLED


def test_five_hundred_products_are_one_request_and_a_few_looks_at_the_queue() -> None:
    shop = a_shop(3, 0, 0)
    changes = [
        create(replace(CUP, id=f"p{n}", variants=(replace(CUP.variants[0], sku=f"CUP-{n}"),)))
        for n in range(500)
    ]
    connector = connect(shop)
    calls = counted(shop, lambda: connector.push(Kind.PRODUCTS, changes))
    assert len(shop.calls.writes) == 1
    assert calls <= 7


# --- stock ---------------------------------------------------------------------------------------------------


def test_stock_goes_to_its_source_and_twice_changes_nothing() -> None:  # B-8
    shop = a_shop(6, 0, 0)
    connector, changes = connect(shop), [level("SKU-00002", 70, "depot"), level("SKU-00003", 0, "default")]
    assert results(connector.push(Kind.STOCK, changes)) == [Result.UPDATED] * 2
    assert shop.state.source_items["sku-00002", "depot"]["quantity"] == 70
    assert shop.state.source_items["sku-00003", "default"]["status"] == 0
    shop.calls.clear()
    assert results(connector.push(Kind.STOCK, changes)) == [Result.UNCHANGED] * 2
    assert shop.calls.writes == []


def test_unknown_skus_and_sources_are_refused_though_the_shop_would_say_nothing() -> None:
    shop = a_shop(6, 0, 0)
    changes = [
        level("NOSUCH", 1),
        level("SKU-00002", 1, "moon"),
        level("SKU-00002", None),
        level("SKU-00003", 4),
    ]
    outcomes = connect(shop).push(Kind.STOCK, changes)
    assert [outcome.code for outcome in outcomes] == ["stock_of_nothing", "location_unknown", "", ""]
    assert outcomes[2].result is Result.UNCHANGED
    assert ("nosuch", "default") not in shop.state.source_items


@pytest.mark.parametrize(("limits", "writes"), [(None, 1), (InputLimits(), 3)])
def test_stock_is_written_in_as_few_calls_as_the_shops_limits_allow(limits: Any, writes: int) -> None:
    shop = a_shop(90, 0, 0, limits=limits)
    skus = [row["sku"] for row in shop.state.products.values() if row["visibility"] == 4 and not row["links"]]
    outcomes = connect(shop).push(Kind.STOCK, [level(sku, 777) for sku in skus])
    assert results(outcomes) == [Result.UPDATED] * 60
    assert len(shop.calls.writes) == writes


def test_a_level_that_is_refused_does_not_stop_the_others() -> None:
    shop = a_shop(90, 0, 0)
    refuse = Refusing(shop, "SKU-00005")
    outcomes = connect(refuse).push(Kind.STOCK, [level(f"SKU-{n:05}", 777) for n in (2, 3, 5, 6, 8)])
    assert [outcome.code for outcome in outcomes] == ["", "", "stock_refused", "", ""]


def test_a_shop_without_sources_gets_its_legacy_items_written() -> None:
    shop = a_shop(6, 0, 0, msi=False)
    connector, changes = connect(shop), [level("SKU-00002", 41), level("NOSUCH", 1)]
    outcomes = connector.push(Kind.STOCK, changes)
    assert [outcome.code or outcome.result for outcome in outcomes] == [Result.UPDATED, "stock_of_nothing"]
    held = shop.state.product("SKU-00002")
    assert held is not None
    assert shop.state.stock_items[held["id"]]["qty"] == 41
    assert results(connector.push(Kind.STOCK, changes[:1])) == [Result.UNCHANGED]


def test_a_write_whose_answer_is_lost_is_told_as_unknown() -> None:
    shop = a_shop(6, 0, 0)
    shop.moods.add(Mood.LOST_ANSWER, "POST /rest/V1/inventory", times=1)
    with pytest.raises(Unavailable):
        connect(shop).push(Kind.STOCK, [level("SKU-00002", 41)])
    assert results(connect(shop).push(Kind.STOCK, [level("SKU-00002", 41)])) == [Result.UNCHANGED]
