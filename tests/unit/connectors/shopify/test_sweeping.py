"""Thousands of keys are looked up in one file, and only where that suits."""

import pytest
from passerelle.model import Kind
from passerelle.port import By, Selection, Unavailable
from sandbox.moods import Mood
from sandbox.shopify import sample

MANY = [f"SKU-{at}" for at in range(1_200)]


def asked(world):
    return [each.note for each in world.shop.calls]


@pytest.fixture
def stocked(world):
    goods = [sample.product(place, variants=1) for place in range(200)]
    for place, product in enumerate(goods):
        product["variants"][0] |= {"sku": f"sku-{place}", "barcode": f"978{place}"}
    world.shop.load(goods)
    return world


def test_a_thousand_keys_are_found_in_one_file_as_a_search_finds_them(stocked):  # G-1, C-5
    searched = stocked.connector.find(Kind.PRODUCTS, MANY[:300])
    before = len(asked(stocked))
    swept = stocked.connector.find(Kind.PRODUCTS, MANY)
    assert swept == searched
    assert len(swept) == 200
    assert len(asked(stocked)) - before == 5


def test_barcodes_are_found_so_too(stocked):  # C-17
    codes = [f"978{at}" for at in range(1_100)]
    assert {each.key for each in stocked.connector.find(Kind.PRODUCTS, codes, By.BARCODE)} == set(codes[:200])


def test_of_an_empty_shop_one_call_tells_enough(world):  # G-1
    assert world.connector.find(Kind.PRODUCTS, MANY) == []
    assert asked(world) == ["CountVariants"]


def test_a_shop_that_runs_five_already_is_searched(stocked):  # B-12
    stocked.shop.bulk_polls = 10_000
    for _ in range(5):
        stocked.connect().export(Kind.PRODUCTS, Selection())
        stocked.wait(100)
    assert len(stocked.connector.find(Kind.PRODUCTS, MANY)) == 200
    assert "FindVariants" in asked(stocked)


def test_a_file_that_is_cut_short_finds_nothing_rather_than_little(stocked):  # B-14
    stocked.shop.moods.add(Mood.TRUNCATED, match="_results", times=9)
    with pytest.raises(Unavailable):
        stocked.connector.find(Kind.PRODUCTS, MANY)
