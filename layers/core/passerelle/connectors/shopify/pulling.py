"""Whole objects by id: as many a request as their cost allows, every page of their variants and lines."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from passerelle.connectors.shopify import reading
from passerelle.connectors.shopify.admin import Admin
from passerelle.connectors.shopify.documents import CHILDREN, PULL, REST, ROOTS
from passerelle.connectors.shopify.fetching import Fetcher
from passerelle.connectors.shopify.forms import Settings
from passerelle.connectors.shopify.ids import gid, number
from passerelle.connectors.shopify.reading import Raw, ShopFacts
from passerelle.model import Kind, Object
from passerelle.port import Incomplete, Pulled, Unreadable


class Puller:
    """Pulls one shop's objects."""

    def __init__(self, admin: Admin, settings: Settings) -> None:
        self._admin = admin
        self._image = image_transform(settings)
        self._fetcher = Fetcher(admin)

    def pull(self, kind: Kind, ids: Sequence[str]) -> Pulled:
        """Each id asked for is read, missing or unreadable."""
        objects: list[Object] = []
        missing: list[str] = []
        unreadable: list[Unreadable] = []
        for identifier, found in self._each(kind, list(dict.fromkeys(ids))):
            if found is None:
                missing.append(identifier)
            elif isinstance(found, Unreadable):
                unreadable.append(found)
            else:
                objects.append(found)
        return Pulled(tuple(objects), tuple(missing), tuple(unreadable))

    def _each(self, kind: Kind, ids: list[str]) -> Iterator[tuple[str, Object | Unreadable | None]]:
        asked = self.page_variables(kind)
        for batch, data in self._fetcher.batches(PULL[kind], ROOTS[kind].type, ids, asked):
            shop = facts(data)
            if kind is Kind.CUSTOMERS:
                reading.refuse_hidden([node for node in data["nodes"] if node])
            for identifier, node in zip(batch, data["nodes"], strict=True):
                yield identifier, self._object(kind, identifier, node, shop)

    def whole(self, kind: Kind, data: Raw) -> tuple[Object | Unreadable, ...]:
        """The objects of a page that holds them whole; what did not fit in it is read, and what vanishes is left out."""
        nodes, shop = data["page"]["nodes"], facts(data)
        if kind is Kind.CUSTOMERS:
            reading.refuse_hidden(nodes)
        found: list[Object | Unreadable] = []
        for node in nodes:
            try:
                thing = self._object(kind, number(node["id"]), node, shop)
            except Incomplete:
                # It was deleted between two pages of its variants or lines: who carries it will find it missing.
                continue
            found += [thing] if thing else []
        return tuple(found)

    def page_variables(self, kind: Kind) -> dict[str, Any]:
        """What a page of whole objects asks besides its place."""
        return {"image": self._image} if kind is Kind.PRODUCTS else {}

    def _object(
        self, kind: Kind, identifier: str, node: Raw | None, shop: ShopFacts
    ) -> Object | Unreadable | None:
        if not node or (kind is Kind.CARTS and node.get("completedAt")):
            return None
        if kind in CHILDREN:
            self._complete(kind, identifier, node)
        connections = [name for name in ("media", CHILDREN.get(kind, "")) if name in node]
        return readable(kind, reading.flattened(node, connections), shop)

    def _complete(self, kind: Kind, identifier: str, node: Raw) -> None:
        """Follow the variants or lines that did not fit in the first page."""
        connection = node[CHILDREN[kind]]
        while connection["pageInfo"]["hasNextPage"]:
            variables = {
                "id": gid(ROOTS[kind].type, identifier),
                "after": connection["pageInfo"]["endCursor"],
            }
            if kind is Kind.PRODUCTS:
                variables["image"] = self._image
            more = self._admin.ask(REST[kind], variables)["node"]
            if not more:
                raise Incomplete("An object vanished while it was read.", "Nothing to do: it is read again.")
            connection["nodes"].extend(more[CHILDREN[kind]]["nodes"])
            connection["pageInfo"] = more[CHILDREN[kind]]["pageInfo"]


def image_transform(settings: Settings) -> Raw | None:
    """What is asked of Shopify's image server; None: pictures as uploaded."""
    wanted: Raw = {}
    if settings.image_format != "original":
        wanted["preferredContentType"] = settings.image_format.upper()
    if settings.image_width:
        wanted["maxWidth"] = settings.image_width
    return wanted or None


def facts(data: Raw) -> ShopFacts:
    """The shop's currency and tax habit, where the document asked for them."""
    shop = data.get("shop") or {}
    return ShopFacts(shop.get("currencyCode", ""), bool(shop.get("taxesIncluded", True)))


def readable(kind: Kind, raw: Raw, shop: ShopFacts) -> Object | Unreadable:
    """The canonical object, or why there is none and what to do about it; the reason quotes no value."""
    identifier = str(raw.get("id", "")).rpartition("/")[2]
    readers: dict[Kind, Callable[[Raw], Object]] = {
        Kind.PRODUCTS: lambda each: reading.product(each, shop),
        Kind.CUSTOMERS: reading.customer,
        Kind.ORDERS: reading.order,
        Kind.CARTS: reading.cart,
    }
    try:
        return readers[kind](raw)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        field = str(error) if isinstance(error, ValueError) else "a field of an unexpected form"
        if isinstance(error, KeyError):
            field = str(error.args[0])
        return Unreadable(
            identifier,
            f"Shopify gives no usable value for {field}.",
            f"Correct it in the shop's admin ({kind}, number {identifier}), then sync it again.",
        )
