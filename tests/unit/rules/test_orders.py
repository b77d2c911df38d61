"""Lines of an order as an audience can take them."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from passerelle.model import Money, OrderLine
from passerelle.rules.orders import numbered, parted

EURO = Money(Decimal(1), "EUR")


def line(id, product_id="p"):
    return OrderLine(id, "Lamp", 1, EURO, product_id)


ids = st.lists(st.sampled_from(["", "1", "2", "3", "2-2", "2-3", "1-2"]), max_size=6)


@given(ids)
def test_every_line_gets_an_id_of_its_own(given_ids):
    found = [each.id for each in numbered([line(id) for id in given_ids])]
    assert all(found)
    assert len(set(found)) == len(given_ids)


@given(ids)
def test_numbering_again_changes_nothing(given_ids):  # B-8
    once = numbered([line(id) for id in given_ids])
    assert numbered(once) == once
    assert numbered([line(id) for id in given_ids]) == once


def test_ids_that_are_distinct_stay_as_they_are():
    lines = (line("7"), line("9"))
    assert numbered(lines) == lines


def test_lines_of_products_unknown_to_the_audience_are_set_apart():
    known, gone, foreign = line("1", "p1"), line("2", ""), line("3", "p9")
    found = parted([known, gone, foreign], {"p1"})
    assert found.known == (known,)
    assert found.unmapped == (gone, foreign)
