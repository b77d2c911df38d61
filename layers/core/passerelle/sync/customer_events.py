"""Customer events on their way to an audience: each told once, or kept until its person is known (A-19).

Nothing here makes or changes a contact.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from passerelle.memory import EntryState, Ledger
from passerelle.memory.customer_events import (
    OPEN,
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
CLOCK = "clock"
"""The group of what is released by the clock."""
WAITING = "waiting"

type Aimed = tuple[Occurrence, str]
"""An event and the contact it is for; "" while nobody is known."""


@dataclass(frozen=True, slots=True)
class EventFlow:
    """One link's way for events; `destination` is the audience's connector."""

    link: str
    destination: Any
    memory: CustomerEvents
    ledger: Ledger
    now: Callable[[], datetime]
    barred: Callable[[Mapping[str, Named]], set[str]] = lambda _people: set()
    """Those events, by id, whose person the store must forget (F-7)."""


@dataclass(slots=True)
class Work:
    """One message's work, or one tick's: where each event stands, and what waited before and is settled now."""

    flow: EventFlow
    by: str
    standings: dict[str, Standing] = field(default_factory=dict)
    tied: dict[str, Named] = field(default_factory=dict)
    """To whom browsers belong, as far as it was asked; to nobody known: an empty name."""
    released: dict[str, Occurrence] = field(default_factory=dict)
    """Events that waited when this work began, and wait no longer: uncounted until the tally is written."""
    left: int = 0
    """Events that the audience did not take yet."""

    def stand(self, events: Iterable[Occurrence], stage: Stage) -> None:
        """Put claimed events where they stand now."""
        now = {event.id: replace(self.standings[event.id], stage=stage, by=self.by) for event in events}
        self.flow.memory.stand(now)
        self.standings |= now


def take(flow: EventFlow, handful: Handful) -> None:
    """Send or keep what a message brings, then what waited for people who are known now.

    May be repeated at any point. Raises Throttled and the port's errors: the message is to come again.
    """
    work = Work(flow, handful.id, flow.memory.standings([event.id for event in handful.events]))
    owners = {
        each.named.client: Named(each.named.contact, each.named.customer)
        for each in handful.events
        if rules.ties(each.named)
    }
    _tie(work, owners)
    todo = [event for event in handful.events if _to_do(work, event)]
    _carry(work, todo)
    waiting = {event.named.client for event in todo if work.standings[event.id].stage is Stage.KEPT}
    known = {*owners, *(flow.memory.tied(waiting) if waiting else ())} - {""}
    for client in sorted(flow.memory.anything_kept(Who.CLIENT, known)):
        # Asked for after they were put down: whoever ties at this moment sees them, or we see the tie.
        _release(work, Who.CLIENT, client)
    _finish(work, handful.group, handful.events)


def _tie(work: Work, owners: Mapping[str, Named]) -> None:
    """Tie browsers to whom their events name; most were tied by an earlier page already."""
    known = _owners(work, set(owners))
    fresh = {client: owner for client, owner in owners.items() if known[client] != owner}
    work.flow.memory.tie(fresh)
    work.tied |= fresh


def release_known(flow: EventFlow, tick: str) -> int:
    """Look which of the awaited are known by now, and send what waits for them; answers for how many.

    `tick`: an id that no other tick has.
    """
    awaited, began = flow.memory.awaited(), flow.now()
    customers = [key for who, key in awaited if who is Who.CUSTOMER]
    known = [(Who.CUSTOMER, key) for key in _mapped(flow, customers)]
    contacts = {key for who, key in awaited if who is Who.CONTACT}
    known += [(Who.CONTACT, key) for key in _arrived(flow, contacts)]
    for number, (who, key) in enumerate(known):
        work = Work(flow, f"{CLOCK}:{tick}:{number}")
        _release(work, who, key)
        _finish(work, CLOCK, ())
        if not flow.memory.kept(who, key):
            flow.memory.no_longer_awaited(who, key)
    if awaited:
        flow.memory.looked(began)
    return len(known)


def _to_do(work: Work, event: Occurrence) -> bool:
    """Whether this message is the one to do something about the event: it is new, or was left half done by it."""
    standing = work.standings.get(event.id)
    return standing is None or (standing.first == work.by and standing.stage is Stage.CLAIMED)


def _release(work: Work, who: Who, key: str) -> None:
    """What waits for a person, as far as the person is known now."""
    kept = work.flow.memory.kept(who, key)
    work.standings |= work.flow.memory.standings([event.id for event in kept])
    _carry(work, [event for event in kept if work.standings[event.id].stage in OPEN])
    work.released |= {e.id: e for e in kept if work.standings[e.id].stage not in OPEN}


def _finish(work: Work, group: str, own: Sequence[Occurrence]) -> None:
    """Count, once however often the message comes; only then is forgotten what shows that it is to be counted."""
    if work.left:
        raise Throttled(f"{work.left} events were not taken by the audience yet.")
    work.flow.memory.tally(_counted(work, {event.id for event in own}), group, work.by)
    work.flow.memory.wait_no_longer(list(work.released.values()))


def _counted(work: Work, own: set[str]) -> dict[str, Counter[str]]:
    """The counts by day. What another message put where it stands is not ours to count."""
    today = work.flow.now().date().isoformat()
    days: dict[str, Counter[str]] = {today: Counter()}
    for id in own:
        standing = work.standings[id]
        if standing.first != work.by:
            days[today][Count.DUPLICATE] += 1
            continue
        days[today][Count.ACCEPTED] += 1
        days[today][str(standing.stage)] += 1
        days[today][WAITING] += standing.stage is Stage.KEPT
    for id, event in work.released.items():
        if id not in own and work.standings[id].by.startswith(work.by.partition(":")[0]):
            days[today][str(work.standings[id].stage)] += 1
            days.setdefault(event.kept_on[:10], Counter())[WAITING] -= 1
    return days


# --- whom an event is for ------------------------------------------------------------------------------------


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


def _owners(work: Work, clients: set[str]) -> dict[str, Named]:
    """To whom browsers belong; each is asked for once."""
    unasked = clients - work.tied.keys()
    if unasked:
        found = work.flow.memory.tied(unasked)
        work.tied |= {client: found.get(client, Named()) for client in unasked}
    return {client: work.tied[client] for client in clients}


def _aim(work: Work, events: Sequence[Occurrence]) -> list[tuple[Occurrence, str, str]]:
    """Each event with the contact it is for, or with whom it waits for."""
    tied = _owners(work, {event.named.client for event in events if event.named.client})
    people = [*(event.named for event in events), *tied.values()]
    mapped = _mapped(work.flow, {each.customer for each in people if each.customer})
    aimed: list[tuple[Occurrence, str, str]] = []
    for event in events:
        owner = tied.get(event.named.client)
        who, key = rules.waits_for(event.named, owner)
        aimed.append((event, rules.meant(event.named, owner, mapped), f"{who}:{key}"))
    return aimed


def _mapped(flow: EventFlow, customers: Iterable[str]) -> dict[str, str]:
    """Customer → contact, for those who are in the audience."""
    wanted = sorted(customers)
    entries = flow.ledger.read(flow.link, Kind.CUSTOMERS, wanted) if wanted else {}
    return {
        id: entry.destination_id
        for id, entry in entries.items()
        if entry.state is EntryState.MAPPED and entry.destination_id
    }


# --- sending -------------------------------------------------------------------------------------------------


def _carry(work: Work, events: Sequence[Occurrence]) -> None:
    """Claim, look whether it arrived before, push, say where it stands."""
    if not events:
        return
    flow = work.flow
    old = [event for event in events if not event.kept_as and rules.expired(event.at, flow.now())]
    aimed = _aim(work, [event for event in events if event not in old])
    doubtful = {event.id for event in events if _doubtful(work, event)}
    contacts = {event.id: _claimed_for(work, event) or contact for event, contact, _ in aimed}
    barred = _barred(flow, aimed)
    contacts |= {event.id: "" for event in old} | dict.fromkeys(barred, "")
    ours = _claim(work, events, contacts)
    work.stand(old, Stage.EXPIRED)
    work.stand([event for event, _, _ in aimed if event.id in barred & ours], Stage.REFUSED)
    won = [each for each in aimed if each[0].id in ours - barred]
    _keep(work, [(event, whom) for event, _, whom in won if not contacts[event.id]])
    _send(work, [(event, contacts[event.id]) for event, _, _ in won if contacts[event.id]], doubtful)


def _barred(flow: EventFlow, aimed: Sequence[tuple[Occurrence, str, str]]) -> set[str]:
    """Events of people who were redacted: they are told to nobody, and wait for nobody."""
    people: dict[str, Named] = {}
    for event, contact, whom in aimed:
        who, _, key = whom.partition(":")
        customer = event.named.customer or (key if who == Who.CUSTOMER else "")
        people[event.id] = Named(contact or (key if who == Who.CONTACT else ""), customer)
    return flow.barred({id: each for id, each in people.items() if each.contact or each.customer})


def _claim(work: Work, events: Sequence[Occurrence], contacts: Mapping[str, str]) -> set[str]:
    """Claim them; answers those that are ours. A message's own nobody else has: their group is worked in turn."""
    kept = {event.id: contacts[event.id] for event in events if event.kept_as}
    ours = work.flow.memory.win(work.by, kept, work.standings) if kept else set()
    own = {
        event.id: Standing(Stage.CLAIMED, work.by, work.by, contacts[event.id])
        for event in events
        if not event.kept_as
    }
    work.flow.memory.stand(own)
    work.standings |= own
    for id in ours:
        work.standings[id] = replace(
            work.standings[id], stage=Stage.CLAIMED, by=work.by, contact=contacts[id]
        )
    return {*own, *ours}


