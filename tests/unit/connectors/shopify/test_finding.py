"""Customers by e-mail, products by SKU."""

import pytest
from passerelle.model import Kind
from passerelle.port import Rejected
from sandbox.shopify.sample import catalogue, customer, product
from sandbox.shopify.state import gid


def test_customers_are_found_by_email_whatever_its_case(world):
    world.shop.load([customer(place, consent="SUBSCRIBED") for place in range(100)])
    emails = [f"PERSON{place}@example.com" for place in range(90)]
    found = world.connector.find(Kind.CUSTOMERS, [*emails, "nobody@example.com"])
    assert [match.key for match in found] == emails
    assert found[3].destination_id == "20003"
    assert found[3].object.email == "person3@example.com"


def test_two_products_with_one_sku_are_both_found(world):
    world.shop.load([product(1, variants=2), product(2, variants=1)])
    world.shop.life.edit_variant(gid("ProductVariant", 400_256), sku="SKU-128")
    found = world.connector.find(Kind.PRODUCTS, ["SKU-128", "SKU-129", "absent"])
    assert {(match.key, match.destination_id) for match in found} == {
        ("SKU-128", "7001"),
        ("SKU-128", "7002"),
        ("SKU-129", "7001"),
    }


def test_a_sku_is_compared_letter_by_letter(world):
    world.shop.load([product(1, variants=1)])
    world.shop.life.edit_variant(gid("ProductVariant", 400_128), sku="abc")
    assert world.connector.find(Kind.PRODUCTS, ["ABC"]) == []


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
