"""What a buyer chooses by: the options of combinations, with the names that the shop shows."""

from collections.abc import Iterable

from passerelle.connectors.prestashop.facts import Facts
from passerelle.connectors.prestashop.reading import text
from passerelle.connectors.prestashop.webservice import Row

type Pairs = tuple[tuple[str, str], ...]
"""(option, value) pairs"""


def linked(row: Row, association: str) -> list[str]:
    """Ids of what hangs on an entity."""
    rows = (row.get("associations") or {}).get(association) or []
    return [str(one.get("id")) for one in rows]


class Options:
    """Names of options and values; many are read together, then told one by one."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    def learn(self, combinations: Iterable[Row]) -> None:
        """Read the names that these combinations need."""
        values = [id for row in combinations for id in linked(row, "product_option_values")]
        known = self._values(values)
        self._groups([text(known[id].get("id_attribute_group")) for id in values if id in known])

    def of(self, combination: Row) -> Pairs:
        """A combination's options, in the shop's order."""
        values, groups, language = self._values(()), self._groups(()), self._facts.language
        found = []
        for id in linked(combination, "product_option_values"):
            value = values.get(id, {})
            group = groups.get(text(value.get("id_attribute_group")), {})
            found.append((text(group.get("public_name"), language), text(value.get("name"), language)))
        return tuple(pair for pair in found if all(pair))

    def _values(self, ids: Iterable[str]) -> dict[str, Row]:
        return self._facts.named("product_option_values", ids, "id,id_attribute_group,name")

    def _groups(self, ids: Iterable[str]) -> dict[str, Row]:
        return self._facts.named("product_options", ids, "id,public_name")
