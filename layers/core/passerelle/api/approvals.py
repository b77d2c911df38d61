"""What a person decides about consents: approve or discard a run that waits, undo one, look before a first sync."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import BaseModel

from passerelle.api import runs
from passerelle.api.access import READ, SYNC, Here, Now, found
from passerelle.api.fields import Cursor, IdempotencyKey, Limit, LinkId, RunId
from passerelle.api.once import once
from passerelle.api.pages import Page, cut_at, shown
from passerelle.api.problems import conflict
from passerelle.api.routing import new_router
from passerelle.api.runs import RunShown
from passerelle.api.starting import begin, busy_problem, stores_ready
from passerelle.memory import ConsentEntry, Mode, Run, RunStatus, Scope
from passerelle.model import Kind
from passerelle.rules.guard import RAISED, guard_of
from passerelle.sync.approval import NothingToUndo, NotWaiting
from passerelle.sync.request import Busy

router = new_router()
TAGS = ["Consents"]
NAMED = 100
"""How many ids a preview names for each rule."""


class RaiseShown(BaseModel):
    """Somebody whom the run would raise; statuses are the audience's, consents the store's, empty where unchanged."""

    id: str
    contact: str
    rule: str
    status_before: str
    status_after: str
    consent_before: str
    consent_after: str


class ConsentShown(BaseModel):
    """A status written in the audience (to_destination) or a consent written at the store (to_source)."""

    customer: str
    contact: str
    link: str
    run: str
    direction: str
    rule: str
    reason: str
    before: str
    after: str
    evidence: dict[str, str]
    at: datetime


class RuleAhead(BaseModel):
    """What one rule of the consent table would do, to how many, and who the first of them are."""

    rule: str
    what: str
    count: int
    ids: list[str]


class PreviewShown(BaseModel):
    """What a full sync of customers would do to consents. The figures are there once `status` is finished."""

    run: str
    status: str
    creates: dict[str, int]
    changes: list[RuleAhead]
    raises: int
    guard: int | None
    waits: bool


def show_consent(entry: ConsentEntry) -> ConsentShown:
    """An entry of the ledger of consent as the API tells it."""
    return ConsentShown.model_validate(entry, from_attributes=True)


@router.get("/v1/runs/<run_id>/raises", summary="List whom a run would raise", tags=TAGS, security=READ)
def list_raises(run_id: RunId, here: Now, limit: Limit = 100, cursor: Cursor = "") -> Page[RaiseShown]:
    """Whom the run set aside because it would make them subscribed, or pending where the audience asks (A-12)."""
    run = found(here.memory.runs.get, run_id, "run")
    return cut_at(here.river.raises(run.id), limit, cursor, run.id, RaiseShown.model_validate)


@router.get(
    "/v1/runs/<run_id>/consents", summary="List what a run wrote of consent", tags=TAGS, security=READ
)
def list_consents(run_id: RunId, here: Now, limit: Limit = 50, cursor: Cursor = "") -> Page[ConsentShown]:
    """Every status and consent that the run wrote, with its evidence, by customer (A-13)."""
    run = found(here.memory.runs.get, run_id, "run")
    return shown(lambda: here.memory.consents.list_run(run.id, limit, cursor or None), show_consent)


@router.post(
    "/v1/runs/<run_id>/approve", summary="Approve a waiting run", tags=TAGS, security=SYNC, status_code=202
)
def approve_run(run_id: RunId, here: Now, idempotency_key: IdempotencyKey = "") -> RunShown:
    """Go on with exactly those whom the run set aside, decided anew on what is known of them now (A-12)."""
    run = found(here.memory.runs.get, run_id, "run")
    stores_ready(here, run.link)
    return once(
        here, idempotency_key, f"approve {run.id}", None, RunShown, lambda: _answer(here, run, "approve")
    )


@router.post(
    "/v1/runs/<run_id>/discard", summary="Discard a waiting run", tags=TAGS, security=SYNC, status_code=202
)
def discard_run(run_id: RunId, here: Now, idempotency_key: IdempotencyKey = "") -> RunShown:
    """End the run without those whom it set aside; only a newer act of theirs asks again (A-12)."""
    run = found(here.memory.runs.get, run_id, "run")
    return once(
        here, idempotency_key, f"discard {run.id}", None, RunShown, lambda: _answer(here, run, "discard")
    )


def _answer(here: Here, run: Run, act: str) -> RunShown:
    try:
        answered = here.river.approve(run.id) if act == "approve" else here.river.discard(run.id)
    except NotWaiting:
        raise conflict(
            "not_waiting", "The run does not wait for an answer", "Look at its status: GET /v1/runs/{id}."
        ) from None
    except Busy as busy:
        raise busy_problem(busy.run) from None
    here.audit(f"run.{act}", run.id, after={"people": run.raises})
    return runs.show(answered)


@router.post(
    "/v1/runs/<run_id>/undo", summary="Undo a run's consents", tags=TAGS, security=SYNC, status_code=202
)
def undo_run(run_id: RunId, here: Now, idempotency_key: IdempotencyKey = "") -> RunShown:
    """Restore what was before, where nobody has acted since; answers the run that does it (A-13).

    Its `updated` are those restored, its `skipped_why` tells why others were left. It never deletes a contact.
    """
    run = found(here.memory.runs.get, run_id, "run")
    stores_ready(here, run.link)
    return once(here, idempotency_key, f"undo {run.id}", None, RunShown, lambda: _undo(here, run))


def _undo(here: Here, run: Run) -> RunShown:
    try:
        undoing = here.river.undo(run.id)
    except NothingToUndo:
        raise conflict(
            "nothing_to_undo",
            "The run cannot be undone",
            "Only a run that has finished, and is neither a dry run nor an undo, can be.",
        ) from None
    except Busy as busy:
        raise busy_problem(busy.run) from None
    here.audit("run.undo", run.id, after={"run": undoing.id})
    return runs.show(undoing)


@router.post(
    "/v1/links/<link_id>/consent-preview",
    summary="Look at consents before a sync",
    tags=TAGS,
    security=SYNC,
    status_code=202,
)
def preview_consents(link_id: LinkId, here: Now, idempotency_key: IdempotencyKey = "") -> PreviewShown:
    """Begin a dry run of customers; GET /v1/runs/{run}/consent-preview has its figures once it has finished."""
    link = found(here.memory.links.get, link_id, "link")
    feed = found(here.memory.feeds.get, f"{link.id}.{Kind.CUSTOMERS}", "feed of customers in this link")

    def act() -> PreviewShown:
        run = begin(here, feed, Mode.ALL, Scope.FULL, dry_run=True, settings={})
        return _preview(here, run)

    return once(here, idempotency_key, f"consent preview {link.id}", None, PreviewShown, act)


@router.get(
    "/v1/runs/<run_id>/consent-preview", summary="Show a preview of consents", tags=TAGS, security=READ
)
def show_preview(run_id: RunId, here: Now) -> PreviewShown:
    """How many contacts a dry run would create in which status, who would be changed, and by which rule (A-12)."""
    run = found(here.memory.runs.get, run_id, "run")
    if not run.dry_run or run.kind is not Kind.CUSTOMERS:
        raise conflict(
            "not_a_preview",
            "The run is no dry run of customers",
            "Begin one: POST /v1/links/{id}/consent-preview.",
        )
    return _preview(here, run)


def _preview(here: Here, run: Run) -> PreviewShown:
    finished = run.status is RunStatus.FINISHED
    differences = here.river.differences(run.id) if finished else []
    guard = guard_of(here.memory.links.get(run.link).policy)
    first = here.memory.feeds.get(run.feed).first_full_at is None
    creates_count = guard.first or not first
    raises = sum(_raises(each, creates_count=creates_count) for each in differences)
    return PreviewShown(
        run=run.id,
        status=run.status,
        creates=dict(Counter(each["status_after"] for each in differences if each["action"] == "create")),
        changes=_by_rule(differences),
        raises=raises,
        guard=None if guard.off else guard.limit(run.audience),
        waits=guard.stops(raises, run.audience),
    )


def _raises(difference: Mapping[str, str], *, creates_count: bool) -> bool:
    creates = difference["action"] == "create"
    status = difference["status_after"] in RAISED and (creates_count or not creates)
    return status or difference.get("consent_after") == "subscribed"


def _by_rule(differences: Sequence[Mapping[str, str]]) -> list[RuleAhead]:
    ids: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for each in differences:
        for what in _changes(each):
            ids[each["rule"], what].append(each["id"])
    return [
        RuleAhead(rule=rule, what=what, count=len(who), ids=who[:NAMED])
        for (rule, what), who in sorted(ids.items())
    ]


def _changes(difference: Mapping[str, str]) -> list[str]:
    """In words: a status in the audience, a consent at the store."""
    found: list[str] = []
    if difference["status_after"] and difference["action"] != "create":
        found.append(f"contact {difference['status_before']} → {difference['status_after']}")
    if difference.get("consent_after"):
        found.append(f"customer {difference['consent_before']} → {difference['consent_after']}")
    return found
