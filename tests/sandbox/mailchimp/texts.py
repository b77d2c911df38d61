"""Consent to text messages: the programme of an audience, and the endpoint of contacts, the only one that writes it.

Source: https://mailchimp.com/developer/marketing/docs/audiences-introduction/ (BETA). The two are not in the published
description, so their bodies are described here.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sandbox.mailchimp.answers import Ask, Problem, bad, not_found

if TYPE_CHECKING:
    from sandbox.mailchimp.audience import Audience, Member

E164 = re.compile(r"\+[1-9]\d{6,14}")
READ_ONLY = ("sms_phone_number", "sms_subscription_status", "sms_subscription_last_updated")
_CONSENT = {
    "type": "object",
    "properties": {
        "status": {"type": "string", "enum": ["consented", "confirmed", "unknown"]},
        "captured_at": {"type": "string", "format": "date-time"},
        "source": {"type": "object", "additionalProperties": True},
    },
}
_BODY = {
    "type": "object",
    "properties": {
        "language": {"type": "string"},
        "email_channel": {"type": "object", "additionalProperties": True},
        "sms_channel": {
            "type": "object",
            "properties": {"sms_phone": {"type": "string"}, "marketing_consent": _CONSENT},
        },
        "merge_fields": {"type": "object", "additionalProperties": True},
        "tags": {"type": "array", "items": {"type": "string"}},
    },
}
_ANSWER = {"200": {"description": "OK", "content": {"application/json": {"schema": {"type": "object"}}}}}


def _named(*names: str) -> list[dict[str, Any]]:
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]


PATHS: dict[str, Any] = {
    "/audiences/{listId}/contacts/{contactId}": {
        "parameters": _named("listId", "contactId"),
        "get": {"responses": _ANSWER},
        "patch": {"requestBody": {"content": {"application/json": {"schema": _BODY}}}, "responses": _ANSWER},
    },
    "/lists/{listId}/sms-program": {"parameters": _named("listId"), "get": {"responses": _ANSWER}},
}


class Texts:
    """Answers the calls about text messages."""

    def __init__(self, audiences: "dict[str, Audience]") -> None:
        self._audiences = audiences
        self.started: list[str] = []
        """Contacts whose consent may have started an automation."""
        contact = "/audiences/{listId}/contacts/{contactId}"
        self.routes: dict[tuple[str, str], Callable[[Ask], tuple[int, dict[str, Any] | None]]] = {
            ("GET", contact): lambda ask: (200, _contact(self._member(ask))),
            ("PATCH", contact): self._patch,
            ("GET", "/lists/{listId}/sms-program"): self._programme,
        }

    def _audience(self, ask: Ask) -> "Audience":
        found = self._audiences.get(ask.values["listId"])
        if found is None:
            raise not_found()
        return found

    def _member(self, ask: Ask) -> "Member":
        wanted = ask.values["contactId"]
        for member in self._audience(ask).members.values():
            if member.contact_id == wanted:
                return member
        raise not_found()

    def _programme(self, ask: Ask) -> tuple[int, dict[str, Any]]:
        programme = self._audience(ask).sms_programme
        return 200, {"sms_program": [dict(programme)] if programme else []}

    def _patch(self, ask: Ask) -> tuple[int, dict[str, Any]]:
        member, audience = self._member(ask), self._audience(ask)
        mode = ask.query.get("data_mode", "live")
        if mode not in {"historical", "live"}:
            raise bad("data_mode is historical or live.")
        channel = ask.body.get("sms_channel")
        if channel and self._consented(audience, member, channel) and mode == "live":
            self.started.append(member.email)
        return 200, _contact(member)

    def _consented(self, audience: "Audience", member: "Member", channel: dict[str, Any]) -> bool:
        """Take a consent in; an older one than is held changes nothing. Answers whether it did."""
        if not audience.sms_runs:
            raise bad("SMS marketing is not enabled for this audience.")
        phone, consent = channel.get("sms_phone", member.sms_phone), channel.get("marketing_consent", {})
        if not E164.fullmatch(str(phone)):
            raise bad("sms_phone must be a phone number in E.164 format.")
        if any(other.sms_phone == phone and other is not member for other in audience.members.values()):
            raise Problem(409, "Conflict", "Another contact has this phone number.")
        at = datetime.fromisoformat(consent["captured_at"]) if "captured_at" in consent else audience.clock()
        if at.tzinfo is None or at > audience.clock():
            raise bad("captured_at is an instant in the past, with its offset.")
        if member.sms_changed and at <= member.sms_changed:
            return False
        member.sms_phone, member.sms_changed = phone, at
        member.sms_status = {"consented": "subscribed", "confirmed": "subscribed"}.get(
            consent.get("status", "unknown"), "nonsubscribed"
        )
        return True


def refuse_read_only(body: dict[str, Any]) -> None:
    """Members show what is known of texts, and nobody may write it there. Raises Problem."""
    found = [name for name in (*READ_ONLY, "sms_channel") if name in body]
    if found:
        raise bad(f"These fields are read-only: {', '.join(found)}.")


def shown(member: "Member") -> dict[str, Any]:
    """What a member shows of texts."""
    changed = member.sms_changed
    return {
        "sms_phone_number": member.sms_phone,
        "sms_subscription_status": member.sms_status,
        "sms_subscription_last_updated": changed.astimezone(UTC).isoformat(timespec="seconds")
        if changed
        else "",
    }


def _contact(member: "Member") -> dict[str, Any]:
    return {
        "id": member.contact_id,
        "email_channel": {"email": member.email},
        "sms_channel": {
            "sms_phone": member.sms_phone,
            "effective_subscription_status": {"value": member.sms_status},
        },
    }