def _doubtful(work: Work, event: Occurrence) -> bool:
    """Whether it may have arrived although nobody wrote it down."""
    standing = work.standings.get(event.id)
    return standing is not None and standing.stage is Stage.CLAIMED and bool(standing.contact)


def _claimed_for(work: Work, event: Occurrence) -> str:
    return work.standings[event.id].contact if _doubtful(work, event) else ""


def _keep(work: Work, waiting: Sequence[tuple[Occurrence, str]]) -> None:
    """Let events wait; what waits already for somebody else moves."""
    now = work.flow.now().isoformat()
    moved = [event for event, whom in waiting if event.kept_as not in ("", whom)]
    kept = [replace(e, kept_as=whom, kept_on=e.kept_on or now) for e, whom in waiting if e.kept_as != whom]
    work.flow.memory.wait(kept)
    work.stand([event for event, _ in waiting], Stage.KEPT)
    work.flow.memory.wait_no_longer(moved)


def _send(work: Work, aimed: Sequence[Aimed], doubtful: set[str]) -> None:
    there = _there(work.flow, [each for each in aimed if each[0].id in doubtful])
    work.stand([event for event, _ in aimed if event.id in there], Stage.SENT)
    missing = [each for each in aimed if each[0].id not in there]
    changes = [_change(work.flow, each) for each in missing]
    outcomes = work.flow.destination.push(Kind.EVENTS, changes) if changes else []
    _sent(work, {outcome.id: outcome for outcome in outcomes}, missing)


