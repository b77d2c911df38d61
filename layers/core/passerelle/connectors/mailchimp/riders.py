"""What rides along with a written contact: its tags, and a consent to texts. The consent to e-mail is never touched.

Sources: https://mailchimp.com/developer/marketing/api/list-member-tags/,
https://mailchimp.com/developer/marketing/docs/audiences-introduction/ (texts; withdrawals cannot be written there).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from passerelle.connectors.mailchimp import bodies
from passerelle.connectors.mailchimp.api import Answer, Operation
from passerelle.connectors.mailchimp.batches import Batches
from passerelle.connectors.mailchimp.census import subscriber_hash
from passerelle.connectors.mailchimp.form import Settings
from passerelle.connectors.mailchimp.refusals import refusal
from passerelle.model import Customer
from passerelle.model.riding import Beside
from passerelle.port import Change, Outcome, Result
from passerelle.rules.sms import Programme, SmsReason, SmsVerdict, decide

WRITTEN = frozenset({Result.CREATED, Result.UPDATED, Result.UNCHANGED})
LOOK = {
    "fields": "contact_id,tags.name,sms_phone_number,sms_subscription_status,sms_subscription_last_updated"
}
LIVE_WITHIN = timedelta(hours=24)
"""A consent given longer ago is history: it starts no automation."""
UNTOLD = frozenset({SmsReason.OFF, SmsReason.NO_CONSENT, SmsReason.WITHDRAWN})
"""Reasons that are no news: there is nothing that could have been written."""

type Person = tuple[Change, Customer, Outcome]


@dataclass(frozen=True, slots=True)
class Wanted:
    """One person with what is to ride along."""

    change: Change
    person: Customer
    outcome: Outcome
    verdict: SmsVerdict
    tags: tuple[str, ...]

    @property
    def looked_at(self) -> bool:
        """Whether the member has to be read first."""
        asks = self.verdict.write or self.verdict.reason is SmsReason.WITHDRAWN
        return asks or (bool(self.tags) and self.outcome.result is not Result.CREATED)


type Write = tuple[Wanted, Operation, Beside]


class Riders:
    """Writes what rides along, for one audience. `clock` tells Unix seconds."""

    def __init__(self, batches: Batches, settings: Settings, clock: Callable[[], float]) -> None:
        self._batches, self._settings, self._clock = batches, settings, clock
        self._members = f"/lists/{settings.audience_id}/members"
        self._contacts = f"/audiences/{settings.audience_id}/contacts"

    def after(self, people: Sequence[Person]) -> dict[str, Outcome]:
        """New outcomes by change, of those to whom something was added; what was not settled is to come again."""
        wanted = [self._wanted(*one) for one in people if one[2].result in WRITTEN]
        looked = [one for one in wanted if one.looked_at]
        answers = self._batches.carry_out([self._look(one) for one in looked])
        seen = {one.change.id: answer for one, answer in zip(looked, answers, strict=True)}
        told = {one.change.id: self._left_out(one) for one in wanted}
        unsettled = {id for id, answer in seen.items() if answer.unsettled}
        writes = [
            write
            for one in wanted
            if one.change.id not in unsettled
            for write in self._writes(one, seen.get(one.change.id), told[one.change.id])
        ]
        answers = self._batches.carry_out([operation for _, operation, _ in writes])
        for (one, _, beside), answer in zip(writes, answers, strict=True):
            if answer.unsettled:
                unsettled.add(one.change.id)
            else:
                told[one.change.id].append(_written(beside, answer))
        return {one.change.id: _outcome(one, told[one.change.id], unsettled) for one in wanted}

    def _writes(self, one: Wanted, seen: Answer | None, told: list[Beside]) -> list[Write]:
        """What is to be written for one person; what is only to be said goes to `told`."""
        member = seen.data if seen else {}
        writes = self._tags(one, member)
        text = self._text(one, member)
        if isinstance(text, Beside):
            told.append(text)
        elif text:
            writes.append((one, *text))
        return writes

    def _wanted(self, change: Change, person: Customer, outcome: Outcome) -> Wanted:
        sms = self._settings.sms
        programme = Programme(chosen=sms.enabled, running=True, since=sms.since, settled=sms.enabled)
        now = datetime.fromtimestamp(self._clock(), UTC)
        verdict = decide(person.sms_consent, programme, person.phone, now)
        tags = person.tags if self._settings.tags == "add" else ()
        return Wanted(change, person, outcome, verdict, tuple(dict.fromkeys(filter(None, tags))))

    def _look(self, one: Wanted) -> Operation:
        return Operation("GET", f"{self._members}/{subscriber_hash(one.person.email)}", params=LOOK)

    def _left_out(self, one: Wanted) -> list[Beside]:
        """Values of merge fields that did not fit, or that Mailchimp refused."""
        refused = one.outcome.why if one.outcome.code == "field_left_out" else ""
        tags = ", ".join(bodies.unfit(one.person, self._settings))
        why = refused or (f"The value does not fit the type of {tags}, so it was left out." if tags else "")
        return [Beside("merge_fields", "field_left_out", why=why)] if why else []

    # --- tags ----------------------------------------------------------------------------------------

    def _tags(self, one: Wanted, member: Mapping[str, Any]) -> list[Write]:
        """Tags that the contact lacks are added; none is ever taken away."""
        held = {str(tag.get("name", "")).lower() for tag in member.get("tags", ())}
        new = [tag for tag in one.tags if tag.lower() not in held]
        if not new:
            return []
        path = f"{self._members}/{subscriber_hash(one.person.email)}/tags"
        body = {"tags": [{"name": tag, "status": "active"} for tag in new]}
        return [(one, Operation("POST", path, body), Beside("tags", "tags_added", ", ".join(new)))]

    # --- texts ---------------------------------------------------------------------------------------

    def _text(self, one: Wanted, member: Mapping[str, Any]) -> tuple[Operation, Beside] | Beside | None:
        verdict = one.verdict
        subscribed = member.get("sms_subscription_status") == "subscribed"
        if verdict.reason is SmsReason.WITHDRAWN and subscribed:
            return Beside("sms", "sms_withdrawn_by_hand")
        if verdict.reason is not None:
            return None if verdict.reason in UNTOLD else Beside("sms", verdict.reason.value)
        if not member.get("contact_id") or verdict.captured_at is None:
            return None
        if subscribed and member.get("sms_phone_number") == verdict.phone:
            return None
        if _acted_since(member, verdict.captured_at):
            return Beside("sms", "sms_opt_out_newer")
        return self._consent(str(member["contact_id"]), verdict.phone, verdict.captured_at)

    def _consent(self, contact: str, phone: str, given: datetime) -> tuple[Operation, Beside]:
        """`consented`, never `confirmed`: where the programme asks twice, Mailchimp is to ask."""
        recent = self._clock() - given.timestamp() < LIVE_WITHIN.total_seconds()
        captured = given.astimezone(UTC).isoformat(timespec="seconds")
        consent = {"status": "consented", "captured_at": captured}
        body = {"sms_channel": {"sms_phone": phone, "marketing_consent": consent}}
        params = {
            "data_mode": "live" if recent else "historical",
            "merge_field_validation_mode": "ignore_required_checks",
        }
        operation = Operation("PATCH", f"{self._contacts}/{contact}", body, params)
        return operation, Beside("sms", "sms_consent_written", f"consented@{captured}")


def _acted_since(member: Mapping[str, Any], given: datetime) -> bool:
    """Whether the person withdrew from texts at Mailchimp after they had consented at the store."""
    at = str(member.get("sms_subscription_last_updated") or "")
    if member.get("sms_subscription_status") != "unsubscribed":
        return False
    return not at or datetime.fromisoformat(at) >= given


def _written(beside: Beside, answer: Answer) -> Beside:
    if answer.ok:
        return beside
    told = refusal(answer.data)
    return Beside(beside.field, f"{beside.field}_refused", why=told.why)


def _outcome(one: Wanted, told: Sequence[Beside], unsettled: set[str]) -> Outcome:
    if one.change.id in unsettled:
        why = "Mailchimp did not get to it."
        return Outcome(one.change.id, Result.THROTTLED, one.change.destination_id, why=why)
    return replace(one.outcome, beside=tuple(told)) if told else one.outcome
