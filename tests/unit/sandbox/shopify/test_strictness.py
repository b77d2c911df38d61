"""The simulator refuses what the real shop refuses, in the words recorded from one."""

import json

import pytest
from sandbox.moods import Mood
from sandbox.shopify.refusal import NotInSandboxError
from sandbox.shopify.sample import catalogue

THROTTLED = {
    "message": "Throttled",
    "extensions": {"code": "THROTTLED", "documentation": "https://shopify.dev/api/usage/rate-limits"},
}


@pytest.mark.parametrize(
    "query",
    [
        "{ products(first: 1) { nodes { nonsense } } }",
        "{ products(first: 1, sortKey: NONSENSE) { nodes { id } } }",
        "query Q($ids: [ID!]!) { nodes(ids: $other) { id } }",
        "{ products(first: 1) { nodes } }",
        "{ products(first: 1",
        "{ products { nodes { id } } }",
        "{ nodes(ids: 1) }",
    ],
)
def test_a_query_that_does_not_fit_the_schema_is_refused(caller, query):
    answer = caller.ask(query)
    assert answer["errors"]
    assert "data" not in answer


def test_variables_that_do_not_fit_the_schema_are_refused(caller):
    assert caller.code("query Q($first: Int!) { products(first: $first) { nodes { id } } }", first="ten")


def test_a_page_above_250_is_refused_as_recorded(caller):
    [error] = caller.ask("{ products(first: 251) { nodes { id } } }")["errors"]
    assert error["extensions"]["code"] == "BAD_REQUEST"
    assert error["message"].startswith("first cannot exceed 250.")


def test_a_nested_page_above_250_is_refused(caller):
    assert (
        caller.code("{ orders(first: 1) { nodes { lineItems(first: 251) { nodes { id } } } } }")
        == "BAD_REQUEST"
    )


def test_an_array_above_250_is_refused(caller):
    ids = [f"gid://shopify/Product/{at}" for at in range(251)]
    code = caller.code("query Q($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=ids)
    assert code == "MAX_INPUT_SIZE_EXCEEDED"


def test_a_query_above_1000_points_is_refused_as_recorded(caller):
    answer = caller.ask(
        "{ products(first: 250) { nodes { variants(first: 250) { nodes { id media(first: 250) { nodes { id } } } } } } }"
    )
    [error] = answer["errors"]
    assert error["extensions"] == {
        "code": "MAX_COST_EXCEEDED",
        "cost": 1729,
        "maxCost": 1000,
        "documentation": "https://shopify.dev/api/usage/rate-limits",
    }
    assert error["message"].startswith(
        "Query cost is 1729, which exceeds the single query max cost limit (1000)."
    )
    assert "extensions" not in answer


@pytest.mark.parametrize(
    ("query", "requested"),
    [
        ("{ shop { name } }", 1),
        ("{ customers(first: 200) { nodes { phone } } }", 12),
        ("{ orders(first: 250) { nodes { id lineItems(first: 250) { nodes { id } } } } }", 156),
        (
            "{ products(first: 250) { nodes { options { name } variants(first: 250) { nodes { id } } } } }",
            167,
        ),
        ("{ products(first: 250) { edges { node { title } } } }", 13),
    ],
)
def test_a_query_costs_what_was_recorded(caller, query, requested):
    caller.shop.load(catalogue(1, 1, 1))
    cost = caller.ask(query)["extensions"]["cost"]
    assert cost["requestedQueryCost"] == requested


def test_only_the_rows_that_came_are_charged(caller):
    empty = caller.ask("{ products(first: 250) { nodes { id } } }")["extensions"]["cost"]
    assert (empty["requestedQueryCost"], empty["actualQueryCost"]) == (13, 2)
    assert empty["throttleStatus"]["currentlyAvailable"] == 1_998


def test_an_empty_bucket_throttles_in_a_200_and_fills_with_time(caller):
    caller.shop.bucket.drain(5)
    answer = caller.ask("{ products(first: 250) { nodes { id } } }")
    assert answer["errors"] == [THROTTLED]
    assert answer["extensions"]["cost"]["actualQueryCost"] is None
    assert answer["extensions"]["cost"]["throttleStatus"]["currentlyAvailable"] == 5
    caller.seconds += 0.08
    assert "errors" not in caller.ask("{ products(first: 250) { nodes { id } } }")


def test_the_throttled_mood_is_worded_alike(caller):
    caller.shop.moods.add(Mood.THROTTLED)
    assert caller.ask("{ shop { name } }")["errors"] == [THROTTLED]


def test_a_connection_cannot_be_paged_past_25000_objects(caller):
    caller.shop.load(catalogue(0, 25_300, 0))
    query = """query Q($after: String, $search: String) {
      customers(first: 250, after: $after, query: $search) { pageInfo { endCursor } nodes { id } } }"""
    after = None
    for _ in range(100):
        after = caller.ask(query, after=after)["data"]["customers"]["pageInfo"]["endCursor"]
    assert caller.code(query, after=after) == "BAD_REQUEST"
    beyond = caller.ask(query, search="id:>44999")
    assert len(beyond["data"]["customers"]["nodes"]) == 250


@pytest.mark.parametrize(
    ("status", "token", "path", "kind"),
    [
        (401, "wrong", "/admin/api/2026-07/graphql.json", "application/json"),
        (404, "shpat_sandbox", "/admin/api/2020-01/graphql.json", "application/json"),
        (406, "shpat_sandbox", "/admin/api/2026-07/graphql.json", "text/plain"),
    ],
)
def test_the_door_refuses_with_the_shops_own_body(caller, status, token, path, kind):
    answer = caller.post(b'{"query": "{ shop { name } }"}', path, token, kind)
    assert answer.status_code == status
    assert "errors" in answer.json()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"variables": {}}', b'"x"'])
