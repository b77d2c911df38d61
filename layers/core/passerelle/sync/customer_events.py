"""Customer events on their way to an audience: each told once, or kept until its person is known (A-19).

Nothing here makes or changes a contact.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from passerelle.memory import EntryState, Ledger
from passerelle.memory.customer_events import (
    Contested,
    Count,
    CustomerEvents,
    Handful,
    Occurrence,
    Stage,
    Standing,
)
from passerelle.model import CustomerEvent, Kind
from passerelle.port import Action, Change, Outcome, Result, Selection, Throttled
from passerelle.rules import customer_events as rules
from passerelle.rules.customer_events import Named, Who

GONE = "contact_gone"
"""The code of a refusal because the person is not in the audience."""
RELEASE = "release"
"""By whom events are claimed that are sent by the clock, not by a message."""

type Aimed = tuple[Occurrence, str]
"""An event and the contact it is for."""


@dataclass(frozen=True, slots=True)
class EventFlow:
    """One link's way for events; `destination` is the audience's connector."""

    link: str
    destination: Any
    memory: CustomerEvents
    ledger: Ledger
    now: Callable[[], datetime]


def take(flow: EventFlow, handful: Handful) -> None:
    """Send or keep what a message brings, then what waited for people who are known now.

    May be repeated at any point. Raises Contested, Throttled and the port's errors: the message is to come again.
    """
    standings = flow.memory.standings([event.id for event in handful.events])
    _count_repeated(flow, handful, standings)
    owners = {
        e.named.client: Named(e.named.contact, e.named.customer)
        for e in handful.events
        if rules.ties(e.named)
    }
    for client, owner in owners.items():
        flow.memory.tie(client, owner)
    fresh = [event for event in handful.events if event.id not in standings]
    old = [event for event in fresh if rules.expired(event.at, flow.now())]
    flow.memory.end(handful.id, old, Count.EXPIRED, fresh=[event.id for event in old])
    wanted = [event for event in fresh if event not in old]
    doubtful = [e for e in handful.events if e.id in standings and standings[e.id].stage is Stage.CLAIMED]
    aimed, waiting = _aim(flow, wanted)
    _send(flow, handful.id, [*aimed, *((e, standings[e.id].contact) for e in doubtful)], standings)
    flow.memory.keep(handful.id, waiting, fresh=[event.id for event, _, _ in waiting])
    alone = {key for _, who, key in waiting if who is Who.CLIENT}
    for client in {*owners, *flow.memory.tied(alone)}:
        # Asked for after they were put down: whoever ties at this moment sees them, or we see the tie.
        release(flow, handful.id, Who.CLIENT, client)


def _count_repeated(flow: EventFlow, handful: Handful, standings: Mapping[str, Standing]) -> None:
    """An event that another message brought before is a duplicate; the same message again is none."""
    repeated = sum(standing.first != handful.id for standing in standings.values())
    if repeated:
        flow.memory.tally({Count.DUPLICATE: repeated})


def release(flow: EventFlow, by: str, who: Who, key: str) -> None:
    """Send what waits for a person, as far as the person is known now."""
    kept = flow.memory.kept(who, key)
    standings = flow.memory.standings([event.id for event in kept])
    aimed, waiting = _aim(flow, [event for event in kept if standings[event.id].stage is not Stage.ENDED])
    _send(flow, by, aimed, standings)
    flow.memory.keep(by, [each for each in waiting if f"{each[1]}:{each[2]}" != each[0].kept_as], fresh=())
    if who is not Who.CLIENT and not flow.memory.kept(who, key):
        flow.memory.no_longer_awaited(who, key)


def release_known(flow: EventFlow) -> int:
    """Look which of the awaited are known by now, and send what waits for them; answers for how many."""
    awaited, began = flow.memory.awaited(), flow.now()
    if not awaited:
        return 0
    customers = [key for who, key in awaited if who is Who.CUSTOMER]
    known = [(Who.CUSTOMER, key) for key in _mapped(flow, customers)]
    contacts = {key for who, key in awaited if who is Who.CONTACT}
    known += [(Who.CONTACT, key) for key in _arrived(flow, contacts)]
    for who, key in known:
        release(flow, RELEASE, who, key)
    flow.memory.looked(began)
    return len(known)


def _arrived(flow: EventFlow, contacts: set[str]) -> list[str]:
    """Those of these that are in the audience by now: a listing of what changed there tells it."""
    if not contacts:
        return []
    since = flow.memory.looked_at() or flow.now() - rules.KEPT
    found: set[str] = set()
    after: str | None = None
    while True:
        page = flow.destination.index(Kind.CONTACTS, Selection(since=since), after)
        found |= contacts & {entry.id for entry in page.entries}
        after = page.after
        if after is None:
            return sorted(found)


def _aim(
    flow: EventFlow, events: Sequence[Occurrence]
) -> tuple[list[Aimed], list[tuple[Occurrence, Who, str]]]:
    """Whom each event is for, and what waits for whom."""
    tied = flow.memory.tied({event.named.client for event in events if event.named.client})
    people = [*(event.named for event in events), *tied.values()]
    mapped = _mapped(flow, {each.customer for each in people if each.customer})
    aimed: list[Aimed] = []
    waiting: list[tuple[Occurrence, Who, str]] = []
    for event in events:
        owner = tied.get(event.named.client)
        contact = rules.meant(event.named, owner, mapped)
        if contact:
            aimed.append((event, contact))
        else:
            waiting.append((event, *rules.waits_for(event.named, owner)))
    return aimed, waiting


def _mapped(flow: EventFlow, customers: Iterable[str]) -> dict[str, str]:
    """Customer → contact, for those who are in the audience."""
    wanted = sorted(customers)
    entries = flow.ledger.read(flow.link, Kind.CUSTOMERS, wanted) if wanted else {}
    return {
        id: entry.destination_id
        for id, entry in entries.items()
        if entry.state is EntryState.MAPPED and entry.destination_id
    }


# --- sending ---------------------------------------------------------------------------------------------------


def _send(flow: EventFlow, by: str, aimed: Sequence[Aimed], standings: Mapping[str, Standing]) -> None:
    """Claim, push, say how it ended. What was claimed before is looked for first: it may have arrived."""
    if not aimed:
        return
    fresh = [event.id for event, _ in aimed if event.id not in standings]
    claimed = {id for id, standing in standings.items() if standing.stage is Stage.CLAIMED}
    flow.memory.claim(by, aimed, fresh)
    there = _there(flow, [each for each in aimed if each[0].id in claimed])
    flow.memory.end(by, [event for event, _ in aimed if event.id in there], Count.SENT)
    missing = [each for each in aimed if each[0].id not in there]
    outcomes = (
        flow.destination.push(Kind.EVENTS, [_change(flow, each) for each in missing]) if missing else []
    )
    _record(flow, by, {outcome.id: outcome for outcome in outcomes}, missing)


def _there(flow: EventFlow, doubtful: Sequence[Aimed]) -> set[str]:
    keys = {f"{contact}/{event.id}": event.id for event, contact in doubtful}
    found = flow.destination.find(Kind.EVENTS, list(keys)) if keys else []
    return {keys[match.key] for match in found}


def _change(flow: EventFlow, aimed: Aimed) -> Change:
    event, contact = aimed
    past = rules.past(event.at, flow.now())
    told = CustomerEvent(event.id, event.name, event.at, event.properties, past)
    return Change(event.id, Action.CREATE, told, destination_id=contact)


def _record(flow: EventFlow, by: str, outcomes: Mapping[str, Outcome], sent: Sequence[Aimed]) -> None:
    ended: dict[Count, list[Occurrence]] = {Count.SENT: [], Count.REFUSED: []}
    absent: list[tuple[Occurrence, Who, str]] = []
    left = 0
    for event, contact in sent:
        outcome = outcomes[event.id]
        if outcome.result is Result.THROTTLED:
            left += 1
        elif outcome.code == GONE:
            absent.append((event, Who.CONTACT, contact))
        else:
            ended[Count.REFUSED if outcome.result is Result.REFUSED else Count.SENT].append(event)
    for count, events in ended.items():
        flow.memory.end(by, events, count)
    flow.memory.keep(by, absent, fresh=())
    if left:
        raise Throttled(f"{left} events were not taken by the audience yet.")


__all__ = ["Contested", "EventFlow", "release", "release_known", "take"]
