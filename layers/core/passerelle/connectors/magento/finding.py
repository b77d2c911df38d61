"""Finds products by SKU, barcode or words of their title; tells how the shop's products are told, and which are ordered.

The database compares SKUs and attributes without case and outer blanks; so are they compared here.
"""

import re
from collections.abc import Callable, Sequence
from difflib import SequenceMatcher

from passerelle.connectors.magento.facts import Facts
from passerelle.connectors.magento.reading import attributes, text
from passerelle.connectors.magento.rest import Filter, Rest, Row, chunked
from passerelle.connectors.magento.settings import Settings
from passerelle.connectors.magento.stock import HIDDEN, hidden
from passerelle.connectors.magento.work import FRAME, own_sku
from passerelle.port import By, Location, Match, Terms

FEW = 5
"""Products that are suggested for a title."""
WORDS = 6
"""Words of a title that are looked for, the longest ones."""
SLIM = "id,sku,name,type_id,visibility"


class Finding:
    """Looks for products, and answers what a catalogue asks of a shop."""

    def __init__(self, rest: Rest, facts: Facts, settings: Settings) -> None:
        self._rest, self._facts, self._settings = rest, facts, settings

    def find(self, keys: Sequence[str], by: By) -> list[Match]:
        """Every match of each key."""
        if by is By.TITLE:
            return [match for key in keys for match in self._titled(key)]
        if by is By.OWN:
            rows = self._rest.among("products", "sku", (own_sku(key.strip()) for key in keys), fields=SLIM)
            return self._matches(keys, rows, lambda row: text(row.get("sku")))
        code = self._settings.barcode
        if not code:
            return []
        wanted = (key.strip() for key in keys)
        rows = self._rest.among("products", code, wanted, fields=f"{SLIM},custom_attributes")
        return self._matches(keys, rows, lambda row: text(attributes(row).get(code)))

    def _matches(self, keys: Sequence[str], rows: Sequence[Row], told: Callable[[Row], str]) -> list[Match]:
        found: dict[str, list[Row]] = {}
        self._facts.expect_parents(hidden(rows))
        for row in rows:
            found.setdefault(told(row).casefold(), []).append(row)
        return [
            Match(key, id, variant_id=variant)
            for key in keys
            for row in found.get(own_sku(key.strip()).casefold(), ())
            for id, variant in self._places(row)
        ]

    def _places(self, row: Row) -> list[tuple[str, str]]:
        """(product, variant) of each product that tells this one: itself, and the one that it is a variant of."""
        id = str(row["id"])
        parent = self._facts.parents.get(id, "") if row.get("type_id") != FRAME else ""
        shown = text(row.get("visibility")) != HIDDEN
        places = [(id, "" if row.get("type_id") == FRAME else id)] if shown else []
        return [*places, *([(parent, id)] if parent else [])]

    def _titled(self, key: str) -> list[Match]:
        """The products whose title a person would recognise: with all of its words, or else with the longest one."""
        words = sorted({word for word in key.split() if word}, key=len, reverse=True)[:WORDS]
        for some in (words, words[:1]):
            rows = self._named(some) if some else []
            if rows:
                break
        else:
            return []
        like = _words(key)
        rows.sort(key=lambda row: -SequenceMatcher(None, like, _words(text(row["name"]))).ratio())
        return [Match(key, str(row["id"])) for row in rows[:FEW]]

    def _named(self, words: Sequence[str]) -> list[Row]:
        """Products that are shown and have these words in their title."""
        groups: list[Sequence[Filter]] = [[("name", "like", f"%{_plain(word)}%")] for word in words]
        shown = [("visibility", "neq", HIDDEN)]
        return self._rest.search("products", [shown, *groups], size=4 * FEW, fields=SLIM).rows

    # --- what a catalogue asks -------------------------------------------------------------------------------

    def terms(self) -> Terms:
        """How the shop's products are told and where its stock lies."""
        default = self._facts.default_source
        names = self._facts.source_names
        places = [Location(code, names.get(code, code), code == default) for code in self._facts.counting]
        views = [str(self._facts.config.get("id")), *(self._facts.views or self._facts.languages)]
        languages = tuple(dict.fromkeys(self._facts.languages[view] for view in views))
        return Terms(
            currency=self._facts.currency,
            tax_included=self._settings.prices_include_tax,
            locations=tuple(places) or (Location(default, "Stock", default=True),),
            languages=languages if len(languages) > 1 else (),
        )

    def ordered(self, products: Sequence[str]) -> set[str]:
        """Those of these products that stand in an order."""
        found: set[str] = set()
        waiting = list(chunked(products, self._rest.page))
        while waiting:
            part = waiting.pop()
            page = self._rest.search("orders/items", [_among(part)], fields="product_id")
            here = {text(row.get("product_id")) for row in page.rows}
            found |= here
            # Those that fill a page hide others behind them: these are asked for again, by themselves.
            left = [id for id in part if id not in here]
            if page.total > len(page.rows) and left:
                waiting.append(left)
        return found & set(products)


def _among(products: Sequence[str]) -> Sequence[Filter]:
    return [("product_id", "in", ",".join(products))]


def _words(title: str) -> str:
    """The words of a title in an order of their own."""
    return " ".join(sorted(re.findall(r"\w+", title.casefold())))


def _plain(word: str) -> str:
    """A word for `like`, in which two signs stand for any other."""
    return word.replace("%", "_")
