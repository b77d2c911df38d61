"""Promo codes of a Shopify shop: every code of every discount, however many, and what it takes off."""

from decimal import Decimal

import pytest
from passerelle.connectors.shopify.admin import Admin
from passerelle.connectors.shopify.discounts import Discounts
from passerelle.connectors.shopify.forms import Credentials
from passerelle.http import Client
from passerelle.model import Kind, PromoTarget, PromoType
from passerelle.port import PermissionMissing, Selection, Unreadable
from sandbox.shopify import Shop
from sandbox.shopify.promotions import discount
from sandbox.transport import InProcess

CODES = Kind.PROMO_CODES


def _held(world):
    discounts = world.shop.state.shelf("DiscountCodeNode").things.values()
    return {
        f"{node['legacyResourceId']}-{code['legacyResourceId']}"
        for node in discounts
        for code in node["codeDiscount"]["codes"]
    }


def test_a_discount_with_thousands_of_codes_is_read_to_the_end(world):
    world.shop.load([discount(0, 1), discount(1, 5_000), discount(2, 260), discount(3, 11)])
    listed = [entry.id for entry in world.entries(CODES)]
    assert len(listed) == len(set(listed)) == 5_272
    assert set(listed) == _held(world)
    assert world.connector.count(CODES, Selection()).objects == 5_272


def test_many_discounts_of_one_code_are_read_to_the_end(world):
    world.shop.load([discount(place) for place in range(320)])
    assert {entry.id for entry in world.entries(CODES)} == _held(world)
    assert len(world.shop.calls) < 10 + 4


def test_five_thousand_codes_cost_no_more_requests_than_pages(world):  # A-21, C-15
    world.shop.load([discount(0, 5_000)])
    ids = [entry.id for entry in world.entries(CODES)]
    world.shop.calls.clear()
    pulled = [
        one for at in range(0, 5_000, 500) for one in world.connector.pull(CODES, ids[at : at + 500]).objects
    ]
    assert {one.id for one in pulled} == set(ids)
    assert len(world.shop.calls) == 20


def test_a_window_ends_before_the_platform_refuses_to_page_further(world):
    world.shop.load([discount(0, 2_600), discount(1, 700)])
    credentials = Credentials(
        shop=world.shop.domain, access_token="shpat_0123456789abcdef", client_secret="shpss_01"
    )
    client = Client(InProcess({world.shop.address: world.shop}), world.pace, sleep=world.wait)
    reader, found, after = Discounts(Admin(credentials, client), window=1_000), [], None
    while True:
        page = reader.index(after)
        found += [entry.id for entry in page.entries]
        after = page.after
        if after is None:
            break
    assert len(found) == len(set(found)) == 3_300


@pytest.mark.parametrize(
    ("worth", "kind", "expected"),
    [
        ("10%", "Basic", (Decimal("0.1"), PromoType.PERCENTAGE, PromoTarget.TOTAL)),
        ("10% each", "Basic", (Decimal("0.1"), PromoType.PERCENTAGE, PromoTarget.PER_ITEM)),
        ("5.50", "Basic", (Decimal("5.50"), PromoType.FIXED, PromoTarget.TOTAL)),
        ("5.50 each", "Basic", (Decimal("5.50"), PromoType.FIXED, PromoTarget.PER_ITEM)),
        ("2+100%", "Bxgy", (Decimal("1.0"), PromoType.PERCENTAGE, PromoTarget.PER_ITEM)),
        ("", "FreeShipping", (Decimal(1), PromoType.PERCENTAGE, PromoTarget.SHIPPING)),
    ],
)
def test_what_a_code_takes_off_is_told(world, worth, kind, expected):
    world.shop.load([discount(0, 2, worth=worth, kind=kind)])
    (first, second) = world.pull(CODES).objects
    assert (first.amount, first.type, first.target) == expected
    assert (first.rule_id, first.code, first.enabled) == ("3000", "CODE-3000-0", True)
    assert second.url.endswith("/discount/CODE-3000-1")
    assert (first.usage_count, second.usage_count) == (0, 1)


def test_an_expired_discount_gives_codes_that_are_not_enabled(world):
    world.shop.load([discount(0, 1, status="EXPIRED")])
    assert [one.enabled for one in world.pull(CODES).objects] == [False]


def test_what_an_app_computes_at_checkout_is_left_out(world):
    world.shop.load([discount(0, 3, kind="App"), discount(1, 2)])
    assert len(world.entries(CODES)) == 2
    assert world.connector.count(CODES, Selection()).objects == 2
    assert world.connector.pull(CODES, ["3000-300000000"]).missing == ("3000-300000000",)


def test_codes_and_discounts_that_are_gone_are_missing(world):  # B-16
    world.shop.load([discount(0, 3)])
    ids = [entry.id for entry in world.entries(CODES)]
    del world.shop.state.shelf("DiscountCodeNode").things[3_000]["codeDiscount"]["codes"][1]
    pulled = world.connector.pull(CODES, [*ids, "3999-1", "nonsense"])
    assert {one.id for one in pulled.objects} == {ids[0], ids[2]}
    assert pulled.missing == (ids[1], "3999-1", "nonsense")


def test_a_worth_that_makes_no_sense_is_told_without_its_value(world):  # B-15
    world.shop.load([discount(0, 1, worth="abc")])
    (found,) = world.pull(CODES).unreadable
    assert isinstance(found, Unreadable)
    assert "abc" not in found.why


def test_the_first_page_tells_the_count_that_the_listing_is_held_against(world):  # B-14
    world.shop.load([discount(0, 300)])
    first = world.connector.index(CODES, Selection(), None)
    assert first.total == 300
    assert first.after is not None


def test_without_the_scope_it_is_said_which_one(world):  # G-5
    world.open(Shop.ALL_SCOPES - {"read_discounts"})
    assert "read_discounts" in world.connector.check().missing
    with pytest.raises(PermissionMissing, match="read_discounts"):
        world.connector.index(CODES, Selection(), None)
