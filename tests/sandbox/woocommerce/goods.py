"""Products and variations: how they are written, and how they are told.

Source: https://woocommerce.github.io/woocommerce-rest-api-docs/#products (recorded on 10.0.2). Prices are texts that
nobody checks; a SKU belongs to one product or variation; a write answers what was written, a read what is shown.
"""

import html
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import quote_plus, urlsplit

from sandbox.woocommerce.refusal import RefusalError, unknown
from sandbox.woocommerce.state import Row, State, slug

PLAIN: Mapping[str, Any] = {
    "name": "Product",
    "type": "simple",
    "status": "publish",
    "featured": False,
    "catalog_visibility": "visible",
    "description": "",
    "short_description": "",
    "sku": "",
    "regular_price": "",
    "sale_price": "",
    "date_on_sale_from": None,
    "date_on_sale_to": None,
    "total_sales": 0,
    "virtual": False,
    "downloadable": False,
    "downloads": [],
    "download_limit": -1,
    "download_expiry": -1,
    "external_url": "",
    "button_text": "",
    "tax_status": "taxable",
    "tax_class": "",
    "manage_stock": False,
    "stock_quantity": None,
    "backorders": "no",
    "low_stock_amount": None,
    "sold_individually": False,
    "weight": "",
    "dimensions": {"length": "", "width": "", "height": ""},
    "shipping_class": "",
    "shipping_class_id": 0,
    "reviews_allowed": True,
    "rating_count": 0,
    "upsell_ids": [],
    "cross_sell_ids": [],
    "parent_id": 0,
    "purchase_note": "",
    "default_attributes": [],
    "grouped_products": [],
    "menu_order": 0,
    "post_password": "",
    "global_unique_id": "",
}
OWN_WORK = frozenset(
    {"id", "attributes", "categories", "tags", "brands", "images", "image", "meta_data", "slug"}
)
READ_ONLY = frozenset({"total_sales", "rating_count"})
"""Told, and passed over in a write without a word."""
SALE_DATES = frozenset({"date_on_sale_from", "date_on_sale_to"})
PICTURES = (".jpg", ".jpeg", ".jpe", ".png", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".ico")
LONGEST_SKU = 100
"""Characters of a SKU in the table that is searched."""


