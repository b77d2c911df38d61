"""Deciding customers on their way to an audience: the profile by its hash, the consent by the rules."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from passerelle.memory import Entry, EntryState
from passerelle.model import AudienceStatus, ConsentState, Contact, Customer, Kind
from passerelle.port import Action, Change
from passerelle.rules.consent import Agreed, Direction, Phase, Situation, Verdict
from passerelle.rules.consent import decide as decide_consent
from passerelle.rules.same_person import deciding, folded
from passerelle.rules.selection import mode_skip
from passerelle.sync.aside import DISCARDED, asked_first
from passerelle.sync.census import Census
from passerelle.sync.decision import Decision, Load, as_before
from passerelle.sync.fingerprint import after_a_look, fingerprint, same, same_profile, written_back
from passerelle.sync.flow import Flow
from passerelle.sync.people import MOVED, customers_by_email, last_agreed, store_consents, withdrawn_before

SHARED = "same_contact_as_another_customer"
STAND_BACK = frozenset({SHARED, DISCARDED})
"""Why somebody is skipped as long as nothing about them changes."""
_RAISED = frozenset({AudienceStatus.SUBSCRIBED, AudienceStatus.PENDING})


@dataclass(slots=True)
class Known:
    """What was looked up for a load: contacts by folded e-mail, and everyone at the store who shares one."""

    contacts: dict[str, Contact] = field(default_factory=dict)
    fresh: set[str] = field(default_factory=set)
    """E-mails whose contact was read just now; the others are as old as the plan's census."""
    newcomers: set[str] = field(default_factory=set)
    """E-mails that the census did not hold and that exist now: perhaps made by this very run."""
    sharing: dict[str, list[Customer]] = field(default_factory=dict)
    agreed: dict[str, Agreed] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)
    """What the ledger holds of everyone in the load, and of whoever shares an e-mail with them."""
    moved: dict[str, Entry] = field(default_factory=dict)
    """Who has changed their e-mail, by id, with what of their entry still holds (A-14)."""


def decide(flow: Flow, load: Load) -> list[Decision]:
    """See decision.Decide."""
    people = [person for person in load.objects if isinstance(person, Customer)]
    looked = [person for person in people if person.email and not _settled(flow, load, person)]
    known = _look(flow, load, looked)
    first: dict[str, str] = {}
    for person in sorted(looked, key=_recency, reverse=True):
        first.setdefault(folded(person.email), person.id)
    decisions = {person.id: _decide(flow, load, person, known, first) for person in people}
    stale = [person for person in looked if _raises(decisions[person.id]) and _key(person) not in known.fresh]
    if stale and not asked_first(flow, load.run):
        # Nobody's consent is raised on what was read a while ago.
        _read_contacts(flow, known, stale)
        decisions |= {person.id: _decide(flow, load, person, known, first) for person in stale}
    return [decisions[person.id] for person in people]


def _recency(person: Customer) -> tuple[float, str]:
    return (person.updated_at.timestamp() if person.updated_at else 0.0, person.id)


def _key(person: Customer) -> str:
    return folded(person.email)


def _raises(decision: Decision) -> bool:
    change = decision.change
    audience = change is not None and change.action is Action.UPDATE and change.status in _RAISED
    return audience or any(each.consent.state is ConsentState.SUBSCRIBED for each in decision.consents)


def _print(flow: Flow, load: Load, person: Customer) -> str:
    """The person's fingerprint, made once a load."""
    found = load.prints.get(person.id)
    if found is None:
        found = load.prints[person.id] = fingerprint(person, flow.salt)
    return found


def _settled(flow: Flow, load: Load, person: Customer) -> bool:
    entry = load.entries.get(person.id)
    if load.force or entry is None:
        return False
    stands_back = entry.state is EntryState.SKIPPED and entry.reason in STAND_BACK
    if entry.state is not EntryState.MAPPED and not stands_back:
        return False
    return same(entry, _print(flow, load, person))


# --- looking ---------------------------------------------------------------------------------------------------