def _there(flow: EventFlow, doubtful: Sequence[Aimed]) -> set[str]:
    keys = {f"{contact}/{event.id}": event.id for event, contact in doubtful}
    found = flow.destination.find(Kind.EVENTS, list(keys)) if keys else []
    return {keys[match.key] for match in found}


def _change(flow: EventFlow, aimed: Aimed) -> Change:
    event, contact = aimed
    past = rules.past(event.at, flow.now())
    told = CustomerEvent(event.id, event.name, event.at, event.properties, past)
    return Change(event.id, Action.CREATE, told, destination_id=contact)


def _sent(work: Work, outcomes: Mapping[str, Outcome], sent: Sequence[Aimed]) -> None:
    ended: dict[Stage, list[Occurrence]] = {Stage.SENT: [], Stage.REFUSED: []}
    absent: list[tuple[Occurrence, str]] = []
    for event, contact in sent:
        outcome = outcomes[event.id]
        if outcome.result is Result.THROTTLED:
            work.left += 1
        elif outcome.code == GONE:
            absent.append((event, f"{Who.CONTACT}:{contact}"))
        else:
            refused = outcome.result is Result.REFUSED
            ended[Stage.REFUSED if refused else Stage.SENT].append(event)
    for stage, events in ended.items():
        work.stand(events, stage)
    _keep(work, absent)
