"""Telling events of contacts. An event makes and changes nobody: for an address that is not there it is refused.

Source: https://mailchimp.com/developer/marketing/api/list-member-events/
"""

from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any

from passerelle.connectors.mailchimp.api import Answer, Api, Operation
from passerelle.connectors.mailchimp.batches import FEW, Batches
from passerelle.connectors.mailchimp.refusals import GONE, Refusal, refusal
from passerelle.model import CustomerEvent
from passerelle.port import Change, Match, Outcome, Result, Throttled, Unavailable

SHORT = {
    "checkout_contact_info_submitted": "checkout_contact_info",
    "checkout_address_info_submitted": "checkout_address_info",
    "checkout_shipping_info_submitted": "checkout_shipping_info",
}
"""Names longer than the 30 characters that Mailchimp takes."""
MARK = "event_id"
"""The property that holds the event's own id, by which it is found again."""
PAGE = 1000
NOT_AN_EVENT = Refusal("not_an_event", "It is no event of a known contact.")


class Events:
    """Writes and finds the events of one audience's members."""

    def __init__(self, api: Api, batches: Batches, audience: str) -> None:
        self._api, self._batches = api, batches
        self._members = f"/lists/{audience}/members"

    def push(self, changes: Sequence[Change]) -> list[Outcome]:
        """One outcome per change, in order. An event told twice is there twice: look with `find` first."""
        told = [(change, change.object) for change in changes]
        events = [(c, e) for c, e in told if isinstance(e, CustomerEvent) and c.destination_id]
        answers = self._carry_out([self._operation(c, e) for c, e in events])
        done = {c.id: _outcome(c, answer) for (c, _), answer in zip(events, answers, strict=True)}
        return [done.get(change.id) or _refused(change, NOT_AN_EVENT) for change in changes]

    def find(self, keys: Sequence[str]) -> list[Match]:
        """Events by `contact/event id`: those that are there."""
        contacts = list(dict.fromkeys(key.partition("/")[0] for key in keys))
        held = dict(zip(contacts, self._api.together(self._ids, contacts), strict=True))
        pairs = [(key, *key.split("/", 1)) for key in keys]
        return [Match(key, contact) for key, contact, id in pairs if id in held[contact]]

    def _ids(self, contact: str) -> set[str]:
        found: set[str] = set()
        offset = 0
        while True:
            params = {"count": str(PAGE), "offset": str(offset), "fields": "events.properties"}
            answer = self._api.call("GET", f"{self._members}/{contact}/events", params=params)
            events = answer.data.get("events", ()) if answer.ok else ()
            found |= {str((event.get("properties") or {}).get(MARK, "")) for event in events}
            offset += len(events)
            if len(events) < PAGE:
                return found

    def _operation(self, change: Change, event: CustomerEvent) -> Operation:
        body: dict[str, Any] = {
            "name": SHORT.get(event.name, event.name),
            "properties": {**dict(event.properties), MARK: event.id},
            "occurred_at": event.occurred_at.astimezone(UTC).isoformat(timespec="seconds"),
            "is_syncing": event.past,
        }
        return Operation("POST", f"{self._members}/{change.destination_id}/events", body)

    def _carry_out(self, operations: Sequence[Operation]) -> list[Answer]:
        """Few are made directly, each by itself: one that fails says nothing of the others."""
        if len(operations) > FEW:
            return self._batches.carry_out(operations)
        return self._api.together(self._one, operations) if operations else []

    def _one(self, operation: Operation) -> Answer:
        try:
            return self._api.call(operation.method, operation.path, body=operation.body)
        except (Throttled, Unavailable):
            return Answer(0)


def _outcome(change: Change, answer: Answer) -> Outcome:
    if answer.ok:
        return Outcome(change.id, Result.CREATED, change.destination_id)
    if answer.unsettled:
        return Outcome(
            change.id, Result.THROTTLED, change.destination_id, why="It is not known to have arrived."
        )
    return _refused(change, GONE if answer.status == 404 else _told(answer.data))


def _told(problem: Mapping[str, Any]) -> Refusal:
    told = refusal(problem)
    return Refusal("event_refused", told.why, told.remedy)


def _refused(change: Change, told: Refusal) -> Outcome:
    return Outcome(change.id, Result.REFUSED, change.destination_id, told.code, told.why, told.remedy)
