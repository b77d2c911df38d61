"""Incidents: what is open, what one says, trying again what it stopped, putting it away."""

from datetime import datetime
from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import BaseModel

from passerelle.api.access import READ, SYNC, Here, Now, found
from passerelle.api.fields import Cursor, IdempotencyKey, IncidentId, Limit
from passerelle.api.once import once
from passerelle.api.pages import Page, shown
from passerelle.api.problems import conflict
from passerelle.api.routing import new_router
from passerelle.api.starting import begin, stores_ready
from passerelle.memory import Mode, Scope
from passerelle.model import Severity
from passerelle.store.records import IncidentStatus, KnownIncident

router = new_router()
TAGS = ["Incidents"]

LinkFilter = Annotated[str, Query(alias="link", max_length=80, description="Only incidents of this link.")]
SeverityFilter = Annotated[Literal["info", "retry", "error", ""], Query(alias="severity")]


class IncidentShown(BaseModel):
    """Something a person may need to know; one cause is one incident with a count."""

    id: str
    severity: str
    title: str
    remedy: str
    count: int
    status: str
    link: str
    kind: str | None
    object_id: str
    run: str
    first_at: datetime
    last_at: datetime


def show(incident: KnownIncident) -> IncidentShown:
    """An incident as the API tells it."""
    return IncidentShown.model_validate(incident, from_attributes=True)


@router.get("/v1/incidents", summary="List open incidents", tags=TAGS, security=READ)
def list_incidents(
    here: Now, link: LinkFilter = "", severity: SeverityFilter = "", limit: Limit = 25, cursor: Cursor = ""
) -> Page[IncidentShown]:
    """The open incidents, newest first. A filtered page may be short and still have a next."""
    wanted = Severity(severity) if severity else None
    incidents = here.memory.incidents
    return shown(lambda: incidents.list(link=link, severity=wanted, limit=limit, cursor=cursor or None), show)


@router.get("/v1/incidents/<incident_id>", summary="Show an incident", tags=TAGS, security=READ)
def show_incident(incident_id: IncidentId, here: Now) -> IncidentShown:
    """One incident, open or not."""
    return show(found(here.memory.incidents.get, incident_id, "incident"))


@router.post("/v1/incidents/<incident_id>/close", summary="Close an incident", tags=TAGS, security=SYNC)
def close_incident(incident_id: IncidentId, here: Now, idempotency_key: IdempotencyKey = "") -> IncidentShown:
    """Put an incident away; if its cause comes back, it opens again."""
    incident = found(here.memory.incidents.get, incident_id, "incident")

    def act() -> IncidentShown:
        closed = here.memory.incidents.close(incident.id)
        here.audit("incident.closed", incident.id)
        return show(closed)

    return once(here, idempotency_key, f"close {incident.id}", None, IncidentShown, act)


@router.post(
    "/v1/incidents/<incident_id>/retry",
    summary="Retry an incident",
    tags=TAGS,
    security=SYNC,
    status_code=202,
)
def retry_incident(incident_id: IncidentId, here: Now, idempotency_key: IdempotencyKey = "") -> IncidentShown:
    """Try again what it stopped: its object if it has one, else its feed. It closes when its cause is gone."""
    incident = found(here.memory.incidents.get, incident_id, "incident")
    if incident.status is not IncidentStatus.OPEN:
        raise conflict("not_open", "The incident is not open", "There is nothing to try again.")

    def act() -> IncidentShown:
        _again(here, incident)
        return show(incident)

    return once(here, idempotency_key, f"retry {incident.id}", None, IncidentShown, act)


def _again(here: Here, incident: KnownIncident) -> None:
    if not incident.link or incident.kind is None:
        raise conflict(
            "nothing_to_retry", "The incident stopped nothing that can be tried again", incident.remedy
        )
    feed = found(here.memory.feeds.get, f"{incident.link}.{incident.kind}", "feed any more")
    if incident.object_id:
        stores_ready(here, incident.link)
        here.river.resync(incident.link, incident.kind, incident.object_id)
    else:
        begin(here, feed, Mode.ALL, Scope.FULL, dry_run=False, settings={})
