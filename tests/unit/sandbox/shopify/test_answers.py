"""The simulator answers as the schema has it, and searches as Shopify does."""

from collections.abc import Mapping

import pytest
from graphql import execute, get_named_type, parse
from passerelle.connectors.shopify import documents
from passerelle.model import Kind
from sandbox.shopify import ALL_SCOPES, Outside
from sandbox.shopify.fields import RESOLVERS
from sandbox.shopify.sample import catalogue
from sandbox.shopify.schema import admin_schema
from sandbox.shopify.search import parse as parse_search
from sandbox.shopify.state import Page
from sandbox.shopify.world import World

EDGES = """query Q($after: String) { orders(first: 7, after: $after, sortKey: UPDATED_AT, reverse: true) {
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  edges { cursor node { ...O again: name lineItems(first: 2) { edges { cursor node { title product { id } } } } } }
} shop { ... on Shop { name } } }
fragment O on Order { id totalPriceSet { shopMoney { amount currencyCode } presentmentMoney { amount } }
  ... @include(if: false) { note } sourceName @skip(if: true) }"""


def by_the_book(shop, query, variables):
    """The same answer by graphql-core's own executor."""
    world = World(shop.state, frozenset(ALL_SCOPES), "t", shop.address)

    def resolve(source, info, **arguments):
        kind = info.parent_type.name
        resolver = RESOLVERS.get((kind, info.field_name))
        if resolver:
            value = resolver(world, source, arguments)
        elif isinstance(source, Page):
            value = {
                "nodes": source.rows,
                "edges": [{"node": row, "cursor": source.cursor(row)} for row in source.rows],
                "pageInfo": source.info(),
            }[info.field_name]
        else:
            value = source[info.field_name]
        named = get_named_type(info.return_type).name
        if named.endswith("Connection") and isinstance(value, list):
            return world.nested(value, arguments)
        if named in {"MoneyBag", "MoneyV2"} and isinstance(value, str):
            return world.money(named, value)
        return value

    def kind_of(value, *_):
        return value["__typename"] if isinstance(value, Mapping) else None

    result = execute(
        admin_schema(),
        parse(query),
        variable_values=variables,
        field_resolver=resolve,
        type_resolver=kind_of,
    )
    assert result.errors is None, result.errors
    return result.data


@pytest.mark.parametrize("kind", [Kind.PRODUCTS, Kind.CUSTOMERS, Kind.ORDERS, Kind.CARTS])
def test_an_answer_is_what_graphql_itself_would_give(caller, kind):
    caller.shop.load(catalogue(120, 60, 60, checkouts=20))
    root = documents.ROOTS[kind].type
    ids = [thing["id"] for thing in list(caller.shop.state.shelf(root).things.values())[:50]]
    variables = {
        "ids": [*ids, "gid://shopify/Product/1"],
        **({"image": {"maxWidth": 9}} if kind is Kind.PRODUCTS else {}),
    }
    query = documents.PULL[kind].text
    answer = caller.ask(query, **variables)
    assert answer["data"] == by_the_book(caller.shop, query, variables)


def test_edges_aliases_fragments_and_orders_are_what_graphql_itself_would_give(caller):
    caller.shop.load(catalogue(20, 20, 60))
    first = caller.ask(EDGES)["data"]
    assert first == by_the_book(caller.shop, EDGES, {})
    after = first["orders"]["pageInfo"]["endCursor"]
    second = caller.ask(EDGES, after=after)["data"]
    assert second == by_the_book(caller.shop, EDGES, {"after": after})
    times = [edge["node"]["id"] for edge in first["orders"]["edges"] + second["orders"]["edges"]]
    assert len(set(times)) == 14


def count(caller, kind, query):
    answer = caller.ask(f"query Q($q: String) {{ {kind}Count(query: $q, limit: null) {{ count }} }}", q=query)
    return answer["data"][f"{kind}Count"]["count"]


def test_the_search_knows_dates_statuses_and_logic(caller):
    caller.shop.load(catalogue(50, 50, 200))
    held = list(caller.shop.state.shelf("Order").things.values())
    paid = [each for each in held if each["displayFinancialStatus"] == "PAID"]
    open_ = [each for each in held if not each["cancelledAt"]]
    late = [each for each in held if each["updatedAt"] >= "2026-01-05T00:00:00Z"]
    assert count(caller, "orders", "financial_status:paid") == len(paid)
    assert (
        count(caller, "orders", "status:open") == count(caller, "orders", "-status:cancelled") == len(open_)
    )
    assert count(caller, "orders", "updated_at:>='2026-01-05T00:00:00Z'") == len(late)
    assert count(caller, "orders", "financial_status:paid OR status:cancelled") == len(paid) + len(
        held
    ) - len(open_)
    assert count(caller, "orders", "financial_status:paid AND (status:cancelled OR status:closed)") == 0
    assert count(caller, "orders", "id:>50099 id:<50110") == 10
    known = [each for each in caller.shop.state.shelf("Customer").things.values() if each["email"]]
    assert count(caller, "customers", f"email:{known[0]['email'].lower()}") == 1


