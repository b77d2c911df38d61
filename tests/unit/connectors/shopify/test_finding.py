"""Customers by e-mail, products by SKU."""

import pytest
from passerelle.model import Kind
from passerelle.port import By, Rejected
from sandbox.shopify.sample import catalogue, customer, product
from sandbox.shopify.state import gid


def test_customers_are_found_by_email_whatever_its_case(world):
    world.shop.load([customer(place, consent="SUBSCRIBED") for place in range(100)])
    emails = [f"PERSON{place}@example.com" for place in range(90)]
    found = world.connector.find(Kind.CUSTOMERS, [*emails, "nobody@example.com"])
    assert [match.key for match in found] == emails
    assert found[3].destination_id == "20003"
    assert found[3].object.email == "person3@example.com"


def test_two_products_with_one_sku_are_both_found(world):  # C-5
    world.shop.load([product(1, variants=2), product(2, variants=1)])
    world.shop.life.edit_variant(gid("ProductVariant", 400_256), sku="SKU-128")
    found = world.connector.find(Kind.PRODUCTS, ["SKU-128", "SKU-129", "absent"])
    assert {(match.key, match.destination_id, match.variant_id) for match in found} == {
        ("SKU-128", "7001", "400128"),
        ("SKU-128", "7002", "400256"),
        ("SKU-129", "7001", "400129"),
    }


def test_a_sku_is_kept_as_written_and_found_without_case_and_blanks(world):  # C-5
    world.shop.load([product(1, variants=1)])
    world.shop.life.edit_variant(gid("ProductVariant", 400_128), sku=" abc ")
    assert [match.key for match in world.connector.find(Kind.PRODUCTS, ["ABC", "abc", "ab"])] == [
        "ABC",
        "abc",
    ]
    (read,) = world.connector.pull(Kind.PRODUCTS, ["7001"]).objects
    assert read.variants[0].sku == " abc "


def test_products_are_found_by_barcode_and_by_title(world):  # C-17
    world.shop.load([product(place, variants=1) for place in range(1, 9)])
    world.shop.life.edit(gid("Product", 7_003), title="Théière d’été – n° 5")
    world.shop.life.edit_variant(gid("ProductVariant", 400_384), barcode="4006381333931")
    (found,) = world.connector.find(Kind.PRODUCTS, ["4006381333931"], By.BARCODE)
    assert (found.destination_id, found.variant_id) == ("7003", "400384")
    best, *others = world.connector.find(Kind.PRODUCTS, ["Theiere / Théière d'été n°5"], By.TITLE)
    assert (best.destination_id, best.variant_id) == ("7003", "")
    assert len(others) < 5
    assert world.connector.find(Kind.PRODUCTS, ["Xylophone"], By.TITLE) == []


def test_products_that_were_ordered_are_told(world):  # C-9
    world.shop.load(catalogue(30, 3, 12))
    lines = [line for order in world.shop.state.shelf("Order").things.values() for line in order["lineItems"]]
    sold = {str(line["product_id"]) for line in lines if line["product_id"]}
    bare = {
        str(number)
        for number, each in world.shop.state.shelf("Product").things.items()
        if not all(variant["sku"] for variant in each["variants"])
    }
    every = [entry.id for entry in world.entries(Kind.PRODUCTS)]
    assert sold & set(every) <= world.connector.ordered(every) <= sold | bare
    assert world.connector.ordered(["999"]) == set()


@pytest.mark.parametrize("sku", ["it's", 'a"b', "a OR b", "x:y", "(1)", "back\\slash", "-minus"])
def test_a_sku_may_hold_any_sign(world, sku):
    world.shop.load(catalogue(20, 0, 0))
    world.shop.life.edit_variant(gid("ProductVariant", 400_128), sku=sku)
    assert [match.destination_id for match in world.connector.find(Kind.PRODUCTS, [sku])] == ["7001"]


def test_empty_keys_are_not_looked_up(world):
    assert world.connector.find(Kind.PRODUCTS, ["", ""]) == []
    assert len(world.shop.calls) == 0


def test_kinds_without_keys_are_refused(world):
    with pytest.raises(Rejected):
        world.connector.find(Kind.ORDERS, ["#1001"])
