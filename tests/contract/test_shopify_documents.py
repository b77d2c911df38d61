"""Every document that the connector sends, held against the official schema 2026-07."""

from datetime import UTC, datetime

import pytest
from graphql import NoDeprecatedCustomRule, OperationDefinitionNode, parse, validate
from graphql.execution.values import get_variable_values
from passerelle.connectors.shopify import (
    bulk,
    consents,
    documents,
    engagement,
    finding,
    goods,
    held,
    hooks,
    imports,
    levels,
    making,
    mending,
    places,
    references,
    steps,
    stock,
)
from passerelle.model import Kind
from passerelle.port import Selection
from sandbox.shopify.asked import understand
from sandbox.shopify.bulk import broken_rule
from sandbox.shopify.cost import Bill
from sandbox.shopify.schema import admin_schema

IDS = [f"gid://shopify/Product/{at}" for at in range(250)]
IMAGE = {"preferredContentType": "WEBP", "maxWidth": 400}
CONSENT = {
    "customerId": "gid://shopify/Customer/1",
    "emailMarketingConsent": {
        "marketingState": "SUBSCRIBED",
        "marketingOptInLevel": "SINGLE_OPT_IN",
        "consentUpdatedAt": "2026-01-01T00:00:00Z",
    },
}
METAFIELD = {
    "ownerId": "gid://shopify/Customer/1",
    "namespace": engagement.NAMESPACE,
    "key": "email_opened",
    "type": "date_time",
    "value": "2026-01-01T00:00:00Z",
}
QUANTITIES = {
    "name": "available",
    "reason": "correction",
    "quantities": [
        {"inventoryItemId": each, "locationId": IDS[0], "quantity": 1, "changeFromQuantity": 2}
        for each in IDS
    ],
}
BY, VARIANT = (
    {"id": IDS[0]},
    {"id": IDS[0], "price": "1.00", "optionValues": [{"optionName": "A", "name": "1"}]},
)
SET = {
    "title": "a",
    "files": [{"originalSource": "https://a.example/a.png"}] * 3,
    "variants": [{"optionValues": []}] * 9,
}
STEPS = {
    "MakeProducts": [steps.Step(0, making.SET, making.TYPES, {"by": BY, "as": SET}, 18)],
    "MendProducts": [
        steps.Step(0, mending.UPDATE, {"as": "ProductUpdateInput!"}, {"as": {"id": IDS[0], "title": "a"}}),
        steps.Step(0, mending.SET, making.TYPES, {"by": BY, "as": {"files": SET["files"]}}, 15),
        steps.Step(0, mending.VARIANTS, mending.OF_VARIANTS, {"by": IDS[0], "as": [VARIANT] * 250}),
        steps.Step(0, mending.MAKE, mending.OF_VARIANTS, {"by": IDS[0], "as": [VARIANT] * 250}, 11),
        steps.Step(0, mending.TAKE, {"by": "ID!", "as": "[ID!]!"}, {"by": IDS[0], "as": IDS}),
    ],
    "DeleteProducts": [
        steps.Step(at, goods.DELETE, {"as": "ProductDeleteInput!"}, {"as": BY}) for at in range(50)
    ],
}


def _filled(some):
    return {f"{name}{at}": value for at, step in enumerate(some) for name, value in step.values.items()}


PAGED = {"first": documents.PAGE, "after": "x", "query": "id:>1"}
FULL = Selection(
    since=datetime(2026, 1, 1, tzinfo=UTC),
    placed_from=datetime(2026, 1, 1, tzinfo=UTC),
    placed_until=datetime(2026, 2, 1, tzinfo=UTC),
    statuses=frozenset({"paid", "cancelled"}),
)
ACCEPTED = {
    # Deprecated in favour of a field that only 2026-10 has.
    "CustomerPhoneNumber.marketingState",
    "CustomerPhoneNumber.marketingUpdatedAt",
    # What takes its place is a connection inside a connection: four times the points for one picture.
    "ProductVariant.image",
}

