"""Writing products, orders, carts and promo codes. Their ids are the source's, so twice is once.

Source: https://mailchimp.com/developer/marketing/docs/e-commerce/
"""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from passerelle.connectors.mailchimp import bodies
from passerelle.connectors.mailchimp.api import Answer, Api, Operation
from passerelle.connectors.mailchimp.batches import Batches
from passerelle.connectors.mailchimp.bodies import Body, Held
from passerelle.connectors.mailchimp.contacts import later, refused
from passerelle.connectors.mailchimp.form import Settings
from passerelle.connectors.mailchimp.refusals import NO_EMAIL, Refusal, refusal
from passerelle.model import Cart, Kind, Object, Order, Product, PromoCode
from passerelle.port import Action, Change, Outcome, Rejected, Result

WRONG_KIND = Refusal("rejected", "That object cannot be written here.")
NO_STORE = Refusal(
    "audience_store_missing",
    "The e-commerce store is not at Mailchimp.",
    "Run a full sync of the link: it makes the store again.",
)
UNKNOWN = Answer(0)
WRITES = frozenset({Action.CREATE, Action.UPDATE})
DONE = {Action.CREATE: Result.CREATED, Action.UPDATE: Result.UPDATED, Action.DELETE: Result.DELETED}


@dataclass(slots=True)
class Write:
    """One change on its way: the way to write it, and the other way where the object is there (or is not)."""

    change: Change
    key: str
    make: Operation
    alter: Operation | None = None
    """None where one verb does both."""
    why: str = ""
    answer: Answer = UNKNOWN

    @property
    def operation(self) -> Operation:
        """What is tried first."""
        return self.alter if self.alter and self.change.action is Action.UPDATE else self.make

    @property
    def other(self) -> Operation | None:
        """What is tried where the first way shows that the object is there already, or not yet."""
        if self.alter is None:
            return None
        if self.operation is self.make:
            return self.alter if _exists(self.answer) else None
        return self.make if self.answer.status == 404 else None


