"""Looks things up by what names them, and tells which products were ordered.

Sources: https://shopify.dev/docs/api/usage/search-syntax and …/queries/{productVariants,productByIdentifier,orders}. The
search ignores case and matches words; what it brings is compared with what was asked for, without case and outer blanks.
It runs some seconds behind the shop; a look-up by our reference does not.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import batched

from passerelle.connectors.shopify.admin import Admin, Data
from passerelle.connectors.shopify.documents import CUSTOMER_FIELDS, Document
from passerelle.connectors.shopify.ids import number
from passerelle.connectors.shopify.listing import Listing
from passerelle.connectors.shopify.pulling import readable
from passerelle.connectors.shopify.reading import ShopFacts
from passerelle.connectors.shopify.references import REFERENCE_BEGINS, References
from passerelle.connectors.shopify.sweeping import Sweeper
from passerelle.model import Customer, Kind
from passerelle.port import By, Match, Rejected

EMAILS, SKUS, TITLES = 40, 80, 30
"""Looked up in one request."""
FEW = 5
"""Products told for a title."""

FIND_CUSTOMERS = Document(
    "FindCustomers",
    f"""query FindCustomers($first: Int!, $after: String, $query: String!) {{
  page: customers(first: $first, after: $after, query: $query, sortKey: ID) {{
    pageInfo {{ hasNextPage endCursor }}
    nodes {{ {CUSTOMER_FIELDS} }}
  }}
}}""",
    46,
)
FIND_VARIANTS = Document(
    "FindVariants",
    """query FindVariants($first: Int!, $after: String, $query: String!) {
  page: productVariants(first: $first, after: $after, query: $query, sortKey: ID) {
    pageInfo { hasNextPage endCursor }
    nodes { id sku barcode product { id } }
  }
}""",
    24,
)
SKUS_OF = Document(
    "SkusOf",
    """query SkusOf($first: Int!, $after: String, $query: String!) {
  page: productVariants(first: $first, after: $after, query: $query, sortKey: ID) {
    pageInfo { hasNextPage endCursor }
    nodes { sku product { id } }
  }
}""",
    24,
)
ORDERS_OF = Document(
    "OrdersOf",
    """query OrdersOf($first: Int!, $after: String, $query: String!) {
  page: orders(first: $first, after: $after, query: $query, sortKey: ID) {
    pageInfo { hasNextPage endCursor }
    nodes { lineItems(first: 100) { pageInfo { hasNextPage } nodes { product { id } } } }
  }
}""",
    233,
)


class Finder:
    """Looks up one shop's objects."""

    def __init__(self, admin: Admin, listing: Listing, references: References | None = None) -> None:
        self._admin, self._listing = admin, listing
        self._references = references or References(admin)
        self._sweeper = Sweeper(admin)

    def find(self, kind: Kind, keys: Sequence[str], by: By) -> list[Match]:
        """Every match of each key. Raises Rejected for kinds that are not found by key."""
        wanted = list(dict.fromkeys(key for key in keys if key.strip()))
        if kind is Kind.CUSTOMERS:
            return [match for batch in batched(wanted, EMAILS, strict=False) for match in self._people(batch)]
        if kind is not Kind.PRODUCTS:
            raise Rejected(f"Shopify's {kind} are not found by key.", "Use their ids.", "no_find")
        if by is By.TITLE:
            return [match for batch in batched(wanted, TITLES, strict=False) for match in self._titled(batch)]
        ours = [key for key in wanted if by is By.OWN and key.startswith(REFERENCE_BEGINS)]
        found = [Match(key, product) for key, product in self._references.find(ours).items()]
        named = [key for key in wanted if key not in set(ours)]
        return found + self.variants(named, "barcode" if by is By.BARCODE else "sku")

    def _people(self, emails: Sequence[str]) -> list[Match]:
        wanted = {email.strip().lower(): email for email in emails}
        matches = []
        for raw in self._listing.walk(FIND_CUSTOMERS, {"query": either("email", list(wanted))}):
            found = readable(Kind.CUSTOMERS, raw, ShopFacts(""))
            if isinstance(found, Customer) and found.email in wanted:
                matches.append(Match(wanted[found.email], found.id, found))
        return matches

    def variants(self, keys: Sequence[str], field: str) -> list[Match]:
        """Variants by `sku` or `barcode`."""
        asked: dict[str, list[str]] = defaultdict(list)
        for key in keys:
            asked[key.strip().casefold()].append(key)
        found: list[Match] = []
        for node in self._sweeper.variants(len(asked)) or self._searched(field, list(asked)):
            held = (node[field] or "").strip().casefold()
            # The search matches words of a SKU too.
            found += [
                Match(key, number(node["product"]["id"]), variant_id=number(node["id"]))
                for key in asked.get(held, ())
            ]
        return found

    def _searched(self, field: str, keys: Sequence[str]) -> Iterator[Data]:
        for batch in batched(keys, SKUS, strict=False):
            yield from self._listing.walk(FIND_VARIANTS, {"query": either(field, batch)})

    def _titled(self, titles: Sequence[str]) -> Iterator[Match]:
        queries = {f"q{at}": _words(title) for at, title in enumerate(titles)}
        data = self._admin.ask(titled(len(titles)), queries)
        for at, title in enumerate(titles):
            nodes = data[f"t{at}"]["nodes"]
            nodes.sort(key=lambda node: _likeness(title, node["title"]), reverse=True)
            yield from (Match(title, number(node["id"])) for node in nodes[:FEW])

    def ordered(self, products: Sequence[str]) -> set[str]:
        """Those that stand in an order, found by the SKUs that they have now.

        A product with a variant without SKU cannot be looked up, and counts as ordered: it must not be deleted.
        Without `read_all_orders` Shopify shows the orders of the last 60 days only.
        """
        bearers: dict[str, set[str]] = defaultdict(set)
        ordered: set[str] = set()
        for batch in batched(dict.fromkeys(products), SKUS, strict=False):
            for node in self._listing.walk(SKUS_OF, {"query": either("product_id", batch)}):
                product, sku = number(node["product"]["id"]), (node["sku"] or "").strip()
                if sku:
                    bearers[sku].add(product)
                else:
                    ordered.add(product)
        asked = [sku for sku, some in bearers.items() if some - ordered]
        for some in batched(asked, SKUS, strict=False):
            for order in self._listing.walk(ORDERS_OF, {"query": either("sku", some)}):
                lines = order["lineItems"]
                ordered |= {number(line["product"]["id"]) for line in lines["nodes"] if line["product"]}
                if lines["pageInfo"]["hasNextPage"]:
                    ordered |= {product for sku in some for product in bearers[sku]}
        return ordered & set(products)


def titled(many: int) -> Document:
    """The products most like each of so many titles."""
    variables = ", ".join(f"$q{at}: String!" for at in range(many))
    asked = "\n".join(
        f"  t{at}: products(first: 25, query: $q{at}, sortKey: RELEVANCE) {{ nodes {{ id title }} }}"
        for at in range(many)
    )
    return Document("FindTitles", f"query FindTitles({variables}) {{\n{asked}\n}}", 8 * many)


def either(field: str, values: Sequence[str]) -> str:
    """A search for any of these values."""
    return " OR ".join(f"{field}:{_quoted(value)}" for value in values)


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _words(title: str) -> str:
    words = ["".join(sign for sign in word if sign.isalnum()) for word in title.split()]
    kept = sorted({word for word in words if word}, key=len, reverse=True)[:6]
    return " OR ".join(f"title:{_quoted(word)}" for word in kept) or f"title:{_quoted(title)}"


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one.casefold(), other.casefold()).ratio()
