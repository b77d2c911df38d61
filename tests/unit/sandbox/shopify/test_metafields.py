"""Metafields: as many at once as the platform takes, all of them or none, and only what their types allow."""

import pytest
from sandbox.shopify import sample

SET = """mutation Set($i: [MetafieldsSetInput!]!) {
  metafieldsSet(metafields: $i) { metafields { key value } userErrors { code field elementIndex } }
}"""
READ = """query Read($id: ID!) {
  customer(id: $id) { metafield(namespace: "passerelle", key: "email_opened") { type value } }
}"""
OWNER = f"gid://shopify/Customer/{sample.FIRST_CUSTOMER}"
WANTED = {
    "ownerId": OWNER,
    "namespace": "passerelle",
    "key": "email_opened",
    "type": "date_time",
    "value": "2026-05-01T08:30:00Z",
}


@pytest.fixture
def asked(caller):
    caller.shop.load([sample.customer(0)])

    def refusals(*metafields):
        told = caller.ask(SET, i=list(metafields))["data"]["metafieldsSet"]
        return [(error["code"], error["elementIndex"]) for error in told["userErrors"]]

    return refusals


def test_what_is_written_is_read_back(asked, caller):
    assert asked(WANTED) == []
    found = caller.ask(READ, id=OWNER)["data"]["customer"]["metafield"]
    assert found == {"type": "date_time", "value": "2026-05-01T08:30:00Z"}


def test_no_more_than_twenty_five_are_taken(asked):
    assert asked(*[WANTED] * 25) == []
    assert asked(*[WANTED] * 26) == [("LESS_THAN_OR_EQUAL_TO", None)]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"value": "yesterday"}, "INVALID_VALUE"),
        ({"ownerId": "gid://shopify/Customer/1"}, "INVALID"),
        ({"namespace": "ab"}, "TOO_SHORT"),
        ({"key": "ab"}, "TOO_SHORT"),
        ({"type": None}, "BLANK"),
    ],
)
def test_one_that_is_refused_keeps_all_from_being_written(asked, caller, wrong, code):
    assert asked(WANTED, {**WANTED, **wrong}) == [(code, 1)]
    assert caller.ask(READ, id=OWNER)["data"]["customer"]["metafield"] is None
