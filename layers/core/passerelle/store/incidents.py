"""Incidents of one tenant: one cause is one incident with a count (E-7), whose id is made of its cause."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from typing import Any

from passerelle.memory import Incident
from passerelle.model import Severity
from passerelle.store.records import IncidentStatus, KnownIncident
from passerelle.store.table import Action, ConditionFailed, Key, Page
from passerelle.store.tenancy import Tenancy
from passerelle.store.wire import Item, decode_item, instant, plain, record

DAYS = 90
"""How long an incident is remembered once it no longer asks for anything."""
_TOGETHER = 50
"""Incidents written by one transaction, two actions each."""
_PAGES = 10
_EMAIL = re.compile(r"[^\s@<>\"',;:()]+@[^\s@<>\"',;:()]+\.[^\s@<>\"',;:()]{2,}")


class Incidents:
    """An incident is one item; the partition of open ones, sorted by when they began, holds only ids."""

    def __init__(self, tenancy: Tenancy) -> None:
        self._at = tenancy
        self._open = tenancy.pk("INCIDENTS", "OPEN")

    def open(self, incidents: Sequence[Incident]) -> None:
        """Open them, or count them again where their cause is already open.

        Raises ValueError for one whose words hold an e-mail address (G-7), before anything is written.
        """
        for incident in incidents:
            _refuse_addresses(incident)
        wanted = {self.id_of(each.cause): each for each in incidents}
        known = self._read(wanted)
        again = [each for id, each in wanted.items() if _is_open(known.get(id))]
        first = [each for id, each in wanted.items() if not _is_open(known.get(id))]
        counts = dict.fromkeys(wanted, 0)
        for each in incidents:
            counts[self.id_of(each.cause)] += 1
        for _ in self._at.table.pool.map(
            lambda each: self._count(each, counts[self.id_of(each.cause)]), again
        ):
            pass
        for at in range(0, len(first), _TOGETHER):
            self._begin(first[at : at + _TOGETHER], counts)

    def resolve(self, causes: Sequence[str]) -> None:
        """Close those whose cause is gone; causes never opened are passed over."""
        self._end([self.id_of(cause) for cause in causes], IncidentStatus.RESOLVED)

    def close(self, incident: str) -> KnownIncident:
        """A person puts it away. Raises KeyError."""
        self.get(incident)
        self._end([incident], IncidentStatus.CLOSED)
        return self.get(incident)

    def get(self, incident: str) -> KnownIncident:
        """Raises KeyError."""
        item = self._at.table.get(*self._key(incident))
        if item is None:
            raise KeyError(incident)
        return record(KnownIncident, item)

    def list(
        self, *, link: str = "", severity: Severity | None = None, limit: int = 25, cursor: str | None = None
    ) -> Page[KnownIncident]:
        """Open incidents, the newest first. A filtered page may be short and still have a cursor."""
        found: list[KnownIncident] = []
        for _ in range(_PAGES):
            page = self._at.table.query(
                self._open, limit=limit - len(found), cursor=cursor, newest_first=True
            )
            for item in self._listed(page.items):
                if (not link or item["link"] == link) and (severity is None or item["severity"] == severity):
                    found.append(record(KnownIncident, item))
            cursor = page.cursor
            if cursor is None or len(found) >= limit:
                break
        return Page(tuple(found), cursor)

    def id_of(self, cause: str) -> str:
        """The id of the incident of a cause."""
        return "inc_" + hashlib.blake2b(f"{self._at.tenant}#{cause}".encode(), digest_size=12).hexdigest()

    def _listed(self, lines: Iterable[Item]) -> Iterable[Item]:
        ids = [line["incident"] for line in lines]
        known = self._read(ids)
        return [known[id] for id in ids if _is_open(known.get(id))]

    def _read(self, ids: Iterable[str]) -> dict[str, Item]:
        return {item["id"]: item for item in map(decode_item, self._at.table.batch_get(map(self._key, ids)))}

    def _count(self, incident: Incident, times: int) -> None:
        values: dict[str, Any] = {"times": times, "now": self._at.clock(), "open": IncidentStatus.OPEN}
        values |= {"severity": incident.severity, "title": incident.title, "remedy": incident.remedy}
        values |= {"run": incident.run}
        expression = (
            "SET #last_at = :now, #severity = :severity, #title = :title, #remedy = :remedy, #run = :run "
            "ADD #count :times"
        )
        key = self._key(self.id_of(incident.cause))
        try:
            self._at.table.update(key, expression, values, "#status = :open")
        except ConditionFailed:
            self._begin([incident], {self.id_of(incident.cause): times})

    def _begin(self, incidents: Sequence[Incident], counts: dict[str, int]) -> None:
        actions = [act for each in incidents for act in self._beginning(each, counts[self.id_of(each.cause)])]
        try:
            self._at.table.transact(actions)
        except ConditionFailed as race:
            lost = {number // 2 for number in race.refused}
            for number, each in enumerate(incidents):
                if number in lost:
                    self._count(each, counts[self.id_of(each.cause)])
            rest = [each for number, each in enumerate(incidents) if number not in lost]
            if rest:
                self._begin(rest, counts)

    def _beginning(self, incident: Incident, count: int) -> Sequence[Action]:
        now = self._at.clock()
        known = KnownIncident(
            id=self.id_of(incident.cause),
            cause=incident.cause,
            severity=incident.severity,
            title=incident.title,
            remedy=incident.remedy,
            first_at=now,
            last_at=now,
            count=count,
            link=incident.link,
            kind=incident.kind,
            object_id=incident.object_id,
            run=incident.run,
        )
        pk, sk = self._key(known.id)
        put = self._at.table.putting
        return [
            put(
                {"pk": pk, "sk": sk} | plain(known),
                "attribute_not_exists(#pk) OR #status <> :open",
                {"open": IncidentStatus.OPEN},
            ),
            put({"pk": self._open, "sk": f"{instant(now)}#{known.id}", "incident": known.id}),
        ]

    def _end(self, incidents: Sequence[str], status: IncidentStatus) -> None:
        known = self._read(dict.fromkeys(incidents))
        ending = [item for item in known.values() if _is_open(item)]
        for at in range(0, len(ending), _TOGETHER):
            cut = ending[at : at + _TOGETHER]
            try:
                self._at.table.transact([act for item in cut for act in self._ending(item, status)])
            except ConditionFailed:
                for item in cut:
                    self._end_one(item, status)

    def _end_one(self, item: Item, status: IncidentStatus) -> None:
        try:
            self._at.table.transact(self._ending(item, status))
        except ConditionFailed:
            return

    def _ending(self, item: Item, status: IncidentStatus) -> Sequence[Action]:
        """Only the incident that was read is ended: one that somebody ended, or opened anew, is left alone."""
        table, first_at = self._at.table, item["first_at"]
        values = {
            "status": status,
            "first": first_at,
            "open": IncidentStatus.OPEN,
            "ttl": self._at.expiry(DAYS),
        }
        return [
            table.updating(
                self._key(item["id"]),
                "SET #status = :status, #ttl = :ttl",
                values,
                "#status = :open AND #first_at = :first",
            ),
            table.deleting((self._open, f"{first_at}#{item['id']}")),
        ]

    def _key(self, incident: str) -> Key:
        return (self._at.pk("INCIDENT", incident), "INCIDENT")


def _is_open(item: Item | None) -> bool:
    return item is not None and item["status"] == IncidentStatus.OPEN


def _refuse_addresses(incident: Incident) -> None:
    for word in (incident.cause, incident.title, incident.remedy, incident.object_id):
        if _EMAIL.search(word):
            raise ValueError("an incident's words must not hold an e-mail address: name the object by its id")
