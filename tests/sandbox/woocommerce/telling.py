"""How products, variations and terms are told in JSON.

Source: https://woocommerce.github.io/woocommerce-rest-api-docs/ (recorded on 10.0.2). A read shows what a visitor
sees (paragraphs around texts); the answer to a write shows what was written. `price_html` is left empty.
"""

from typing import Any

from sandbox.woocommerce.goods import Goods, chosen, escaped, options, priced, sale
from sandbox.woocommerce.state import Row, State

EVERYTHING = ["GET", "POST", "PUT", "PATCH", "DELETE"]


class Teller:
    """Tells what the state holds; `home` is the shop's address, links go below it."""

    def __init__(self, state: State, home: str) -> None:
        self._state, self._home, self._goods = state, home, Goods(state)

    def links(self, path: str, up: str = "", *, id: object = "", allow: list[str] | None = None) -> Row:
        """The `_links` of an object at `path`/`id`."""
        own = f"{self.url(path)}/{id}" if id != "" else self.url(path)
        told: Row = {"self": [{"href": own, "targetHints": {"allow": allow or EVERYTHING}}]}
        told["collection"] = [{"href": self.url(path)}]
        return told | ({"up": [{"href": self.url(up)}]} if up else {})

    def url(self, path: str) -> str:
        """The address of a resource."""
        return f"{self._home}/wp-json/wc/v3/{path}"

    def product(self, row: Row, *, shown: bool) -> Row:
        """A product; `shown`: as a read tells it. A variation comes as one only to a search by SKU."""
        is_variation = row["type"] == "variation"
        told = self._common(row)
        told |= {
            "name": self._goods.title(row),
            "slug": row["slug"],
            "featured": row["featured"],
            "catalog_visibility": row["catalog_visibility"],
            "description": _paragraphs(row["description"]) if shown else row["description"],
            "short_description": _paragraphs(row["short_description"]) if shown else row["short_description"],
            "total_sales": str(row["total_sales"]) if is_variation else row["total_sales"],
            "external_url": row["external_url"],
            "button_text": row["button_text"],
            "sold_individually": row["sold_individually"],
            "shipping_required": not row["virtual"],
            "shipping_taxable": not row["virtual"] and row["tax_status"] == "taxable",
            "reviews_allowed": row["reviews_allowed"] and not is_variation,
            "average_rating": "0.00" if shown else "0",
            "rating_count": row["rating_count"],
            "upsell_ids": row["upsell_ids"],
            "cross_sell_ids": row["cross_sell_ids"],
            "parent_id": row["parent_id"],
            "purchase_note": row["purchase_note"],
            "categories": [self._term(self._state.categories, id) for id in row["categories"]],
            "brands": [self._term(self._state.brands, id) for id in row["brands"]],
            "tags": [self._term(self._state.tags, id) for id in row["tags"]],
            "images": [self.picture(one) for one in row["images"]],
            "default_attributes": row["default_attributes"],
            "variations": self._goods.variations(row),
            "grouped_products": row["grouped_products"],
            "price_html": "",
            "related_ids": [],
            "has_options": row["type"] == "variable",
            "post_password": row["post_password"],
        }
        if not shown:
            told |= {"permalink_template": f"{self._home}/product/%pagename%/", "generated_slug": row["slug"]}
        if not self._state.has_brands:
            del told["brands"]
        up = f"products/{row['parent_id']}" if is_variation else ""
        return told | {"_links": self.links("products", up, id=row["id"])}

    def variation(self, row: Row, *, shown: bool) -> Row:
        """A variation as its own resource tells it."""
        told = self._common(row)
        told |= {
            "description": _paragraphs(row["description"]) if shown else row["description"],
            "tax_class": "" if shown and row["tax_class"] == "parent" else row["tax_class"],
            "image": self.picture(row["images"][0]) if row["images"] else None,
            "name": options(row),
            "parent_id": row["parent_id"],
        }
        up = f"products/{row['parent_id']}"
        return told | {"_links": self.links(f"{up}/variations", up, id=row["id"])}

    def _common(self, row: Row) -> Row:
        parent = self._state.products.get(row["parent_id"]) or row
        now, rows = self._state.now(), [self._state.products[id] for id in self._goods.variations(row)]
        on_sale = sale(row, now)
        prices = [found for one in rows if (found := sale(one, now) or one["regular_price"])]
        cheapest = min(prices, key=lambda text: priced(text) or 0, default="")
        price = cheapest if row["type"] == "variable" else on_sale or row["regular_price"]
        return {
            "id": row["id"],
            "permalink": self._page(row, parent),
            **self._state.dates(row, "date_created", "date_modified"),
            "type": row["type"],
            "status": row["status"],
            "sku": row["sku"] or (parent["sku"] if parent is not row else ""),
            "global_unique_id": row["global_unique_id"],
            "price": price,
            "regular_price": row["regular_price"],
            "sale_price": row["sale_price"],
            **self._state.dates(row, "date_on_sale_from", "date_on_sale_to"),
            "on_sale": on_sale != "",
            "purchasable": price != "",
            **{key: row[key] for key in ("virtual", "downloadable", "downloads", "download_limit")},
            "download_expiry": row["download_expiry"],
            "tax_status": row["tax_status"],
            "tax_class": "" if row["tax_class"] == "parent" else row["tax_class"],
            **self._stock(row, parent),
            **{key: row[key] for key in ("low_stock_amount", "weight", "dimensions", "shipping_class")},
            "shipping_class_id": row["shipping_class_id"],
            "attributes": row["attributes"],
            "menu_order": row["menu_order"],
            "meta_data": row["meta_data"],
        }

    def _stock(self, row: Row, parent: Row) -> Row:
        """Stock of its own, or its parent's, which is then told as `manage_stock: parent`."""
        shared = not row["manage_stock"] and parent is not row and parent["manage_stock"]
        holder = parent if shared else row
        quantity = holder["stock_quantity"] if holder["manage_stock"] else None
        if quantity is not None:
            status = (
                "instock" if quantity > 0 else "outofstock" if holder["backorders"] == "no" else "onbackorder"
            )
        elif row["type"] == "variable":
            held = [self._state.products[id] for id in self._goods.variations(row)]
            known = [self._stock(one, row)["stock_status"] for one in held]
            status = "instock" if "instock" in known else "outofstock"
        else:
            status = row["stock_status"]
        return {
            "manage_stock": "parent" if shared else row["manage_stock"],
            "stock_quantity": quantity,
            "stock_status": status,
            "backorders": holder["backorders"],
            "backorders_allowed": holder["backorders"] != "no",
            "backordered": bool(quantity is not None and quantity < 0),
        }

    def _page(self, row: Row, parent: Row) -> str:
        if row["status"] == "trash":
            return f"{self._home}/?post_type=product&p={row['id']}"
        page = f"{self._home}/product/{parent['slug']}/"
        return f"{page}?{query}" if (query := chosen(row) if row["type"] == "variation" else "") else page

    def _term(self, table: dict[int, Row], id: int) -> Row:
        return {"id": id, "name": escaped(table[id]["name"]), "slug": table[id]["slug"]}

    def picture(self, row: Row) -> Row:
        """A picture in the shop's own media."""
        dates = self._state.dates(row, "date_created", "date_modified")
        told = {"id": row["id"], **dates, "src": f"{self._home}{row['file']}"}
        return told | {"name": row["name"], "alt": row["alt"]}

    def category(self, id: int, path: str = "products/categories") -> Row:
        """A category, a brand or a tag."""
        row: Row = getattr(self._state, path.rpartition("/")[2])[id]
        told: Row = {"id": id, "name": escaped(row["name"]), "slug": row["slug"]}
        if not path.endswith("tags"):
            told |= {"parent": row["parent"], "description": row["description"], "display": "default"}
            told |= {"image": None, "menu_order": 0, "count": row["count"]}
        else:
            told |= {"description": row["description"], "count": row["count"]}
        return told | {"_links": self.links(path, id=id)}

    def attribute(self, id: int) -> Row:
        """A product attribute of the whole shop."""
        row = self._state.attributes[id]
        return {"id": id, **row, "_links": self.links("products/attributes", id=id)}

    def term(self, id: int) -> Row:
        """A term of an attribute."""
        row = dict(self._state.terms[id])
        path = f"products/attributes/{row.pop('attribute')}/terms"
        return {"id": id, **row, "_links": self.links(path, id=id)}


def _paragraphs(text: Any) -> Any:
    if not isinstance(text, str) or not text:
        return text
    return f"{text}\n" if text.startswith("<p>") else f"<p>{text}</p>\n"
