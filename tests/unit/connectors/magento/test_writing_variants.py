"""Writing variants: which is which, which are made, and what is not taken over."""

from dataclasses import replace

import pytest
from passerelle.model import Kind
from passerelle.port import Result

from .wares import (
    F,
    a_stand,
    changed,
    codes,
    create,
    cup,
    dollars,
    edited,
    only,
    pulled,
    shirt,
    snapshot,
    update,
)


def test_variants_are_told_by_what_is_known_then_by_sku_then_by_options() -> None:  # C-6
    _, connector = a_stand()
    made = only(connector, create(shirt("S", "M", "L")))
    small, middle, large = shirt("S", "M", "L").variants
    moved = replace(
        shirt(),
        variants=(
            replace(small, id="x1", sku="OTHER-1", options=(("Size", "1"),), price=dollars("1.00")),
            replace(middle, id="x2", sku="new-m ", options=(("Size", "2"),), price=dollars("2.00")),
            replace(large, id="x3", sku="OTHER-3", options=(("taille", "l"),), price=dollars("3.00")),
        ),
    )
    known = {"x1": made.variants["v-S"]}
    outcome = only(connector, update(moved, made, F.PRICE, variants=known))
    assert dict(outcome.variants) == {
        "x1": made.variants["v-S"],
        "x2": made.variants["v-M"],
        "x3": made.variants["v-L"],
    }
    prices = {each.id: str(each.price.amount) for each in pulled(connector, made.destination_id).variants}
    assert [prices[outcome.variants[id]] for id in ("x1", "x2", "x3")] == ["1.00", "2.00", "3.00"]


def test_a_variant_without_counterpart_is_made_only_where_variants_are_wanted() -> None:  # C-6
    shop, connector = a_stand()
    made = only(connector, create(shirt("M")))
    shop.calls.clear()
    left = only(connector, update(shirt("M", "XXL"), made, F.PRICE, F.TITLE))
    assert (left.result, set(left.variants), shop.calls.writes) == (Result.UNCHANGED, {"v-M"}, [])
    more = only(connector, update(shirt("M", "XXL"), made, F.VARIANTS, F.QUANTITY))
    assert (more.result, set(more.variants)) == (Result.UPDATED, {"v-M", "v-XXL"})
    told = {each.sku: each for each in pulled(connector, made.destination_id).variants}
    assert (told["NEW-XXL"].id, told["NEW-XXL"].quantity) == (more.variants["v-XXL"], 2)
    assert told["NEW-XXL"].options == (("Taille", "XXL"),)


def test_a_new_variant_joins_those_that_somebody_there_added_meanwhile() -> None:  # C-10
    shop, connector = a_stand()
    made = only(connector, create(shirt("M")))
    edited(shop, made)
    only(connector, update(shirt("M", "L"), made, F.VARIANTS))
    told = pulled(connector, made.destination_id)
    assert {each.sku for each in told.variants} == {"NEW-M", "NEW-L", "THEIRS"}


def test_variants_to_be_taken_away_go_and_the_last_one_never() -> None:
    shop, connector = a_stand()
    made = only(connector, create(shirt("S", "M")))
    gone = (made.variants["v-S"],)
    outcome = only(connector, update(shirt("M"), made, F.VARIANTS, without=gone))
    assert outcome.result is Result.UPDATED
    assert [each.sku for each in pulled(connector, made.destination_id).variants] == ["NEW-M"]
    assert shop.state.product("NEW-S") is None
    last = (made.variants["v-M"],)
    kept = only(connector, update(replace(shirt(), variants=()), made, F.VARIANTS, without=last))
    assert codes(kept) == ["last_variant_kept"]
    assert [each.sku for each in pulled(connector, made.destination_id).variants] == ["NEW-M"]
    again = only(connector, update(shirt("M"), made, F.VARIANTS, without=gone))
    assert again.result is Result.UNCHANGED


def test_a_product_without_choices_gets_none_and_says_so() -> None:
    shop, connector = a_stand()
    made = only(connector, create(cup()))
    two = replace(shirt("M", "L"), id="p1")
    before = snapshot(shop)
    outcome = only(connector, update(two, made, F.VARIANTS, F.PRICE))
    assert (outcome.result, codes(outcome)) == (Result.UNCHANGED, ["variant_not_held"])
    assert changed(before, snapshot(shop)) == set()


def test_a_new_variant_with_choices_that_the_product_does_not_have_is_told() -> None:
    _, connector = a_stand()
    made = only(connector, create(shirt("M")))
    odd = replace(shirt("L").variants[0], options=(("Pointure", "42"),))
    outcome = only(connector, update(replace(shirt("M"), variants=(odd,)), made, F.VARIANTS))
    assert (outcome.result, outcome.code) == (Result.REFUSED, "option_refused")


@pytest.mark.parametrize("taken", ["SKU-00002", "sku-00001-s-rouge"])
def test_a_create_that_meets_the_sku_of_any_product_or_variant_writes_nothing(taken: str) -> None:  # C-5
    shop, connector = a_stand()
    row = shop.state.product(taken)
    assert row is not None
    whose = next((one["id"] for one in shop.state.products.values() if row["id"] in one["links"]), row["id"])
    clash = replace(shirt().variants[0], sku=taken)
    outcome = only(connector, create(replace(shirt(), variants=(clash, shirt().variants[1]))))
    assert (outcome.result, outcome.destination_id) == (Result.EXISTS, str(whose))
    assert shop.calls.writes == []


def test_a_hidden_product_that_is_nobodys_variant_is_not_taken_over() -> None:  # C-10
    shop, connector = a_stand()
    row = shop.state.product("SKU-00002")
    assert row is not None
    row["visibility"] = 1  # a part of a bundle, say
    before = snapshot(shop)
    clash = replace(shirt().variants[0], sku="SKU-00002")
    for product in (
        replace(shirt(), variants=(clash, shirt().variants[1])),
        replace(cup(), variants=(clash,)),
    ):
        outcome = only(connector, create(product))
        assert (outcome.result, outcome.code) == (Result.REFUSED, "sku_taken")
    assert changed(before, snapshot(shop)) == set()


def test_a_sku_that_is_somebody_elses_stays_what_it_was() -> None:
    shop, connector = a_stand()
    made = only(connector, create(cup()))
    before = snapshot(shop)
    wanted = replace(cup(), variants=(replace(cup().variants[0], sku="SKU-00002"),))
    outcome = only(connector, update(wanted, made, F.SKU))
    assert (outcome.result, codes(outcome)) == (Result.UNCHANGED, ["sku_not_held"])
    assert changed(before, snapshot(shop)) == set()


def test_a_product_without_skus_gets_our_name_for_it() -> None:
    shop, connector = a_stand()
    nameless = replace(cup(), id="gid://shopify/Product/1", variants=(replace(cup().variants[0], sku=""),))
    change = replace(create(nameless), reference=f"passerelle:lnk_{'0' * 26}:products:{nameless.id}")
    made = only(connector, change)
    assert codes(made) == ["sku_made"]
    assert only(connector, change).result is Result.EXISTS
    (match,) = connector.find(Kind.PRODUCTS, [change.reference])
    assert (match.key, match.destination_id) == (change.reference, made.destination_id)
    assert len(shop.state.products[int(made.destination_id)]["sku"]) <= 64
