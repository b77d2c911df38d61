"""Writes of products: what each mutation takes, refuses, and leaves as it is.

Source: https://shopify.dev/docs/api/admin-graphql/2026-07/mutations/{productSet,productUpdate,productDelete}.
`productSet` replaces every list that it is given; fields and lists that it is not given stay.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from sandbox.shopify.customid import identified, wrong_identifier
from sandbox.shopify.media import set_files, wrong_file
from sandbox.shopify.metafields import held, put_metafield
from sandbox.shopify.rest import product_body
from sandbox.shopify.state import State, Thing, gid, number
from sandbox.shopify.variants import set_variants, wrong_variants
from sandbox.shopify.world import World

type Arguments = Mapping[str, Any]

LONGEST = 255
PLAIN = {
    "title": "title",
    "descriptionHtml": "descriptionHtml",
    "productType": "productType",
    "status": "status",
}


def product_set(world: World, _: object, arguments: Arguments) -> dict[str, Any]:
    """Make a product, or change the one that the identifier names."""
    asked, by = arguments["input"], arguments.get("identifier") or {}
    with world.state.lock:
        product = identified(world.state, by)
        error = _wrong(world.state, product, by, asked)
        if error:
            return {"product": None, "productSetOperation": None, "userErrors": [error]}
        is_new = product is None
        product = product or _blank(world.state, asked, by)
        _write(world.state, product, asked)
        if "metafields" in asked:
            held(product).clear()
        elif "customId" in by and is_new:
            put_metafield(world.state, product, {**by["customId"], "type": "id"})
        for each in asked.get("metafields") or ():
            put_metafield(world.state, product, each)
        if "files" in asked:
            set_files(world.state, product, asked["files"])
        if "variants" in asked:
            set_variants(world.state, product, asked)
        if is_new:
            world.state.load("Product", [product])
        told(world.state, product, "create" if is_new else "update")
        return {"product": product, "productSetOperation": None, "userErrors": []}


def product_update(world: World, _: object, arguments: Arguments) -> dict[str, Any]:
    """Change some fields; metafields are added to those that are there."""
    asked = arguments.get("product") or {}
    with world.state.lock:
        product = world.state.get(asked.get("id") or "")
        if product is None or product["__typename"] != "Product":
            return {"product": None, "userErrors": [_plain("id", "Product does not exist")]}
        error = _wrong_texts(world.state, product, asked)
        if error:
            return {"product": None, "userErrors": [_plain(error["field"][-1], error["message"])]}
        _write(world.state, product, asked)
        for each in asked.get("metafields") or ():
            put_metafield(world.state, product, each)
        told(world.state, product, "update")
        return {"product": product, "userErrors": []}


def product_delete(world: World, _: object, arguments: Arguments) -> dict[str, Any]:
    """Delete a product with its variants; orders keep their lines."""
    identifier = arguments["input"]["id"]
    with world.state.lock:
        product = world.state.get(identifier)
        if product is None or product["__typename"] != "Product":
            return {"deletedProductId": None, "userErrors": [_plain("id", "Product does not exist")]}
        world.state.shelf("Product").drop(number(identifier))
        for variant in product["variants"]:
            world.state.drop_variant(variant)
        world.state.tell("products/delete", {"id": number(identifier)})
        return {"deletedProductId": identifier, "userErrors": []}


def told(state: State, product: Thing, what: str) -> None:
    """Move the date and tell the subscribers."""
    product["updatedAt"] = state.now()
    state.shelf("Product").touched()
    state.shelf("ProductVariant").touched()
    state.tell(f"products/{what}", product_body(product))


def _wrong(state: State, product: Thing | None, by: Arguments, asked: Arguments) -> Thing | None:
    if asked.get("id") and by:
        return _coded("id", "ID_NOT_ALLOWED", "The id field is not allowed if identifier is provided.")
    if "id" in by and product is None:
        return _coded("identifier", "PRODUCT_DOES_NOT_EXIST", "Product does not exist")
    error = wrong_identifier(state, by, asked) or _wrong_texts(state, product, asked)
    error = error or wrong_variants(state, product, asked)
    return error or next((bad for each in asked.get("files") or () if (bad := wrong_file(each))), None)


def _wrong_texts(state: State, product: Thing | None, asked: Arguments) -> Thing | None:
    title = asked.get("title", product["title"] if product else "")
    if not (title or "").strip():
        return _coded("title", "INVALID_PRODUCT", "Title can't be blank")
    for name in ("title", "vendor", "productType", "handle"):
        if len(asked.get(name) or "") > LONGEST:
            message = f"{name.capitalize()} is too long (maximum is 255 characters)"
            return _coded(name, "INVALID_PRODUCT", message)
    handle = slug(asked["handle"]) if asked.get("handle") else ""
    if handle and any(each["handle"] == handle and each is not product for each in _products(state)):
        message = f"Handle '{handle}' already in use. Please provide a new handle."
        return _coded("handle", "HANDLE_NOT_UNIQUE", message)
    if len(asked.get("tags") or ()) > 250:
        return _coded("tags", "INVALID_PRODUCT", "Product tags is invalid")
    return None


def _products(state: State) -> list[Thing]:
    return list(state.shelf("Product").things.values())


def _write(state: State, product: Thing, asked: Arguments) -> None:
    for name, key in PLAIN.items():
        if name in asked:
            product[key] = asked[name] or ""
    if "vendor" in asked:
        product["vendor"] = asked["vendor"] or state.shop["name"]
    if asked.get("handle"):
        product["handle"] = slug(asked["handle"])
    if "tags" in asked:
        parts = [part.strip() for tag in asked["tags"] or () for part in tag.split(",")]
        product["tags"] = sorted({part.casefold(): part for part in parts if part}.values())


def _blank(state: State, asked: Arguments, by: Arguments) -> Thing:
    """A new product, in no sales channel yet."""
    fresh, now = state.fresh(), state.now()
    return {
        "__typename": "Product",
        "id": gid("Product", fresh),
        "legacyResourceId": str(fresh),
        "title": "",
        "handle": by.get("handle") or _free_handle(state, slug(asked["title"])),
        "descriptionHtml": "",
        "vendor": state.shop["name"],
        "productType": "",
        "status": "ACTIVE",
        "tags": [],
        "createdAt": now,
        "updatedAt": now,
        "onlineStoreUrl": None,
        "category": None,
        "options": [],
        "media": [],
        "variants": [],
    }


def _free_handle(state: State, wanted: str) -> str:
    taken = {each["handle"] for each in _products(state)}
    counter, handle = 0, wanted
    while handle in taken:
        counter += 1
        handle = f"{wanted}-{counter}"
    return handle


def slug(text: str) -> str:
    """A text as a handle."""
    bare = unicodedata.normalize("NFKD", text).lower()
    bare = "".join(sign for sign in bare if not unicodedata.combining(sign))
    return re.sub(r"[^\w]+", "-", bare).strip("-")[:LONGEST] or "product"


def _coded(field: str, code: str, message: str) -> Thing:
    return {"__typename": "ProductSetUserError", "field": ["input", field], "code": code, "message": message}


def _plain(field: str, message: str) -> Thing:
    return {"__typename": "UserError", "field": [field], "message": message}
