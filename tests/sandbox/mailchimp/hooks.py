"""Audience webhooks: made by the API, sent signed (or unsigned, as those made before signing existed)."""

import hashlib
import hmac
import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode

from sandbox.mailchimp.answers import Ask, Problem, invalid, not_found
from sandbox.mailchimp.audience import Audience, Member
from sandbox.mailchimp.lists import Reply

EVENTS = ("subscribe", "unsubscribe", "profile", "cleaned", "campaign", "upemail")


@dataclass(frozen=True, slots=True)
class Delivery:
    """One POST to a webhook's address, as bytes."""

    url: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


class Hooks:
    """Webhooks of the audiences. `reach(method, url, delivery)` visits an address and answers the status.

    Without `reach`, addresses are not visited and deliveries wait in `sent` for a test to take them.
    """

    def __init__(self, audiences: dict[str, Audience], clock: Callable[[], datetime]) -> None:
        self._audiences = audiences
        self._clock = clock
        self._secrets: dict[str, str] = {}
        self.reach: Callable[[str, str, Delivery | None], int] | None = None
        self.sent: list[Delivery] = []
        one = "/lists/{listId}/webhooks/{webhookId}"
        self.routes: dict[tuple[str, str], Callable[[Ask], Reply]] = {
            ("GET", "/lists/{listId}/webhooks"): self._list,
            ("POST", "/lists/{listId}/webhooks"): self._add,
            ("GET", one): lambda ask: (200, self._found(ask)[1]),
            ("PATCH", one): self._patch,
            ("DELETE", one): self._delete,
        }
        for audience in audiences.values():
            audience.tell = self._teller(audience)

    def _audience(self, ask: Ask) -> Audience:
        found = self._audiences.get(ask.values["listId"])
        if found is None:
            raise not_found()
        return found

    def _found(self, ask: Ask) -> tuple[Audience, dict[str, object]]:
        audience = self._audience(ask)
        hook = audience.webhooks.get(ask.values["webhookId"])
        if hook is None:
            raise not_found()
        return audience, hook

    def _list(self, ask: Ask) -> Reply:
        hooks = list(self._audience(ask).webhooks.values())
        return 200, {"webhooks": hooks, "list_id": ask.values["listId"], "total_items": len(hooks)}

    def _add(self, ask: Ask) -> Reply:
        audience, url = self._audience(ask), str(ask.body.get("url", ""))
        if not url.startswith(("http://", "https://")):
            raise invalid(("url", "This is not a web address."))
        if any(hook["url"] == url for hook in audience.webhooks.values()):
            raise Problem(400, "Invalid Resource", "You already have a webhook with this URL.")
        if self.reach is not None and self.reach("GET", url, None) != 200:
            raise invalid(("url", "We couldn't reach this URL: it must answer 200 to a GET."))
        id, secret = uuid.uuid4().hex[:10], secrets.token_hex(32)
        hook = {
            "id": id,
            "url": url,
            "events": {name: bool(ask.body.get("events", {}).get(name, False)) for name in EVENTS},
            "sources": {"user": False, "admin": False, "api": False, **ask.body.get("sources", {})},
            "signing_enabled": True,
            "list_id": audience.id,
        }
        audience.webhooks[id] = hook
        self._secrets[id] = secret
        return 200, {**hook, "signing_secret": secret}

    def _patch(self, ask: Ask) -> Reply:
        _, hook = self._found(ask)
        hook.update(ask.body)
        return 200, hook

    def _delete(self, ask: Ask) -> Reply:
        audience, hook = self._found(ask)
        del audience.webhooks[str(hook["id"])]
        return 204, None

    def batch_ended(self, url: str, batch: dict[str, str]) -> None:
        """Tell a batch webhook that a batch has ended; these are not signed."""
        fired = self._clock().strftime("%Y-%m-%d %H:%M:%S")
        told = {"type": "batch_operation_completed", "fired_at": fired, **batch}
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        self._deliver(Delivery(url, urlencode(told).encode(), kind))

    def unsign(self, audience: Audience) -> None:
        """Make every webhook of an audience one from before signing existed."""
        for id, hook in audience.webhooks.items():
            hook["signing_enabled"] = False
            self._secrets.pop(id, None)

    def _teller(self, audience: Audience) -> Callable[[str, Member, str, dict[str, str]], None]:
        def tell(type: str, member: Member, source: str, extra: dict[str, str]) -> None:
            for hook in list(audience.webhooks.values()):
                if hook["events"].get(type) and hook["sources"].get(source):
                    self._send(hook, type, _data(type, audience, member, extra))

        return tell

    def _send(self, hook: dict[str, object], type: str, data: dict[str, str]) -> None:
        fired = self._clock().strftime("%Y-%m-%d %H:%M:%S")
        body = urlencode(
            {"type": type, "fired_at": fired, **{f"data[{k}]": v for k, v in data.items()}}
        ).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded", "User-Agent": "MailChimp"}
        secret = self._secrets.get(str(hook["id"]))
        if secret is not None:
            moment = int(self._clock().timestamp())
            signed = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
            headers["X-Mailchimp-Signature"] = f"t={moment},v1={signed}"
        self._deliver(Delivery(str(hook["url"]), body, headers))

    def _deliver(self, delivery: Delivery) -> None:
        self.sent.append(delivery)
        if self.reach is not None:
            self.reach("POST", delivery.url, delivery)


def _data(type: str, audience: Audience, member: Member, extra: dict[str, str]) -> dict[str, str]:
    if type == "upemail":
        return {"list_id": audience.id, "new_id": member.id[:10], **{f"{k}": v for k, v in extra.items()}}
    if type == "cleaned":
        return {"list_id": audience.id, "campaign_id": "c0ffee", "email": member.email, **extra}
    data = {
        "id": member.id[:10],
        "list_id": audience.id,
        "email": member.email,
        "email_type": "html",
        **extra,
    }
    merges = {"EMAIL": member.email, **{tag: str(v) for tag, v in member.merge_fields.items()}}
    return data | {f"merges][{tag}": value for tag, value in merges.items()}
