"""What a product's words stand for in the shop: categories, manufacturers, tags, options; made where they are missing.

Source: https://devdocs.prestashop-project.org/8/webservice/resources/ (categories, manufacturers, tags,
product_options, product_option_values). None of these names is unique in PrestaShop: the oldest of a name is taken,
and one written otherwise in capitals only where there is none just so. What is made has its name in every language.
"""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence

from passerelle.connectors.prestashop.documents import Entity
from passerelle.connectors.prestashop.facts import Facts
from passerelle.connectors.prestashop.finding import rows_by_text
from passerelle.connectors.prestashop.fitting import slug
from passerelle.connectors.prestashop.reading import text
from passerelle.connectors.prestashop.webservice import Row, Webservice
from passerelle.connectors.prestashop.writing import Writer

type Ids = dict[str, str]
"""Name → id; each name also in lower case."""
type Choice = tuple[str, str]
"""(option, value)"""


class Names:
    """Finds and makes names in one shop, each looked for once."""

    def __init__(self, service: Webservice, facts: Facts, writer: Writer) -> None:
        self._service, self._facts, self._writer = service, facts, writer
        self._known: dict[str, Ids] = {}
        # Two batches side by side must not make one name twice.
        self._making = threading.Lock()

    def spread(self, name: str) -> dict[str, str]:
        """A text in every language that the shop has."""
        return dict.fromkeys(sorted(self._facts.languages, key=int), name)

    def categories(self, names: Iterable[str]) -> Ids:
        """Categories by name; new ones stand under the shop's home."""

        def new(name: str) -> Entity:
            told = {"name": self.spread(name), "link_rewrite": self.spread(slug(name) or "category")}
            return Entity({"id_parent": self._facts.home, "active": "1", **told})

        return self._ensured("categories", names, "id,name", new)

    def manufacturers(self, names: Iterable[str]) -> Ids:
        """Manufacturers by name."""
        return self._ensured(
            "manufacturers", names, "id,name", lambda name: Entity({"name": name, "active": "1"})
        )

    def tags(self, names: Iterable[str]) -> Ids:
        """Tags of the written language by name."""
        language = self._facts.written_language

        def new(name: str) -> Entity:
            return Entity({"id_lang": language, "name": name})

        def ours(row: Row) -> bool:
            return text(row.get("id_lang")) == language

        return self._ensured("tags", names, "id,id_lang,name", new, ours)

    def choices(self, wanted: Sequence[Choice]) -> dict[Choice, str]:
        """Ids of option values, by option and value; options are lists to choose from."""
        options = self._options([option for option, _ in wanted])
        values: dict[Choice, str] = {}
        for option in dict.fromkeys(option for option, _ in wanted):
            id = found(options, option)
            if id:
                of = self._values(id, [value for name, value in wanted if name == option])
                values |= {pair: found(of, pair[1]) for pair in wanted if pair[0] == option}
        return {pair: id for pair, id in values.items() if id}

    def _options(self, names: Iterable[str]) -> Ids:
        def new(name: str) -> Entity:
            spread = self.spread(name)
            return Entity({"group_type": "select", "name": spread, "public_name": spread})

        return self._ensured("product_options", names, "id,public_name", new)

    def _values(self, option: str, names: Iterable[str]) -> Ids:
        def new(name: str) -> Entity:
            return Entity({"id_attribute_group": option, "name": self.spread(name)})

        return self._ensured("product_option_values", names, "id,name", new, of=option)

    # --- finding and making ------------------------------------------------------------------------------------

    def _ensured(
        self,
        resource: str,
        names: Iterable[str],
        display: str,
        new: Callable[[str], Entity],
        ours: Callable[[Row], bool] = lambda _: True,
        of: str = "",
    ) -> Ids:
        """Ids of these names; one that the shop refuses to make is absent."""
        with self._making:
            known = self._known.setdefault(f"{resource}/{of}", {})
            absent = [name for name in dict.fromkeys(names) if name and not found(known, name)]
            if absent:
                _learn(known, filter(ours, self._read(resource, absent, display, of)))
                # Two that differ in capitals only are made once.
                missing = list({n.casefold(): n for n in absent if not found(known, n)}.values())
                if missing:
                    self._make(resource, missing, new, lambda: self._read(resource, missing, display, of))
                    _learn(known, filter(ours, self._read(resource, missing, display, of)))
            return dict(known)

    def _read(self, resource: str, names: Sequence[str], display: str, of: str) -> list[Row]:
        if of:
            return self._service.rows(
                resource, display, {"id_attribute_group": f"[{of}]"}, **self._facts.in_language
            )
        if resource == "product_options":
            return self._service.rows(resource, display, None, **self._facts.in_language)
        return rows_by_text(self._service, resource, "name", names, display, **self._facts.in_language)

    def _make(
        self, resource: str, names: Sequence[str], new: Callable[[str], Entity], read: Callable[[], list[Row]]
    ) -> None:
        def there(places: Sequence[int]) -> set[int]:
            known: Ids = {}
            _learn(known, read())
            return {place for place in places if found(known, names[place])}

        self._writer.make(resource, [new(name) for name in names], there)


def found(known: Mapping[str, str], name: str) -> str:
    """The id of a name, just so or in other capitals; empty where there is none."""
    return known.get(name) or known.get(name.casefold(), "")


def _learn(known: Ids, rows: Iterable[Row]) -> None:
    for row in sorted(rows, key=lambda row: int(row["id"])):
        name = text(row.get("name", row.get("public_name")))
        if name:
            known.setdefault(name, str(row["id"]))
            known.setdefault(name.casefold(), str(row["id"]))
