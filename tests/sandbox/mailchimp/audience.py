"""An audience and its members: who is in which state, and which changes Mailchimp refuses."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sandbox.mailchimp.answers import Problem, invalid
from sandbox.mailchimp.texts import refuse_read_only

ADDRESS = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]{2,}$")
FAKE = re.compile(r"^(test|fake|asdf|noreply)@|@(example\.invalid|fake\.com|mailinator\.com)$")


def hashed(email: str) -> str:
    """Mailchimp's key of a member: the MD5 of the address in lower case."""
    return hashlib.md5(email.lower().encode(), usedforsecurity=False).hexdigest()


@dataclass(slots=True)
class Member:
    """One person in an audience. Instants are aware UTC."""

    email: str
    status: str = "subscribed"
    merge_fields: dict[str, Any] = field(default_factory=dict)
    language: str = ""
    tags: set[str] = field(default_factory=set)
    events: list[dict[str, Any]] = field(default_factory=list)
    timestamp_opt: datetime | None = None
    timestamp_signup: datetime | None = None
    last_changed: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    compliance: bool = False
    """The person left, or their mail bounced: nobody but they themselves may subscribe them again."""
    source: str = "API - Generic"
    sms_phone: str = ""
    sms_status: str = "nonsubscribed"
    sms_changed: datetime | None = None

    @property
    def contact_id(self) -> str:
        """The key under `/audiences`."""
        return self.id[::-1]

    @property
    def id(self) -> str:
        """The subscriber hash."""
        return hashed(self.email)


