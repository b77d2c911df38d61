"""The calls under `/ecommerce`: stores with products, customers, orders, carts, promo rules and codes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sandbox.mailchimp.answers import Ask, bad, invalid, not_found, page, trimmed
from sandbox.mailchimp.audience import Audience, Member, hashed
from sandbox.mailchimp.lists import Reply

type Resources = dict[str, dict[str, Any]]

NEEDED = {
    "products": ("id", "title", "variants"),
    "orders": ("id", "customer", "currency_code", "order_total", "lines"),
    "carts": ("id", "customer", "currency_code", "order_total", "lines"),
}
"""What a new object must have, also where PUT makes it."""


@dataclass(slots=True)
class Store:
    """One connected shop, as Mailchimp holds it."""

    data: dict[str, Any]
    products: Resources = field(default_factory=dict)
    customers: Resources = field(default_factory=dict)
    orders: Resources = field(default_factory=dict)
    carts: Resources = field(default_factory=dict)
    promo_rules: Resources = field(default_factory=dict)
    promo_codes: dict[str, Resources] = field(default_factory=dict)
    """By rule."""


class Stores:
    """Answers the e-commerce calls of an account. `automations_started` holds (what, object id)."""

    def __init__(self, audiences: dict[str, Audience]) -> None:
        self._audiences = audiences
        self.stores: dict[str, Store] = {}
        self.automations_started: list[tuple[str, str]] = []
        for audience in audiences.values():
            audience.joined = partial(self._welcome, audience)
        root = "/ecommerce/stores"
        store = root + "/{storeId}"
        rule, codes = store + "/promo-rules/{promoRuleId}", "/promo-codes"
        self.routes: dict[tuple[str, str], Callable[[Ask], Reply]] = {
            ("GET", root): self._stores,
            ("POST", root): self._add_store,
            ("GET", store): lambda ask: (200, trimmed(self._store(ask).data, ask.query.get("fields", ""))),
            ("PATCH", store): self._patch_store,
            ("DELETE", store): self._delete_store,
        }
        for name, key in (
            ("products", "productId"),
            ("orders", "orderId"),
            ("carts", "cartId"),
            ("customers", "customerId"),
        ):
            self._collection(f"{store}/{name}", key, self._held(name), name)
        self._collection(
            f"{store}/promo-rules", "promoRuleId", lambda ask: self._store(ask).promo_rules, "promo_rules"
        )
        self._collection(rule + codes, "promoCodeId", self._codes, "promo_codes")
        variants = store + "/products/{productId}/variants"
        self.routes[("GET", variants)] = self._variants
        self.routes[("PUT", variants + "/{variantId}")] = self._put_variant
        self.routes[("PATCH", variants + "/{variantId}")] = self._put_variant
        self.routes[("DELETE", variants + "/{variantId}")] = self._delete_variant

    # --- stores --------------------------------------------------------------------------------------

    def _store(self, ask: Ask) -> Store:
        found = self.stores.get(ask.values["storeId"])
        if found is None:
            raise not_found()
        return found

    def _held(self, name: str) -> Callable[[Ask], Resources]:
        def held(ask: Ask) -> Resources:
            resources: Resources = getattr(self._store(ask), name)
            return resources

        return held

    def _stores(self, ask: Ask) -> Reply:
        return 200, page(ask, "stores", [store.data for store in self.stores.values()])

    def _add_store(self, ask: Ask) -> Reply:
        if ask.body["id"] in self.stores:
            raise bad("A store with the provided ID already exists in the account.")
        if ask.body["list_id"] not in self._audiences:
            raise invalid(("list_id", "The list does not exist."))
        self.stores[ask.body["id"]] = Store({"is_syncing": False, **ask.body})
        return 200, self.stores[ask.body["id"]].data

    def _patch_store(self, ask: Ask) -> Reply:
        store = self._store(ask)
        store.data.update(ask.body)
        return 200, store.data

    def _delete_store(self, ask: Ask) -> Reply:
        self._store(ask)
        del self.stores[ask.values["storeId"]]
        return 204, None

    # --- what a store holds --------------------------------------------------------------------------

    def _collection(self, path: str, key: str, held: Callable[[Ask], Resources], name: str) -> None:
        one = f"{path}/{{{key}}}"

        def found(ask: Ask) -> dict[str, Any]:
            resource = held(ask).get(ask.values[key])
            if resource is None:
                raise not_found()
            return resource

        def delete(ask: Ask) -> Reply:
            found(ask)
            del held(ask)[ask.values[key]]
            return 204, None

        self.routes |= {
            ("GET", path): lambda ask: (200, page(ask, name, list(held(ask).values()))),
            ("GET", one): lambda ask: (200, trimmed(found(ask), ask.query.get("fields", ""))),
            ("POST", path): lambda ask: self._post(ask, held(ask), name),
            ("PUT", one): lambda ask: self._put(ask, held(ask), name, ask.values[key]),
            ("PATCH", one): lambda ask: self._patch(ask, found(ask), held(ask), name, ask.values[key]),
            ("DELETE", one): delete,
        }

    def _post(self, ask: Ask, held: Resources, name: str) -> Reply:
        if ask.body["id"] in held:
            what = name[:-1].replace("_", " ")
            raise bad(f"A {what} with the provided ID already exists in the account.")
        return 200, self._write(ask, held, name, ask.body["id"], ask.body)

    def _put(self, ask: Ask, held: Resources, name: str, id: str) -> Reply:
        if ask.body.get("id", id) != id:
            raise invalid(("id", "The ID does not match the path."))
        return 200, self._write(ask, held, name, id, ask.body)

    def _patch(self, ask: Ask, known: dict[str, Any], held: Resources, name: str, id: str) -> Reply:
        merged = {**known, **ask.body}
        if name == "carts" and "customer" in ask.body:
            merged["customer"] = {**known["customer"], **ask.body["customer"]}
        return 200, self._write(ask, held, name, id, merged)

    def _write(self, ask: Ask, held: Resources, name: str, id: str, body: dict[str, Any]) -> dict[str, Any]:
        store, new = self._store(ask), id not in held
        resource = {**held.get(id, {}), **body}
        missing = [part for part in NEEDED.get(name, ()) if part not in resource]
        if missing:
            raise invalid(*((part, "This value should not be blank.") for part in missing))
        if name in {"orders", "carts"}:
            self._check_lines(store, resource["lines"])
            self._know_customer(store, resource["customer"])
        if name == "customers":
            self._contact(store, resource)
        held[id] = resource
        self._automate(store, name, id, new)
        return resource

    def _check_lines(self, store: Store, lines: list[dict[str, Any]]) -> None:
        for number, line in enumerate(lines):
            product = store.products.get(line.get("product_id", ""))
            if product is None:
                raise bad("A product with the provided ID does not exist in the account for this list.")
            if line.get("product_variant_id") not in {variant["id"] for variant in product["variants"]}:
                raise bad(
                    "A product variant with the provided ID does not exist in the account for this list."
                )
            if line.get("quantity", 0) < 1:
                raise invalid((f"lines.{number}.quantity", "This value should be 1 or more."))

    def _know_customer(self, store: Store, customer: dict[str, Any]) -> None:
        known = store.customers.get(customer.get("id", ""), {})
        if not known and not customer.get("email_address"):
            raise invalid(("customer.email_address", "This value should not be blank."))
        merged = {**known, **customer}
        self._contact(store, merged)
        store.customers[merged["id"]] = merged

    def _contact(self, store: Store, customer: dict[str, Any]) -> None:
        audience, email = self._audiences[store.data["list_id"]], str(customer.get("email_address", ""))
        if not email or hashed(email) in audience.members or hashed(email) in audience.forgotten:
            return
        status = "subscribed" if customer.get("opt_in_status") else "transactional"
        audience.add({"email_address": email, "status": status}, skip_merge=True)

    def _automate(self, store: Store, name: str, id: str, new: bool) -> None:
        """Past data starts automations too, unless the store says that it is syncing."""
        if store.data["is_syncing"] or not new:
            return
        started = {
            "orders": "order_notification",
            "carts": "abandoned_cart",
            "customers": "new_customer",
        }.get(name)
        if started:
            self.automations_started.append((started, id))

    def _welcome(self, audience: Audience, member: Member) -> None:
        """Whoever becomes subscribed is welcomed, unless a store of the audience says that it is syncing."""
        stores = [store.data for store in self.stores.values() if store.data["list_id"] == audience.id]
        if audience.welcomes and not any(store["is_syncing"] for store in stores):
            self.automations_started.append(("welcome", member.id))

    # --- parts of products and rules -----------------------------------------------------------------

    def _codes(self, ask: Ask) -> Resources:
        store, rule = self._store(ask), ask.values["promoRuleId"]
        if rule not in store.promo_rules:
            raise not_found()
        return store.promo_codes.setdefault(rule, {})

    def _product(self, ask: Ask) -> dict[str, Any]:
        product = self._store(ask).products.get(ask.values["productId"])
        if product is None:
            raise not_found()
        return product

    def _variants(self, ask: Ask) -> Reply:
        return 200, page(ask, "variants", self._product(ask)["variants"])

    def _put_variant(self, ask: Ask) -> Reply:
        product, id = self._product(ask), ask.values["variantId"]
        known = next((v for v in product["variants"] if v["id"] == id), None)
        if known is None and ask.method == "PATCH":
            raise not_found()
        others = [variant for variant in product["variants"] if variant["id"] != id]
        changed = {**(known or {}), **ask.body, "id": id}
        product["variants"] = [*others, changed]
        return 200, changed

    def _delete_variant(self, ask: Ask) -> Reply:
        product = self._product(ask)
        product["variants"] = [v for v in product["variants"] if v["id"] != ask.values["variantId"]]
        return 204, None
