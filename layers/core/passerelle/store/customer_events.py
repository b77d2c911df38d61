"""Customer events of one link: how far each got, who waits, which browser is whose, and the counts (A-19)."""

import hashlib
import secrets
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from itertools import batched
from typing import Any

from passerelle.memory.customer_events import Contested, Count, Occurrence, Stage, Standing, Tally
from passerelle.rules.customer_events import KEPT, Named, Who
from passerelle.store.table import Action, ConditionFailed, Key
from passerelle.store.tenancy import AWAITED, Tenancy
from passerelle.store.wire import decode_item, encode_item

DAYS = 7
BROWSER_DAYS = 30
TALLY_DAYS = 90
LEASE = timedelta(minutes=45)
"""After this a claim's worker is surely dead: longer than the queue hides a message."""
TOGETHER = 30
"""Events of one transaction: each has up to three writes, and 100 is DynamoDB's limit."""
SHARDS = 8
ATTEMPTS = 8
WAITING = "waiting"

CLAIMING = "#stage = :kept OR (#stage = :claimed AND (#by = :by OR #at < :stale))"


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
            keys[item["pk"]]: Standing(Stage(item["stage"]), item["first"], item["contact"]) for item in found
        }

    def claim(self, by: str, events: Sequence[tuple[Occurrence, str]], fresh: Iterable[str]) -> None:
        """See memory.CustomerEvents."""
        new = set(fresh)
        for part in batched(events, TOGETHER, strict=False):
            actions = [
                self._become(event.id, by, Stage.CLAIMED, "" if event.id in new else CLAIMING, contact)
                for event, contact in part
            ]
            self._write(actions, {Count.ACCEPTED: sum(event.id in new for event, _ in part)})

    def keep(self, by: str, events: Sequence[tuple[Occurrence, Who, str]], fresh: Iterable[str]) -> None:
        """See memory.CustomerEvents."""
        new = set(fresh)
        self._await({(who, key) for _, who, key in events if who is not Who.CLIENT})
        for part in batched(events, TOGETHER, strict=False):
            actions: list[Action] = []
            for event, who, key in part:
                condition = "" if event.id in new else CLAIMING
                actions.append(self._become(event.id, by, Stage.KEPT, condition))
                actions += self._waiting_for(event, who, key)
            first = sum(not event.kept_as for event, _, _ in part)
            accepted = sum(event.id in new for event, _, _ in part)
            self._write(actions, {Count.ACCEPTED: accepted, Count.KEPT: first, WAITING: first})

    def end(self, by: str, events: Sequence[Occurrence], count: Count, fresh: Iterable[str] = ()) -> None:
        """See memory.CustomerEvents."""
        new = set(fresh)
        for part in batched(events, TOGETHER, strict=False):
            conditions = {event.id: "" if event.id in new else CLAIMING for event in part}
            actions = [self._become(event.id, by, Stage.ENDED, conditions[event.id]) for event in part]
            actions += [self._at.table.deleting(self._place(event)) for event in part if event.kept_as]
            accepted = sum(event.id in new for event in part)
            since = Counter(event.kept_on for event in part if event.kept_on)
            self._write(actions, {count: len(part), Count.ACCEPTED: accepted}, since)

    def _become(self, id: str, by: str, stage: Stage, condition: str, contact: str = "") -> Action:
        """Change its stage; without a condition it must be new."""
        now = self._at.clock()
        item = {"stage": stage, "by": by, "at": now, "contact": contact, "ttl": self._at.expiry(2 * DAYS)}
        expression = "SET " + ", ".join(f"#{name} = :{name}" for name in item)
        expression += ", #first = if_not_exists(#first, :by)"
        values: dict[str, Any] = dict(item)
        if condition:
            values |= {"kept": Stage.KEPT, "claimed": Stage.CLAIMED, "stale": now - LEASE}
        return self._at.table.updating(
            self._key(id), expression, values, condition or "attribute_not_exists(#pk)"
        )

    # --- who waits -------------------------------------------------------------------------------------------

    def kept(self, who: Who, key: str) -> list[Occurrence]:
        """See memory.CustomerEvents."""
        now = self._at.clock()
        items = self._at.table.stream(self._kept_by(f"{who}:{key}"))
        return [_occurrence(item["event"]) for item in items if datetime.fromisoformat(item["until"]) > now]

    def awaited(self) -> list[tuple[Who, str]]:
        """See memory.CustomerEvents."""
        now = self._at.clock().timestamp()
        found = [item["sk"] for item in self._at.table.stream(self._awaited, "for:") if item["ttl"] > now]
        return [(Who(word), key) for _, word, key in (each.split(":", 2) for each in found)]

    def no_longer_awaited(self, who: Who, key: str) -> None:
        """See memory.CustomerEvents."""
        self._at.table.delete((self._awaited, f"for:{who}:{key}"))

    def looked_at(self) -> datetime | None:
        """See memory.CustomerEvents."""
        item = self._at.table.get(self._awaited, "LOOKED")
        return datetime.fromisoformat(item["at"]) if item else None

    def looked(self, at: datetime) -> None:
        """See memory.CustomerEvents."""
        self._at.table.put({"pk": self._awaited, "sk": "LOOKED", "at": at, "ttl": self._at.expiry(DAYS)})

    def _await(self, people: set[tuple[Who, str]]) -> None:
        """Before anything waits, so that nothing waits unseen."""
        if not people:
            return
        ttl = self._at.expiry(DAYS + 1)
        listed = {"pk": AWAITED, "sk": f"{self._at.tenant}#{self._link}", "ttl": ttl}
        listed |= {"tenant": self._at.tenant, "link": self._link}
        wanted = [{"pk": self._awaited, "sk": f"for:{who}:{key}", "ttl": ttl} for who, key in sorted(people)]
        self._at.table.batch_write(encode_item(item) for item in (listed, *wanted))

    def _waiting_for(self, event: Occurrence, who: Who, key: str) -> Iterator[Action]:
        """Put it where its person's events wait, from wherever it waited before."""
        today = self._at.clock()
        waiting = {**_plain(event), "kept_as": f"{who}:{key}"}
        waiting["kept_on"] = event.kept_on or today.date().isoformat()
        if event.kept_as and event.kept_as != waiting["kept_as"]:
            yield self._at.table.deleting(self._place(event))
        if event.kept_as == waiting["kept_as"]:
            return
        pk, sk = self._kept_by(waiting["kept_as"]), self._place(event)[1]
        until = today + KEPT
        yield self._at.table.putting(
            {"pk": pk, "sk": sk, "event": waiting, "until": until, "ttl": int(until.timestamp())}
        )

    def _place(self, event: Occurrence) -> Key:
        return self._kept_by(event.kept_as), f"{event.at.astimezone(UTC).isoformat()}#{_digest(event.id)}"

    # --- whose a browser is ----------------------------------------------------------------------------------

    def tie(self, client: str, owner: Named) -> None:
        """See memory.CustomerEvents."""
        item = {"contact": owner.contact, "customer": owner.customer, "ttl": self._at.expiry(BROWSER_DAYS)}
        self._at.table.put({"pk": self._browser(client), "sk": "BROWSER"} | item)

    def tied(self, clients: Iterable[str]) -> dict[str, Named]:
        """See memory.CustomerEvents."""
        keys = {self._browser(client): client for client in clients}
        found = map(decode_item, self._at.table.batch_get((pk, "BROWSER") for pk in keys))
        return {keys[item["pk"]]: Named(item["contact"], item["customer"]) for item in found}

    # --- the counts ------------------------------------------------------------------------------------------

    def tally(self, counts: Mapping[Count, int]) -> None:
        """See memory.CustomerEvents."""
        self._write([], counts)

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

    def _write(
        self, actions: list[Action], counts: Mapping[Any, int], ended_since: Mapping[str, int] | None = None
    ) -> None:
        """All of these with their counts, or none. Raises Contested."""
        today = self._at.clock().date().isoformat()
        per_day: dict[str, Counter[str]] = {today: Counter({str(k): n for k, n in counts.items() if n})}
        for day, many in (ended_since or {}).items():
            per_day.setdefault(day, Counter())[WAITING] -= many
        for _ in range(ATTEMPTS):
            counting = [self._counting(day, added) for day, added in per_day.items() if added]
            try:
                if actions or counting:
                    self._at.table.transact([*actions, *counting])
            except ConditionFailed as lost:
                if any(number < len(actions) for number in lost.refused):
                    raise Contested("another worker is at the same events") from lost
                continue
            return
        raise Contested("the counts are in use")

    def _counting(self, day: str, added: Mapping[str, int]) -> Action:
        key = self._at.pk("EVENT-TALLY", self._link), f"{day}#{secrets.randbelow(SHARDS)}"
        expression = "ADD " + ", ".join(f"#{name} :{name}" for name in added) + " SET #ttl = :ttl"
        return self._at.table.updating(key, expression, {**added, "ttl": self._at.expiry(TALLY_DAYS)})

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


def _plain(event: Occurrence) -> dict[str, Any]:
    return {**asdict(event), "properties": [list(pair) for pair in event.properties]}


def _occurrence(item: Mapping[str, Any]) -> Occurrence:
    properties = tuple((name, value) for name, value in item["properties"])
    at, named = datetime.fromisoformat(item["at"]), Named(**item["named"])
    return Occurrence(**{**item, "at": at, "named": named, "properties": properties})
