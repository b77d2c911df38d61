"""The catalogue: products and configurable products, saved as Magento saves them and shown as it shows them."""

import base64
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from sandbox.magento.criteria import InputLimits
from sandbox.magento.refusal import RefusalError, number_of, plain, required
from sandbox.magento.state import DEFAULTS, KNOWN, Row, State
from sandbox.magento.stock import legacy_row, save_legacy, too_many

NO_PRODUCT = "The product that was requested doesn't exist. Verify the product and try again."
WRITTEN = ("name", "attribute_set_id", "price", "status", "visibility", "type_id", "weight")
LONGEST = 64
PRICED = {"simple", "virtual", "downloadable"}
"""Types whose price can be set by itself."""
NUMBERS = {"price", "weight", "attribute_set_id", "status", "visibility"}
OWN_FIELDS = {"name", "status", "visibility"}
OWN_ATTRIBUTES = {"description", "short_description", "meta_title"}
"""What a store view may hold otherwise than the shop as a whole."""
FILTERABLE = {"entity_id", "sku", "created_at", "updated_at", "type_id", "attribute_set_id", "website_id"}


def value(row: Row, field: str) -> Any:
    """What a filter sees of a product."""
    if field == "entity_id":
        return row["id"]
    if field == "website_id":
        return row["website_ids"][0]
    if field in row["own"]:
        return row["own"][field]
    return row[field] if field in row else row["attributes"].get(field)


def check_field(state: State, field: str) -> None:
    """Refuse to filter by an attribute that does not exist."""
    if field not in FILTERABLE and field not in WRITTEN and field not in KNOWN | state.attributes.keys():
        message = 'The "%1" attribute name is invalid. Reset the name and try again.'
        raise RefusalError(400, message, [field])


def existing(state: State, sku: str) -> Row:
    """The product, or Magento's 404."""
    row = state.product(sku)
    if row is None:
        raise RefusalError(404, NO_PRODUCT)
    return row


def save(state: State, body: Any, sku: str | None = None) -> Row:
    """POST or PUT of a product: an upsert by SKU either way; fields that are not given stay as they are."""
    given = body.get("product") if isinstance(body, Mapping) else None
    if not isinstance(given, Mapping):
        raise required("product")
    sku = sku if sku is not None else str(given.get("sku") or "")
    if not sku:
        raise _empty("sku")
    if len(sku) > LONGEST:
        raise RefusalError(400, "SKU length should be %1 characters maximum.", [str(LONGEST)])
    fields = {name: _read(name, given[name]) for name in WRITTEN if name in given}
    held = _renamed(state, int(given["id"]), sku) if given.get("id") else state.product(sku)
    if held is None:
        held = _made(state, sku, fields)
    wanted = _attributes(given)
    _claim_url_key(state, held, wanted)
    fresh = held["id"] not in state.products
    if fresh or state.scope == "all":
        held |= fields
        _set_attributes(state, held, wanted)
    else:
        _save_view(state, held, fields, wanted)
    state.products[held["id"]] = held
    state.by_sku[sku.casefold()] = held["id"]
    if fresh:
        state.stock_items[held["id"]] = legacy_row(state, held["id"])
        if held["type_id"] == "configurable":
            held.setdefault("price", 0)
    _extend(state, held, given.get("extension_attributes") or {})
    if "media_gallery_entries" in given:
        _set_media(state, held, given["media_gallery_entries"])
    state.touch(held)
    return held


def _renamed(state: State, id: int, sku: str) -> Row:
    """A product that is named by its id gets the SKU; its source items stay where the old one put them."""
    held, other = state.products.get(id), state.product(sku)
    if held is None:
        raise RefusalError(404, NO_PRODUCT)
    if other is not None and other["id"] != id:
        raise RefusalError(400, 'The value of attribute "%1" must be unique.', ["sku"])
    del state.by_sku[held["sku"].casefold()]
    held["sku"] = sku
    return held