def _look(flow: Flow, load: Load, people: Sequence[Customer]) -> Known:
    known = Known()
    census = _census(flow, load)
    if census is None:
        _read_contacts(flow, known, people)
    else:
        _ask_census(flow, load, known, people, census)
    _read_sharing(flow, known, people)
    _read_agreed(flow, load, known, people)
    return known


def _census(flow: Flow, load: Load) -> Census | None:
    """The run's census, read once a worker; None where the run has none."""
    if load.run is None or load.run.first_slices:
        # Whom a person let through after a while is looked at anew.
        return None
    if "census" not in flow.shelf:
        packed = flow.memory.manifests.get_document(load.run.id, "census")
        flow.shelf["census"] = None if packed is None else Census(packed)
    census = flow.shelf["census"]
    return census if isinstance(census, Census) else None


def _ask_census(flow: Flow, load: Load, known: Known, people: Sequence[Customer], census: Census) -> None:
    doubtful: list[Customer] = []
    for person in people:
        contact = census.find(flow.destination.connector.contact_id(person.email), _key(person))
        if contact:
            known.contacts[_key(person)] = contact
        elif person.id in load.existing or person.id in load.doubtful:
            doubtful.append(person)
    _read_contacts(flow, known, doubtful)
    known.newcomers = {_key(person) for person in doubtful if _key(person) in known.contacts}


def _read_contacts(flow: Flow, known: Known, people: Sequence[Customer]) -> None:
    emails = sorted({_key(person) for person in people})
    if not emails:
        return
    for match in flow.destination.connector.find(Kind.CUSTOMERS, emails):
        if isinstance(match.object, Contact):
            known.contacts[folded(match.key)] = match.object
    known.fresh.update(emails)


def _read_sharing(flow: Flow, known: Known, people: Sequence[Customer]) -> None:
    """Everyone with the same e-mail: in the load itself, and at the store for those whose contact exists."""
    for person in people:
        known.sharing.setdefault(_key(person), []).append(person)
    asked = sorted(key for key in known.sharing if key in known.contacts)
    for key, found in customers_by_email(flow.source, asked, people).items():
        group = known.sharing.setdefault(key, [])
        group += [other for other in found if all(one.id != other.id for one in group)]


def _read_agreed(flow: Flow, load: Load, known: Known, people: Sequence[Customer]) -> None:
    """What both sides last agreed on for each person, by whichever of their customers says it last."""
    others = {one.id for group in known.sharing.values() for one in group} - load.entries.keys()
    entries: dict[str, Entry] = dict(load.entries)
    if others - {person.id for person in people}:
        entries |= flow.memory.ledger.read(flow.link, flow.kind, sorted(others))
    known.entries = entries
    known.moved = withdrawn_before(flow, people, entries)
    for key, group in known.sharing.items():
        known_here = [entries[one.id] for one in group if one.id in entries and one.id not in known.moved]
        best = last_agreed([*known_here, *(known.moved[one.id] for one in group if one.id in known.moved)])
        if best:
            known.agreed[key] = best


# --- deciding --------------------------------------------------------------------------------------------------


def _decide(flow: Flow, load: Load, person: Customer, known: Known, first: Mapping[str, str]) -> Decision:
    digest = _print(flow, load, person)
    entry = load.entries.get(person.id)
    mapped = entry is not None and entry.state is EntryState.MAPPED
    skip = mode_skip(load.mode, mapped=mapped) or (None if person.email else "no_email")
    if skip:
        return Decision(person.id, digest, skip=skip)
    if _settled(flow, load, person):
        return Decision(person.id, digest, skip="" if mapped or entry is None else entry.reason)
    if first[_key(person)] != person.id:
        return _twin(flow, load, person, known)
    if entry and same(entry, digest) and not load.force and (before := as_before(entry, digest)):
        return before
    situation = _situation(flow, load, person, known)
    decision = _from_verdict(flow, load, person, known.contacts.get(_key(person)), situation)
    if person.id in known.moved:
        left = Entry(known.moved[person.id].destination_id, EntryState.GONE, person.id, reason=MOVED)
        return replace(decision, remember=((Kind.CONTACTS, left),), afresh=True)
    return decision