SENT = [
    *[(each, {**PAGED, "counting": True}) for each in documents.INDEX.values()],
    *[
        (each, {**PAGED, "counting": True, **({"image": IMAGE} if kind is Kind.PRODUCTS else {})})
        for kind, each in documents.LIST.items()
    ],
    *[(each, {"query": "id:>1"}) for each in documents.COUNT.values()],
    *[
        (each, {"ids": IDS, "image": IMAGE} if kind is Kind.PRODUCTS else {"ids": IDS})
        for kind, each in documents.PULL.items()
    ],
    *[
        (each, {"id": IDS[0], "after": "x", **({"image": IMAGE} if kind is Kind.PRODUCTS else {})})
        for kind, each in documents.REST.items()
    ],
    (documents.WEIGH_PRODUCTS, PAGED),
    (finding.FIND_CUSTOMERS, PAGED),
    (finding.FIND_VARIANTS, PAGED),
    (finding.SKUS_OF, PAGED),
    (finding.ORDERS_OF, PAGED),
    (finding.titled(finding.TITLES), {f"q{at}": "title:'a'" for at in range(finding.TITLES)}),
    (references.DEFINED, {"identifier": references.IDENTIFIER}),
    (
        references.DEFINE,
        {"definition": {**references.IDENTIFIER, "name": "a", "type": "id"}},
    ),
    (
        references.look_up(references.AT_ONCE),
        {f"r{at}": references.custom_id(f"passerelle:{at}") for at in range(references.AT_ONCE)},
    ),
    (places.SCOPES_HELD, {}),
    (places.LOCATIONS, {"named": True}),
    (stock.LIST_STOCK, {**PAGED, "counting": True, "places": 1, "several": False}),
    (stock.PULL_STOCK, {"ids": IDS, "places": 1, "several": False}),
    (held.HELD_PRODUCTS, {"ids": IDS}),
    (held.REST_OF_HELD, {"id": IDS[0], "after": "x"}),
    (imports.STAGE, {"input": [imports.UPLOAD]}),
    (imports.RUN_IMPORT, {"mutation": imports.text("0" * 24), "path": "tmp/1"}),
    *[(steps.document(name, some), _filled(some)) for name, some in STEPS.items()],
    (levels.HELD, {"ids": IDS, "places": 1}),
    (levels.SET, {"input": QUANTITIES, "key": "k"}),
    (
        levels.activate(levels.ACTIVATIONS),
        {
            name: value
            for at in range(levels.ACTIVATIONS)
            for name, value in ((f"i{at}", IDS[0]), (f"l{at}", IDS[0]), (f"n{at}", 1), (f"k{at}", "k"))
        },
    ),
    (documents.COUNT_VARIANTS, {}),
    (documents.CHECK, {}),
    (documents.PERSONS, {}),
    (documents.WEBHOOKS, {"first": documents.PAGE, "after": None}),
    (documents.RUN_BULK, {"query": "{ products { edges { node { id } } } }"}),
    (documents.BULK, {"id": "gid://shopify/BulkOperation/1"}),
    (documents.RECENT_BULK, {}),
    (documents.consent(consents.BATCH), {f"i{at}": CONSENT for at in range(consents.BATCH)}),
    (
        engagement.document(engagement.MUTATIONS),
        {f"i{at}": [METAFIELD] * engagement.MOST for at in range(engagement.MUTATIONS)},
    ),
    (
        documents.subscribe(len(hooks.WANTED)),
        {"uri": "https://a.example", **{f"t{at}": topic for at, topic in enumerate(hooks.WANTED)}},
    ),
    (documents.unsubscribe(3), {f"d{at}": f"gid://shopify/WebhookSubscription/{at}" for at in range(3)}),
]
NAMES = [document.name for document, _ in SENT]
BULKS = [(kind, image) for kind in bulk.FIELDS for image in (None, IMAGE)]


@pytest.mark.parametrize(("document", "variables"), SENT, ids=NAMES)
def test_a_document_and_its_variables_fit_the_schema(document, variables):
    parsed = parse(document.text)
    assert validate(admin_schema(), parsed) == []
    [operation] = [node for node in parsed.definitions if isinstance(node, OperationDefinitionNode)]
    assert operation.name.value == document.name
    coerced = get_variable_values(admin_schema(), operation.variable_definitions or (), variables)
    assert not isinstance(coerced, list), coerced


@pytest.mark.parametrize(("document", "variables"), SENT, ids=NAMES)
def test_a_document_costs_what_is_expected_and_less_than_is_allowed(document, variables):  # G-1
    requested = Bill(understand(document.text, variables)).requested()
    assert requested == document.cost
    assert requested <= 1_000


@pytest.mark.parametrize(("document", "variables"), SENT, ids=NAMES)
def test_nothing_deprecated_is_asked_for_where_there_is_a_choice(document, variables):
    told = validate(admin_schema(), parse(document.text), [NoDeprecatedCustomRule])
    fields = {error.message.split()[2] for error in told}
    assert fields <= ACCEPTED


@pytest.mark.parametrize(("kind", "image"), BULKS)
@pytest.mark.parametrize("selection", [Selection(), FULL], ids=["all", "chosen"])
def test_an_export_fits_the_schema_and_the_rules_of_bulk_queries(kind, image, selection):
    text = bulk.text(kind, selection, image)
    assert validate(admin_schema(), parse(text)) == []
    assert broken_rule(understand(text, {})) == ""


def test_every_topic_that_is_wanted_exists():
    topics = admin_schema().type_map["WebhookSubscriptionTopic"].values
    assert set(hooks.WANTED) <= set(topics)


def test_no_document_is_left_out_of_these_tests():
    known = {document.name for document, _ in SENT}
    held = [value for value in vars(documents).values() if isinstance(value, documents.Document | dict)]
    every = {
        each.name
        for value in held
        for each in (value.values() if isinstance(value, dict) else [value])
        if isinstance(each, documents.Document)
    }
    assert every <= known
