"""What a shop does for each of its routes: read, list, make, change, remove."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sandbox.woocommerce import query, routes
from sandbox.woocommerce.books import Books
from sandbox.woocommerce.goods import LONGEST_SKU, Goods, found, priced
from sandbox.woocommerce.hooks import Hooks
from sandbox.woocommerce.office import OFFICE, Office
from sandbox.woocommerce.people import People
from sandbox.woocommerce.refusal import RefusalError, no_route, unknown
from sandbox.woocommerce.state import Row, State, category, slug
from sandbox.woocommerce.telling import Teller
from sandbox.woocommerce.trade import Trade


@dataclass(frozen=True, slots=True)
class Answer:
    """What to answer."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """One call, routed: numbers of the path, checked arguments, the query as given."""

    method: str
    path: str
    named: Mapping[str, Any]
    given: Row
    query: Row

    @property
    def id(self) -> int:
        """The last number of the path."""
        return int(self.named.get("id", 0) or 0)


class Desk:
    """Does what is asked; `home` is the address that links begin with."""

    def __init__(self, state: State, hooks: Hooks, home: str) -> None:
        self._state, self._hooks, self._home = state, hooks, home
        self._goods, self._teller = Goods(state), Teller(state, home)
        self._trade = Trade(state, self._goods)
        self._people = People(state, self._teller)
        self._books = Books(state, self._teller, self._trade)
        self.itself = Office(state, self._teller, home)
        self._doors: dict[str, Callable[[Call], Answer]] = {
            "": lambda _: Answer({"namespace": "wc/v3", "routes": routes.index()}),
            "products": self._products,
            "variations": self._all_variations,
            "customers": self._customers,
            "orders": self._orders,
            "coupons": self._coupons,
            "webhooks": self._webhooks,
            "taxes": self._taxes,
            **dict.fromkeys(OFFICE, self._office),
        }

    def act(self, method: str, path: str, named: Mapping[str, Any], given: Row, asked: Row) -> Answer:
        """Do what a call asks. Raises RefusalError."""
        first = path.removeprefix("/wc/v3").strip("/").partition("/")[0]
        if first not in self._doors:
            raise no_route()
        return self._doors[first](Call(method, path, named, given, asked))

    def open_shelf(self, asked: Row) -> Answer:
        """The public list of products of the store API, as far as anybody here looks at it."""
        shown = [one for one in self._parents() if one["status"] == "publish"]
        arguments = {"page": int(asked.get("page", 1)), "per_page": int(asked.get("per_page", 10))}
        rows = sorted(shown, key=lambda row: (row["date_created"], row["id"]), reverse=True)
        address = f"{self._home}/wp-json/wc/store/v1/products"
        told = [
            {
                "id": row["id"],
                "name": row["name"],
                "slug": row["slug"],
                "type": row["type"],
                "sku": row["sku"],
            }
            for row in query.page(rows, arguments)
        ]
        return Answer(told, 200, query.headers(len(rows), arguments, address, asked) | {"Allow": "GET"})

    def _taxes(self, call: Call) -> Answer:
        if call.method == "POST":
            id = next(self._state.tax_ids)
            rate: Row = {
                "country": str(call.given.get("country", "")),
                "name": str(call.given.get("name", "Tax")),
            }
            rate |= {"rate": priced(call.given.get("rate")) or Decimal(0)}
            self._state.taxes[id] = rate | {"shipping": bool(call.given.get("shipping", True))}
            return self._made(self._books.rate(id), "taxes")
        return Answer([self._books.rate(id) for id in self._state.taxes])

    def _office(self, call: Call) -> Answer:
        return Answer(self.itself.told(call.path, call.named, str(call.query.get("_fields", ""))))

    def payload(self, resource: str, id: int) -> Row | None:
        """What a webhook tells of an object, as it stands now."""
        call = Call("GET", f"/wc/v3/{resource}s/{id}", {"id": id}, {}, {})
        try:
            return dict(self._doors[f"{resource}s"](call).body)
        except RefusalError:
            return None

    # --- lists -------------------------------------------------------------------------------------------

    def _listed(self, call: Call, rows: Sequence[Row], tell: Callable[[Row], Row], path: str) -> Answer:
        chosen = query.selected(self._state, rows, call.given)
        fields = str(call.query.get("_fields", ""))
        told = [query.listed(tell(row), fields) for row in query.page(chosen, call.given)]
        return Answer(told, 200, query.headers(len(chosen), call.given, self._teller.url(path), call.query))

    def _single(self, call: Call, told: Row) -> Answer:
        fields = str(call.query.get("_fields", ""))
        kept = query.trimmed(told, fields)
        return Answer(kept | ({"_links": told["_links"]} if fields and "_links" in told else {}))

    def _made(self, told: Row, path: str) -> Answer:
        return Answer(told, 201, {"Location": f"{self._teller.url(path)}/{told['id']}"})

    # --- goods -------------------------------------------------------------------------------------------

    def _parents(self) -> list[Row]:
        return [row for row in self._state.products.values() if row["type"] != "variation"]

    def _products(self, call: Call) -> Answer:
        parts = call.path.removeprefix("/wc/v3/products").strip("/").split("/")
        if parts[0] in ("categories", "tags", "brands"):
            return self._terms(call, parts[0])
        if parts[0] == "attributes":
            return self._attributes(call, parts)
        if "variations" in parts:
            return self._variations(call)
        writing = call.method in {"PUT", "PATCH"} or (call.method == "POST" and bool(parts[0]))
        if not parts[0]:
            if call.method == "POST":
                return self._made(self._teller.product(self._goods.make(call.given), shown=False), "products")
            return self._listed(
                call,
                self._searched(call),
                lambda row: self._teller.product(row, shown=_shown(call)),
                "products",
            )
        row = found(self._state, call.id, writing=writing)
        if call.method == "GET":
            return self._single(call, self._teller.product(row, shown=_shown(call)))
        if call.method == "DELETE":
            told = self._teller.product(row, shown=False)
            self._goods.remove(row, force=bool(call.given.get("force")))
            return Answer(told)
        row = self._changed_product(row, call.given)
        return Answer(self._teller.product(row, shown=False))

    def _changed_product(self, row: Row, given: Row) -> Row:
        if row["status"] == "trash" and given.get("status", "trash") != "trash":
            self._goods.restore(row)
        return self._goods.change(row, given)

    def _searched(self, call: Call) -> list[Row]:
        """Products; a search by SKU finds variations too."""
        wanted = str(call.given.get("sku", "")).lower()
        if not wanted:
            return self._parents()
        skus = {*wanted.split(","), wanted}
        return [
            row
            for row in self._state.products.values()
            if row["sku"] and len(row["sku"]) <= LONGEST_SKU and row["sku"].lower() in skus
        ]

    def _variations(self, call: Call) -> Answer:
        parent = int(call.named["product_id"])
        if parent not in self._state.products:
            message = "Parent product does not exist." if call.method == "POST" else "Invalid ID."
            raise RefusalError("woocommerce_rest_product_invalid_id", message, 404)
        path = f"products/{parent}/variations"
        if call.path.endswith("/variations"):
            if call.method == "POST":
                told = self._teller.variation(self._goods.make(call.given, parent), shown=False)
                # The address in the header is broken in 10.0.2: the pattern of the route stands in it.
                return self._made(told, r"products/(?P<product_id>[\d]+)/variations")
            rows = [self._state.products[id] for id in self._goods.variations(self._state.products[parent])]
            return self._listed(call, rows, lambda row: self._teller.variation(row, shown=_shown(call)), path)
        row = found(self._state, call.id, parent, writing=call.method in {"PUT", "PATCH"})
        if call.method == "GET":
            return self._single(call, self._teller.variation(row, shown=_shown(call)))
        if call.method == "DELETE":
            told = self._teller.variation(row, shown=False)
            if not call.given.get("force"):
                message = "The variation does not support trashing."
                raise RefusalError("woocommerce_rest_trash_not_supported", message, 501)
            self._goods.remove(row, force=True)
            return Answer(told)
        return Answer(self._teller.variation(self._goods.change(row, call.given), shown=False))

    def _all_variations(self, call: Call) -> Answer:
        rows = [row for row in self._state.products.values() if row["type"] == "variation"]
        return self._listed(
            call, rows, lambda row: self._teller.variation(row, shown=_shown(call)), "variations"
        )

    def _terms(self, call: Call, kind: str) -> Answer:
        table, path = getattr(self._state, kind), f"products/{kind}"
        if call.method == "POST" and not call.id:
            name = str(call.given["name"])
            twin = next((id for id, row in table.items() if row["name"].lower() == name.lower()), None)
            if twin is not None:
                message = "A term with the name provided already exists with this parent."
                raise RefusalError("term_exists", message, 400, resource_id=twin)
            id = next(self._state.term_ids)
            table[id] = category(name, str(call.given.get("slug") or slug(name)))
            return self._made(self._teller.category(id, path), path)
        if call.id:
            if call.id not in table:
                raise RefusalError("woocommerce_rest_term_invalid", "Resource does not exist.", 404)
            return Answer(self._teller.category(call.id, path))
        rows = [{"id": id, **row, "parent_id": 0} for id, row in table.items()]
        return self._listed(call, rows, lambda row: self._teller.category(row["id"], path), path)

    def _attributes(self, call: Call, parts: list[str]) -> Answer:
        state = self._state
        if "terms" in parts:
            number = int(call.named["attribute_id"])
            path = f"products/attributes/{number}/terms"
            if call.method == "POST":
                id = next(state.term_ids)
                name = str(call.given["name"])
                state.terms[id] = {"name": name, "slug": slug(name), "description": "", "menu_order": 0}
                state.terms[id] |= {"count": 0, "attribute": number}
                return self._made(self._teller.term(id), path)
            own = [{"id": id, **row} for id, row in state.terms.items() if row["attribute"] == number]
            return self._listed(call, own, lambda row: self._teller.term(row["id"]), path)
        if call.method == "POST":
            id, name = next(state.attribute_ids), str(call.given["name"])
            row: Row = {"name": name, "slug": str(call.given.get("slug") or f"pa_{slug(name)}")}
            row |= {"type": "select", "order_by": str(call.given.get("order_by", "menu_order"))}
            state.attributes[id] = row | {"has_archives": bool(call.given.get("has_archives"))}
            return self._made(self._teller.attribute(id), "products/attributes")
        return Answer([self._teller.attribute(id) for id in state.attributes])

    # --- people, orders, coupons ---------------------------------------------------------------------------

    def _customers(self, call: Call) -> Answer:
        if not call.id and call.method == "POST" and "id" not in call.given:
            return self._made(self._people.told(self._people.make(call.given)), "customers")
        if not call.id and call.method == "GET":
            rows = list(self._state.customers.values())
            return self._listed(call, rows, self._people.told, "customers")
        row = self._people.found(call.id)
        if call.method == "GET":
            return self._single(call, self._people.told(row))
        if call.method == "DELETE":
            told = self._people.told(row)
            self._people.remove(row, force=bool(call.given.get("force")))
            return Answer(told)
        return Answer(self._people.told(self._people.change(row, call.given)))

    def _orders(self, call: Call) -> Answer:
        if "/refunds" in call.path or "/notes" in call.path:
            return self._beside(call)
        if call.path.endswith("/statuses"):
            return Answer([{"slug": key, "name": name} for key, name in self._state.statuses.items()])
        if not call.id and call.method == "POST":
            return self._made(self._books.order(self._trade.make(call.given)), "orders")
        if not call.id and call.method == "GET":
            return self._listed(call, list(self._state.orders.values()), self._books.order, "orders")
        row = self._state.orders.get(call.id)
        if row is None:
            raise unknown("shop_order", 400 if call.method in {"PUT", "PATCH"} else 404)
        if call.method == "GET":
            return self._single(call, self._books.order(row))
        if call.method == "DELETE":
            told = self._books.order(row)
            self._trade.remove(row, force=bool(call.given.get("force")))
            return Answer(told)
        return Answer(self._books.order(self._trade.change(row, call.given)))

    def _beside(self, call: Call) -> Answer:
        """Refunds and notes of an order."""
        order = self._state.orders.get(int(call.named["order_id"]))
        if order is None:
            raise RefusalError("woocommerce_rest_order_invalid_id", "Invalid order ID.", 404)
        if "/refunds" in call.path:
            if call.method == "POST":
                told = self._books.refund(self._trade.refund(order, call.given))
                return self._made(told, r"orders/(?P<order_id>[\d]+)/refunds")
            return Answer([self._books.refund(one) for one in order["refunds"]])
        if call.method == "POST":
            id = next(self._state.note_ids)
            note: Row = {"id": id, "author": "WooCommerce", "note": str(call.given.get("note", ""))}
            note |= {"customer_note": bool(call.given.get("customer_note")), "order": order["id"]}
            self._state.notes[id] = note
            return Answer({key: note[key] for key in ("id", "author", "note", "customer_note")}, 201)
        return Answer([one for one in self._state.notes.values() if one["order"] == order["id"]])

    def _coupons(self, call: Call) -> Answer:
        if not call.id and call.method == "POST":
            return self._made(self._books.coupon(self._books.write_coupon(None, call.given)), "coupons")
        if not call.id:
            return self._listed(call, list(self._state.coupons.values()), self._books.coupon, "coupons")
        row = self._state.coupons.get(call.id)
        if row is None:
            raise unknown("shop_coupon", 400 if call.method in {"PUT", "PATCH"} else 404)
        if call.method == "GET":
            return self._single(call, self._books.coupon(row))
        if call.method == "DELETE":
            told = self._books.coupon(row)
            if call.given.get("force"):
                del self._state.coupons[call.id]
            else:
                row["status"] = "trash"
                self._state.tell("coupon.deleted", call.id)
            return Answer(told)
        return Answer(self._books.coupon(self._books.write_coupon(row, call.given)))

    def _webhooks(self, call: Call) -> Answer:
        hooks = self._hooks
        if not call.id and call.method == "POST":
            row = hooks.make(call.given)
            told = hooks.told(row, self._teller)
            hooks.ping(row)
            return self._made(told, "webhooks")
        if not call.id:
            # Here the status `all` means every one.
            given = {name: value for name, value in call.given.items() if name != "status" or value != "all"}
            rows = list(self._state.webhooks.values())
            told_all = Call(call.method, call.path, call.named, given, call.query)
            return self._listed(told_all, rows, lambda one: hooks.told(one, self._teller), "webhooks")
        row = hooks.found(call.id)
        if call.method == "DELETE":
            if not call.given.get("force"):
                message = "Webhooks do not support trashing."
                raise RefusalError("woocommerce_rest_trash_not_supported", message, 501)
            told = hooks.told(row, self._teller)
            del self._state.webhooks[call.id]
            return Answer(told)
        if call.method != "GET":
            row = hooks.change(row, call.given)
        return self._single(call, hooks.told(row, self._teller))


def _shown(call: Call) -> bool:
    """Whether a read tells what a visitor sees, or what was written."""
    return call.given.get("context") != "edit"