def _twin(flow: Flow, load: Load, person: Customer, known: Known) -> Decision:
    """Another customer stands for this contact; a consent that goes back to the store goes to both (A-15)."""
    situation = _situation(flow, load, person, known)
    verdict, contact = decide_consent(situation), known.contacts.get(_key(person))
    return Decision(
        person.id,
        _print(flow, load, person),
        skip=SHARED,
        consents=store_consents(flow, [person], contact, verdict),
        at_store=person.consent.state,
        agreed=str(verdict.agreed_after or ""),
        rule=verdict.rule,
        reason=verdict.reason,
        situation=situation,
        contact=contact.id if contact else "",
    )


def _situation(flow: Flow, load: Load, person: Customer, known: Known) -> Situation:
    key = _key(person)
    contact, agreed = known.contacts.get(key), known.agreed.get(key)
    group = known.sharing.get(key, [person])
    ours = key in known.newcomers or any(one.id in load.made for one in group)
    if agreed is None and contact and ours:
        agreed = _made_by_us(flow, contact, group)
    return Situation(
        phase=Phase.INITIAL if flow.initial and agreed is None else Phase.ONGOING,
        direction=Direction.FULL if load.run else Direction.STORE_TO_AUDIENCE,
        audience=contact.status if contact else AudienceStatus.ABSENT,
        status_changed_at=contact.status_changed_at if contact else None,
        store=deciding(after_a_look(one.consent, known.entries.get(one.id)) for one in group),
        agreed=agreed,
        double_opt_in=flow.double_opt_in,
        policy=flow.policy,
        looked_at=flow.now(),
    )


def _made_by_us(flow: Flow, contact: Contact, group: Iterable[Customer]) -> Agreed | None:
    """What was agreed if this contact is what we would have made of one of these customers a moment ago."""
    for one in group:
        absent = Situation(
            phase=Phase.INITIAL,
            direction=Direction.STORE_TO_AUDIENCE,
            audience=AudienceStatus.ABSENT,
            status_changed_at=None,
            store=one.consent,
            double_opt_in=flow.double_opt_in,
            policy=flow.policy,
        )
        verdict = decide_consent(absent)
        if verdict.create is contact.status:
            return verdict.agreed_after
    return None


def _from_verdict(
    flow: Flow, load: Load, person: Customer, contact: Contact | None, situation: Situation
) -> Decision:
    verdict = decide_consent(situation)
    digest = _print(flow, load, person)
    consents = store_consents(flow, [person], contact, verdict)
    if verdict.write_store:
        digest = written_back(person, flow.salt, verdict.write_store)
    change = _change(load, person, contact, verdict, digest)
    mapped = person.id in load.entries and load.entries[person.id].state is EntryState.MAPPED
    return Decision(
        person.id,
        digest,
        change=change,
        consents=consents,
        at_store=person.consent.state,
        skip="" if change or consents or mapped else (verdict.skip or "absent"),
        agreed=str(verdict.agreed_after or ""),
        rule=verdict.rule,
        reason=verdict.reason,
        situation=situation,
        contact=contact.id if contact else "",
        destination_id=contact.id if contact else "",
        before=contact.status if contact else AudienceStatus.ABSENT,
        after=(change.status or "") if change else "",
    )


def _change(
    load: Load, person: Customer, contact: Contact | None, verdict: Verdict, digest: str
) -> Change | None:
    entry = load.entries.get(person.id)
    if contact is None:
        if verdict.create is None:
            return None
        # Who was another contact before has changed their e-mail: the destination is told which.
        before = entry.destination_id if entry else ""
        return Change(person.id, Action.CREATE, person, before, status=verdict.create)
    known_profile = entry is not None and entry.state is EntryState.MAPPED and same_profile(entry, digest)
    if verdict.write_audience is None and (not verdict.profile or (known_profile and not load.force)):
        return None
    return Change(person.id, Action.UPDATE, person, contact.id, status=verdict.write_audience)