def _save_view(state: State, row: Row, fields: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """A change through a store view stays in it, save what only the shop as a whole can hold."""
    for name, one in fields.items():
        (row["own"] if name in OWN_FIELDS else row)[name] = one
    row["own"] |= {code: str(one) for code, one in wanted.items() if code in OWN_ATTRIBUTES}
    _set_attributes(state, row, {code: one for code, one in wanted.items() if code not in OWN_ATTRIBUTES})


def _read(name: str, given: Any) -> Any:
    return number_of(given, name) if name in NUMBERS else str(given)


def _empty(name: str) -> RefusalError:
    return RefusalError(400, 'The "%1" attribute value is empty. Set the attribute and try again.', [name])


def _made(state: State, sku: str, fields: Mapping[str, Any]) -> Row:
    if fields.get("attribute_set_id") != 4:
        raise RefusalError(400, "Invalid product data: %1", ["Invalid attribute set entity type"])
    if not fields.get("name"):
        raise _empty("Name")
    now = state.now()
    row: Row = {"id": state.number("product"), "sku": sku, "status": 1, "visibility": 4, "type_id": "simple"}
    row |= {"created_at": now, "updated_at": now, "website_ids": [1], "attributes": dict(DEFAULTS)}
    return row | {"media": [], "options": [], "links": [], "own": {}, "name": fields["name"]}


def _attributes(given: Mapping[str, Any]) -> dict[str, Any]:
    listed = given.get("custom_attributes") or []
    return {str(one["attribute_code"]): one.get("value") for one in listed}


def slug(name: str) -> str:
    """What Magento makes of a name in an address."""
    plainly = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plainly.lower()).strip("-")


def _claim_url_key(state: State, row: Row, wanted: dict[str, Any]) -> None:
    """No two products may have one address; a new product without a key gets one from its name."""
    key = wanted.get("url_key") or row["attributes"].get("url_key") or slug(str(row["name"]))
    holder = state.by_url_key.get(key)
    if key and holder not in {None, row["id"]}:
        raise RefusalError(400, "URL key for specified store already exists.")
    state.by_url_key[key] = row["id"]
    wanted["url_key"] = key


def _set_attributes(state: State, row: Row, wanted: Mapping[str, Any]) -> None:
    for code, given in wanted.items():
        # An attribute that is in no set of this product is dropped without a word.
        if code in KNOWN or code in state.in_set:
            if given in (None, ""):
                row["attributes"].pop(code, None)
            else:
                row["attributes"][code] = given if isinstance(given, list) else str(given)


def _extend(state: State, row: Row, given: Mapping[str, Any]) -> None:
    if isinstance(given.get("stock_item"), Mapping):
        save_legacy(state, row, given["stock_item"])
    if "category_links" in given:
        links = given["category_links"]
        row["attributes"]["category_ids"] = [str(link["category_id"]) for link in links]
    if "website_ids" in given:
        row["website_ids"] = list(given["website_ids"])
    if "configurable_product_options" in given:
        row["options"] = [_option(state, row, one) for one in given["configurable_product_options"]]
    if "configurable_product_links" in given:
        row["links"] = []
        for id in given["configurable_product_links"]:
            attach(state, row, state.products.get(int(id)))


def _option(state: State, row: Row, given: Mapping[str, Any]) -> Row:
    attribute = next(
        (one for one in state.attributes.values() if str(one["attribute_id"]) == str(given["attribute_id"])),
        None,
    )
    if attribute is None:
        raise RefusalError(400, "Something went wrong while saving option.")
    label = given.get("label") or attribute["default_frontend_label"]
    values = [{"value_index": one["value_index"]} for one in given.get("values") or ()]
    kept = next((one["id"] for one in row["options"] if one["id"] == given.get("id")), None)
    made: Row = {"id": kept or state.number("option"), "label": label}
    made["attribute_id"] = str(attribute["attribute_id"])
    return made | {"position": given.get("position", 0), "values": values, "product_id": row["id"]}


def add_option(state: State, sku: str, body: Mapping[str, Any]) -> str:
    """POST /V1/configurable-products/:sku/options."""
    row = existing(state, sku)
    made = _option(state, row, body["option"])
    row["options"].append(made)
    state.touch(row)
    return str(made["id"])


def add_child(state: State, sku: str, body: Mapping[str, Any]) -> bool:
    """POST /V1/configurable-products/:sku/child."""
    parent, child = existing(state, sku), existing(state, str(body["childSku"]))
    if child["id"] in parent["links"]:
        raise RefusalError(400, "The product is already attached.")
    attach(state, parent, child)
    parent["attributes"] |= dict.fromkeys(("image", "small_image", "thumbnail"), "no_selection")
    state.touch(parent)
    return True


def attach(state: State, parent: Row, child: Row | None) -> None:
    """Make a product a variant of another. Raises RefusalError where Magento's validation does."""
    if child is None:
        raise RefusalError(
            400, "The product that was requested doesn't exist. Verify the product and try again."
        )
    codes = [_code(state, option) for option in parent["options"]]
    mine = [child["attributes"].get(code) for code in codes]
    if not all(mine):
        missing = next(code for code, one in zip(codes, mine, strict=True) if not one)
        message = 'The child product doesn\'t have the "%1" attribute value. Verify the value and try again.'
        raise RefusalError(400, message, [missing])
    for id in parent["links"]:
        other = state.products[id]
        if [other["attributes"].get(code) for code in codes] == mine:
            message = 'Products "%1" and "%2" have the same set of attribute values.'
            raise RefusalError(400, message, [other["id"], child["id"]])
    parent["links"].append(child["id"])


