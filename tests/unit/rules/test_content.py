"""Equal content, equal hash: the reason why a second run writes nothing."""

from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from passerelle.model import (
    Address,
    AudienceStatus,
    Cart,
    Consent,
    ConsentState,
    Contact,
    Customer,
    CustomerEvent,
    Engagement,
    FinancialStatus,
    FulfillmentStatus,
    Fulfilment,
    Image,
    Money,
    Object,
    Order,
    OrderLine,
    Product,
    PromoCode,
    PromoTarget,
    PromoType,
    StockLevel,
    Tracking,
    Variant,
)
from passerelle.rules.content import content_hash

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
EURO = Money(Decimal("10.00"), "EUR")
HOME = Address("1 rue Haute", "", "Lyon", "", "69001", "FR")
LINE = OrderLine("1", "Lamp", 2, EURO, "p1", "v1", "SKU", Money(Decimal(1), "EUR"))
SAMPLES: tuple[Object, ...] = (
    Product(
        "p1",
        "Lamp",
        (Variant("v1", EURO, "SKU", quantity=3, options=(("Size", "M"),), weight_grams=5),),
        images=(Image("i1", "https://x.test/1.jpg"),),
        tags=("a", "b"),
        categories=("home",),
        created_at=NOW,
        updated_at=NOW,
    ),
    Customer(
        "c1",
        "ada@example.com",
        Consent(ConsentState.SUBSCRIBED, NOW),
        "Ada",
        address=HOME,
        tags=("vip", "b2b"),
        sms_consent=Consent(ConsentState.NONE),
        created_at=NOW,
        updated_at=NOW,
    ),
    Contact("m1", "ada@example.com", AudienceStatus.SUBSCRIBED, NOW, NOW),
    Order(
        "o1",
        "1001",
        "ada@example.com",
        "paid",
        FinancialStatus.PAID,
        FulfillmentStatus.UNFULFILLED,
        EURO,
        (LINE, replace(LINE, id="2")),
        NOW,
        tax=EURO,
        promo_codes=("A", "B"),
        billing_address=HOME,
        updated_at=NOW,
    ),
    Cart("k1", "ada@example.com", EURO, (LINE,), created_at=NOW, updated_at=NOW),
    StockLevel("s1", "SKU", 4, location="Lyon"),
    PromoCode(
        "d1", "r1", "TEN", "Ten", Decimal("0.10"), PromoType.PERCENTAGE, PromoTarget.TOTAL, updated_at=NOW
    ),
    Engagement("c1", "m1", NOW, NOW, NOW),
    CustomerEvent("e1", "page_viewed", NOW, (("url", "https://x.test"), ("title", "Lamp"))),
    Fulfilment("f1", "o1", (("l1", 2),), (Tracking("1Z", "UPS"),), NOW),
)
VOLATILE = {"updated_at"}


def altered(value: object) -> object:
    """Something else of the same type."""
    match value:
        case bool():
            return not value
        case Enum():
            return next(member for member in type(value) if member is not value)
        case str():
            return value + "x"
        case int() | Decimal():
            return value + 1
        case datetime():
            return value + timedelta(seconds=1)
        case tuple():
            return value[:-1] if value else ("x",)
        case None:
            return NOW
    name = fields(value)[0].name
    return replace(value, **{name: altered(getattr(value, name))})


def variations(thing: object) -> list[tuple[str, object]]:
    """The thing once for each field, nested ones included, with only that one changed."""
    found = []
    for each in fields(thing):
        value = getattr(thing, each.name)
        found.append((each.name, replace(thing, **{each.name: altered(value)})))
        if is_dataclass(value):
            found += [
                (f"{each.name}.{name}", replace(thing, **{each.name: other}))
                for name, other in variations(value)
            ]
    return found


def test_every_kind_of_object_has_a_sample():
    assert {type(sample) for sample in SAMPLES} == set(get_args(Object.__value__))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: type(sample).__name__)
def test_any_kept_field_changes_the_hash_and_a_volatile_one_does_not(sample):  # B-8
    volatile = VOLATILE | ({"changed_at"} if isinstance(sample, Contact) else set())
    for name, other in variations(sample):
        same = content_hash(other) == content_hash(sample)
        assert same is (name in volatile), name


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6), st.integers(0, 6))
@settings(max_examples=200)
def test_an_amount_counts_by_its_value_not_by_how_it_is_written(amount, zeros):  # B-8
    written = Decimal(f"{amount:f}" + "0" * zeros)
    cart = Cart("k", "", Money(amount, "EUR"), ())
    assert content_hash(cart) == content_hash(replace(cart, total=Money(written, "EUR")))


@given(st.decimals(-9999, 9999, places=4), st.decimals(-9999, 9999, places=4))
def test_two_amounts_share_a_hash_only_if_they_are_equal(one, other):  # B-8
    hashes = [content_hash(Cart("k", "", Money(amount, "EUR"), ())) for amount in (one, other)]
    assert (hashes[0] == hashes[1]) is (one == other)


@given(st.lists(st.text(max_size=8), unique=True, min_size=2, max_size=5).map(tuple))
def test_the_order_in_a_tuple_counts(tags):  # B-8
    customer = Customer("c", "", Consent(ConsentState.NONE), tags=tags)
    assert content_hash(customer) != content_hash(replace(customer, tags=tags[::-1]))


@given(st.text(), st.text())
def test_equal_texts_and_only_they_share_a_hash(one, other):  # B-8
    customer = Customer("c", "", Consent(ConsentState.NONE))
    hashes = [content_hash(replace(customer, first_name=name)) for name in (one, other)]
    assert (hashes[0] == hashes[1]) is (one == other)


def test_text_does_not_wander_from_one_field_into_the_next():  # B-8
    customer = Customer("c", "", Consent(ConsentState.NONE))
    assert content_hash(replace(customer, first_name="a")) != content_hash(replace(customer, last_name="a"))


def test_half_a_character_has_a_hash_of_its_own():
    broken = Customer("c", "", Consent(ConsentState.NONE), first_name="a\ud83d")
    assert content_hash(broken) != content_hash(replace(broken, first_name="a\ud83e"))


def test_the_salt_makes_everything_new():
    assert len({content_hash(SAMPLES[0], salt) for salt in ("", "fr", "en")}) == 3
    assert len(content_hash(SAMPLES[0])) == 32
