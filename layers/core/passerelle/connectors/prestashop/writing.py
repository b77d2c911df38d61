"""Writes entities, many a request, told apart again when the shop stops half way.

Source: https://devdocs.prestashop-project.org/8/webservice/tutorials/advanced-use/ (PATCH, since PrestaShop 8.0).
The shop saves the entities of a document in order and stops at the first that it refuses, with those before it saved;
the answer shows only the last. What is changed may be sent twice, so halves find who was refused; of what is made,
whoever calls says what is there. Before 8.0 a change is a PUT, which empties whatever it leaves out: there the entity
is read whole, and sent back less what is read-only.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import batched
from threading import Lock

from passerelle.connectors.prestashop.documents import Entity, Value, document
from passerelle.connectors.prestashop.reading import text
from passerelle.connectors.prestashop.webservice import Row, Webservice
from passerelle.port import Rejected

BATCH = 50
HEAVY = 20
"""Products in one document: each touches a dozen tables, and a document must end before PHP's time does."""
UNRELIABLE = frozenset({"position_in_category"})
"""Fields that an entity tells and does not take back."""
_FIELD = re.compile(r"<(\w+)((?:\s[^<>]*)?)>(?=<language |<!\[CDATA\[)(<language )?")

type There = Callable[[Sequence[int]], set[int]]
"""Places of entities that were sent → those that the shop has by now."""


class Writer:
    """Writes to one shop."""

    def __init__(self, service: Webservice) -> None:
        self._service = service
        self._forms: dict[str, tuple[frozenset[str], frozenset[str]]] = {}
        self._reading = Lock()

    def update(self, resource: str, entities: Mapping[str, Entity]) -> dict[str, Rejected]:
        """Change entities by id; answers those that were refused. Raises Unavailable, PermissionMissing."""
        refused: dict[str, Rejected] = {}
        for ids in batched(entities, HEAVY if resource == "products" else BATCH, strict=False):
            refused |= self._change(resource, {id: entities[id] for id in ids})
        return refused

    def _change(self, resource: str, entities: Mapping[str, Entity]) -> dict[str, Rejected]:
        ids = list(entities)
        try:
            if self._service.patches:
                whole = [Entity({"id": id, **entities[id].fields}, entities[id].links) for id in ids]
                self._service.send("PATCH", resource, document(resource, whole))
            else:
                self._service.send("PUT", resource, document(resource, self._completed(resource, entities)))
        except Rejected as refusal:
            if refusal.code == "no_webservice":
                raise
            if len(ids) == 1:
                return {ids[0]: refusal}
            half = len(ids) // 2
            parts = ids[:half], ids[half:]
            first, second = (self._change(resource, {id: entities[id] for id in part}) for part in parts)
            return first | second
        return {}

    def make(self, resource: str, entities: Sequence[Entity], there: There) -> dict[int, Rejected]:
        """Make entities; answers the places of those that were refused."""
        refused: dict[int, Rejected] = {}
        waiting, most = list(range(len(entities))), HEAVY if resource == "products" else BATCH
        while waiting:
            some = waiting[:most]
            try:
                self._service.send("POST", resource, document(resource, [entities[n] for n in some]))
            except Rejected as refusal:
                made = there(some) if len(some) > 1 else set()
                left = [place for place in some if place not in made]
                refused |= dict.fromkeys(left[:1], refusal)
                waiting = left[1:] + waiting[len(some) :]
            else:
                waiting = waiting[len(some) :]
        return refused

    def remove(self, resource: str, ids: Sequence[str]) -> None:
        """Delete entities; one that is not there any more is passed over. Raises Rejected."""
        for some in batched(ids, BATCH, strict=False):
            try:
                self._service.delete(resource, some)
            except Rejected as refusal:
                if refusal.status != 404:
                    raise
                if len(some) > 1:
                    for id in some:
                        self.remove(resource, [id])

    # --- before 8.0 --------------------------------------------------------------------------------------------

    def _completed(self, resource: str, entities: Mapping[str, Entity]) -> list[Entity]:
        """The entities whole: as they are now, with what is to change."""
        rows = {str(row["id"]): row for row in self._service.entities(resource, entities)}
        gone = [id for id in entities if id not in rows]
        if gone:
            why = f"The shop has no {resource} {', '.join(gone)}."
            raise Rejected(why, "Nothing to do: it was deleted.", "missing", 404)
        return [self._whole(resource, rows[id], entity) for id, entity in entities.items()]

    def _whole(self, resource: str, row: Row, entity: Entity) -> Entity:
        fixed, translated = self._form(resource)
        kept: dict[str, Value] = {
            name: spoken(value) if name in translated and isinstance(value, list) else text(value)
            for name, value in row.items()
            if name != "associations" and name not in fixed | UNRELIABLE
        }
        return Entity(kept | entity.fields, entity.links)

    def _form(self, resource: str) -> tuple[frozenset[str], frozenset[str]]:
        """(fields that are read-only, fields that are translated)."""
        with self._reading:
            if resource not in self._forms:
                found = list(_FIELD.finditer(self._service.synopsis(resource)))
                fixed = frozenset(one[1] for one in found if re.search(r'read_?only="true"', one[2], re.I))
                self._forms[resource] = fixed, frozenset(one[1] for one in found if one[3])
            return self._forms[resource]


def spoken(value: object) -> dict[str, str]:
    """Language id → text, of a translated field."""
    if not isinstance(value, list):
        return {}
    return {str(one.get("id")): str(one.get("value") or "") for one in value if isinstance(one, dict)}