def _code(state: State, option: Row) -> str:
    return next(
        code for code, one in state.attributes.items() if str(one["attribute_id"]) == option["attribute_id"]
    )


def _set_media(state: State, row: Row, entries: Any) -> None:
    """The gallery becomes what is given: entries with an id stay, those with content are new, the rest goes."""
    held = {one["id"]: one for one in row["media"]}
    row["media"] = [
        held[one["id"]] | {name: one[name] for name in ("position", "label", "types") if name in one}
        if one.get("id") in held
        else new_media(state, one)
        for one in entries or ()
    ]


def new_media(state: State, entry: Mapping[str, Any]) -> Row:
    """A picture as the gallery keeps it; its file is named after what was sent."""
    content = entry.get("content") or {}
    if not content.get("base64_encoded_data"):
        raise RefusalError(400, "The image content is invalid. Verify the content and try again.")
    if content.get("type") not in {"image/jpeg", "image/png", "image/gif"}:
        raise RefusalError(400, "The image MIME type is not valid or not supported.")
    name = re.sub(r"[^a-z0-9_.-]", "_", str(content.get("name", "")).lower())
    file = f"/{name[0]}/{name[1]}/{name}"
    state.files[file] = str(content["type"]), base64.b64decode(content["base64_encoded_data"])
    made: Row = {"id": state.number("media"), "media_type": "image", "label": entry.get("label")}
    made |= {"position": entry.get("position", 0), "disabled": bool(entry.get("disabled"))}
    return made | {"types": list(entry.get("types") or ()), "file": file}


def delete(state: State, sku: str) -> bool:
    """DELETE /V1/products/:sku."""
    row = existing(state, sku)
    del state.products[row["id"]], state.by_sku[sku.casefold()]
    state.by_url_key = {key: id for key, id in state.by_url_key.items() if id != row["id"]}
    for parent in state.products.values():
        if row["id"] in parent["links"]:
            parent["links"].remove(row["id"])
    state.source_items = {k: v for k, v in state.source_items.items() if k[0] != sku.casefold()}
    return True


def shown(state: State, row: Row, view: str) -> Row:
    """A product as `list`, `single`, `saved` (the answer to a POST) or `child` shows it."""
    names = ("id", "sku", "name", "attribute_set_id", "price", "status", "visibility", "type_id")
    told: Row = {name: row[name] for name in (*names, "created_at", "updated_at", "weight") if name in row}
    attributes = dict(row["attributes"])
    if state.scope != "all":
        told |= {name: one for name, one in row["own"].items() if name in OWN_FIELDS}
        attributes |= {code: one for code, one in row["own"].items() if code in OWN_ATTRIBUTES}
    if view == "child":
        attributes.pop("options_container", None)
    else:
        told["extension_attributes"] = _extension(state, row, view)
    if view != "saved":
        told["product_links"] = []
    if view != "child":
        told["options"] = []
    told["media_gallery_entries"] = row["media"]
    if view != "saved":
        told["tier_prices"] = []
    listed = [{"attribute_code": code, "value": one} for code, one in attributes.items()]
    return told | {"custom_attributes": listed}


def _extension(state: State, row: Row, view: str) -> Row:
    told: Row = {"website_ids": row["website_ids"]}
    links = [{"position": 0, "category_id": id} for id in row["attributes"]["category_ids"]]
    if links:
        told["category_links"] = links
    if view != "list":
        told["stock_item"] = _stock_item(state, row)
    if row["type_id"] == "configurable":
        told |= {"configurable_product_options": row["options"], "configurable_product_links": row["links"]}
    return told


def _stock_item(state: State, row: Row) -> Row:
    return {**state.stock_items[row["id"]]}


def set_base_prices(state: State, body: Mapping[str, Any], limits: InputLimits | None) -> list[Row]:
    """POST /V1/products/base-prices: what fails is told inside a 200, and no date moves."""
    failed, given = [], body.get("prices") or ()
    if limits is not None and len(given) > limits.items:
        raise too_many("Magento\\Catalog\\Api\\Data\\BasePriceInterface", limits.items)
    for one in given:
        row = state.product(str(one["sku"]))
        if row is None or row["type_id"] not in PRICED:
            message = "Invalid attribute %fieldName = %fieldValue."
            failed.append({"message": message, "parameters": ["SKU", one["sku"]]})
        else:
            row["price"] = plain(float(one["price"]))
    return failed