class Goods:
    """Writes to one e-commerce store."""

    def __init__(self, api: Api, batches: Batches, settings: Settings) -> None:
        self._api, self._batches, self._settings = api, batches, settings
        self._root = f"/ecommerce/stores/{settings.store_id}"
        self._placeholder = threading.Lock()
        self._has_placeholder = False

    # --- the store -----------------------------------------------------------------------------------

    def open(self) -> None:
        """Make the store if it is not there, mark it as syncing, and make the placeholder product."""
        found = self._api.call("GET", self._root, params={"fields": "list_id"})
        if found.ok and found.data.get("list_id") != self._settings.audience_id:
            raise Rejected(
                "The e-commerce store at Mailchimp belongs to another audience.",
                "Link the shop to that audience, or remove the store at Mailchimp.",
                "store_of_other_audience",
            )
        if found.ok or _exists(self._make_store()):
            self._mark(syncing=True)
        self._has_placeholder = False
        self._make_placeholder()

    def close(self) -> None:
        """Take the mark away; a store that is not there has none."""
        self._mark(syncing=False)

    def _make_store(self) -> Answer:
        body = {
            "id": self._settings.store_id,
            "list_id": self._settings.audience_id,
            "name": self._settings.store_name,
            "currency_code": self._settings.currency,
            "platform": "Passerelle",
            "is_syncing": True,
        }
        answer = self._api.call("POST", "/ecommerce/stores", body=body)
        if not answer.ok and not _exists(answer):
            _reject(answer)
        return answer

    def _mark(self, *, syncing: bool) -> None:
        answer = self._api.call("PATCH", self._root, body={"is_syncing": syncing})
        if not answer.ok and answer.status != 404:
            _reject(answer)

    def _make_placeholder(self) -> None:
        with self._placeholder:
            if self._has_placeholder:
                return
            path = f"{self._root}/products/{bodies.PLACEHOLDER}"
            there = self._api.call("GET", path, params={"fields": "id"})
            if there.status == 404:
                there = self._api.call("PUT", path, body=bodies.placeholder())
            self._has_placeholder = there.ok

    # --- pushing -------------------------------------------------------------------------------------

    def push(self, kind: Kind, changes: Sequence[Change]) -> list[Outcome]:
        """One outcome per change, in order."""
        without_rule = self._push_rules(changes) if kind is Kind.PROMO_CODES else {}
        writes = [without_rule.get(change.id) or self._write(kind, change) for change in changes]
        ready = [write for write in writes if isinstance(write, Write)]
        if any("placeholder" in write.why for write in ready):
            self._make_placeholder()
        self._carry_out(ready)
        if kind in {Kind.ORDERS, Kind.CARTS}:
            self._mend(kind, ready)
        if kind is Kind.PROMO_CODES:
            self._drop_empty_rules([write for write in ready if write.change.action is Action.DELETE])
        return [write if isinstance(write, Outcome) else _outcome(write) for write in writes]

    def _carry_out(self, writes: Sequence[Write]) -> None:
        """Each its first way, then the other way for those that need it."""
        self._run(writes, lambda write: write.operation)
        again = [write for write in writes if write.other]
        self._run(again, lambda write: write.other or write.operation)

    def _run(self, writes: Sequence[Write], way: Callable[[Write], Operation]) -> None:
        answers = self._batches.carry_out([way(write) for write in writes])
        for write, answer in zip(writes, answers, strict=True):
            write.answer = answer

    def _write(self, kind: Kind, change: Change, held: Held | None = None) -> Write | Outcome:
        if change.action is Action.DELETE:
            return self._removal(kind, change)
        match kind, change.object:
            case Kind.PRODUCTS, Product() as item:
                body = bodies.product(item, self._settings)
                return Write(change, body["id"], self._put("products", body))
            case Kind.ORDERS, Order() as item:
                if not item.email:
                    return refused(change, NO_EMAIL)
                body = bodies.order(item, held)
                return Write(change, body["id"], self._put("orders", body), why=_stood_in(body))
            case Kind.CARTS, Cart() as item:
                if not item.email:
                    return refused(change, NO_EMAIL)
                return self._cart(change, bodies.cart(item, held))
            case Kind.PROMO_CODES, PromoCode() as item:
                return self._promo_code(change, item)
        return refused(change, WRONG_KIND)

    def _put(self, name: str, body: Body) -> Operation:
        return Operation("PUT", f"{self._root}/{name}/{body['id']}", body)

    def _cart(self, change: Change, body: Body) -> Write:
        one = f"{self._root}/carts/{body['id']}"
        make = Operation("POST", f"{self._root}/carts", body)
        alter = Operation("PATCH", one, bodies.changed_cart(body))
        return Write(change, body["id"], make, alter, _stood_in(body))

    def _promo_code(self, change: Change, item: PromoCode) -> Write:
        codes = f"{self._root}/promo-rules/{bodies.key(item.rule_id)}/promo-codes"
        body = bodies.promo_code(item, self._settings.shop_url)
        alter = Operation("PATCH", f"{codes}/{body['id']}", {k: v for k, v in body.items() if k != "id"})
        key = f"{bodies.key(item.rule_id)}/{body['id']}"
        return Write(change, key, Operation("POST", codes, body), alter)

    def _push_rules(self, changes: Sequence[Change]) -> dict[str, Outcome]:
        """The rules behind the codes, each once, before them; outcomes of the codes whose rule was not taken."""
        codes = [(c, c.object) for c in changes if isinstance(c.object, PromoCode) and c.action in WRITES]
        root = f"{self._root}/promo-rules"
        writes: dict[str, Write] = {}
        for change, item in codes:
            body = bodies.promo_rule(item)
            alter = Operation("PATCH", f"{root}/{body['id']}", {k: v for k, v in body.items() if k != "id"})
            first = replace(change, action=Action.CREATE)
            writes.setdefault(item.rule_id, Write(first, body["id"], Operation("POST", root, body), alter))
        self._carry_out(list(writes.values()))
        return {
            change.id: _outcome(replace(writes[item.rule_id], change=change))
            for change, item in codes
            if not writes[item.rule_id].answer.ok
        }

    def _drop_empty_rules(self, removed: Sequence[Write]) -> None:
        """A rule goes with its last code, and is looked at again where a code was gone already."""
        rules = sorted({write.key.partition("/")[0] for write in removed if not write.answer.unsettled})
        paths = [f"{self._root}/promo-rules/{rule}" for rule in rules]
        few = {"count": "1", "fields": "total_items"}
        looks = [Operation("GET", f"{path}/promo-codes", params=few) for path in paths]
        answers = self._batches.carry_out(looks)
        empty = [p for p, a in zip(paths, answers, strict=True) if a.ok and a.data.get("total_items") == 0]
        self._batches.carry_out([Operation("DELETE", path) for path in empty])

    def _removal(self, kind: Kind, change: Change) -> Write:
        key = change.destination_id or _own_key(change.object) or bodies.key(change.id)
        if kind is Kind.PROMO_CODES:
            rule, _, code = key.partition("/")
            path = f"{self._root}/promo-rules/{rule}/promo-codes/{code}"
        else:
            path = f"{self._root}/{kind.value}/{key}"
        return Write(change, key, Operation("DELETE", path))

    # --- lines whose product is not there ------------------------------------------------------------

    def _mend(self, kind: Kind, writes: Sequence[Write]) -> None:
        """Put the lines of refused orders whose products Mailchimp does not hold on the placeholder."""
        broken = [w for w in writes if w.answer.status == 400 and "product" in _said(w.answer)]
        if not broken:
            return
        self._make_placeholder()
        held = self._held(broken)
        mended: list[Write] = []
        for write in broken:
            again = self._write(kind, write.change, held)
            if isinstance(again, Write):
                write.make, write.alter, write.why = again.make, again.alter, again.why
                mended.append(write)
        self._carry_out(mended)

    def _held(self, writes: Iterable[Write]) -> Held:
        wanted = sorted(
            {
                line["product_id"]
                for write in writes
                for line in (write.make.body or {}).get("lines", ())
                if line["product_id"] != bodies.PLACEHOLDER
            }
        )
        fields = {"fields": "id,variants.id"}
        looks = [Operation("GET", f"{self._root}/products/{product}", params=fields) for product in wanted]
        answers = self._batches.carry_out(looks)
        return {
            product: [str(variant["id"]) for variant in answer.data.get("variants", ())]
            for product, answer in zip(wanted, answers, strict=True)
            if answer.ok
        }


def _own_key(item: Object | None) -> str:
    return f"{bodies.key(item.rule_id)}/{bodies.key(item.id)}" if isinstance(item, PromoCode) else ""


def _stood_in(body: Body) -> str:
    count = bodies.stands_in(body)
    return (
        f"{count} line(s) of products that are no longer sold are on a placeholder product." if count else ""
    )


def _outcome(write: Write) -> Outcome:
    change, answer = write.change, write.answer
    if answer.ok:
        return Outcome(change.id, DONE[change.action], write.key, why=write.why)
    if answer.unsettled:
        return later(change)
    if answer.status == 404 and change.action is Action.DELETE:
        return Outcome(change.id, Result.UNCHANGED, write.key)
    return refused(change, NO_STORE if answer.status == 404 else refusal(answer.data))


def _reject(answer: Answer) -> None:
    told = refusal(answer.data)
    raise Rejected(told.why, told.remedy, told.code, answer.status)


def _exists(answer: Answer) -> bool:
    return answer.status == 400 and "already exists" in _said(answer)


def _said(answer: Answer) -> str:
    data: Mapping[str, Any] = answer.data
    return f"{data.get('title', '')} {data.get('detail', '')}".lower()
