"""What a dependent store wants: every combination of its switches, every field, every word that is none."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from passerelle.model import ProductField, ProductStatus
from passerelle.rules.preferences import (
    CONTENT,
    PRICES,
    Filter,
    Gone,
    Preferences,
    StatusAtCreate,
    made_as,
    preferences_of,
)

F = ProductField
SWITCHES = ("all", "matched", "quantity", "price")
FIELDS = st.frozensets(st.sampled_from(list(F)))
CHOSEN = st.builds(
    Preferences,
    all=st.booleans(),
    matched=st.booleans(),
    quantity=st.booleans(),
    price=st.booleans(),
    at_create=FIELDS,
    at_update=FIELDS,
)


@pytest.mark.parametrize("states", list(product([True, False], repeat=4)))
def test_a_store_is_idle_only_where_all_four_are_off(states):  # C-4
    assert preferences_of(dict(zip(SWITCHES, states, strict=True))).idle is (not any(states))


@pytest.mark.parametrize("states", list(product([True, False], repeat=4)))
def test_each_of_the_four_is_kept_as_it_was_set_whatever_the_others(states):  # C-4
    kept = preferences_of(dict(zip(SWITCHES, states, strict=True)))
    assert (kept.all, kept.matched, kept.quantity, kept.price) == states


@pytest.mark.parametrize(
    ("on", "updated"),
    [
        ((), set()),
        (("quantity",), set()),
        (("price",), PRICES),
        (("matched",), CONTENT - {F.VARIANTS, F.SKU}),
        (("matched", "price"), (CONTENT | PRICES) - {F.VARIANTS, F.SKU}),
        (("all",), CONTENT - {F.SKU}),
        (("all", "price", "quantity"), (CONTENT | PRICES) - {F.SKU}),
    ],
)
def test_what_is_written_of_a_product_that_is_there(on, updated):  # C-4 C-10
    assert preferences_of({switch: switch in on for switch in SWITCHES}).updated == updated


@given(CHOSEN)
def test_nothing_outside_the_preferences_is_ever_updated(chosen):  # C-10
    allowed = set()
    if chosen.all or chosen.matched:
        allowed |= chosen.at_update - PRICES
    if chosen.price:
        allowed |= PRICES
    assert chosen.updated <= allowed
    assert not chosen.updated & {F.QUANTITY, F.SKU}


@given(CHOSEN)
def test_every_ticked_field_is_updated_but_what_finds_a_product_and_what_has_its_own_switch(chosen):  # C-10
    if chosen.all:
        assert chosen.updated >= chosen.at_update - PRICES - {F.QUANTITY, F.SKU}
    assert chosen.updated >= PRICES or not chosen.price


@given(CHOSEN)
def test_without_all_no_variant_is_added(chosen):  # C-6
    assert chosen.all or F.VARIANTS not in chosen.updated


@given(CHOSEN)
def test_prices_are_touched_where_prices_are_wanted_and_nowhere_else(chosen):  # C-4
    assert bool(chosen.updated & PRICES) is chosen.price


@given(CHOSEN, st.booleans())
def test_units_make_no_difference_to_what_is_written_of_a_product(chosen, quantity):  # C-4
    other = Preferences(
        all=chosen.all,
        matched=chosen.matched,
        quantity=quantity,
        price=chosen.price,
        at_update=chosen.at_update,
    )
    assert other.updated == chosen.updated


@given(CHOSEN)
def test_a_product_is_made_with_what_is_ticked_and_what_a_shop_cannot_do_without(chosen):  # C-10
    needed = {F.TITLE, F.STATUS, F.VARIANTS, F.SKU, F.PRICE}
    assert chosen.created == (chosen.at_create | needed) - {F.QUANTITY}


def test_an_address_that_was_made_stays_unless_it_is_asked_for():  # C-10
    assert F.HANDLE not in Preferences(all=True).updated
    assert F.HANDLE in Preferences(all=True).created
    assert F.HANDLE in preferences_of({"at_update": ["handle"]}).updated


def test_a_link_without_words_has_the_preferences_of_a_new_one():  # C-4 C-9 C-16
    assert preferences_of({}) == Preferences()
    assert Preferences().gone is Gone.DRAFT
    assert not Preferences().all
    assert not Preferences().barcode


@given(CHOSEN, st.sampled_from(Gone), st.sampled_from(StatusAtCreate), st.booleans())
def test_what_is_kept_is_what_was_meant(chosen, gone, status, barcode):  # C-4 C-9 C-10
    words = {
        "all": chosen.all,
        "matched": chosen.matched,
        "quantity": chosen.quantity,
        "price": chosen.price,
        "at_create": sorted(chosen.at_create),
        "at_update": sorted(chosen.at_update),
        "gone": gone.value,
        "status_at_create": status.value,
        "barcode": barcode,
        "include": {"tags": [" Été ", "SALE"], "vendors": None},
        "exclude": {"categories": ["Straße"]},
    }
    kept = preferences_of(words)
    assert (kept.created, kept.updated, kept.idle) == (chosen.created, chosen.updated, chosen.idle)
    assert (kept.gone, kept.status_at_create, kept.barcode) == (gone, status, barcode)
    assert "sale" in kept.include.tags
    assert len(kept.include.tags) == 2
    assert kept.exclude == Filter(categories=frozenset({"strasse"}))


@pytest.mark.parametrize(
    "words",
    [
        {"all": "false"},
        {"matched": 1},
        {"price": None},
        {"barcode": "yes"},
        {"at_update": ["colour"]},
        {"at_create": "title"},
        {"gone": "burn"},
        {"status_at_create": "archived"},
        {"include": {"tags": "sale"}},
        {"include": {"vendors": [""]}},
        {"exclude": {"categories": ["shoes", " \ufeff"]}},
        {"prices": {"factor": "a lot"}},
        {"prices": {"factor": 0}},
        {"prices": {"rounding": "ending_50"}},
        {"stock": {"buffer": -1}},
    ],
)
def test_a_word_that_is_none_is_refused_and_not_guessed(words):  # C-4
    with pytest.raises(ValueError, match=r"true nor false|valid|list of words|number|zero"):
        preferences_of(words)


def test_a_filter_that_names_nothing_is_empty():  # C-4
    assert preferences_of({"include": {"tags": []}}).include.empty
    assert Filter().empty
    for name in ("tags", "vendors", "categories"):
        assert not preferences_of({"include": {name: ["x"]}}).include.empty


@pytest.mark.parametrize("status", list(ProductStatus))
@pytest.mark.parametrize(
    ("wish", "made"),
    [("as_main", None), ("active", ProductStatus.ACTIVE), ("draft", ProductStatus.DRAFT)],
)
def test_a_product_is_made_with_the_status_that_was_chosen(status, wish, made):  # C-10
    assert made_as(preferences_of({"status_at_create": wish}), status) is (made or status)
