"""Customer events of one link: how far each got, who waits, which browser is whose, and the counts (A-19)."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from passerelle.memory.customer_events import Count, Occurrence, Stage, Standing, Tally
from passerelle.rules.customer_events import KEPT, Named, Who
from passerelle.store.table import ConditionFailed, Key
from passerelle.store.tenancy import AWAITED, Tenancy
from passerelle.store.wire import decode_item, encode_item

DAYS = 7
BROWSER_DAYS = 30
TALLY_DAYS = 90
LEASE = timedelta(minutes=45)
"""After this a claim's worker is surely dead: longer than the queue hides a message."""
WAITING = "waiting"
"""The count of what was kept on a day and still is."""
WAITS = "WAITS"
"""The sort key that says of a person that something may wait for them."""
DOOR = "door"
"""The group of what is counted before the queue."""

WINNING = "#stage = :kept OR (#stage = :claimed AND (#by = :by OR #at < :stale))"


class LinkEvents:
    """Fulfils memory.CustomerEvents for one link, and remembers for the door what was queued."""

    def __init__(self, tenancy: Tenancy, link: str) -> None:
        self._at, self._link = tenancy, link

    # --- the door --------------------------------------------------------------------------------------------

    def queued(self, ids: Sequence[str]) -> set[str]:
        """Those of these ids that were queued in the last 7 days."""
        keys = {self._key(id)[0]: id for id in ids}
        now = self._at.clock().timestamp()
        found = map(decode_item, self._at.table.batch_get((pk, "QUEUED") for pk in keys))
        return {keys[item["pk"]] for item in found if item["ttl"] > now}

    def remember(self, ids: Sequence[str]) -> None:
        """They are queued: telling them again does nothing."""
        ttl = self._at.expiry(DAYS)
        self._at.table.batch_write(
            encode_item({"pk": self._key(id)[0], "sk": "QUEUED", "ttl": ttl}) for id in ids
        )

    # --- how far each got ------------------------------------------------------------------------------------

    def standings(self, ids: Sequence[str]) -> dict[str, Standing]:
        """See memory.CustomerEvents."""
        keys = {self._key(id)[0]: id for id in ids}
        found = map(decode_item, self._at.table.batch_get((pk, "STAGE") for pk in keys))
        return {
            keys[item["pk"]]: Standing(Stage(item["stage"]), item["first"], item["by"], item["contact"])
            for item in found
        }

    def win(self, by: str, contacts: Mapping[str, str], standings: Mapping[str, Standing]) -> set[str]:
        """See memory.CustomerEvents."""

        def one(id: str) -> bool:
            claimed = Standing(Stage.CLAIMED, standings[id].first, by, contacts[id])
            stale = self._at.clock() - LEASE
            values = {"kept": Stage.KEPT, "claimed": Stage.CLAIMED, "by": by, "stale": stale}
            try:
                self._at.table.put(self._standing(id, claimed), WINNING, values)
            except ConditionFailed:
                return False
            return True

        won = self._at.table.pool.map(one, contacts) if len(contacts) > 1 else map(one, contacts)
        return {id for id, ours in zip(contacts, won, strict=True) if ours}

    def stand(self, standings: Mapping[str, Standing]) -> None:
        """See memory.CustomerEvents."""
        self._at.table.batch_write(
            encode_item(self._standing(id, standing)) for id, standing in standings.items()
        )

    def _standing(self, id: str, standing: Standing) -> dict[str, Any]:
        pk, sk = self._key(id)
        ttl = self._at.expiry(2 * DAYS)
        return {"pk": pk, "sk": sk, "at": self._at.clock(), "ttl": ttl, **asdict(standing)}

    # --- who waits -------------------------------------------------------------------------------------------

    def wait(self, events: Sequence[Occurrence]) -> None:
        """See memory.CustomerEvents."""
        self._await({event.kept_as for event in events if not event.kept_as.startswith(Who.CLIENT)})
        marks = {self._kept_by(event.kept_as) for event in events}
        ttl = self._at.expiry(DAYS + 1)
        self._at.table.batch_write(encode_item({"pk": pk, "sk": WAITS, "ttl": ttl}) for pk in marks)
        self._at.table.batch_write(encode_item(self._waiting(event)) for event in events)

    def _waiting(self, event: Occurrence) -> dict[str, Any]:
        pk, sk = self._place(event)
        until = _until(event)
        return {"pk": pk, "sk": sk, "event": _plain(event), "until": until, "ttl": int(until.timestamp())}

    def wait_no_longer(self, events: Sequence[Occurrence]) -> None:
        """See memory.CustomerEvents."""
        self._at.table.batch_write(deletes=[self._place(event) for event in events])

    def anything_kept(self, who: Who, keys: Iterable[str]) -> set[str]:
        """See memory.CustomerEvents."""
        places = {self._kept_by(f"{who}:{key}"): key for key in keys}
        found = map(decode_item, self._at.table.batch_get((pk, WAITS) for pk in places))
        return {places[item["pk"]] for item in found}

    def kept(self, who: Who, key: str) -> list[Occurrence]:
        """See memory.CustomerEvents."""
        pk, now = self._kept_by(f"{who}:{key}"), self._at.clock()
        waiting = [item for item in self._at.table.stream(pk) if item["sk"] != WAITS]
        found = [
            _occurrence(item["event"]) for item in waiting if datetime.fromisoformat(item["until"]) > now
        ]
        if not found:
            # An event put down at this moment is seen by whoever put it down.
            self._at.table.delete((pk, WAITS))
        return found

    def forget(self, who: Who, key: str) -> None:
        """Nothing waits for this person any more: they are forgotten."""
        self.wait_no_longer(self.kept(who, key))
        self._at.table.delete((self._awaited, f"for:{who}:{key}"))

    def awaited(self) -> list[tuple[Who, str]]:
        """See memory.CustomerEvents."""
        now = self._at.clock().timestamp()
        found = [item["sk"] for item in self._at.table.stream(self._awaited, "for:") if item["ttl"] > now]
        return [(Who(word), key) for _, word, key in (each.split(":", 2) for each in found)]

    def no_longer_awaited(self, who: Who, key: str) -> None:
        """See memory.CustomerEvents."""
        # One that was put down within the hour may be followed by an event that is not there yet.
        old = self._at.expiry(DAYS + 1) - 3600
        with suppress(ConditionFailed):
            self._at.table.delete((self._awaited, f"for:{who}:{key}"), "#ttl < :old", {"old": old})

    def looked_at(self) -> datetime | None:
        """See memory.CustomerEvents."""
        item = self._at.table.get(self._awaited, "LOOKED")
        return datetime.fromisoformat(item["at"]) if item else None

    def looked(self, at: datetime) -> None:
        """See memory.CustomerEvents."""
        self._at.table.put({"pk": self._awaited, "sk": "LOOKED", "at": at, "ttl": self._at.expiry(DAYS)})

    def _await(self, people: set[str]) -> None:
        """Before anything waits, so that nothing waits unseen."""
        if not people:
            return
        ttl = self._at.expiry(DAYS + 1)
        listed = {"pk": AWAITED, "sk": f"{self._at.tenant}#{self._link}", "ttl": ttl}
        listed |= {"tenant": self._at.tenant, "link": self._link}
        wanted = [{"pk": self._awaited, "sk": f"for:{whom}", "ttl": ttl} for whom in sorted(people)]
        self._at.table.batch_write(encode_item(item) for item in (listed, *wanted))

    def _place(self, event: Occurrence) -> Key:
        return self._kept_by(event.kept_as), f"{event.at.astimezone(UTC).isoformat()}#{_digest(event.id)}"

    # --- whose a browser is ----------------------------------------------------------------------------------

    def tie(self, owners: Mapping[str, Named]) -> None:
        """See memory.CustomerEvents."""
        ttl = self._at.expiry(BROWSER_DAYS)
        self._at.table.batch_write(
            encode_item({"pk": self._browser(client), "sk": "BROWSER", "ttl": ttl, **_whose(owner)})
            for client, owner in owners.items()
        )

    def tied(self, clients: Iterable[str]) -> dict[str, Named]:
        """See memory.CustomerEvents."""
        keys = {self._browser(client): client for client in clients}
        found = map(decode_item, self._at.table.batch_get((pk, "BROWSER") for pk in keys))
        return {keys[item["pk"]]: Named(item["contact"], item["customer"]) for item in found}

    # --- the counts ------------------------------------------------------------------------------------------

    def count(self, counts: Mapping[Count, int]) -> None:
        """Add to today's counts, at the door."""
        day = self._at.clock().date().isoformat()
        self._add(day, DOOR, counts, "", {})

    def tally(self, counts: Mapping[str, Mapping[str, int]], group: str, by: str) -> None:
        """See memory.CustomerEvents."""
        for day, added in counts.items():
            with suppress(ConditionFailed):
                self._add(day, group, added, "attribute_not_exists(#last) OR #last <> :last", {"last": by})

    def _add(
        self, day: str, group: str, counts: Mapping[Any, int], condition: str, last: Mapping[str, str]
    ) -> None:
        added = {str(name): many for name, many in counts.items() if many}
        if not added:
            return
        key = self._at.pk("EVENT-TALLY", self._link), f"{day}#{group}"
        expression = "ADD " + ", ".join(f"#{name} :{name}" for name in added) + " SET #ttl = :ttl"
        expression += ", #last = :last" if last else ""
        values = {**added, **last, "ttl": self._at.expiry(TALLY_DAYS)}
        self._at.table.update(key, expression, values, condition)

    def tallies(self) -> list[Tally]:
        """The counts of each day, the newest first. What still waited after 7 days has expired."""
        days: dict[str, Counter[str]] = {}
        for item in self._at.table.stream(self._at.pk("EVENT-TALLY", self._link)):
            numbers = {name: value for name, value in item.items() if name in {*Count, WAITING}}
            days.setdefault(item["sk"].partition("#")[0], Counter()).update(numbers)
        last = (self._at.clock() - KEPT).date().isoformat()
        for day, counts in days.items():
            if day < last:
                counts[Count.EXPIRED] += counts[WAITING]
        return [
            Tally(day, {count: days[day][count] for count in Count}) for day in sorted(days, reverse=True)
        ]

    # --- keys ------------------------------------------------------------------------------------------------

    @property
    def _awaited(self) -> str:
        return self._at.pk("AWAITED", self._link)

    def _key(self, id: str) -> Key:
        return self._at.pk("EVENT", self._link, _digest(id)), "STAGE"

    def _kept_by(self, whom: str) -> str:
        return self._at.pk("KEPT", self._link, _digest(whom))

    def _browser(self, client: str) -> str:
        return self._at.pk("BROWSER", self._link, client)


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _whose(owner: Named) -> dict[str, str]:
    return {"contact": owner.contact, "customer": owner.customer}


def _until(event: Occurrence) -> datetime:
    return datetime.fromisoformat(event.kept_on) + KEPT


def _plain(event: Occurrence) -> dict[str, Any]:
    return {**asdict(event), "properties": [list(pair) for pair in event.properties]}


def _occurrence(item: Mapping[str, Any]) -> Occurrence:
    properties = tuple((name, value) for name, value in item["properties"])
    at, named = datetime.fromisoformat(item["at"]), Named(**item["named"])
    return Occurrence(**{**item, "at": at, "named": named, "properties": properties})
