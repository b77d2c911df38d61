"""What is decided for one object: the change wanted at each end, or why there is none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from passerelle.memory import Entry, EntryState, Mode, Run
from passerelle.model import Kind, Object
from passerelle.port import Change, ConsentChange, Result
from passerelle.rules.situation import Situation
from passerelle.sync.flow import Flow


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why nothing is written, as an incident tells it."""

    code: str
    why: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """One object's fate. Neither change nor consent nor skip: the destination holds it already."""

    id: str
    hash: str
    change: Change | None = None
    consents: tuple[ConsentChange, ...] = ()
    """Consents to write at the end that keeps them, by the store's customer ids."""
    at_store: str = ""
    """The consent that the store held."""
    remember: tuple[tuple[Kind, Entry], ...] = ()
    """What the ledger of other kinds holds once this is written; a customer whose consent was refused is left out."""
    destination_id: str = ""
    """What it stands for at the destination, where nothing is written that would tell."""
    skip: str = ""
    """Why nothing is written, in a stable word."""
    refused: str = ""
    """It was refused before with the same content: the reason then."""
    agreed: str = ""
    """Customers: the consent that both sides agree on once this is written."""
    afresh: bool = False
    """Customers: what was agreed before is of another contact, and counts no more."""
    rule: str = ""
    reason: str = ""
    """The rule in words."""
    situation: Situation | None = None
    """Customers and contacts: what the consent was decided on."""
    contact: str = ""
    """The id of the contact that was seen; empty where there was none."""
    before: str = ""
    after: str = ""
    stock: tuple[Change, ...] = ()
    """Units to be written with it, at the destination's variants."""
    parts: tuple[str, ...] = ()
    """Products over a catalogue link: the variants that have a counterpart already."""
    quarantine: Trouble | None = None
    """Why nothing can be written until a person has looked."""
    state: EntryState = EntryState.MAPPED
    """Where it stands in the ledger once this is written."""


@dataclass(frozen=True, slots=True)
class Load:
    """The objects of one batch with what is known of them."""

    run: Run | None
    """None for a live event."""
    objects: Sequence[Object]
    entries: Mapping[str, Entry]
    doubtful: frozenset[str] = frozenset()
    """Ids whose create may have been sent before."""
    made: frozenset[str] = frozenset()
    """Customers whose contact an earlier try was about to make."""
    force: bool = False
    """Write even what the ledger knows with the same content."""
    existing: frozenset[str] = field(default_factory=frozenset)
    """Ids whose create just met something that was already there: what was known of them is stale."""
    seated: frozenset[str] = field(default_factory=frozenset)
    """Products whose counterpart was deleted by hand: they keep their place in the dependent store's plan."""
    prints: dict[str, str] = field(default_factory=dict)
    """Fingerprints made so far, by id: each costs a hash."""

    @property
    def mode(self) -> Mode:
        """Which objects may be written."""
        return self.run.mode if self.run else Mode.ALL


def as_before(entry: Entry, digest: str) -> Decision | None:
    """What was refused with this very content is not sent again: the answer would be the same."""
    if entry.result != Result.REFUSED:
        return None
    if entry.state is EntryState.SKIPPED:
        return Decision(entry.source_id, digest, skip=entry.reason)
    if entry.state is EntryState.REFUSED:
        return Decision(entry.source_id, digest, refused=entry.reason)
    return None


class Decide(Protocol):
    """Decides a load. It may read (find) at both ends, and never writes."""

    def __call__(self, flow: Flow, load: Load) -> list[Decision]:
        """One decision per object, in the same order."""
