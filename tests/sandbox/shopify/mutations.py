"""The writes, with what the schema cannot say: states refused at run time, mandatory directives."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from graphql import FieldNode

from sandbox.shopify import customid, imports, products, stock, variants
from sandbox.shopify.asked import Operation
from sandbox.shopify.bulk import start
from sandbox.shopify.fields import RESOLVERS
from sandbox.shopify.metafields import set_metafields
from sandbox.shopify.project import Resolver
from sandbox.shopify.refusal import NotInSandboxError, RefusedError
from sandbox.shopify.rest import customer_body, customer_consent_body
from sandbox.shopify.state import Thing, gid, number, stamp
from sandbox.shopify.world import World

type Arguments = Mapping[str, Any]

IDEMPOTENT = frozenset(
    {
        "inventoryActivate",
        "inventoryAdjustQuantities",
        "inventoryMoveQuantities",
        "inventorySetOnHandQuantities",
        "inventorySetQuantities",
        "inventoryTransferCreate",
        "locationActivate",
        "locationDeactivate",
        "refundCreate",
    }
)
"""Mutations that want `@idempotent(key:)` since 2026-04 although the schema does not say so."""

WRITABLE_CONSENT = frozenset({"SUBSCRIBED", "UNSUBSCRIBED", "PENDING"})


def check_directives(operation: Operation) -> None:
    """Refuse what the shop wants besides the schema."""
    for node in operation.node.selection_set.selections:
        if not isinstance(node, FieldNode) or node.name.value not in IDEMPOTENT:
            continue
        if not any(each.name.value == "idempotent" for each in node.directives or ()):
            raise RefusedError(
                "The @idempotent directive is required for this mutation but was not provided.", "BAD_REQUEST"
            )
        _check_quantities(operation.arguments(operation.root, node).get("input"))


def _check_quantities(given: Any) -> None:
    quantities = given.get("quantities", []) if isinstance(given, Mapping) else []
    if any("changeFromQuantity" not in each for each in quantities):
        raise RefusedError(
            "The changeFromQuantity argument is required, even as null.", "INVALID_FIELD_ARGUMENTS"
        )


def _consent(world: World, _: object, arguments: Arguments) -> dict[str, Any]:
    asked = arguments["input"]
    wanted = asked["emailMarketingConsent"]
    customer = world.state.get(asked["customerId"])
    if customer is None or customer["__typename"] != "Customer":
        return _refused(["input", "customerId"], "Customer not found", "INVALID")
    if wanted["marketingState"] not in WRITABLE_CONSENT:
        message = f"Cannot specify {wanted['marketingState']} as a marketing state input"
        return _refused(["input", "emailMarketingConsent", "marketingState"], message, "INVALID")
    if not customer["email"]:
        message = "The customer must have an email address to update their email marketing consent"
        return _refused(["input", "emailMarketingConsent"], message, "INVALID")
    at = str(wanted.get("consentUpdatedAt") or world.state.now())
    if at > stamp(world.state.clock()):
        message = "Consent updated at must be in the past"
        return _refused(["input", "emailMarketingConsent", "consentUpdatedAt"], message, "INVALID")
    write_consent(world, customer, wanted["marketingState"], at, wanted.get("marketingOptInLevel"))
    return {"customer": customer, "userErrors": []}


def write_consent(world: World, customer: Thing, state: str, at: str, level: str | None = None) -> None:
    """Write a consent into a customer and tell the subscribers."""
    with world.state.lock:
        customer["defaultEmailAddress"] = {
            **customer["defaultEmailAddress"],
            "marketingState": state,
            "marketingUpdatedAt": at,
            "marketingOptInLevel": level or customer["defaultEmailAddress"]["marketingOptInLevel"],
        }
        customer["updatedAt"] = world.state.now()
        world.state.shelf("Customer").touched()
        world.state.tell("customers_email_marketing_consent/update", customer_consent_body(customer))


def _refused(field: list[str], message: str, code: str) -> dict[str, Any]:
    return {"customer": None, "userErrors": [{"field": field, "message": message, "code": code}]}


def _subscribe(world: World, _: object, arguments: Arguments) -> dict[str, Any]:
    wanted = arguments["webhookSubscription"]
    uri = wanted.get("uri") or wanted.get("callbackUrl") or ""
    shelf = world.state.shelf("WebhookSubscription")
    if not (uri.startswith(("https://", "pubsub://", "arn:")) or (world.local_hooks and _is_local(uri))):
        return _unsubscribed("Address is invalid")
    taken = any(s["topic"] == arguments["topic"] and s["uri"] == uri for s in shelf.things.values())
    if taken:
        return _unsubscribed("Address for this topic has already been taken")
    fresh, now = world.state.fresh(), world.state.now()
    made = {
        "__typename": "WebhookSubscription",
        "id": gid("WebhookSubscription", fresh),
        "legacyResourceId": str(fresh),
        "topic": arguments["topic"],
        "uri": uri,
        "format": wanted.get("format") or "JSON",
        "filter": wanted.get("filter") or "",
        "includeFields": wanted.get("includeFields") or [],
        "metafieldNamespaces": wanted.get("metafieldNamespaces") or [],
        "name": wanted.get("name"),
        "createdAt": now,
        "updatedAt": now,
        "token": world.token,
    }
    shelf.put(made)
    return {"webhookSubscription": made, "userErrors": []}


def _is_local(uri: str) -> bool:
    parts = urlsplit(uri)
    host = parts.hostname or ""
    return parts.scheme == "http" and (host in {"127.0.0.1", "localhost"} or host.endswith(".localhost"))


def _unsubscribed(message: str) -> dict[str, Any]:
    error = {"field": ["webhookSubscription", "callbackUrl"], "message": message}
    return {"webhookSubscription": None, "userErrors": [error]}


def _unsubscribe(world: World, _: object, arguments: Arguments) -> dict[str, Any]:
    shelf = world.state.shelf("WebhookSubscription")
    if number(arguments["id"]) not in shelf.things:
        error = {"field": ["id"], "message": "Webhook subscription does not exist"}
        return {"deletedWebhookSubscriptionId": None, "userErrors": [error]}
    shelf.drop(number(arguments["id"]))
    return {"deletedWebhookSubscriptionId": arguments["id"], "userErrors": []}


def _make_customer(world: World, _: object, arguments: Arguments) -> dict[str, Any]:
    asked = arguments["input"]
    email = str(asked.get("email") or "").strip()
    shelf = world.state.shelf("Customer")
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", email):
        return {"customer": None, "userErrors": [{"field": ["email"], "message": "Email is invalid"}]}
    if any((each["email"] or "").lower() == email.lower() for each in shelf.things.values()):
        return {
            "customer": None,
            "userErrors": [{"field": ["email"], "message": "Email has already been taken"}],
        }
    wanted = asked.get("emailMarketingConsent") or {"marketingState": "NOT_SUBSCRIBED"}
    now, fresh = world.state.now(), world.state.fresh()
    if wanted.get("consentUpdatedAt", now) > now:
        field = ["emailMarketingConsent", "consentUpdatedAt"]
        return {"customer": None, "userErrors": [{"field": field, "message": "must be in the past"}]}
    made = _new_customer(fresh, email, asked, wanted, now)
    with world.state.lock:
        shelf.put(made)
        world.state.tell("customers/create", customer_body(made))
    return {"customer": made, "userErrors": []}


def _new_customer(fresh: int, email: str, asked: Any, consent: Any, now: str) -> Thing:
    first, last = asked.get("firstName"), asked.get("lastName")
    held = {
        "emailAddress": email,
        "marketingState": consent["marketingState"],
        "marketingOptInLevel": consent.get("marketingOptInLevel"),
        "marketingUpdatedAt": consent.get("consentUpdatedAt") or now,
        "validFormat": True,
    }
    return {
        "__typename": "Customer",
        "id": gid("Customer", fresh),
        "legacyResourceId": str(fresh),
        "firstName": first,
        "lastName": last,
        "displayName": " ".join(filter(None, (first, last))) or email,
        "email": email,
        "phone": None,
        "locale": asked.get("locale") or "en",
        "state": "DISABLED",
        "tags": list(asked.get("tags") or ()),
        "note": asked.get("note"),
        "defaultEmailAddress": held,
        "defaultPhoneNumber": None,
        "defaultAddress": None,
        "numberOfOrders": "0",
        "createdAt": now,
        "updatedAt": now,
    }


MUTATIONS: dict[tuple[str, str], Resolver] = {
    ("Mutation", "customerEmailMarketingConsentUpdate"): _consent,
    ("Mutation", "customerCreate"): _make_customer,
    ("Mutation", "metafieldsSet"): set_metafields,
    ("Mutation", "webhookSubscriptionCreate"): _subscribe,
    ("Mutation", "webhookSubscriptionDelete"): _unsubscribe,
    ("Mutation", "bulkOperationRunQuery"): start,
    ("Mutation", "inventorySetQuantities"): stock.set_quantities,
    ("Mutation", "inventoryActivate"): stock.activate,
    ("Mutation", "productSet"): products.product_set,
    ("Mutation", "productUpdate"): products.product_update,
    ("Mutation", "productDelete"): products.product_delete,
    ("Mutation", "productVariantsBulkCreate"): variants.bulk_create,
    ("Mutation", "productVariantsBulkUpdate"): variants.bulk_update,
    ("Mutation", "productVariantsBulkDelete"): variants.bulk_delete,
    ("Mutation", "metafieldDefinitionCreate"): customid.define,
    ("Mutation", "stagedUploadsCreate"): imports.stage,
}
MUTATIONS["Mutation", "bulkOperationRunMutation"] = imports.runner(lambda: {**RESOLVERS, **MUTATIONS})


def check_known(operation: Operation) -> None:
    """Say so where the simulator has no such mutation, before anything of the request is done."""
    for node in operation.node.selection_set.selections:
        if isinstance(node, FieldNode) and ("Mutation", node.name.value) not in MUTATIONS:
            raise NotInSandboxError(f"the simulator has no mutation {node.name.value}")
