"""Variants written to a shop: found again by what was told, by SKU, by options; made, changed and taken away."""

from dataclasses import replace

import pytest
from passerelle.model import Kind, Product, ProductField, Variant
from passerelle.port import Result
from sandbox.prestashop import Shop

from .connecting import counted
from .dependent import (
    create,
    differences,
    empty_shop,
    euros,
    kept,
    mug,
    open_to,
    push,
    read,
    shirt,
    update,
    variant,
)

F = ProductField


def opened(product: Product) -> tuple[Shop, str, dict[str, str]]:
    """A shop with the product, its id, and the shop's variant of each."""
    shop = empty_shop()
    outcome = push(open_to(shop), create(product))
    assert outcome.result is Result.CREATED
    return shop, outcome.destination_id, dict(outcome.variants)


def changed(product: Product, number: int, **told: object) -> Product:
    """The product with one variant told otherwise."""
    variants = list(product.variants)
    variants[number] = replace(variants[number], **told)  # type: ignore[arg-type]  # by name
    return replace(product, variants=tuple(variants))


CHANGES = [
    (F.SKU, {"sku": "NEW"}, "combinations/{part}/reference"),
    (F.BARCODE, {"barcode": "3760000000017"}, "combinations/{part}/ean13"),
    (F.PRICE, {"price": euros("29.99")}, "combinations/{part}/price"),
    (F.WEIGHT, {"weight_grams": 777}, "combinations/{part}/weight"),
]


@pytest.mark.parametrize(("field", "told", "path"), CHANGES, ids=[each[0] for each in CHANGES])
def test_of_a_variant_only_what_is_named_is_written(field: F, told: dict[str, object], path: str) -> None:
    shop, id, variants = opened(shirt())
    before = kept(shop, id)
    other = changed(replace(shirt(), title="X", vendor="X"), 3, **told)
    outcome = push(open_to(shop), update(other, id, field, variants=variants))
    assert outcome.result is Result.UPDATED
    part = variants[shirt().variants[3].id].partition("-")[2]
    assert differences(before, kept(shop, id)) == {path.format(part=part)}


def test_a_quantity_is_written_to_its_variant_and_the_shop_adds_up() -> None:
    shop, id, variants = opened(shirt())
    push(open_to(shop), update(changed(shirt(), 0, quantity=40), id, F.QUANTITY, variants=variants))
    assert [v.quantity for v in read(open_to(shop), id).variants] == [40, 3, 3, 3]
    stock = shop.state.stock_availables
    (total,) = [
        stock.rows[n] for n in stock.where("id_product", id) if stock.rows[n]["id_product_attribute"] == "0"
    ]
    assert total["quantity"] == "49"


def test_variants_of_the_shop_that_the_object_does_not_hold_stay() -> None:  # C-6
    shop, id, _ = opened(shirt())
    before = kept(shop, id)
    few = replace(shirt(), variants=shirt().variants[:1])
    assert push(open_to(shop), update(few, id)).result is Result.UNCHANGED
    assert kept(shop, id) == before


def test_a_variant_that_is_new_is_made_only_if_variants_are_named() -> None:
    few = replace(shirt(), variants=shirt().variants[:3])
    shop, id, variants = opened(few)
    prices = push(open_to(shop), update(shirt(), id, F.PRICE, F.QUANTITY, variants=variants))
    assert (prices.result, len(prices.variants)) == (Result.UNCHANGED, 3)
    outcome = push(open_to(shop), update(shirt(), id, variants=variants))
    assert (outcome.result, len(outcome.variants)) == (Result.UPDATED, 4)
    new = next(v for v in read(open_to(shop), id).variants if v.sku == "SHIRT-L-Blue")
    assert (new.price, new.quantity, new.weight_grams) == (euros("24.99"), 3, 240)


def test_variants_are_found_by_what_was_told_before_their_skus() -> None:
    shop, id, variants = opened(shirt())
    first, second = shirt().variants[:2]
    swapped = {first.id: variants[second.id], second.id: variants[first.id]}
    outcome = push(open_to(shop), update(shirt(), id, F.SKU, variants=swapped))
    assert outcome.variants[first.id] == variants[second.id]
    assert {v.id: v.sku for v in read(open_to(shop), id).variants}[variants[second.id]] == first.sku


def test_variants_without_sku_are_found_by_their_options_in_any_capitals() -> None:
    bare = tuple(replace(each, sku="") for each in shirt().variants)
    shop, id, variants = opened(replace(shirt(), variants=bare))
    loud = tuple(replace(v, options=tuple((n.upper(), o.upper()) for n, o in v.options)) for v in bare)
    outcome = push(open_to(shop), update(replace(shirt(), variants=loud), id))
    assert (outcome.result, dict(outcome.variants)) == (Result.UNCHANGED, variants)


def test_an_option_that_is_renamed_is_changed_where_variants_are_named() -> None:
    shop, id, variants = opened(shirt())
    crimson = changed(shirt(), 0, options=(("Size", "S"), ("Colour", "Crimson")))
    before = kept(shop, id)
    assert push(open_to(shop), update(crimson, id, F.PRICE, variants=variants)).result is Result.UNCHANGED
    assert kept(shop, id) == before
    push(open_to(shop), update(crimson, id, F.VARIANTS, variants=variants))
    told = {v.id: v.options for v in read(open_to(shop), id).variants}
    assert set(told[variants["vSRed"]]) == {("Size", "S"), ("Colour", "Crimson")}
    assert len(told) == 4


