"""What a shop holds of products that we write, and which of its variants is which of ours."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson

from passerelle.connectors.shopify.admin import Admin, Data
from passerelle.connectors.shopify.documents import Document
from passerelle.connectors.shopify.fetching import Fetcher
from passerelle.connectors.shopify.fitting import PICTURE_NAME, PLAIN, Offer, key
from passerelle.connectors.shopify.ids import gid, number
from passerelle.connectors.shopify.reading import grams
from passerelle.port import Incomplete

_VARIANT = """id sku barcode price compareAtPrice
    selectedOptions { name value }
    inventoryItem { tracked measurement { weight { unit value } } }"""
HELD_PRODUCTS = Document(
    "HeldProducts",
    f"""query HeldProducts($ids: [ID!]!) {{
  nodes(ids: $ids) {{ ... on Product {{
    id title descriptionHtml handle vendor productType status tags
    pictures: metafield(namespace: "passerelle", key: "pictures") {{ value }}
    media(first: 250) {{ nodes {{ id mediaContentType ... on MediaImage {{ image {{ url }} }} }} }}
    variants(first: 100) {{
      pageInfo {{ hasNextPage endCursor }}
      nodes {{ {_VARIANT} }}
    }}
  }} }}
}}""",
    73,
)
REST_OF_HELD = Document(
    "RestOfHeld",
    f"""query RestOfHeld($id: ID!, $after: String!) {{
  node(id: $id) {{ ... on Product {{ variants(first: 250, after: $after) {{
    pageInfo {{ hasNextPage endCursor }}
    nodes {{ {_VARIANT} }}
  }} }} }}
}}""",
    58,
)


@dataclass(frozen=True, slots=True)
class Held:
    """A product as it is at the shop."""

    raw: Data
    variants: tuple[Data, ...]

    @property
    def options(self) -> list[str]:
        """Names of its options, in order."""
        return [each["name"] for each in self.variants[0]["selectedOptions"]]

    @property
    def is_plain(self) -> bool:
        """Whether it has no choices."""
        return len(self.variants) == 1 and options(self.variants[0]) == key(PLAIN)

    @property
    def pictures(self) -> list[Data]:
        """Its pictures, with those that Shopify is still fetching."""
        return [each for each in self.raw["media"]["nodes"] if each["mediaContentType"] == "IMAGE"]

    @property
    def written(self) -> list[str] | None:
        """Marks of the pictures that we wrote last; None where we never did."""
        field = self.raw["pictures"]
        try:
            marks = orjson.loads(field["value"]) if field else None
        except orjson.JSONDecodeError:
            return None
        return [str(each) for each in marks] if isinstance(marks, list) else None

    def marks(self) -> dict[str, str]:
        """Media → mark, of those pictures that are ours: by their name, else by their place."""
        pictures, written = self.pictures, self.written or []
        found = {
            each["id"]: match[1]
            for each in pictures
            if (match := PICTURE_NAME.search(((each.get("image") or {}).get("url")) or ""))
        }
        if len(pictures) == len(written):
            for each, mark in zip(pictures, written, strict=True):
                if mark not in found.values():
                    found.setdefault(each["id"], mark)
        return found


def options(raw: Data) -> frozenset[tuple[str, str]]:
    """A variant's options, to be compared."""
    return key((each["name"], each["value"]) for each in raw["selectedOptions"])


def weight(raw: Data) -> int | None:
    """A variant's weight in grams."""
    return grams((raw["inventoryItem"].get("measurement") or {}).get("weight"))


def amount(text: Any) -> Decimal | None:
    """A price, to be compared."""
    return None if text is None else Decimal(str(text))


class Holdings:
    """Reads what is to be compared, by hundreds."""

    def __init__(self, admin: Admin, fetcher: Fetcher) -> None:
        self._admin, self._fetcher = admin, fetcher

    def read(self, ids: Sequence[str]) -> dict[str, Held]:
        """Product → what is there of it, with every variant."""
        wanted = list(dict.fromkeys(ids))
        return {
            identifier: Held(node, tuple(self._variants(node)))
            for identifier, node in self._fetcher.nodes(HELD_PRODUCTS, "Product", wanted)
            if node
        }

    def _variants(self, node: Data) -> list[Data]:
        found, info = list(node["variants"]["nodes"]), node["variants"]["pageInfo"]
        while info["hasNextPage"]:
            more = self._admin.ask(REST_OF_HELD, {"id": node["id"], "after": info["endCursor"]})["node"]
            if not more:
                raise Incomplete("A product vanished while it was read.", "Nothing to do: it is read again.")
            found += more["variants"]["nodes"]
            info = more["variants"]["pageInfo"]
        return found


def matched(offers: Sequence[Offer], held: Held, known: Mapping[str, str]) -> dict[str, Data]:
    """Source variant → the shop's: as known, else by a SKU that one alone has, else by options; each at most once."""
    free = {number(each["id"]): each for each in held.variants}
    found: dict[str, Data] = {}
    for offer in offers:
        if known.get(offer.id) in free:
            found[offer.id] = free.pop(known[offer.id])
    by_sku: dict[str, list[str]] = defaultdict(list)
    for id, each in free.items():
        by_sku[(each["sku"] or "").strip().casefold()].append(id)
    for offer in offers:
        bearers = by_sku.get((offer.sku or "").casefold(), []) if offer.sku else []
        if offer.id not in found and len(bearers) == 1 and bearers[0] in free:
            found[offer.id] = free.pop(bearers[0])
    by_options = {options(each): id for id, each in free.items()}
    for offer in offers:
        there = by_options.get(key(offer.options), "")
        if offer.id not in found and there in free:
            found[offer.id] = free.pop(there)
    return found


def variant_ids(found: Mapping[str, Data]) -> dict[str, str]:
    """Source variant → the shop's, by number."""
    return {source: number(each["id"]) for source, each in found.items()}


def product_gid(id: str) -> str:
    """A product's global id."""
    return gid("Product", id)
