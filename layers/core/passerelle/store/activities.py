"""What happened to one object, kept 400 days (A-25, G-8)."""

from collections.abc import Sequence

import orjson

from passerelle.memory import Act
from passerelle.model import Kind
from passerelle.store.records import PastAct
from passerelle.store.table import Page
from passerelle.store.tenancy import Tenancy, instant_of
from passerelle.store.wire import WireItem

DAYS = 400


class Activities:
    """Lines by kind and object id; the attribute `a` is one JSON list in the order of PastAct after `at`."""

    def __init__(self, tenancy: Tenancy) -> None:
        self._at = tenancy

    def record(self, acts: Sequence[Act]) -> None:
        """Append them."""
        if not acts:
            return
        ttl = str(self._at.expiry(DAYS))
        self._at.table.batch_write(self._item(act, ttl) for act in acts)

    def list(self, kind: Kind, object_id: str, limit: int = 50, cursor: str | None = None) -> Page[PastAct]:
        """What happened to an object, newest first."""
        pk = self._at.pk("ACTS", kind, object_id)
        page = self._at.table.query(pk, limit=limit, cursor=cursor, newest_first=True)
        return Page(tuple(_past(item["sk"], item["a"]) for item in page.items), page.cursor)

    def forget(self, kind: Kind, object_id: str) -> None:
        """Delete all that is told of an object."""
        pk = self._at.pk("ACTS", kind, object_id)
        self._at.table.batch_write(deletes=[(pk, item["sk"]) for item in self._at.table.stream(pk)])

    def _item(self, act: Act, ttl: str) -> WireItem:
        line = [act.link, act.direction, act.action, act.field, act.before, act.after, act.reason, act.run]
        return {
            "pk": {"S": self._at.pk("ACTS", act.kind, act.object_id)},
            "sk": {"S": self._at.moment()},
            "a": {"S": orjson.dumps(line).decode()},
            "ttl": {"N": ttl},
        }


def _past(moment: str, text: str) -> PastAct:
    return PastAct(instant_of(moment), *orjson.loads(text))
