"""What is true of the whole shop: its store view, categories, attributes, groups, sources; each read once a connector."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from passerelle.connectors.magento.reading import extension, text
from passerelle.connectors.magento.rest import Rest, Row, criteria
from passerelle.connectors.magento.settings import Settings
from passerelle.port import Incomplete, PermissionMissing, Rejected

VENDOR = "manufacturer"
CHOICES = 300
"""Attributes read at once: as many as any shop's input limits allow."""
DEFAULT_SOURCE = "default"
VARIED = [("type_id", "eq", "configurable")]
LINKS = "extension_attributes[configurable_product_links]"


class Facts:
    """Facts of one shop, each read when first asked for."""

    def __init__(self, rest: Rest, settings: Settings) -> None:
        self._rest, self._settings = rest, settings
        self._attributes: dict[str, Row] | None = None
        self._regions: dict[str, list[Row]] = {}
        self._reading = threading.RLock()
        self._nowhere: set[tuple[str, str]] = set()
        """(attribute, value) and ("", category) that the shop does not know, asked for anew once."""

    # --- the store view --------------------------------------------------------------------------------------

    @cached_property
    def configs(self) -> list[Row]:
        """Every store view's configuration; no shop is without one."""
        rows = self._rest.get("store/storeConfigs")
        if not isinstance(rows, list) or not rows:
            raise Incomplete("The shop says that it has no store view.", "Nothing to do: it is asked again.")
        return rows

    @cached_property
    def config(self) -> Row:
        """The configuration of the link's store view."""
        views = sorted(self.configs, key=lambda row: int(row.get("id", 0)))
        if self._settings.website:
            views = [row for row in views if row.get("website_id") == self._settings.website]
        if self._settings.store:
            views = [row for row in views if row.get("code") == self._settings.store]
        if not views:
            why = "The shop has no such store view or website."
            raise Rejected(why, "Choose one of its store views.", "no_store_view")
        return views[0]

    @property
    def currency(self) -> str:
        """What catalogue prices are in."""
        return text(self.config.get("base_currency_code")).upper()

    @property
    def pages(self) -> str:
        """Where the shop's pages begin, with a slash at the end."""
        found = text(self.config.get("secure_base_link_url")) or text(self.config.get("base_link_url"))
        return found or f"{self._rest.url}/"

    @property
    def media(self) -> str:
        """Where the shop's files begin."""
        found = text(self.config.get("secure_base_media_url")) or text(self.config.get("base_media_url"))
        return found or f"{self._rest.url}/media/"

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the shop's days."""
        try:
            return ZoneInfo(text(self.config.get("timezone")) or "UTC")
        except (ZoneInfoNotFoundError, ValueError):
            return ZoneInfo("UTC")

    @cached_property
    def languages(self) -> Mapping[str, str]:
        """Store view id → ISO 639-1."""
        return {str(row.get("id")): text(row.get("locale"))[:2].lower() for row in self.configs}

    @cached_property
    def views(self) -> list[str]:
        """Ids of the store views of the link's website; empty: all."""
        if not self._settings.website:
            return []
        return [str(row["id"]) for row in self.configs if row.get("website_id") == self._settings.website]

    # --- the catalogue ---------------------------------------------------------------------------------------

    @cached_property
    def categories(self) -> dict[str, str]:
        """Category id → name; the root of the shop's comes first. One that is made is to be added."""
        names: dict[str, str] = {}
        waiting: list[Any] = [self._rest.get("categories")]
        while waiting:
            row = waiting.pop()
            if isinstance(row, dict):
                names[str(row.get("id"))] = text(row.get("name"))
                waiting += row.get("children_data") or ()
        return names

    def forget_categories(self) -> None:
        """Read categories anew: one may have been made."""
        self.__dict__.pop("categories", None)

    def attributes(self) -> Mapping[str, Row]:
        """The attributes that are a choice, by id and by code, with their options.

        Read whole: the shop cannot look for an id (`attribute_id` is in three of the tables it joins), nor sort by one.
        """
        with self._reading:
            if self._attributes is None:
                self._attributes = {}
                for row in self._choices():
                    named = {str(row.get("attribute_id")): row, text(row.get("attribute_code")): row}
                    self._attributes |= named
            return self._attributes

    def expect(self, categories: Iterable[str] = (), options: Iterable[tuple[str, str]] = ()) -> None:
        """Read anew what was read before these were made: categories by id, options as (attribute's code, value)."""
        with self._reading:
            if self._unknown({("", id) for id in categories}, lambda: {("", id) for id in self.categories}):
                self.forget_categories()
            if self._unknown(set(options), self._told_options):
                self.forget_attributes()

    def _unknown(self, wanted: set[tuple[str, str]], known: Callable[[], set[tuple[str, str]]]) -> bool:
        absent = wanted - self._nowhere
        absent -= known() if absent else set()
        self._nowhere |= absent
        return bool(absent)

    def _told_options(self) -> set[tuple[str, str]]:
        rows = {id(row): row for row in self.attributes().values()}.values()
        return {
            (text(row.get("attribute_code")), text(option.get("value")))
            for row in rows
            for option in row.get("options") or ()
        }

    def _choices(self) -> Iterator[Row]:
        fields = "attribute_id,attribute_code,scope,is_user_defined,default_frontend_label,options"
        groups = [[("frontend_input", "eq", "select")]]
        seen: set[str] = set()
        for number in count(1):
            size = min(self._rest.page, CHOICES)
            query = criteria(groups, size, "", f"items[{fields}],total_count", number)
            rows = self._rest.get("products/attributes", query).get("items") or ()
            fresh = [row for row in rows if str(row.get("attribute_id")) not in seen]
            yield from fresh
            seen |= {str(row.get("attribute_id")) for row in fresh}
            if not fresh or len(rows) < size:
                return

    def forget_attributes(self) -> None:
        """Read attributes anew: one was made or has new options."""
        with self._reading:
            self._attributes = None

    @cached_property
    def parents(self) -> Mapping[str, str]:
        """Variant's id → id of its configurable product, over the whole shop."""
        found: dict[str, str] = {}
        for row in self._rest.everything("products", "entity_id", [VARIED], fields=f"id,{LINKS}", name="id"):
            found |= {str(child): str(row["id"]) for child in links(row)}
        return found

    def forget_parents(self) -> None:
        """Read them anew: a configurable product got other variants."""
        self.__dict__.pop("parents", None)

    def expect_parents(self, hidden: Iterable[str]) -> None:
        """See that products that are not shown are known as variants, even of a product made since they were read."""
        if "parents" in self.__dict__ and any(id not in self.parents for id in hidden):
            self.forget_parents()

    # --- people and places -----------------------------------------------------------------------------------

    @cached_property
    def groups(self) -> Mapping[str, str]:
        """Group id → name; empty where the token may not read groups."""
        try:
            rows = self._rest.search("customerGroups/search", fields="id,code").rows
        except PermissionMissing:
            return {}
        return {str(row.get("id")): text(row.get("code")) for row in rows}

    def region(self, country: str, name: str) -> dict[str, Any]:
        """A region of a country in the shop's words; only its name where the country has no list of them."""
        with self._reading:
            if country not in self._regions:
                row = self._rest.get(f"directory/countries/{country}")
                self._regions[country] = row.get("available_regions") or []
            for known in self._regions[country]:
                if name.casefold() in {
                    text(known.get("name")).casefold(),
                    text(known.get("code")).casefold(),
                }:
                    return {"region_id": int(known["id"]), "region_code": known.get("code"), "region": name}
        return {"region": name} if name else {}

    @cached_property
    def _places(self) -> list[Row] | None:
        """The inventory sources; None where the shop has none (the modules are off)."""
        try:
            return self._rest.search("inventory/sources", fields="source_code,name,enabled").rows
        except Rejected as refused:
            if refused.code != "no_route":
                raise
            return None

    @cached_property
    def sources(self) -> Mapping[str, bool] | None:
        """Inventory source → whether it counts; None where the shop has no sources."""
        if self._places is None:
            return None
        chosen = self._settings.sources
        codes = {text(row.get("source_code")): bool(row.get("enabled")) for row in self._places}
        return {code: code in chosen if chosen else enabled for code, enabled in codes.items()}

    @property
    def source_names(self) -> dict[str, str]:
        """Source → what it is called."""
        return {text(row.get("source_code")): text(row.get("name")) for row in self._places or ()}

    @property
    def counting(self) -> list[str]:
        """The sources that count."""
        return [code for code, counts in (self.sources or {}).items() if counts]

    @property
    def default_source(self) -> str:
        """The source that is meant where none is named: the shop's default, or else the first that counts."""
        counting = self.counting
        return counting[0] if counting and DEFAULT_SOURCE not in counting else DEFAULT_SOURCE


def links(row: Row) -> list[Any]:
    """The variants that a configurable product names."""
    return list(extension(row).get("configurable_product_links") or ())
