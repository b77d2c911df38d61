"""Writes what customers did with mails into their metafields: the namespace is ours, one date and time an event.

Source: https://shopify.dev/docs/api/admin-graphql/2026-07/mutations/metafieldsSet
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import batched
from typing import Any

from passerelle.connectors.shopify.admin import Admin
from passerelle.connectors.shopify.consents import told_at
from passerelle.connectors.shopify.documents import Document
from passerelle.connectors.shopify.ids import gid
from passerelle.model import Engagement
from passerelle.port import Change, Outcome, Result

NAMESPACE = "passerelle"
MOST = 25
"""Metafields in one mutation; of these Shopify writes all or none."""
MUTATIONS = 20
"""Mutations in one request: ten points each."""


@dataclass(slots=True)
class Together:
    """Customers whose metafields fit into one mutation."""

    changes: list[Change] = field(default_factory=list)
    fields: list[dict[str, str]] = field(default_factory=list)

    def room_for(self, wanted: Sequence[dict[str, str]]) -> bool:
        """Whether these may be added."""
        return len(self.fields) + len(wanted) <= MOST

    def add(self, change: Change, wanted: Sequence[dict[str, str]]) -> None:
        """One more customer."""
        self.changes.append(change)
        self.fields += wanted


def push(admin: Admin, changes: Sequence[Change]) -> list[Outcome]:
    """One outcome per change, in their order; writing the same instants again changes nothing."""
    outcomes: dict[str, Outcome] = {}
    waiting = [change for change in changes if _metafields(change)]
    told = {change.id for change in waiting}
    outcomes |= {each.id: Outcome(each.id, Result.UNCHANGED) for each in changes if each.id not in told}
    while waiting:
        again: list[Change] = []
        for some in batched(_grouped(waiting), MUTATIONS, strict=False):
            again += _ask(admin, some, outcomes)
        waiting = again
    return [outcomes[change.id] for change in changes]


def _grouped(changes: Sequence[Change]) -> list[Together]:
    groups = [Together()]
    for change in changes:
        wanted = _metafields(change)
        if not groups[-1].room_for(wanted):
            groups.append(Together())
        groups[-1].add(change, wanted)
    return groups


def _metafields(change: Change) -> list[dict[str, str]]:
    told = change.object
    if not isinstance(told, Engagement):
        raise NotImplementedError("only engagement is written into customers' metafields")
    instants = {
        "email_received": told.received_at,
        "email_opened": told.opened_at,
        "email_clicked": told.clicked_at,
    }
    owner = {"ownerId": gid("Customer", change.destination_id), "namespace": NAMESPACE, "type": "date_time"}
    return [{**owner, "key": key, "value": told_at(at)} for key, at in instants.items() if at]


def _ask(admin: Admin, groups: Sequence[Together], outcomes: dict[str, Outcome]) -> list[Change]:
    """Write these groups; answers the changes to be written again, without those that kept them from being so."""
    data = admin.ask(document(len(groups)), {f"i{at}": each.fields for at, each in enumerate(groups)})
    again: list[Change] = []
    for at, group in enumerate(groups):
        refused = _refused(group, data.get(f"c{at}") or {})
        outcomes |= refused
        rest = [change for change in group.changes if change.id not in refused]
        if refused:
            again += rest
        else:
            outcomes |= {each.id: Outcome(each.id, Result.UPDATED, each.destination_id) for each in rest}
    return again


def document(mutations: int) -> Document:
    """So many mutations in one request."""
    variables = ", ".join(f"$i{at}: [MetafieldsSetInput!]!" for at in range(mutations))
    writes = "\n".join(
        f"  c{at}: metafieldsSet(metafields: $i{at}) {{ userErrors {{ code field message elementIndex }} }}"
        for at in range(mutations)
    )
    text = f"mutation SetEngagement({variables}) {{\n{writes}\n}}"
    return Document("SetEngagement", text, 10 * mutations, writes=True)


def _refused(group: Together, answer: Mapping[str, Any]) -> dict[str, Outcome]:
    """Whom Shopify refuses, each with the reason; all of the group where it does not say whom."""
    errors = answer.get("userErrors", [{"code": "NO_ANSWER", "message": ""}])
    refused: dict[str, Outcome] = {}
    for error in errors:
        place = _place(error)
        owner = group.fields[place]["ownerId"] if place is not None and place < len(group.fields) else ""
        meant = [each for each in group.changes if gid("Customer", each.destination_id) == owner]
        for change in meant or group.changes:
            refused.setdefault(change.id, _outcome(change, error))
    return refused


def _place(error: Mapping[str, Any]) -> int | None:
    """Which of the metafields is meant."""
    if isinstance(error.get("elementIndex"), int):
        return int(error["elementIndex"])
    numbers = [part for part in error.get("field") or () if part.isdigit()]
    return int(numbers[0]) if numbers else None


def _outcome(change: Change, error: Mapping[str, Any]) -> Outcome:
    if "ownerId" in (error.get("field") or ()):
        why = "Shopify has no such customer any more."
        return Outcome(change.id, Result.REFUSED, change.destination_id, "gone_since_planned", why)
    code = str(error.get("code") or "invalid").lower()
    why = f"Shopify refuses the metafields of this customer ({code})."
    remedy = f"Look at the definitions of the namespace {NAMESPACE} in the shop's settings: each is a date and time."
    return Outcome(change.id, Result.REFUSED, change.destination_id, "metafield_refused", why, remedy)
