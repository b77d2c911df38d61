"""Whether an audience has what a link's settings ask of it: the merge fields (A-17), the programme of texts (A-18)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from passerelle.api.access import Here
from passerelle.api.problems import Problem, conflict, refused
from passerelle.model import Kind
from passerelle.model.riding import MergeField
from passerelle.store.records import Link, Store

OFF: dict[str, Any] = {"enabled": False, "since": None}


def merge_fields(here: Here, account: Store, audience: str) -> list[MergeField]:
    """The audience's fields, read now. Answers 422 for a platform that has none."""
    connector = here.runtime.connector(here.caller.tenant, account.id)
    read = getattr(connector, "merge_fields", None)
    if read is None:
        raise Problem(
            422, "not_offered", "This platform has no merge fields", remedy="Ask an e-mail account."
        )
    return list(read(audience))


def field_types(here: Here, account: Store, audience: str, wanted: Mapping[str, str]) -> dict[str, str]:
    """Tag → type of the fields that are mapped. Answers 422 for a tag that the audience does not have."""
    there = {field.tag: field.type for field in merge_fields(here, account, audience)}
    unknown = sorted({tag for tag in wanted.values() if tag not in there})
    if unknown:
        named = ", ".join(unknown)
        allowed = f"one of: {', '.join(sorted(there)) or 'none: the audience has no fields'}"
        why = f"The audience has no merge field {named}"
        raise refused("settings.merge_fields", "no_such_merge_field", why, allowed)
    return {tag: there[tag] for tag in wanted.values()}


def texts(
    here: Here, account: Store, audience: str, wanted: Mapping[str, Any], link: Link | None
) -> dict[str, Any]:
    """The settings of texts that follow from the policy's. Answers 422, or 409 before the first sync of customers."""
    if not wanted.get("enabled"):
        return dict(OFF)
    since = wanted.get("since")
    if not since:
        raise _start("Say from when on consents to texts are taken over", "an instant that is past")
    start = datetime.fromisoformat(since) if isinstance(since, str) else since
    now = here.runtime.storage.clock()
    if start > now:
        raise _start("The start is yet to come", f"an instant up to {now.isoformat(timespec='seconds')}")
    _programme(here, account, audience, start)
    _settled(here, link)
    return {"enabled": True, "since": start.isoformat()}


def _programme(here: Here, account: Store, audience: str, start: datetime) -> None:
    read = getattr(here.runtime.connector(here.caller.tenant, account.id), "text_programme", None)
    programme = read(audience) if read else None
    if programme is None or not programme.running:
        raise Problem(
            422,
            "no_text_programme",
            "The audience has no programme of texts that is on",
            remedy="Have the programme approved in the e-mail account, then send the same request again.",
        )
    if programme.started_at and start < programme.started_at:
        begun = programme.started_at.isoformat(timespec="seconds")
        raise _start("The start is before the programme of texts", f"an instant from {begun} on")


def _settled(here: Here, link: Link | None) -> None:
    """Texts wait for the customers' first full sync."""
    feed = here.memory.feeds.get(f"{link.id}.{Kind.CUSTOMERS}") if link else None
    if feed is None or feed.first_full_at is None:
        raise conflict(
            "first_sync_missing",
            "Consents to texts are taken over after the customers' first full sync",
            "Sync the customers in full, then switch texts on by PATCH of the link's policy.",
        )


def _start(why: str, allowed: str) -> Problem:
    return refused("policy.sms.since", "sms_start", why, allowed)
