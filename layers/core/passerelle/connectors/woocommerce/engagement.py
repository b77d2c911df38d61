"""Writes what customers did with mails into their meta data, under names of ours.

Source: https://woocommerce.github.io/woocommerce-rest-api-docs/#customer-meta-data-properties
"""

from collections.abc import Sequence
from datetime import datetime

from passerelle.connectors.woocommerce.reading import rows, text
from passerelle.connectors.woocommerce.rest import PAGE, Rest, Row, refused
from passerelle.model import Engagement
from passerelle.port import Change, Outcome, Result


def push(rest: Rest, changes: Sequence[Change]) -> list[Outcome]:
    """One outcome per change, in their order, a hundred customers a call; writing the same again changes nothing."""
    ids = [change.destination_id for change in changes]
    held = {text(row, "id"): row for row in rest.among("customers", ids, role="all", fields="id,meta_data")}
    outcomes = {
        change.id: found for change in changes if (found := _judged(change, held.get(change.destination_id)))
    }
    waiting = [change for change in changes if change.id not in outcomes]
    for start in range(0, len(waiting), PAGE):
        some = waiting[start : start + PAGE]
        items = [{"id": int(change.destination_id), "meta_data": _meta(change)} for change in some]
        answered = rest.batch("customers", "update", items)
        outcomes |= {change.id: _ended(change, row) for change, row in zip(some, answered, strict=True)}
    return [outcomes[change.id] for change in changes]


def _meta(change: Change) -> list[Row]:
    told = change.object
    if not isinstance(told, Engagement):
        raise NotImplementedError("only engagement is written as engagement")
    instants: dict[str, datetime | None] = {
        "passerelle_email_received": told.received_at,
        "passerelle_email_opened": told.opened_at,
        "passerelle_email_clicked": told.clicked_at,
    }
    return [{"key": key, "value": f"{at:%Y-%m-%dT%H:%M:%SZ}"} for key, at in instants.items() if at]


def _judged(change: Change, row: Row | None) -> Outcome | None:
    """The outcome of a change that needs no write, or cannot have one."""
    if row is None:
        why = "The customer is no longer in the shop."
        return Outcome(change.id, Result.REFUSED, change.destination_id, "gone_since_planned", why)
    kept = {text(one, "key"): one.get("value") for one in rows(row, "meta_data")}
    if all(kept.get(one["key"]) == one["value"] for one in _meta(change)):
        return Outcome(change.id, Result.UNCHANGED, change.destination_id)
    return None


def _ended(change: Change, row: Row) -> Outcome:
    refusal = refused(row)
    if refusal is None:
        return Outcome(change.id, Result.UPDATED, change.destination_id)
    code = "gone_since_planned" if refusal[0] == "wc_user_invalid_id" else refusal[0]
    return Outcome(change.id, Result.REFUSED, change.destination_id, code, refusal[1])
