"""Units told to another store: which location, how many, and what is held back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from passerelle.model import StockLevel
from passerelle.rules.stock import StockRule, stock_rule_of, units_at

MAIN, THERE = ("L1", "L2", "L3", "L4", ""), ("M1", "M2", "L1", "")
LEVELS = st.dictionaries(st.sampled_from(MAIN), st.integers(-50, 200), min_size=1)
STOCKED = st.dictionaries(st.sampled_from(MAIN), st.integers(0, 200), min_size=1)
LOCATIONS = st.dictionaries(st.sampled_from(MAIN), st.sampled_from(THERE))
DEFAULTS = st.sampled_from(THERE)
BUFFERS = st.integers(0, 300)


def level(held=None, quantity=None, location=""):
    total = sum(held.values()) if held else quantity
    return StockLevel("1", "A", total, location=location, by_location=tuple((held or {}).items()))


@pytest.mark.parametrize(
    ("held", "words", "default", "told"),
    [
        ({"L1": 5}, {}, "M0", {"M0": 5}),
        ({"L1": 5, "L2": 7}, {}, "M0", {"M0": 12}),
        ({"L1": 5}, {"default": "M9"}, "M0", {"M9": 5}),
        ({"L1": 5}, {"locations": {"L1": "M1"}}, "M0", {"M1": 5}),
        ({"L1": 5, "L2": 7}, {"locations": {"L1": "M1", "L2": "M1"}}, "M0", {"M1": 12}),
        ({"L1": 5, "L2": 7}, {"locations": {"L1": "M1", "L2": "M2"}}, "M0", {"M1": 5, "M2": 7}),
        ({"L1": 5, "L2": 7}, {"locations": {"L1": "M1"}}, "M0", {"M1": 5}),
        ({"L1": 5, "L2": 7}, {"locations": {"L1": "M1"}, "default": "M1"}, "M0", {"M1": 12}),
        ({"L1": 5, "L2": 7}, {"locations": {"L1": "M1"}, "default": "M9"}, "M0", {"M1": 5, "M9": 7}),
        ({"L2": 7}, {"locations": {"L1": "M1", "L2": "M2"}}, "M0", {"M1": 0, "M2": 7}),
        ({"L1": 5, "L2": 7}, {"locations": {"L1": "", "L2": "M2"}}, "M0", {"M2": 7}),
        ({"L1": 5}, {"locations": {"L1": ""}, "default": "M9"}, "M0", {}),
        ({"L1": 5}, {"locations": {"L1": None}}, "M0", {}),
        ({"L1": 5}, {"locations": {"L1": "L1"}}, "M0", {"L1": 5}),
        ({"L1": -5}, {}, "M0", {"M0": 0}),
        ({"L1": -5, "L2": 7}, {"locations": {"L1": "M1", "L2": "M2"}}, "M0", {"M1": 0, "M2": 7}),
        ({"L1": -2, "L2": 7}, {}, "M0", {"M0": 5}),
        ({"L1": 0}, {}, "M0", {"M0": 0}),
        ({"L1": 5}, {}, "", {}),
    ],
)
def test_units_go_where_they_are_mapped(held, words, default, told):  # C-7
    assert dict(units_at(level(held), stock_rule_of(words), default)) == told


@pytest.mark.parametrize(
    ("location", "words", "told"),
    [
        ("", {}, {"M0": 4}),
        ("", {"default": "M9"}, {"M9": 4}),
        ("", {"locations": {"L1": "M1"}}, {"M1": 4}),
        ("", {"locations": {"L1": ""}}, {}),
        ("L2", {"locations": {"L1": "M1", "L2": "M2"}}, {"M1": 0, "M2": 4}),
        ("", {"locations": {"L1": "M1", "L2": "M2"}}, {"M0": 4, "M1": 0, "M2": 0}),
        ("", {"locations": {"L1": "M1", "L2": "M2"}, "default": "M2"}, {"M1": 0, "M2": 4}),
        ("", {"locations": {"": "M1", "L2": "M2"}}, {"M1": 4, "M2": 0}),
    ],
)
def test_a_store_with_one_place_is_mapped_by_it_even_where_a_level_does_not_name_it(location, words, told):
    # C-7
    assert dict(units_at(level(quantity=4, location=location), stock_rule_of(words), "M0")) == told


@given(LOCATIONS, DEFAULTS, DEFAULTS, BUFFERS)
def test_what_is_not_tracked_stays_so(locations, fallback, default, buffer):  # C-7
    assert units_at(level(), StockRule(locations, fallback, buffer), default) is None


@given(LEVELS, LOCATIONS, DEFAULTS, DEFAULTS, BUFFERS)
def test_no_location_is_told_less_than_nothing_and_none_without_a_name(
    held, locations, fallback, default, buffer
):  # C-7
    told = units_at(level(held), StockRule(locations, fallback, buffer), default)
    assert all(units >= 0 and where for where, units in told)
    assert len({where for where, _ in told}) == len(told)
    assert {where for where, _ in told} <= {*locations.values(), fallback, default}


@given(STOCKED, LOCATIONS, DEFAULTS, DEFAULTS, BUFFERS)
def test_no_unit_is_lost_or_invented(held, locations, fallback, default, buffer):  # C-7
    beyond = fallback or ("" if locations else default)
    mapped = sum(units for place, units in held.items() if locations.get(place, beyond))
    told = sum(units for _, units in units_at(level(held), StockRule(locations, fallback, buffer), default))
    assert told + min(buffer, mapped) == mapped


@given(LEVELS, LOCATIONS, DEFAULTS, BUFFERS)
def test_a_variant_is_held_back_once_and_from_the_fullest_place_first(
    held, locations, default, buffer
):  # C-7
    whole = dict(units_at(level(held), StockRule(locations), default))
    kept = dict(units_at(level(held), StockRule(locations, buffer=buffer), default))
    assert sum(whole.values()) - sum(kept.values()) == min(buffer, sum(whole.values()))
    taken = {where: whole[where] - kept[where] for where in whole}
    assert all(units >= 0 for units in taken.values())
    if any(taken.values()):
        least = min(whole[where] for where in taken if taken[where])
        assert all(not kept[where] for where in whole if whole[where] > least)


@given(LEVELS, LOCATIONS, DEFAULTS, DEFAULTS, BUFFERS, st.randoms())
def test_the_order_of_locations_makes_no_difference(
    held, locations, fallback, default, buffer, random
):  # C-7
    mixed = [list(each.items()) for each in (held, locations)]
    for each in mixed:
        random.shuffle(each)
    one = units_at(level(held), StockRule(locations, fallback, buffer), default)
    other = units_at(level(dict(mixed[0])), StockRule(dict(mixed[1]), fallback, buffer), default)
    assert one == other


def test_a_location_that_is_oversold_takes_from_those_that_lead_to_the_same_place():  # C-7
    rule = stock_rule_of({"locations": {"L1": "M1", "L2": "M1", "L3": "M2"}})
    assert units_at(level({"L1": 9, "L2": -3, "L3": 4}), rule, "M0") == (("M1", 6), ("M2", 4))
    assert units_at(level({"L1": 2, "L2": -3, "L3": 4}), rule, "M0") == (("M1", 0), ("M2", 4))


def test_a_buffer_larger_than_the_stock_shows_none_and_owes_none():  # C-7
    rule = stock_rule_of({"locations": {"L1": "M1", "L2": "M2"}, "buffer": 100})
    assert units_at(level({"L1": 2, "L2": 3}), rule, "") == (("M1", 0), ("M2", 0))


@pytest.mark.parametrize("buffer", [-1, "-3", "some"])
def test_a_buffer_that_would_invent_units_is_refused(buffer):  # C-7
    with pytest.raises(ValueError, match=r"below zero|invalid literal"):
        stock_rule_of({"buffer": buffer})


def test_what_is_kept_as_nothing_is_nothing():  # C-7
    assert stock_rule_of({"locations": None, "default": None, "buffer": None}) == StockRule()
