"""Values in the types of merge fields."""

import pytest
from passerelle.connectors.mailchimp.fitting import fitted, unfit

HOME = {"addr1": "1 rue Haute", "city": "Lyon", "zip": "69001", "country": "FR"}


@pytest.mark.parametrize(
    ("type", "value", "kept"),
    [
        ("text", "Ada", "Ada"),
        ("", "anything", "anything"),
        ("phone", "+33 6", "+33 6"),
        ("address", HOME, HOME),
        ("address", "1 rue Haute", None),
        ("text", HOME, "1 rue Haute, Lyon, 69001, FR"),
        ("zip", HOME, "69001"),
        ("zip", "SW1A 1AA", None),
        ("birthday", "02/29", "02/29"),
        ("birthday", "13/01", None),
        ("birthday", "1815-12-10", None),
        ("date", "1815-12-10", "1815-12-10"),
        ("date", "12/10", None),
        ("number", "12", 12),
        ("number", "1.5", 1.5),
        ("number", "twelve", None),
        ("url", "https://shop.example", "https://shop.example"),
        ("url", "shop", None),
        ("number", HOME, None),
    ],
)
def test_a_value_fits_its_type_or_is_left_out(type, value, kept):
    found = fitted({"TAG": value}, {"TAG": type})
    assert found == ({} if kept is None else {"TAG": kept})
    assert unfit({"TAG": value}, {"TAG": type}) == (("TAG",) if kept is None else ())


@pytest.mark.parametrize("empty", ["", None, {}])
def test_what_is_empty_is_neither_sent_nor_told(empty):
    assert fitted({"TAG": empty}, {"TAG": "number"}) == {}
    assert unfit({"TAG": empty}, {"TAG": "number"}) == ()