class Audience:
    """A list of members, with the rules by which it changes.

    `tell(type, member, source, extra)` is called after a change that a webhook may be sent for.
    """

    def __init__(
        self,
        id: str = "a1b2c3d4e5",
        name: str = "Customers",
        *,
        double_optin: bool = False,
        required: tuple[str, ...] = (),
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.id, self.name, self.double_optin = id, name, double_optin
        self.clock = clock
        self.members: dict[str, Member] = {}
        self.forgotten: set[str] = set()
        self.on_many_lists: set[str] = set()
        """Addresses that signed up to a lot of lists very recently."""
        self.resubscribes = False
        """Whether the API may subscribe somebody whom the API (not the person) unsubscribed."""
        self.lists_archived = True
        """Whether a list of members holds the archived ones without being asked; accounts differ."""
        self.webhooks: dict[str, dict[str, Any]] = {}
        self.welcomes = False
        """Whether an automation waits for everybody who becomes subscribed."""
        self.joined: Callable[[Member], None] = lambda _: None
        """Called when somebody became subscribed."""
        self.tell: Callable[[str, Member, str, dict[str, str]], None] = lambda *_: None
        self.merge_fields = _standard_fields(required)
        self.sms_programme: dict[str, Any] | None = None
        """The programme of text messages, as `/sms-program` shows it."""
        self.confirmations: list[str] = []
        """Addresses to which a confirmation mail was sent."""
        self._sorted: tuple[int, list[Member]] = (-1, [])
        self.changes = 0

    # --- seeding and looking -------------------------------------------------------------------------

    def seed(self, *members: Member) -> None:
        """Put members in as they are, past all rules."""
        self.members.update({member.id: member for member in members})
        self.changes += 1

    def status(self, email: str) -> str:
        """A person's status, or `absent`, or `forgotten`."""
        key = hashed(email)
        if key in self.members:
            return self.members[key].status
        return "forgotten" if key in self.forgotten else "absent"

    def by_change(self) -> list[Member]:
        """All members, the longest unchanged first."""
        if self._sorted[0] != self.changes:
            self._sorted = (self.changes, sorted(self.members.values(), key=lambda m: m.last_changed))
        return self._sorted[1]

    def runs_texts(self, **told: Any) -> None:
        """The merchant's programme of text messages was approved."""
        self.sms_programme = {
            "program_id": "p1",
            "program_name": self.name,
            "registration_status": "REGISTRATION_STATUS_ACTIVE",
            "can_send": True,
            **told,
        }

    @property
    def sms_runs(self) -> bool:
        """Whether texts may be sent."""
        return (self.sms_programme or {}).get("registration_status") == "REGISTRATION_STATUS_ACTIVE"

    # --- what people do themselves -------------------------------------------------------------------

    def person_subscribes(self, email: str) -> None:
        """A form was filled in, or a confirmation link was followed."""
        member = self.members.setdefault(hashed(email), Member(email))
        member.compliance = False
        self.forgotten.discard(member.id)
        member.timestamp_opt = self.clock()
        self._becomes(member, "subscribed", "user")

    def person_unsubscribes(self, email: str) -> None:
        """The link in a campaign was followed."""
        member = self.members[hashed(email)]
        member.compliance = True
        self._becomes(member, "unsubscribed", "user", {"action": "unsub", "reason": "manual"})

    def person_stops_texts(self, email: str) -> None:
        """STOP was answered to a text."""
        member = self.members[hashed(email)]
        member.sms_status, member.sms_changed = "unsubscribed", self.clock()
        self._touch(member)

    def mail_bounces(self, email: str) -> None:
        """The address does not exist any more."""
        member = self.members[hashed(email)]
        member.compliance = True
        self._becomes(member, "cleaned", "admin", {"reason": "hard"})

    def person_changes_email(self, old: str, new: str) -> None:
        """The address was changed in the preferences."""
        member = self.members.pop(hashed(old))
        member.email = new
        self.members[member.id] = member
        self._touch(member)
        self.tell("upemail", member, "user", {"old_email": old, "new_email": new})

    def admin_deletes_permanently(self, email: str) -> None:
        """Forget a person for good."""
        key = hashed(email)
        if self.members.pop(key, None):
            self.forgotten.add(key)
            self.changes += 1

    # --- what the API may do -------------------------------------------------------------------------

    def add(self, body: dict[str, Any], *, source: str = "api", skip_merge: bool = False) -> Member:
        """Make a member that is not there (an archived one may come back). Raises Problem."""
        email = str(body["email_address"]).strip()
        refuse_read_only(body)
        self._admit(email)
        self._check_fields(body.get("merge_fields", {}), required=not skip_merge)
        known = self.members.get(hashed(email))
        if known is not None:
            return self.change(known, body, source=source, skip_merge=True)
        member = Member(email, timestamp_signup=self.clock())
        self.members[member.id] = member
        self._profile(member, body)
        self._becomes(member, body["status"], source)
        return member

    def change(
        self, member: Member, body: dict[str, Any], *, source: str = "api", skip_merge: bool = False
    ) -> Member:
        """Change a member's profile and, where `status` is there, their status. Raises Problem."""
        wanted = body.get("status")
        refuse_read_only(body)
        self._permit(member, wanted)
        # Without the option, what a member holds already is judged again, as people have found to their cost.
        held = {} if skip_merge else member.merge_fields
        self._check_fields({**held, **body.get("merge_fields", {})}, required=not skip_merge)
        new = str(body.get("email_address", member.email))
        if hashed(new) != member.id:
            self._rename(member, new)
        self._profile(member, body)
        if wanted is not None and wanted != member.status:
            self._becomes(member, wanted, source)
        else:
            self._touch(member)
            self.tell("profile", member, source, {})
        return member

    def archive(self, member: Member) -> None:
        """Take a member out; they may come back. Raises Problem 405 where they are out already."""
        if member.status in {"archived", "cleaned"}:
            raise Problem(405, "Method Not Allowed", "This list member cannot be removed.")
        self._becomes(member, "archived", "api", {"action": "delete", "reason": "manual"})

    def _permit(self, member: Member, wanted: str | None) -> None:
        if wanted == "subscribed" and member.status != "subscribed":
            left = member.status == "unsubscribed" and not self.resubscribes
            if member.compliance or member.status == "cleaned" or left:
                raise Problem(
                    400,
                    "Member In Compliance State",
                    f"{member.email} is already a list member in compliance state due to unsubscribe, "
                    "bounce, or compliance review and cannot be subscribed.",
                )
        if member.status == "cleaned":
            raise Problem(400, "Invalid Resource", f"{member.email} has been cleaned and cannot be updated.")

    def _admit(self, email: str) -> None:
        if not ADDRESS.match(email):
            raise Problem(400, "Invalid Resource", "Please provide a valid email address.")
        if hashed(email) in self.forgotten:
            raise Problem(
                400,
                "Forgotten Email Not Subscribed",
                f"{email} was permanently deleted and cannot be re-imported. The contact must "
                "re-subscribe to get back on the list.",
            )
        if FAKE.search(email.lower()):
            raise Problem(
                400,
                "Invalid Resource",
                f"{email} looks fake or invalid, please enter a real email address.",
            )
        if email.lower() in self.on_many_lists:
            raise Problem(
                400,
                "Invalid Resource",
                f"{email} has signed up to a lot of lists very recently; "
                "we're not allowing more signups for now.",
            )

    def _check_fields(self, values: dict[str, Any], *, required: bool) -> None:
        errors = []
        for tag, rule in self.merge_fields.items():
            value = values.get(tag)
            if required and rule["required"] and not value:
                errors.append((tag, "This value should not be blank."))
            elif value and rule["type"] == "address" and not _whole_address(value):
                errors.append((tag, "Please enter a complete address"))
            elif value and rule["type"] == "birthday" and not re.match(r"^\d\d/\d\d$", str(value)):
                errors.append((tag, "Please enter a month (01-12) and a day (01-31)"))
        if errors:
            raise invalid(*errors)

    def _rename(self, member: Member, new: str) -> None:
        if hashed(new) in self.members:
            raise Problem(400, "Member Exists", f"{new} is already a list member.")
        del self.members[member.id]
        member.email = new
        self.members[member.id] = member

    def _profile(self, member: Member, body: dict[str, Any]) -> None:
        known = {tag: v for tag, v in body.get("merge_fields", {}).items() if tag in self.merge_fields}
        member.merge_fields = {**member.merge_fields, **known}
        member.language = body.get("language", member.language)

    def _becomes(self, member: Member, status: str, source: str, extra: dict[str, str] | None = None) -> None:
        if status == "subscribed" and member.timestamp_opt is None:
            member.timestamp_opt = self.clock()
        if status == "pending":
            self.confirmations.append(member.email)
        member.status = status
        self._touch(member)
        if status == "subscribed":
            self.joined(member)
        event = {"subscribed": "subscribe", "unsubscribed": "unsubscribe", "archived": "unsubscribe"}.get(
            status, "cleaned" if status == "cleaned" else ""
        )
        if event:
            self.tell(event, member, source, extra or {})

    def _touch(self, member: Member) -> None:
        member.last_changed = self.clock().replace(microsecond=0)
        self.changes += 1


def _whole_address(value: Any) -> bool:
    return isinstance(value, dict) and all(value.get(part) for part in ("addr1", "city", "zip"))


def _standard_fields(required: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    kinds = {"FNAME": "text", "LNAME": "text", "ADDRESS": "address", "PHONE": "phone", "BIRTHDAY": "birthday"}
    kinds |= {tag: "text" for tag in required if tag not in kinds}
    return {
        tag: {"merge_id": n, "tag": tag, "name": tag.title(), "type": kind, "required": tag in required}
        for n, (tag, kind) in enumerate(kinds.items(), 1)
    }