class Goods:
    """Writes products and variations."""

    def __init__(self, state: State) -> None:
        self._state = state

    def make(self, given: Row, parent: int = 0) -> Row:
        """A new product, or a variation of `parent`. Raises RefusalError."""
        state = self._state
        if parent and state.products.get(parent, {}).get("type") in (None, "variation"):
            raise RefusalError(
                "woocommerce_rest_product_variation_invalid_parent",
                "Cannot set attributes due to invalid parent product.",
                404,
            )
        self._unique(given, 0)
        now = state.now()
        row: Row = {
            **{key: _copied(value) for key, value in PLAIN.items()},
            "id": 0,
            "stock_status": "instock",
        }
        row |= {
            "categories": [] if parent else [15],
            "tags": [],
            "brands": [],
            "images": [],
            "attributes": [],
            "meta_data": [],
        }
        row |= {"parent_id": parent, "date_created": now, "date_modified": now, "slug": ""}
        if parent:
            row |= {"type": "variation", "tax_class": "parent"}
        self._write(row, given)
        row["id"] = next(state.post_ids)
        row["slug"] = self._slug(given.get("slug") or self.title(row))
        state.products[row["id"]] = row
        self._touched(row, "created")
        return row

    def change(self, row: Row, given: Row) -> Row:
        """A write to a product: even one that changes nothing moves its date. Raises RefusalError."""
        self._unique(given, row["id"])
        written = dict(row)
        # Nothing of it is kept where a part is refused.
        self._write(written, given)
        row |= written
        if given.get("slug"):
            row["slug"] = self._slug(given["slug"], row["id"])
        row["date_modified"] = self._state.now()
        self._touched(row, "updated")
        return row

    def remove(self, row: Row, *, force: bool) -> None:
        """Into the bin, or away with its variations, which no webhook tells."""
        state = self._state
        if not force:
            if row["status"] == "trash":
                raise RefusalError(
                    "woocommerce_rest_already_trashed", "The product has already been deleted.", 410
                )
            now = state.now()
            row["trashed"] = row["status"]
            row |= {"status": "trash", "slug": f"{row['slug']}__trashed", "date_modified": now}
            kept = {"_wp_trash_meta_status": row["trashed"], "_wp_trash_meta_time": str(int(now.timestamp()))}
            kept["_wp_desired_post_slug"] = row["slug"].removesuffix("__trashed")
            row["meta_data"] = state.meta([{"key": k, "value": v} for k, v in kept.items()], row["meta_data"])
            for id in self.variations(row):
                state.products[id] |= {"trashed": state.products[id]["status"], "status": "trash"}
            state.tell("product.deleted", row["id"])
            return
        for id in [row["id"], *self.variations(row)]:
            state.products.pop(id, None)
        if row["parent_id"] in state.products:
            state.products[row["parent_id"]]["date_modified"] = state.now()

    def restore(self, row: Row) -> None:
        """Out of the bin."""
        row |= {"status": row.pop("trashed", "publish"), "slug": row["slug"].removesuffix("__trashed")}
        row["meta_data"] = [one for one in row["meta_data"] if not one["key"].startswith("_wp_")]
        row["date_modified"] = self._state.now()
        for id in self.variations(row):
            part = self._state.products[id]
            part["status"] = part.pop("trashed", "publish")
        self._state.tell("product.restored", row["id"])

    def variations(self, row: Row) -> list[int]:
        """The ids of a product's variations, in order."""
        return sorted(one["id"] for one in self._state.products.values() if one["parent_id"] == row["id"])

    def title(self, row: Row) -> str:
        """The name; a variation's is its product's with the options behind."""
        if row["type"] != "variation":
            return str(row["name"])
        parent = self._state.products[row["parent_id"]]
        chosen = options(row)
        return f"{parent['name']} - {chosen}" if chosen else str(parent["name"])

    def sell(self, row: Row, quantity: int) -> bool:
        """Take goods off the stock that is kept of it; False where none is kept."""
        holder = row if row["manage_stock"] else self._state.products.get(row["parent_id"], row)
        sold = self._state.products.get(row["parent_id"], row)
        sold["total_sales"] += quantity
        if not holder["manage_stock"] or holder["stock_quantity"] is None:
            return False
        holder["stock_quantity"] -= quantity
        for one in (holder, sold):
            one["date_modified"] = self._state.now()
            self._state.tell("product.updated", one["id"])
        return True

    def _touched(self, row: Row, event: str) -> None:
        self._state.tell(f"product.{event}", row["id"])
        parent = self._state.products.get(row["parent_id"])
        if parent is not None:
            parent["date_modified"] = self._state.now()

    def _unique(self, given: Row, own: int) -> None:
        for field, code in (
            ("sku", "product_invalid_sku"),
            ("global_unique_id", "product_invalid_global_unique_id"),
        ):
            wanted = str(given.get(field) or "").lower()
            twins = [
                row["id"]
                for row in self._state.products.values()
                if wanted and row[field].lower() == wanted and row["id"] != own and row["status"] != "trash"
            ]
            if twins and field == "sku":
                more = {"resource_id": twins[0], "unique_sku": f"{given['sku']}-1"}
                raise RefusalError(code, "Invalid or duplicated SKU.", 400, **more)
            if twins:
                message = "Invalid or duplicated GTIN, UPC, EAN or ISBN."
                raise RefusalError(code, message, 400, resource_id=twins[0])

    def _write(self, row: Row, given: Row) -> None:
        for name, value in given.items():
            if name in row and name not in OWN_WORK | READ_ONLY:
                row[name] = _kept(name, value, row[name])
        if "meta_data" in given:
            row["meta_data"] = self._state.meta(given["meta_data"], row["meta_data"])
        if "categories" in given and row["type"] != "variation":
            known = [one["id"] for one in given["categories"] if one.get("id") in self._state.categories]
            row["categories"] = known or [15]
        if "tags" in given:
            row["tags"] = [one["id"] for one in given["tags"] if one.get("id") in self._state.tags]
        if "brands" in given:
            row["brands"] = [one["id"] for one in given["brands"] if one.get("id") in self._state.brands]
        if "attributes" in given:
            row["attributes"] = self._attributes(row, given["attributes"])
        if "images" in given:
            row["images"] = [self._picture(one) for one in given["images"]]
        if given.get("image") is not None:
            row["images"] = [self._picture(given["image"])] if given["image"] else []
        if not row["manage_stock"]:
            row["stock_quantity"] = None

    def _attributes(self, row: Row, given: Sequence[Row]) -> list[Row]:
        made = []
        for one in given:
            known = self._state.attributes.get(one.get("id") or 0)
            name = known["name"] if known else one.get("name")
            if not name:
                continue
            written: Row = {"id": one["id"] if known else 0, "name": name}
            written["slug"] = known["slug"] if known else (slug(name) if row["type"] == "variation" else name)
            if row["type"] == "variation":
                if self._varies_by(row, written):
                    made.append(written | {"option": str(one.get("option", ""))})
                continue
            # A bar parts the options of an attribute that is the product's own.
            bare = [str(option) for option in one.get("options", ())]
            chosen = bare if known else [part.strip() for option in bare for part in option.split("|")]
            flags = {flag: bool(one.get(flag, False)) for flag in ("visible", "variation")}
            made.append(
                written
                | {"position": int(one.get("position", 0)), **flags}
                | {"options": sorted(chosen) if known else chosen}
            )
        return made

    def _varies_by(self, row: Row, attribute: Row) -> bool:
        """Whether a variation's product has such an attribute for its variations: else it is passed over."""
        parent = self._state.products[row["parent_id"]]
        same = (
            one["variation"]
            for one in parent["attributes"]
            if (one["id"], slug(one["name"])) == (attribute["id"], slug(attribute["name"]))
        )
        return any(same)

    def _picture(self, given: Row) -> Row:
        """A picture of the shop's own media by its id, or one fetched from an address."""
        if given.get("id"):
            every = (one for row in self._state.products.values() for one in row["images"])
            held = next((one for one in every if one["id"] == given["id"]), None)
            if held is None:
                message = f"#{given['id']} is an invalid image ID."
                raise RefusalError("woocommerce_product_invalid_image_id", message, 400)
            return held | {key: given[key] for key in ("name", "alt") if key in given}
        source = str(given.get("src", ""))
        path = urlsplit(source).path
        if source in self._state.unreachable:
            message = f"Error getting remote image {source}. Error: Not Found."
            raise RefusalError("woocommerce_product_image_upload_error", message, 400)
        if not path.lower().endswith(PICTURES):
            message = "Sorry, you are not allowed to upload this file type."
            raise RefusalError("woocommerce_product_image_upload_error", message, 400)
        name = path.rpartition("/")[2]
        now = self._state.now()
        return {
            "id": next(self._state.post_ids),
            "date_created": now,
            "date_modified": now,
            "file": f"/wp-content/uploads/{now:%Y/%m}/{name}",
            "name": str(given.get("name") or name),
            "alt": str(given.get("alt", "")),
        }

    def _slug(self, text: str, own: int = 0) -> str:
        wanted, number = slug(text), 1
        taken = {row["slug"] for row in self._state.products.values() if row["id"] != own}
        while (found := wanted if number == 1 else f"{wanted}-{number}") in taken:
            number += 1
        return found


