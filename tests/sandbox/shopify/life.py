"""What merchants and buyers do at the shop; every act moves `updatedAt` and tells the subscribers."""

from collections.abc import Mapping
from typing import Any

from sandbox.shopify.rest import BODIES, CHANGED, WORDS, customer_consent_body
from sandbox.shopify.state import State, Thing, gid, number
from sandbox.shopify.stock import levels, primary, write_level


class Life:
    """Acts by the numbers of the objects (or their global ids)."""

    def __init__(self, state: State) -> None:
        self._state = state

    def add(self, thing: Thing) -> str:
        """A new product, customer, order or checkout, as `sample` builds them; its global id."""
        kind = thing["__typename"]
        with self._state.lock:
            self._state.load(kind, [thing])
            if kind == "Product":
                self._state.load_variants([thing])
            self._state.tell(f"{WORDS[kind]}/create", BODIES[kind](thing))
        return str(thing["id"])

    def edit(self, id: str, **changes: Any) -> None:
        """Change fields of any object, named as in the API."""
        with self._state.lock:
            thing = self._known(id)
            kind = thing["__typename"]
            thing.update(changes)
            thing["updatedAt"] = self._state.now()
            self._state.shelf(kind).touched()
            self._state.tell(f"{WORDS[kind]}/{CHANGED[kind]}", BODIES[kind](thing))

    def edit_variant(self, id: str, **changes: Any) -> None:
        """Change a variant; its product's `updatedAt` moves too."""
        with self._state.lock:
            variant = self._known(id)
            if "inventoryQuantity" in changes:
                self._sell(variant, changes["inventoryQuantity"])
            variant.update({**changes, "updatedAt": self._state.now()})
            self._state.shelf("ProductVariant").touched()
            self.edit(gid("Product", variant["product_id"]))

    def _sell(self, variant: Thing, left: int) -> None:
        """What is sold or comes in is taken from the primary location, or put there."""
        item, first = variant["inventoryItem"], primary(self._state)
        if first is not None:
            place = int(first["legacyResourceId"])
            held = levels(self._state, item)
            units = held.get(place, 0) + left - sum(held.values())
            write_level(self._state, item, place, units, alone=True)

    def stock(self, variant: str, place: int, units: int) -> None:
        """Somebody counts what of a variant lies at a location."""
        with self._state.lock:
            write_level(self._state, self._known(variant)["inventoryItem"], place, units)

    def delete(self, id: str) -> None:
        """Delete an object; orders that name it keep their lines."""
        with self._state.lock:
            thing = self._known(id)
            kind = thing["__typename"]
            self._state.shelf(kind).drop(int(thing["legacyResourceId"]))
            for variant in thing["variants"] if kind == "Product" else ():
                self._state.drop_variant(variant)
            self._state.tell(f"{WORDS[kind]}/delete", {"id": int(thing["legacyResourceId"])})

    def merge(self, kept: str, deleted: str) -> None:
        """Two customers become one, who keeps the address of the first."""
        with self._state.lock:
            self._state.shelf("Customer").drop(int(self._known(deleted)["legacyResourceId"]))
            self._known(kept)["updatedAt"] = self._state.now()
            self._state.shelf("Customer").touched()
            body = {
                "admin_graphql_api_customer_kept_id": kept,
                "admin_graphql_api_customer_deleted_id": deleted,
            }
            self._state.tell("customers/merge", {**body, "status": "completed", "errors": []})

    def consent(self, id: str, state: str, at: str = "") -> None:
        """The buyer (or the merchant) changes the e-mail consent."""
        with self._state.lock:
            customer = self._known(id)
            now = self._state.now()
            known: Mapping[str, Any] = customer["defaultEmailAddress"]
            customer["defaultEmailAddress"] = {
                **known,
                "marketingState": state,
                "marketingUpdatedAt": at or now,
            }
            customer["updatedAt"] = now
            self._state.shelf("Customer").touched()
            body = customer_consent_body(customer)
            self._state.tell("customers_email_marketing_consent/update", body)

    def cancel(self, id: str) -> None:
        """Cancel an order."""
        self.edit(id, cancelledAt=self._state.now(), displayFinancialStatus="VOIDED")

    def _known(self, id: str) -> Thing:
        thing = self._state.get(id)
        if thing is None:
            raise KeyError(f"the shop has no {id} ({number(id)})")
        return thing