def test_a_body_that_is_no_request_is_a_400(caller, content):
    assert caller.post(content).status_code == 400


@pytest.mark.parametrize("status", [402, 403, 404, 423, 430])
def test_a_closed_shop_answers_with_its_status(caller, status):
    caller.shop.status = status
    assert caller.post(b"{}").status_code == status


def test_a_missing_scope_hides_the_field_and_says_so(open_shop):
    caller = open_shop(tokens={"shpat_sandbox": ["read_products"]})
    answer = caller.ask("{ shop { name } customers(first: 1) { nodes { id } } }")
    assert answer["data"] is None
    assert answer["errors"][0]["extensions"]["code"] == "ACCESS_DENIED"
    assert answer["errors"][0]["path"] == ["customers"]


def test_old_orders_are_unseen_without_read_all_orders(open_shop):
    caller = open_shop(tokens={"shpat_sandbox": ["read_orders"], "all": ["read_orders", "read_all_orders"]})
    caller.shop.load(catalogue(2, 2, 20))
    assert caller.ask("{ ordersCount { count } orders(first: 5) { nodes { id } } }")["data"] == {
        "ordersCount": {"count": 0},
        "orders": {"nodes": []},
    }
    whole = caller.post(b'{"query": "{ ordersCount { count } }"}', token="all").json()
    assert whole["data"]["ordersCount"]["count"] == 20


@pytest.mark.parametrize("state", ["REDACTED", "INVALID", "NOT_SUBSCRIBED"])
def test_a_consent_state_that_the_schema_allows_is_refused_at_run_time(caller, state):
    caller.shop.load(catalogue(0, 5, 0))
    answer = caller.ask(
        "mutation M($i: CustomerEmailMarketingConsentUpdateInput!) "
        "{ customerEmailMarketingConsentUpdate(input: $i) { customer { id } userErrors { code field } } }",
        i={"customerId": "gid://shopify/Customer/20000", "emailMarketingConsent": {"marketingState": state}},
    )
    payload = answer["data"]["customerEmailMarketingConsentUpdate"]
    assert payload["customer"] is None
    assert payload["userErrors"][0]["code"] == "INVALID"


STOCK = """mutation M($i: InventorySetQuantitiesInput!) {
  inventorySetQuantities(input: $i) %s { userErrors { code } } }"""
QUANTITY = {
    "inventoryItemId": "gid://shopify/InventoryItem/1",
    "locationId": "gid://shopify/Location/1",
    "quantity": 1,
}


def test_a_stock_write_without_idempotence_is_refused_although_the_schema_takes_it(caller):
    given = {
        "name": "available",
        "reason": "correction",
        "quantities": [{**QUANTITY, "changeFromQuantity": 1}],
    }
    assert caller.code(STOCK % "", i=given) == "BAD_REQUEST"


def test_a_stock_write_without_the_quantity_before_is_refused_although_the_schema_takes_it(caller):
    given = {"name": "available", "reason": "correction", "quantities": [QUANTITY]}
    assert caller.code(STOCK % '@idempotent(key: "1")', i=given) == "INVALID_FIELD_ARGUMENTS"


def test_what_the_simulator_cannot_answer_is_an_error_and_no_invention(caller):
    caller.shop.load(catalogue(1, 0, 0))
    with pytest.raises(NotInSandboxError, match=r"Product\.seo"):
        caller.ask("{ products(first: 1) { nodes { seo { title } } } }")
    with pytest.raises(NotInSandboxError, match="productDuplicate"):
        caller.ask('mutation { productDuplicate(productId: "1", newTitle: "x") { userErrors { message } } }')


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("{ products { edges { node { id } } } customers { edges { node { id } } } }", "exactly one"),
        ("{ shop { name } }", "at least one connection"),
        ("{ products { edges { node { nonsense } } } }", "nonsense"),
        (
            "{ orders { edges { node { customer { orders { edges { node { lineItems { edges { node { id product "
            "{ variants { edges { node { id } } } } } } } } } } } } } } }",
            "nesting depth",
        ),
    ],
)
def test_a_bulk_query_that_breaks_a_rule_is_refused(caller, query, why):
    answer = caller.ask(
        "mutation M($q: String!) "
        "{ bulkOperationRunQuery(query: $q) { bulkOperation { id } userErrors { message } } }",
        q=query,
    )
    payload = answer["data"]["bulkOperationRunQuery"]
    assert payload["bulkOperation"] is None
    assert why in payload["userErrors"][0]["message"]


def test_the_control_door_lets_things_happen(caller):
    caller.shop.load(catalogue(2, 0, 0))
    address = f"{caller.shop.address}/_sandbox/act"
    act = {"name": "edit", "with": {"id": "gid://shopify/Product/7001", "title": "Par la porte"}}
    assert caller.http.post(address, json=act).status_code == 200
    assert caller.shop.state.get("gid://shopify/Product/7001")["title"] == "Par la porte"
    counts = caller.http.post(address, json={"name": "counts"}).json()
    assert counts["Product"] == 2


def test_only_mutations_are_writes_and_each_call_is_named(caller):
    caller.shop.load(catalogue(1, 1, 0))
    caller.ask("query Named { shop { name } }")
    gone = "gid://shopify/WebhookSubscription/1"
    caller.ask(f'mutation Drop {{ webhookSubscriptionDelete(id: "{gone}") {{ userErrors {{ message }} }} }}')
    assert [call.note for call in caller.shop.calls] == ["Named", "Drop"]
    assert [call.note for call in caller.shop.calls.writes] == ["Drop"]
    assert json.dumps(caller.shop.calls.counts())