def found(state: State, id: int, parent: int = 0, *, writing: bool = False) -> Row:
    """A product by its id, or a variation of `parent`. Raises RefusalError."""
    row = state.products.get(id)
    if row is None or (parent and row["parent_id"] != parent):
        raise unknown("product_variation" if parent else "product", 400 if writing else 404)
    if writing and not parent and row["type"] == "variation":
        where = "/products/&lt;product_id&gt;/variations/&lt;id&gt;"
        message = f"To manipulate product variations you should use the {where} endpoint."
        raise RefusalError("woocommerce_rest_invalid_product_id", message, 404)
    return row


def options(row: Row) -> str:
    """What a variation is called: its options."""
    return ", ".join(one["option"] for one in row["attributes"] if one["option"])


def priced(text: Any) -> Decimal | None:
    """A price as a number; None for an empty one."""
    try:
        return Decimal(str(text)) if text not in ("", None) else None
    except InvalidOperation:
        return Decimal(1)


def chosen(row: Row) -> str:
    """The query that shows a variation."""
    parts = [
        f"attribute_{one['slug'].lower()}={quote_plus(slug(one['option']) if one['id'] else one['option'])}"
        for one in row["attributes"]
        if one["option"]
    ]
    return "&".join(parts)


def sale(row: Row, now: datetime) -> Any:
    """The price of a sale that is on: lower than the regular one, and within its days; empty for none."""
    price, regular = priced(row["sale_price"]), priced(row["regular_price"])
    begins, ends = row["date_on_sale_from"], row["date_on_sale_to"]
    is_on = price is not None and regular is not None and price < regular
    in_time = (begins is None or begins <= now) and (ends is None or now <= ends)
    return row["sale_price"] if is_on and in_time else ""


def escaped(text: str) -> str:
    """A term's name, as WordPress keeps it."""
    return html.escape(text, quote=False)


def _kept(name: str, value: Any, held: Any) -> Any:
    if name in SALE_DATES:
        return (
            datetime.fromisoformat(value).replace(tzinfo=UTC) if value else (held if value is None else None)
        )
    if name == "global_unique_id":
        return re.sub(r"[^0-9\-]", "", str(value))
    if isinstance(held, dict) and isinstance(value, dict) and name == "dimensions":
        return held | value
    if name.endswith("_price") and isinstance(value, dict):
        return {key: str(inner) for key, inner in value.items()}
    if isinstance(PLAIN.get(name), str) and value is not None and not isinstance(value, dict):
        return str(value)
    if name == "stock_quantity" and value is not None:
        return int(value)
    return value


def _copied(value: Any) -> Any:
    return dict(value) if isinstance(value, dict) else list(value) if isinstance(value, list) else value
