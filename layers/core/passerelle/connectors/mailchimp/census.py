"""Reading an audience: its members as contacts, and all of them as an index.

The version of a member reads `status|instant of the status|last change`: instants are ISO 8601, the middle
one is empty where Mailchimp does not tell it. Source: https://mailchimp.com/developer/marketing/api/list-members/
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from passerelle.connectors.mailchimp.api import Api
from passerelle.connectors.mailchimp.refusals import refusal
from passerelle.model import AudienceStatus, Contact
from passerelle.port import Count, Incomplete, Indexed, IndexPage, Rejected, Selection

PAGE = 1000
OVERLAP = 50
"""Members of a page that are read again with the next, in case some before them have moved away meanwhile."""
MEMBER = ("id", "status", "last_changed", "timestamp_opt")


@dataclass(frozen=True, slots=True)
class Version:
    """What the version of a member says."""

    status: AudienceStatus
    status_changed_at: datetime | None
    last_changed: datetime | None


def parse_version(text: str) -> Version:
    """Read a version that `index` wrote."""
    status, since, changed = text.split("|")
    return Version(AudienceStatus(status), _instant(since), _instant(changed))


def subscriber_hash(email: str) -> str:
    """Mailchimp's key of an address: the MD5 of its lower case."""
    return hashlib.md5(email.strip().lower().encode(), usedforsecurity=False).hexdigest()


def contact(member: Mapping[str, Any], email: str = "", tags: tuple[str, str] = ("", "")) -> Contact:
    """A member as a contact; `tags`: the merge fields of the first and the last name."""
    address = str(member.get("email_address", email)).strip().lower()
    status, changed_at = AudienceStatus(member["status"]), _instant(str(member.get("last_changed", "")))
    since = _status_changed_at(status, member, changed_at)
    told = member.get("merge_fields") or {}
    first, last = (str(told.get(tag) or "") if tag else "" for tag in tags)
    return Contact(str(member["id"]), address, status, changed_at, since, first, last)


def _status_changed_at(
    status: AudienceStatus, member: Mapping[str, Any], changed_at: datetime | None
) -> datetime | None:
    """When the person acted. Mailchimp tells it of an opt-in only.

    Of an opt-out the last change is the latest it can have been: an opt-in must be newer than that to count.
    """
    if status is AudienceStatus.SUBSCRIBED:
        return _instant(str(member.get("timestamp_opt", "")))
    return changed_at if status in {AudienceStatus.UNSUBSCRIBED, AudienceStatus.CLEANED} else None