def test_variants_are_taken_away_but_never_the_last() -> None:
    shop, id, variants = opened(shirt())
    gone = tuple(variants[v.id] for v in shirt().variants[2:])
    few = replace(shirt(), variants=shirt().variants[:2])
    outcome = push(open_to(shop), update(few, id, F.TITLE, without=(*gone, "999-1")))
    assert outcome.result is Result.UPDATED
    assert [v.sku for v in read(open_to(shop), id).variants] == ["SHIRT-S-Red", "SHIRT-S-Blue"]
    rest = tuple(v.id for v in read(open_to(shop), id).variants)
    outcome = push(open_to(shop), update(few, id, F.TITLE, without=rest))
    assert [each.code for each in outcome.beside] == ["last_variant_kept"]
    assert len(read(open_to(shop), id).variants) == 1


def test_a_product_without_choices_that_gets_some_gets_combinations() -> None:
    shop, id, _ = opened(mug())
    grown = replace(mug(), variants=shirt().variants)
    outcome = push(open_to(shop), update(grown, id, F.VARIANTS, F.SKU, F.PRICE, F.QUANTITY))
    assert (outcome.result, len(outcome.variants)) == (Result.UPDATED, 4)
    back = read(open_to(shop), id)
    assert {v.sku: v.price for v in back.variants} == {v.sku: v.price for v in shirt().variants}
    assert shop.state.products.rows[int(id)]["product_type"] == "combinations"


def test_the_only_variant_of_an_object_is_the_one_of_a_product_without_choices() -> None:
    shop, id, _ = opened(mug())
    other = mug(variants=(variant("q7", "12.34", options=(("Size", "One"),)),))
    outcome = push(open_to(shop), update(other, id, F.PRICE))
    assert outcome.variants == {"q7": f"{id}-0"}
    assert read(open_to(shop), id).variants[0].price == euros("12.34")


def test_variants_that_nothing_tells_apart_are_refused() -> None:
    same = tuple(replace(v, options=()) for v in shirt().variants)
    outcome = push(open_to(empty_shop()), create(replace(shirt(), variants=same)))
    assert (outcome.result, outcome.code) == (Result.REFUSED, "options_repeated")


def test_a_variant_without_options_beside_combinations_is_told() -> None:
    shop, id, _ = opened(shirt())
    more: tuple[Variant, ...] = (*shirt().variants, variant("bare", sku="BARE"))
    outcome = push(open_to(shop), update(replace(shirt(), variants=more), id))
    assert [each.code for each in outcome.beside] == ["variant_not_held"]
    assert "bare" not in outcome.variants


def test_a_hundred_variants_with_three_options_take_few_calls() -> None:
    many = tuple(
        variant(
            f"v{n}", sku=f"S-{n}", options=(("Size", str(n % 10)), ("Colour", str(n // 10)), ("Cut", "A<b>"))
        )
        for n in range(120)
    )
    shop = empty_shop()
    connector = open_to(shop)
    calls = counted(shop, lambda: push(connector, create(replace(shirt(), variants=many))))
    assert calls < 45
    (id,) = shop.state.products.ids()
    back = read(connector, str(id))
    assert len({v.options for v in back.variants}) == 120
    assert push(connector, update(replace(shirt(), variants=many), str(id))).result is Result.UNCHANGED
    again = push(connector, update(replace(shirt(), variants=many), str(id), F.VARIANTS))
    assert len(again.variants) == 120


def test_one_default_combination_is_kept_when_it_is_taken_away() -> None:
    shop, id, variants = opened(shirt())
    push(open_to(shop), update(shirt(), id, F.PRICE, without=(variants["vSRed"],)))
    rows = [shop.state.combinations.rows[n] for n in shop.state.combinations.where("id_product", id)]
    assert [row["default_on"] for row in rows].count("1") == 1


def test_combinations_that_the_shop_refuses_half_way_are_told_and_the_others_are_made() -> None:
    shop = empty_shop()
    bad = changed(shirt(), 2, price=euros("99999999999.99"))
    outcomes = open_to(shop).push(Kind.PRODUCTS, [create(bad), create(mug())])
    assert [each.result for each in outcomes] == [Result.CREATED, Result.CREATED]
    assert [(each.code, each.after) for each in outcomes[0].beside] == [("variant_not_held", "SHIRT-L-Red")]
    assert len(shop.state.combinations) == len(outcomes[0].variants) == 3


def test_a_product_whose_every_variant_is_refused_leaves_nothing() -> None:
    shop = empty_shop()
    # The shop's own language is one that it lost: it refuses every name that is not in it.
    setting = shop.state.configurations.where("name", "PS_LANG_DEFAULT")[0]
    shop.state.configurations.update(setting, value="9")
    outcome = push(open_to(shop, language="en"), create(shirt()))
    assert (outcome.result, outcome.code) == (Result.REFUSED, "product_refused")
    assert (len(shop.state.products), len(shop.state.combinations)) == (0, 0)
