"""The fields that are more than a value held by an object."""

from collections.abc import Mapping
from typing import Any

from sandbox.shopify import customid, media, stock
from sandbox.shopify.metafields import metafield
from sandbox.shopify.project import Resolver
from sandbox.shopify.refusal import NotInSandboxError
from sandbox.shopify.search import parse
from sandbox.shopify.state import Page, Thing, gid, list_page
from sandbox.shopify.world import World

type Arguments = Mapping[str, Any]


def _connection(kind: str) -> Resolver:
    def resolve(world: World, _: object, arguments: Arguments) -> Page:
        return world.search(kind, arguments)

    return resolve


def _count(kind: str, *, filtered: bool = True) -> Resolver:
    def resolve(world: World, _: object, arguments: Arguments) -> dict[str, Any]:
        return world.count(kind, arguments, filtered=filtered)

    return resolve


def _by_id(world: World, _: object, arguments: Arguments) -> Thing | None:
    return world.node(arguments["id"])


def _held(kind: str, key: str) -> Resolver:
    """An object named by a number in another one: null once it is deleted."""

    def resolve(world: World, thing: Thing, _: Arguments) -> Thing | None:
        return world.node(gid(kind, thing[key])) if thing[key] else None

    return resolve


def _person(name: str) -> Resolver:
    def resolve(world: World, thing: Thing, _: Arguments) -> Any:
        return world.person(thing[name])

    return resolve


def _installation(world: World, _: object, __: Arguments) -> Thing:
    scopes = [{"handle": scope, "description": scope} for scope in sorted(world.scopes)]
    return {"id": gid("AppInstallation", 1), "accessScopes": scopes, "launchUrl": f"{world.address}/apps/1"}


def _image_url(_: World, image: Thing, arguments: Arguments) -> str:
    wanted = arguments.get("transform") or {}
    extra = "".join(
        f"&{key}={value}" for key, value in sorted(wanted.items()) if key != "scale" or value != 1
    )
    return f"{image['url']}{extra}"


def _bulk(world: World, _: object, arguments: Arguments) -> Thing | None:
    found = world.node(arguments["id"])
    if found is None or found["__typename"] != "BulkOperation":
        return None
    if found["polls_left"] > 0:
        found["polls_left"] -= 1
    elif found["status"] in {"CREATED", "RUNNING"}:
        found.update(found["ending"])
        world.state.shelf("BulkOperation").touched()
    return found


def _variants_count(_: World, product: Thing, __: Arguments) -> dict[str, Any]:
    return {"count": len(product["variants"]), "precision": "EXACT"}


def _featured(_: World, product: Thing, __: Arguments) -> Thing | None:
    return product["media"][0] if product["media"] else None


def _images(_: World, product: Thing, __: Arguments) -> list[Thing]:
    return [each["image"] for each in product["media"] if each["image"]]


def _codes(_: World, discount: Thing, arguments: Arguments) -> Page:
    if (arguments.get("sortKey") or "ID") != "ID" or arguments.get("reverse"):
        raise NotInSandboxError("the simulator sorts codes by ascending id only")
    search = parse(arguments.get("query") or "", "DiscountRedeemCode")
    rows = [code for code in discount["codes"] if search.test(code)]
    return list_page(rows, arguments)


def _codes_count(_: World, discount: Thing, __: Arguments) -> dict[str, Any]:
    held = len(discount["codes"])
    return {"count": min(held, 10_000), "precision": "EXACT" if held <= 10_000 else "AT_LEAST"}


def _location(world: World, _: object, arguments: Arguments) -> Thing | None:
    return world.node(arguments["id"]) if arguments.get("id") else stock.primary(world.state)


DISCOUNTS = ("DiscountCodeApp", "DiscountCodeBasic", "DiscountCodeBxgy", "DiscountCodeFreeShipping")

PERSONAL = {
    "Customer": ("firstName", "lastName", "email", "phone", "defaultEmailAddress", "defaultPhoneNumber"),
    "Order": ("email", "phone", "billingAddress", "shippingAddress"),
    "AbandonedCheckout": ("billingAddress", "shippingAddress"),
}

RESOLVERS: dict[tuple[str, str], Resolver] = {
    ("QueryRoot", "shop"): lambda world, _, __: world.state.shop,
    ("QueryRoot", "currentAppInstallation"): _installation,
    ("QueryRoot", "node"): _by_id,
    ("QueryRoot", "nodes"): lambda world, _, arguments: [world.node(each) for each in arguments["ids"]],
    ("QueryRoot", "product"): _by_id,
    ("QueryRoot", "customer"): _by_id,
    ("QueryRoot", "order"): _by_id,
    ("QueryRoot", "discountNode"): _by_id,
    ("QueryRoot", "codeDiscountNode"): _by_id,
    ("QueryRoot", "products"): _connection("Product"),
    ("QueryRoot", "productVariants"): _connection("ProductVariant"),
    ("QueryRoot", "customers"): _connection("Customer"),
    ("QueryRoot", "orders"): _connection("Order"),
    ("QueryRoot", "abandonedCheckouts"): _connection("AbandonedCheckout"),
    ("QueryRoot", "discountNodes"): _connection("DiscountNode"),
    ("QueryRoot", "codeDiscountNodes"): _connection("DiscountCodeNode"),
    ("QueryRoot", "webhookSubscriptions"): _connection("WebhookSubscription"),
    ("QueryRoot", "bulkOperations"): _connection("BulkOperation"),
    ("QueryRoot", "bulkOperation"): _bulk,
    ("QueryRoot", "locations"): _connection("Location"),
    ("QueryRoot", "location"): _location,
    ("QueryRoot", "metafieldDefinition"): customid.find_definition,
    ("QueryRoot", "productByIdentifier"): customid.by_identifier,
    ("QueryRoot", "productsCount"): _count("Product"),
    ("QueryRoot", "productVariantsCount"): _count("ProductVariant", filtered=False),
    ("QueryRoot", "customersCount"): _count("Customer"),
    ("QueryRoot", "ordersCount"): _count("Order"),
    ("QueryRoot", "abandonedCheckoutsCount"): _count("AbandonedCheckout"),
    ("QueryRoot", "discountNodesCount"): _count("DiscountNode"),
    ("Product", "variantsCount"): _variants_count,
    ("Product", "featuredMedia"): _featured,
    ("Product", "images"): _images,
    ("ProductVariant", "product"): _held("Product", "product_id"),
    ("InventoryItem", "inventoryLevels"): stock.level_rows,
    ("InventoryItem", "variants"): lambda world, item, _: [
        each for each in (stock.variant_of(world.state, item),) if each
    ],
    ("InventoryLevel", "quantities"): stock.quantities,
    ("LineItem", "product"): _held("Product", "product_id"),
    ("LineItem", "variant"): _held("ProductVariant", "variant_id"),
    ("AbandonedCheckoutLineItem", "product"): _held("Product", "product_id"),
    ("AbandonedCheckoutLineItem", "variant"): _held("ProductVariant", "variant_id"),
    ("Customer", "metafield"): metafield,
    ("Product", "metafield"): metafield,
    ("MediaImage", "image"): media.image_of,
    ("Order", "customer"): _held("Customer", "customer_id"),
    ("AbandonedCheckout", "customer"): _held("Customer", "customer_id"),
    ("Image", "url"): _image_url,
    **{(kind, "codes"): _codes for kind in DISCOUNTS},
    **{(kind, "codesCount"): _codes_count for kind in DISCOUNTS},
    **{(kind, name): _person(name) for kind, names in PERSONAL.items() for name in names},
}