def _instant(text: str) -> datetime | None:
    if not text:
        return None
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a reading of the audience is: from which change on, how far into it, and the newest change met.

    Members are read in the order of their last change, so that one which changes meanwhile moves to the end
    and is met again; an offset alone would lose its neighbour. Archived members are read in a second pass.
    """

    archived: bool = False
    since: str = ""
    offset: int = 0
    newest: str = ""

    @classmethod
    def parse(cls, text: str) -> "Place":
        """Read a cursor."""
        archived, since, offset, newest = text.split("|")
        return cls(archived == "archived", since, int(offset), newest)

    def __str__(self) -> str:
        return "|".join(
            ("archived" if self.archived else "present", self.since, str(self.offset), self.newest)
        )

    def next(self, members: Sequence[Mapping[str, Any]]) -> "Place":
        """The place after a full page."""
        newest = str(members[-1]["last_changed"])
        last = _instant(newest)
        if last is None or newest <= self.newest:
            return Place(self.archived, self.since, self.offset + PAGE - OVERLAP, self.newest)
        # The limit may leave out its own second; one second earlier it certainly does not.
        since = (last - timedelta(seconds=1)).isoformat()
        seen = sum(member["last_changed"] == newest for member in members)
        return Place(self.archived, since, max(0, seen - OVERLAP), newest)


class Census:
    """Reads the members of one audience."""

    def __init__(self, api: Api, audience: str, tags: tuple[str, str] = ("", "")) -> None:
        self._api, self._tags = api, tags
        self._whole = (*MEMBER, "email_address", *(f"merge_fields.{tag}" for tag in tags if tag))
        self._path = f"/lists/{audience}/members"

    def index(self, selection: Selection, after: str | None) -> IndexPage:
        """One page; a member may come twice, and the later one is right. Raises Incomplete."""
        members, onward = self._fresh(selection, after, MEMBER)
        return IndexPage(tuple(_indexed(member) for member in members), onward)

    def whole(self, selection: Selection) -> Iterator[Contact]:
        """The same members as whole contacts. Raises Incomplete."""
        after: str | None = None
        while True:
            members, after = self._fresh(selection, after, self._whole)
            yield from (contact(member, tags=self._tags) for member in members)
            if after is None:
                return

    def _fresh(
        self, selection: Selection, after: str | None, fields: Sequence[str]
    ) -> tuple[list[Mapping[str, Any]], str | None]:
        """A page without what was read before, and the cursor of the next."""
        start = selection.since.isoformat(timespec="seconds") if selection.since else ""
        place = Place.parse(after) if after else Place(since=start)
        members = self._page(place, fields)
        fresh = [m for m in members if m["last_changed"] >= place.newest]
        if not place.archived:
            fresh = [m for m in fresh if m["status"] != AudienceStatus.ARCHIVED]
        onward = self._onward(place, members, start)
        return fresh, str(onward) if onward else None

    def count(self, selection: Selection) -> Count:
        """How many members there are."""
        params = {"count": "1", "fields": "total_items"}
        if selection.since:
            params["since_last_changed"] = selection.since.isoformat(timespec="seconds")
        return Count(int(self._api.need("GET", self._path, params=params)["total_items"]))

    def one(self, key: str, email: str = "") -> Contact | None:
        """The member under a key; None if there is none (never was, or permanently deleted)."""
        fields = ",".join(self._whole)
        answer = self._api.call("GET", f"{self._path}/{key}", params={"fields": fields})
        if answer.status == 404:
            return None
        if not answer.ok:
            told = refusal(answer.data)
            raise Rejected(told.why, told.remedy, told.code, answer.status)
        return contact(answer.data, email, self._tags)

    def forget(self, key: str) -> None:
        """Delete a member permanently.

        Source: https://mailchimp.com/developer/marketing/api/list-members/delete-list-member/
        """
        answer = self._api.call("POST", f"{self._path}/{key}/actions/delete-permanent")
        if not answer.ok and answer.status != 404:
            told = refusal(answer.data)
            raise Rejected(told.why, told.remedy, told.code, answer.status)

    def _page(self, place: Place, fields: Sequence[str]) -> list[Mapping[str, Any]]:
        params = {
            "count": str(PAGE),
            "offset": str(place.offset),
            "sort_field": "last_changed",
            "sort_dir": "ASC",
            "fields": ",".join((*(f"members.{name}" for name in fields), "total_items")),
        }
        if place.since:
            params["since_last_changed"] = place.since
        if place.archived:
            params["status"] = "archived"
        answer = self._api.need("GET", self._path, params=params)
        members = list(answer.get("members", ()))
        if len(members) < min(PAGE, int(answer.get("total_items", 0)) - place.offset):
            raise Incomplete("Mailchimp's page of members holds fewer than it says there are.")
        return members

    @staticmethod
    def _onward(place: Place, members: list[Mapping[str, Any]], start: str) -> Place | None:
        if len(members) == PAGE:
            return place.next(members)
        return None if place.archived else Place(archived=True, since=start)


def _indexed(member: Mapping[str, Any]) -> Indexed:
    found = contact(member)
    since = found.status_changed_at.isoformat() if found.status_changed_at else ""
    return Indexed(found.id, f"{found.status}|{since}|{member['last_changed']}")
