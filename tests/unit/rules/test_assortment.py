"""Which products are wanted, and as what they are told: filters, fields, and what makes no difference."""

from dataclasses import fields as attributes
from dataclasses import replace
from datetime import UTC
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from passerelle.model import Image, Money, Product, ProductField, ProductStatus, Variant
from passerelle.rules.assortment import FILTERED_OUT, as_told, left_out
from passerelle.rules.matching import key_of
from passerelle.rules.preferences import PRICES, Preferences, preferences_of
from passerelle.rules.pricing import Basis, PriceRule, Rounding

F = ProductField
EUR, USD = Basis("EUR", tax_included=True), Basis("USD", tax_included=False)
AS_IT_IS = PriceRule()
DOLLARS = PriceRule(Decimal("1.2"), "USD", tax_rate=Decimal(20))
WORDS = st.text(max_size=6)
FIELDS = st.frozensets(st.sampled_from([field for field in F if field is not F.QUANTITY]))
MONEY = st.decimals(min_value=0, max_value=999, places=2).map(lambda amount: Money(amount, "EUR"))
IMAGES = st.lists(st.builds(Image, WORDS, WORDS, WORDS), max_size=2).map(tuple)
SEVERAL = st.lists(WORDS, max_size=3).map(tuple)
OPTIONS = st.lists(st.tuples(st.sampled_from(["Size", "Color"]), WORDS), max_size=3).map(tuple)
VARIANTS = st.builds(
    Variant,
    id=WORDS,
    price=MONEY,
    sku=WORDS,
    barcode=WORDS,
    title=WORDS,
    compare_at=st.none() | MONEY,
    quantity=st.integers(-3, 9),
    options=OPTIONS,
    image_url=WORDS,
    url=WORDS,
    weight_grams=st.none() | st.integers(0, 99),
)
TIMES = st.datetimes(timezones=st.just(UTC))
PRODUCTS = st.builds(
    Product,
    id=WORDS,
    title=WORDS,
    variants=st.lists(VARIANTS, max_size=3).map(tuple),
    handle=WORDS,
    description_html=WORDS,
    vendor=WORDS,
    product_type=WORDS,
    url=WORDS,
    images=IMAGES,
    tags=SEVERAL,
    categories=SEVERAL,
    status=st.sampled_from(ProductStatus),
    tax_included=st.just(True),
    created_at=st.none() | TIMES,
    updated_at=st.none() | TIMES,
)
OF_PRODUCT = {
    F.TITLE: "title",
    F.DESCRIPTION: "description_html",
    F.HANDLE: "handle",
    F.VENDOR: "vendor",
    F.PRODUCT_TYPE: "product_type",
    F.TAGS: "tags",
    F.CATEGORIES: "categories",
    F.IMAGES: "images",
    F.STATUS: "status",
}
OF_VARIANT = {
    F.VARIANTS: ("title",),
    F.BARCODE: ("barcode",),
    F.PRICE: ("price",),
    F.COMPARE_AT: ("compare_at",),
    F.WEIGHT: ("weight_grams",),
    F.IMAGES: ("image_url",),
}
NEVER = {"url", "created_at", "updated_at"}


def plain(product, fields, rule=AS_IT_IS, dependent=EUR):
    return as_told(product, fields, rule, EUR, dependent)


def mixed(one, other, fields, of):
    """`one`, with everything of `other` that the fields do not name."""
    named = {name for field, names in of.items() if field in fields for name in names}
    known = {name for names in of.values() for name in names} | NEVER
    names = {attribute.name for attribute in attributes(one)} & known - named
    return replace(one, **{name: getattr(other, name) for name in names})


@given(PRODUCTS, PRODUCTS, st.lists(VARIANTS, min_size=3, max_size=3), FIELDS)
def test_what_is_not_among_the_fields_makes_no_difference(product, other, others, fields):  # C-10 B-8
    changed = mixed(product, other, fields, {field: (name,) for field, name in OF_PRODUCT.items()})
    pairs = zip(product.variants, others, strict=False)
    variants = tuple(
        replace(mixed(one, two, fields, OF_VARIANT), quantity=two.quantity) for one, two in pairs
    )
    changed = replace(changed, variants=variants)
    assert plain(changed, fields) == plain(product, fields)
    assert plain(changed, fields, DOLLARS, USD) == plain(product, fields, DOLLARS, USD)


@given(PRODUCTS, FIELDS)
def test_every_field_among_the_fields_is_told_as_it_is(product, fields):  # C-10
    told = plain(product, fields)
    for field in fields & OF_PRODUCT.keys():
        assert getattr(told, OF_PRODUCT[field]) == getattr(product, OF_PRODUCT[field])
    for one, there in zip(product.variants, told.variants, strict=True):
        for field in fields & OF_VARIANT.keys():
            for name in OF_VARIANT[field]:
                assert getattr(there, name) == getattr(one, name)