def test_an_unquoted_time_is_silently_misread_as_on_a_real_shop(caller):
    caller.shop.load(catalogue(20, 0, 0))
    answer = caller.ask(
        '{ products(first: 250, query: "updated_at:>=2030-01-01T00:00:00Z") { nodes { id } } }'
    )
    assert len(answer["data"]["products"]["nodes"]) == 20
    assert "errors" not in answer
    assert answer["extensions"]["search"][0]["warnings"][0]["field"] == "updated_at"


def test_an_unknown_search_field_is_ignored_with_a_warning():
    search = parse_search("nonsense:1", "Product")
    assert search.test({})
    assert search.warnings[0]["code"] == "invalid_field"


def test_counts_are_capped_unless_asked_otherwise_and_variants_ignore_their_filter(caller):
    caller.shop.load(catalogue(30, 0, 0))
    answer = caller.ask(
        '{ productsCount(limit: 10) { count precision } productVariantsCount(query: "sku:x") { count } }'
    )
    assert answer["data"]["productsCount"] == {"count": 10, "precision": "AT_LEAST"}
    assert answer["data"]["productVariantsCount"]["count"] == len(
        caller.shop.state.shelf("ProductVariant").things
    )


def test_the_same_seed_makes_the_same_shop_and_another_seed_another():
    assert catalogue(30, 30, 30, seed=4, checkouts=3) == catalogue(30, 30, 30, seed=4, checkouts=3)
    assert catalogue(30, 30, 30, seed=4) != catalogue(30, 30, 30, seed=5)


def test_a_generated_shop_holds_what_breaks_connectors():
    things = catalogue(300, 300, 300)
    by_kind = {
        kind: [t for t in things if t["__typename"] == kind] for kind in ("Product", "Customer", "Order")
    }
    assert max(len(product["variants"]) for product in by_kind["Product"]) > 100
    assert any(v["price"] == "0.00" for product in by_kind["Product"] for v in product["variants"])
    assert any(customer["defaultEmailAddress"] is None for customer in by_kind["Customer"])
    states = {
        c["defaultEmailAddress"]["marketingState"] for c in by_kind["Customer"] if c["defaultEmailAddress"]
    }
    assert states == {"SUBSCRIBED", "NOT_SUBSCRIBED", "UNSUBSCRIBED", "PENDING", "INVALID"}
    assert any(order["customer_id"] is None for order in by_kind["Order"])
    assert any(order["cancelledAt"] for order in by_kind["Order"])
    assert any(line["product_id"] == 1 for order in by_kind["Order"] for line in order["lineItems"])


def test_events_are_delivered_by_themselves_and_again_until_they_are_taken(open_shop):
    shop = open_shop(local_hooks=True).shop
    shop.load(catalogue(3, 0, 0))
    arrived = []
    outside = Outside(lambda delivery: 503 if arrived.append(delivery) is None and len(arrived) < 3 else 200)
    shop.deliver_to(outside)
    shop.state.shelf("WebhookSubscription").put(
        {"legacyResourceId": "1", "topic": "PRODUCTS_UPDATE", "uri": "http://api.localhost/hooks/a"}
    )
    shop.life.edit("gid://shopify/Product/7001", title="Un")
    shop.life.edit("gid://shopify/Product/7002", title="Deux")
    outside.close()
    assert len(arrived) == 4
    assert len({each.headers["X-Shopify-Webhook-Id"] for each in arrived[:3]}) == 1
    assert outside.failed == 0


def test_a_delivery_that_nobody_takes_is_given_up(open_shop):
    shop = open_shop().shop
    shop.load(catalogue(2, 0, 0))
    outside = Outside(lambda _: 500)
    shop.deliver_to(outside)
    shop.state.shelf("WebhookSubscription").put(
        {"legacyResourceId": "1", "topic": "PRODUCTS_DELETE", "uri": "https://api.example/hooks/a"}
    )
    shop.life.delete("gid://shopify/Product/7001")
    outside.close()
    assert outside.failed == 1


SUBSCRIBE = """mutation S($uri: String!) {
  webhookSubscriptionCreate(topic: PRODUCTS_UPDATE, webhookSubscription: {uri: $uri}) { userErrors { message } } }"""


@pytest.mark.parametrize(
    ("uri", "local", "taken"),
    [
        ("https://api.example/hooks/a", False, True),
        ("http://api.example/hooks/a", True, False),
        ("http://api.localhost:4566/hooks/a", True, True),
        ("http://api.localhost:4566/hooks/a", False, False),
    ],
)
def test_plain_http_is_taken_only_from_a_local_stack(open_shop, uri, local, taken):
    answer = open_shop(local_hooks=local).ask(SUBSCRIBE, uri=uri)
    assert (answer["data"]["webhookSubscriptionCreate"]["userErrors"] == []) is taken
