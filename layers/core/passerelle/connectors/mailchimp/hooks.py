"""Audience webhooks: hearing them, and keeping one at each address.

Source: https://mailchimp.com/developer/marketing/guides/sync-audience-data-webhooks/
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from passerelle.connectors.mailchimp.api import Api
from passerelle.connectors.mailchimp.census import subscriber_hash
from passerelle.model import Kind
from passerelle.port import Notice, SignatureRefused, Subscription, TopicUnknown

TOLERANCE = 300.0
"""Seconds that a signature may be old, or ahead of us."""
EVENTS = {
    "subscribe": True,
    "unsubscribe": True,
    "profile": True,
    "cleaned": True,
    "upemail": True,
    "campaign": False,
}
SOURCES = {"user": True, "admin": True, "api": False}
"""What people and Mailchimp's users do; what the API does is mostly ourselves."""
TOPICS = frozenset(name for name, wanted in EVENTS.items() if wanted)


def hear(headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now: float) -> list[Notice]:
    """See port.Hearing. Without secrets the hook is from before signing, known by its address alone."""
    if secrets:
        _verify(headers.get("x-mailchimp-signature", ""), body, secrets, now)
    told = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    topic = told.get("type", "")
    if topic not in TOPICS:
        raise TopicUnknown(f"Mailchimp's event {topic[:40]!r} is not one that we handle.")
    return _notices(topic, told)


def _notices(topic: str, told: Mapping[str, str]) -> list[Notice]:
    fired = told.get("fired_at", "")
    if topic == "upemail":
        old, new = told.get("data[old_email]", ""), told.get("data[new_email]", "")
        people = [(old, True), (new, False)]
    else:
        archived = topic == "unsubscribe" and told.get("data[action]") == "delete"
        people = [(told.get("data[email]", ""), archived)]
    return [
        Notice(
            Kind.CONTACTS,
            subscriber_hash(email),
            topic,
            _delivery(topic, told, email, fired),
            _instant(fired),
            deleted,
        )
        for email, deleted in people
        if email
    ]


def _delivery(topic: str, told: Mapping[str, str], email: str, fired: str) -> str:
    """Mailchimp numbers no deliveries: the same event about the same person at the same second is one."""
    who = f"{told.get('data[id]', '')}|{told.get('data[list_id]', '')}|{subscriber_hash(email)}"
    return hashlib.sha256(f"{topic}|{who}|{fired}".encode()).hexdigest()[:40]


def _instant(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def _verify(header: str, body: bytes, secrets: Sequence[str], now: float) -> None:
    pairs = [part.strip().partition("=") for part in header.split(",")]
    moment = next((value for name, _, value in pairs if name == "t"), "")
    given = [value for name, _, value in pairs if name == "v1"]
    if not moment.isdigit() or not given:
        raise SignatureRefused("The delivery carries no signature.")
    signed = moment.encode() + b"." + body
    wanted = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets]
    equal = [hmac.compare_digest(a.encode(), b.encode()) for a in wanted for b in given]
    if not any(equal):
        raise SignatureRefused("The signature of the delivery is wrong.")
    if abs(now - float(moment)) > TOLERANCE:
        raise SignatureRefused("The signature of the delivery is too old.")


class Hooks:
    """The webhooks of one audience. `ours(url)` tells which of them point to us."""

    def __init__(self, api: Api, audience: str, ours: Callable[[str], bool]) -> None:
        self._api, self._ours = api, ours
        self._path = f"/lists/{audience}/webhooks"

    def found(self) -> list[Subscription]:
        """The webhooks that point to us."""
        return [_subscription(hook) for hook in self._all() if self._ours(str(hook.get("url", "")))]

    def subscribe(self, url: str) -> list[Subscription]:
        """Make the one that is missing, or mend the one that tells too little or too much."""
        wanted = {"url": url, "events": EVENTS, "sources": SOURCES}
        there = next((hook for hook in self._all() if hook.get("url") == url), None)
        if there is None:
            there = self._api.need("POST", self._path, body=wanted)
        elif not _as_wanted(there):
            there = self._api.need("PATCH", f"{self._path}/{there['id']}", body=wanted)
        return [_subscription(there, url)]

    def unsubscribe(self, url: str) -> None:
        """Remove those at `url`."""
        for hook in self._all():
            if hook.get("url") == url:
                self._api.call("DELETE", f"{self._path}/{hook['id']}")

    def _all(self) -> Sequence[Mapping[str, Any]]:
        hooks: Sequence[Mapping[str, Any]] = self._api.need("GET", self._path).get("webhooks", ())
        return hooks


def _as_wanted(hook: Mapping[str, Any]) -> bool:
    events, sources = hook.get("events", {}), hook.get("sources", {})
    return all(events.get(name) == value for name, value in EVENTS.items()) and all(
        sources.get(name) == value for name, value in SOURCES.items()
    )


def _subscription(hook: Mapping[str, Any], url: str = "") -> Subscription:
    return Subscription(
        str(hook.get("id", "")),
        "audience",
        url or str(hook.get("url", "")),
        active=_as_wanted(hook),
        secret=str(hook.get("signing_secret", "")),
    )