@given(PRODUCTS, FIELDS)
def test_what_finds_a_variant_again_always_stays(product, fields):  # C-6
    told = plain(product, fields, DOLLARS, USD)
    assert told.id == product.id
    assert [(v.id, v.sku, v.options) for v in told.variants] == [
        (v.id, v.sku, v.options) for v in product.variants
    ]


@given(PRODUCTS, FIELDS)
def test_units_are_never_told_with_a_product_only_whether_they_are_tracked(product, fields):  # C-7 C-10
    assert all(variant.quantity == 0 for variant in plain(product, fields).variants)
    free = replace(product, variants=tuple(replace(each, quantity=None) for each in product.variants))
    assert all(variant.quantity is None for variant in plain(free, fields).variants)


@given(PRODUCTS, FIELDS, st.sampled_from([DOLLARS, replace(DOLLARS, rounding=Rounding.ENDING_99)]))
def test_every_price_is_in_the_currency_and_the_tax_of_the_dependent_store(product, fields, rule):  # C-16
    told = plain(product, fields, rule, USD)
    assert told.tax_included is USD.tax_included
    prices = [each for v in told.variants for each in (v.price, v.compare_at) if each]
    assert {each.currency for each in prices} <= {"USD"}


@pytest.mark.parametrize(
    ("fields", "price", "before"),
    [
        (PRICES, "12.00", "24.00"),
        ({F.PRICE}, "12.00", None),
        ({F.COMPARE_AT}, "0", "24.00"),
        ({F.TITLE}, "0", None),
    ],
)
def test_each_price_is_told_by_its_own_field(fields, price, before):  # C-10 C-16
    held = Variant("v", Money.parse("10.00", "EUR"), compare_at=Money.parse("20.00", "EUR"))
    rule, dollars = PriceRule(Decimal("1.2"), "USD"), Basis("USD", tax_included=True)
    told = plain(Product("p", "T", (held,)), fields, rule, dollars).variants[0]
    assert told.price == Money(Decimal(price), "USD")
    assert told.compare_at == (Money(Decimal(before), "USD") if before else None)


def test_a_zero_price_and_options_that_repeat_are_told_as_they_are():  # C-10
    twice = (("Size", "M"), ("Size", "M"))
    held = Variant("v", Money.parse("0.00", "EUR"), options=twice, compare_at=Money.parse("0.00", "EUR"))
    told = plain(Product("p", "T", (held,)), frozenset(F)).variants[0]
    assert (told.price, told.compare_at, told.options) == (held.price, held.compare_at, twice)


SHIRT = Product("p", "Shirt", (), tags=("Summer", " SALE "), vendor="Été", categories=("Men", "Straße"))


@pytest.mark.parametrize(
    ("include", "exclude", "wanted"),
    [
        ({}, {}, True),
        ({"tags": ["sale"]}, {}, True),
        ({"tags": [" SUMMER "]}, {}, True),
        ({"tags": ["winter"]}, {}, False),
        ({"tags": ["winter", "summer"]}, {}, True),
        ({"tags": ["winter"], "vendors": ["e\u0301te\u0301"]}, {}, True),
        ({"vendors": ["ÉTÉ"]}, {}, True),
        ({"vendors": ["ete"]}, {}, False),
        ({"vendors": ["sale"]}, {}, False),
        ({"categories": ["STRASSE"]}, {}, True),
        ({"categories": ["me"]}, {}, False),
        ({}, {"tags": ["Sale"]}, False),
        ({}, {"vendors": ["other"]}, True),
        ({}, {"categories": ["men"]}, False),
        ({"tags": ["sale"]}, {"categories": ["men"]}, False),
        ({"tags": ["sale"]}, {"tags": ["sale"]}, False),
        ({"tags": ["sale"]}, {"tags": ["winter"]}, True),
    ],
)
def test_a_product_is_wanted_by_any_word_and_barred_by_any(include, exclude, wanted):  # C-4
    found = left_out(SHIRT, preferences_of({"include": include, "exclude": exclude}))
    assert found == ("" if wanted else FILTERED_OUT)


@pytest.mark.parametrize("name", ["tags", "vendors", "categories"])
def test_a_product_without_any_word_is_in_no_filter(name):  # C-4
    bare = Product("p", "T", ())
    assert left_out(bare, preferences_of({"include": {name: ["x"]}})) == FILTERED_OUT
    assert left_out(bare, preferences_of({"exclude": {name: ["x"]}})) == ""


@given(PRODUCTS)
def test_without_filters_every_product_is_wanted(product):  # C-4
    assert left_out(product, Preferences()) == ""


@given(PRODUCTS, SEVERAL)
def test_what_is_included_and_excluded_by_the_same_words_is_never_sent(product, words):  # C-4
    words = [word for word in (*words, *product.tags, "x") if key_of(word)]
    chosen = {"tags": words, "vendors": words, "categories": words}
    assert left_out(product, preferences_of({"include": chosen, "exclude": chosen})) == FILTERED_OUT
