"""What is kept as JSON comes back as what it was."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from passerelle.memory import Feed, Run, SliceProgress
from passerelle.model import Cart, Contact, Customer, Order, Product
from passerelle.model.thawing import thaw
from passerelle.store.records import Link, Store

INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # hypothesis wants them naive
AMOUNTS = st.decimals(allow_nan=False, allow_infinity=False, places=2)
st.register_type_strategy(datetime, INSTANTS)
st.register_type_strategy(Decimal, AMOUNTS)
st.register_type_strategy(int, st.integers(-(2**63), 2**63 - 1))
st.register_type_strategy(object, st.text() | st.booleans())
SORTS: list[type[Any]] = [Product, Customer, Contact, Order, Cart, Run, SliceProgress, Feed, Link, Store]


@pytest.mark.parametrize("sort", SORTS, ids=lambda sort: sort.__name__)
def test_what_was_made_json_is_read_back_the_same(sort: type[Any]) -> None:
    @given(st.builds(sort))
    def same(thing: Any) -> None:
        kept = orjson.loads(orjson.dumps(thing, default=str))
        assert thaw(sort, kept) == thing

    same()


def test_what_is_no_field_is_passed_over_and_what_is_missing_has_its_default() -> None:
    progress = thaw(SliceProgress, {"number": 3, "size": 10, "ttl": 99, "pk": "x"})
    assert progress == SliceProgress(3, 10)


def test_a_number_without_a_fraction_is_still_a_fraction_where_one_is_wanted() -> None:
    @dataclass(frozen=True)
    class Share:
        part: float

    assert isinstance(thaw(Share, {"part": 1}).part, float)


def test_a_type_that_cannot_be_kept_as_json_is_refused_at_once() -> None:
    @dataclass(frozen=True)
    class Odd:
        what: complex

    with pytest.raises(TypeError, match="complex"):
        thaw(Odd, {"what": 1})
