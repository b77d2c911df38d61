"""The campaigns of an account and what is reported of them: to whom each was sent, who opened it, who clicked.

Source: https://mailchimp.com/developer/marketing/api/campaigns/, …/sent-to-reports/, …/email-activity-reports/.
They are not in the subset of the published description that is kept here, so their answers are described below.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sandbox.mailchimp.answers import Ask, bad, not_found, page, trimmed
from sandbox.mailchimp.audience import Audience, hashed

TEXT, NUMBER = {"type": "string"}, {"type": "integer"}
INSTANT = {"type": "string", "format": "date-time"}
STATUSES = ("save", "paused", "schedule", "sending", "sent")


def _one(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def _many(name: str, item: dict[str, Any], **more: Any) -> dict[str, Any]:
    listed = {"type": "array", "items": item}
    return _one(**{name: listed}, total_items={"type": "integer", "minimum": 0}, **more)


def _answer(schema: dict[str, Any]) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    return {"responses": {"200": {"description": "OK", "content": content}}}


def _named(name: str) -> list[dict[str, Any]]:
    return [{"name": name, "in": "path", "required": True, "schema": TEXT}]


_ACTIVITY = _one(
    action={"type": "string", "enum": ["open", "click", "bounce"]},
    type={"type": "string", "enum": ["hard", "soft"]},
    timestamp=INSTANT,
    url=TEXT,
    ip=TEXT,
)
_CAMPAIGN = _one(
    id=TEXT,
    type=TEXT,
    status={"type": "string", "enum": list(STATUSES)},
    emails_sent=NUMBER,
    send_time=TEXT,
    recipients=_one(list_id=TEXT),
    settings=_one(subject_line=TEXT, timewarp={"type": "boolean"}),
)
_SENT_TO = _one(
    email_id=TEXT,
    email_address=TEXT,
    status={"type": "string", "enum": ["sent", "hard", "soft"]},
    open_count=NUMBER,
    last_open=TEXT,
    campaign_id=TEXT,
    list_id=TEXT,
)
_EMAIL = _one(
    campaign_id=TEXT,
    list_id=TEXT,
    email_id=TEXT,
    email_address=TEXT,
    activity={"type": "array", "items": _ACTIVITY},
)
PATHS: dict[str, Any] = {
    "/campaigns": {"get": _answer(_many("campaigns", _CAMPAIGN))},
    "/reports/{campaignId}/sent-to": {
        "parameters": _named("campaignId"),
        "get": _answer(_many("sent_to", _SENT_TO, campaign_id=TEXT)),
    },
    "/reports/{campaignId}/email-activity": {
        "parameters": _named("campaignId"),
        "get": _answer(_many("emails", _EMAIL, campaign_id=TEXT)),
    },
}


@dataclass(slots=True)
class Campaign:
    """A mail to many. Instants are aware UTC."""

    id: str
    audience: str
    sent_at: datetime
    recipients: dict[str, str] = field(default_factory=dict)
    """Address → sent, hard or soft."""
    activity: dict[str, list[tuple[str, datetime]]] = field(default_factory=dict)
    """Address → what was done, when."""
    status: str = "sent"
    timewarp: bool = False

    def opened(self, email: str, at: datetime) -> None:
        """Somebody opens it."""
        self.activity.setdefault(email, []).append(("open", at))

    def clicked(self, email: str, at: datetime) -> None:
        """Somebody clicks in it."""
        self.activity.setdefault(email, []).append(("click", at))


class Reports:
    """Answers the calls about campaigns and their reports."""

    def __init__(self, audiences: "dict[str, Audience]", clock: Callable[[], datetime]) -> None:
        self._audiences, self._clock = audiences, clock
        self.campaigns: dict[str, Campaign] = {}
        self.lists_silent = True
        """Whether activity lists recipients who did nothing, where no instant is asked for; accounts differ."""
        self.routes: dict[tuple[str, str], Callable[[Ask], tuple[int, dict[str, Any] | None]]] = {
            ("GET", "/campaigns"): self._campaigns,
            ("GET", "/reports/{campaignId}/sent-to"): self._sent_to,
            ("GET", "/reports/{campaignId}/email-activity"): self._activity,
        }

    def send(self, *emails: str, bounced: Sequence[str] = (), audience: str = "", **told: Any) -> Campaign:
        """A campaign goes out now to these; the bounced ones do not get it."""
        held = self._audiences[audience] if audience else next(iter(self._audiences.values()))
        id = f"c{len(self.campaigns):09x}"
        reached = dict.fromkeys(emails, "sent") | dict.fromkeys(bounced, "hard")
        made = Campaign(id, held.id, self._clock(), reached, **told)
        self.campaigns[id] = made
        for each in bounced:
            made.activity.setdefault(each, []).append(("bounce", made.sent_at))
        return made

    def _campaign(self, ask: Ask) -> Campaign:
        found = self.campaigns.get(ask.values["campaignId"])
        if found is None or found.status != "sent":
            raise not_found()
        return found

    def _campaigns(self, ask: Ask) -> tuple[int, dict[str, Any]]:
        status = ask.query.get("status", "")
        if status and status not in STATUSES:
            raise bad(f"status is one of {', '.join(STATUSES)}.")
        if ask.query.get("sort_field", "send_time") not in {"send_time", "create_time"}:
            raise bad("sort_field is create_time or send_time.")
        since, until = _instant(ask, "since_send_time"), _instant(ask, "before_send_time")
        found = [
            _shown(each)
            for each in sorted(self.campaigns.values(), key=lambda campaign: campaign.sent_at)
            if (not status or each.status == status)
            and ask.query.get("list_id", each.audience) == each.audience
            and (since is None or each.sent_at > since)
            and (until is None or each.sent_at < until)
        ]
        if ask.query.get("sort_dir") == "DESC":
            found.reverse()
        return 200, trimmed(page(ask, "campaigns", found), ask.query.get("fields", ""))

    def _sent_to(self, ask: Ask) -> tuple[int, dict[str, Any]]:
        campaign = self._campaign(ask)
        rows = [
            {
                "email_id": hashed(email),
                "email_address": email,
                "status": status,
                "open_count": sum(act == "open" for act, _ in campaign.activity.get(email, ())),
                "campaign_id": campaign.id,
                "list_id": campaign.audience,
            }
            for email, status in campaign.recipients.items()
        ]
        answer = page(ask, "sent_to", rows) | {"campaign_id": campaign.id}
        return 200, trimmed(answer, ask.query.get("fields", ""))

    def _activity(self, ask: Ask) -> tuple[int, dict[str, Any]]:
        campaign, since = self._campaign(ask), _instant(ask, "since")
        rows = []
        for email in campaign.recipients:
            acts = campaign.activity.get(email, ())
            told = [_act(*each) for each in acts if since is None or each[1] > since]
            if told or (self.lists_silent and since is None):
                row = {"email_id": hashed(email), "email_address": email, "activity": told}
                rows.append(row | {"campaign_id": campaign.id, "list_id": campaign.audience})
        answer = page(ask, "emails", rows) | {"campaign_id": campaign.id}
        return 200, trimmed(answer, ask.query.get("fields", ""))


def _shown(campaign: Campaign) -> dict[str, Any]:
    return {
        "id": campaign.id,
        "type": "regular",
        "status": campaign.status,
        "emails_sent": len(campaign.recipients),
        "send_time": _stamp(campaign.sent_at),
        "recipients": {"list_id": campaign.audience},
        "settings": {"subject_line": "News", "timewarp": campaign.timewarp},
    }


def _act(action: str, at: datetime) -> dict[str, Any]:
    told = {"action": action, "timestamp": _stamp(at), "ip": "198.51.100.7"}
    return told | {"click": {"url": "https://shop.example/"}, "bounce": {"type": "hard"}}.get(action, {})


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")


def _instant(ask: Ask, name: str) -> datetime | None:
    text = ask.query.get(name)
    if not text:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise bad(f"{name} is an instant in ISO 8601.") from None
    if instant.tzinfo is None:
        raise bad(f"{name} is an instant with its offset.")
    return instant
