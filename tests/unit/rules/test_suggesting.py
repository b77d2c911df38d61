"""What a product may be at another store, the likeliest first."""

from dataclasses import replace
from decimal import Decimal

import pytest
from passerelle.model import Money, Product, Variant
from passerelle.rules.suggesting import MOST, pairs, suggestions

PRICE = Money(Decimal(1), "EUR")


def product(id, title="", *variants):
    return Product(id, title, variants or (Variant(f"{id}.1", PRICE),))


def variant(id, sku="", barcode="", **options):
    return Variant(id, PRICE, sku, barcode, options=tuple(options.items()))


MUG = product("m", "Blue mug of stone", variant("m1", "MUG-1", "111"), variant("m2", "MUG-2", "222"))


def order(*candidates, main=MUG):
    return [each.product.id for each in suggestions(main, candidates)]


def test_a_sku_says_more_than_a_barcode_and_a_barcode_more_than_a_title():  # C-17
    by_title = product("t", "Blue mug of stone")
    by_code = product("b", "Else", variant("b1", "X", "111"), variant("b2", "Y", "222"))
    by_sku = product("s", "Else", variant("s1", "mug-1 "))
    assert order(by_title, by_code, by_sku) == ["s", "b", "t"]


def test_whoever_shares_more_comes_first():  # C-17
    one = product("one", "", variant("o1", "MUG-1"))
    both = product("both", "", variant("b1", "MUG-1"), variant("b2", "MUG-2"))
    assert order(one, both) == ["both", "one"]
    assert order(product("x", "Mug"), product("y", "blue MUG, stone")) == ["y", "x"]


def test_what_resembles_it_in_nothing_is_not_suggested():  # C-17
    assert order(product("x", "Chair", variant("x1", "CH-1", "999"))) == []


def test_what_is_empty_on_both_sides_is_no_resemblance():  # C-5
    assert order(product("x"), main=product("m")) == []


def test_suggestions_are_few_stable_and_each_once():  # C-17
    many = [product(str(number), "Blue mug") for number in range(9)]
    assert order(*many, *many) == [str(number) for number in range(MOST)]


def test_the_only_variant_of_each_is_the_one_whatever_it_is_called():  # C-17
    assert pairs(product("a", "", variant("1", "A")), product("b", "", variant("9", "B"))) == {"1": "9"}


def test_variants_are_paired_by_sku_then_barcode_then_options():  # C-6 C-17
    main = product(
        "a", "", variant("1", "A"), variant("2", "", "222"), variant("3", Size="M"), variant("4", "Z")
    )
    there = product("b", "", variant("9", " a"), variant("8", "Q", "222"), variant("7", size="m"))
    assert pairs(main, there) == {"1": "9", "2": "8", "3": "7"}


@pytest.mark.parametrize("side", [0, 1])
def test_a_name_that_two_variants_bear_pairs_nobody(side):  # C-5
    twice = product("a", "", variant("1", "A"), variant("2", "A"))
    once = product("b", "", variant("9", "A"), variant("8", "B"))
    main, there = (twice, once) if side else (once, twice)
    assert pairs(main, there) == {}


def test_a_variant_of_the_other_store_is_given_once():  # C-17
    main = product("a", "", variant("1", "A"), variant("2", "", "111"))
    there = product("b", "", variant("9", "A", "111"), variant("8", "C"))
    assert pairs(main, there) == {"1": "9"}
    assert pairs(replace(main, variants=main.variants[::-1]), there) == {"1": "9"}
