"""What people did with an audience's campaigns, read from the reports.

Two calls per thousand recipients of a new campaign, then one per campaign as long as its openings are looked for.
Of text messages the API reports nothing by contact, nor of the mails of automations that are no campaigns.
Sources: https://mailchimp.com/developer/marketing/api/email-activity-reports/,
https://mailchimp.com/developer/marketing/api/sent-to-reports/ and
https://mailchimp.com/developer/marketing/api/campaigns/
"""

from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import batched
from typing import Any

from passerelle.connectors.mailchimp.api import THREADS, Api
from passerelle.model import Engagement
from passerelle.port import Incomplete
from passerelle.rules.engagement import EVENTS, Marks

PAGE = 1000
SENDING = timedelta(hours=2)
"""How long a campaign may be under way before it is listed as sent."""
SENDING_BY_ZONE = timedelta(hours=26)
"""The same where each recipient gets it at the same hour of their own time zone."""
ACTIONS = {"open": "opened", "click": "clicked"}
"""Action of a report → event; a bounce is none."""

type Seen = dict[str, dict[str, int]]
"""Event → contact → the last instant, in seconds."""


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign that was sent."""

    id: str
    sent_at: datetime
    sending: timedelta


class Latest:
    """The last instants of many contacts, about a hundred and thirty bytes each."""

    def __init__(self) -> None:
        self._places: dict[bytes, int] = {}
        self._instants = {event: array("I") for event in EVENTS}

    def take_in(self, event: str, instants: Mapping[str, int]) -> None:
        """Keep those that are later than what is known."""
        known = self._instants[event]
        for contact, at in instants.items():
            place = self._places.setdefault(bytes.fromhex(contact), len(self._places))
            if place == len(known):
                for each in self._instants.values():
                    each.append(0)
            known[place] = max(known[place], at)

    def __iter__(self) -> Iterator[Engagement]:
        columns = [self._instants[event] for event in EVENTS]
        for key, place in self._places.items():
            contact = key.hex()
            yield Marks(*(column[place] for column in columns)).told(contact, contact)


class Reports:
    """Reads the reports of one audience's campaigns."""

    def __init__(self, api: Api, audience: str) -> None:
        self._api, self._audience = api, audience

    def read(self, since: datetime | None, sent_from: datetime | None) -> Iterator[Engagement]:
        """Everybody who received, opened or clicked since then, once each; of campaigns that were sent from then on.

        Raises Incomplete where a report holds fewer than it says.
        """
        latest = Latest()
        for some in batched(self._campaigns(sent_from), THREADS, strict=False):
            for seen in self._api.together(lambda campaign: self._of(campaign, since), some):
                for event, instants in seen.items():
                    latest.take_in(event, instants)
        yield from latest

    def _campaigns(self, sent_from: datetime | None) -> list[Campaign]:
        params = {
            "list_id": self._audience,
            "status": "sent",
            "sort_field": "send_time",
            "sort_dir": "ASC",
            "fields": "campaigns.id,campaigns.send_time,campaigns.settings.timewarp,total_items",
        }
        if sent_from:
            params["since_send_time"] = _text(sent_from)
        return [_campaign(each) for each in self._all("/campaigns", "campaigns", params)]

    def _of(self, campaign: Campaign, since: datetime | None) -> Seen:
        seen: Seen = {"received": {}, "opened": {}, "clicked": {}}
        if since is None or campaign.sent_at + campaign.sending >= since:
            seen["received"] = self._recipients(campaign)
        params = {"fields": "emails.email_id,emails.activity.action,emails.activity.timestamp,total_items"}
        if since:
            params["since"] = _text(since)
        for told in self._all(f"/reports/{campaign.id}/email-activity", "emails", params):
            for act in told.get("activity") or ():
                event = ACTIONS.get(str(act.get("action")))
                if event:
                    contact, at = str(told["email_id"]), _seconds(act["timestamp"])
                    seen[event][contact] = max(at, seen[event].get(contact, 0))
        return seen

    def _recipients(self, campaign: Campaign) -> dict[str, int]:
        """Whom it reached; the report names no instant of its own for each, so the campaign's stands for it."""
        params = {"fields": "sent_to.email_id,sent_to.status,total_items"}
        sent = int(campaign.sent_at.timestamp())
        told = self._all(f"/reports/{campaign.id}/sent-to", "sent_to", params)
        return {str(each["email_id"]): sent for each in told if each.get("status") == "sent"}

    def _all(self, path: str, name: str, params: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
        """A list to its end. Raises Incomplete."""
        offset = 0
        while True:
            page = self._api.need("GET", path, params={**params, "count": str(PAGE), "offset": str(offset)})
            found = page.get(name) or ()
            yield from found
            offset += len(found)
            total = int(page.get("total_items") or 0)
            if len(found) < PAGE and offset < total:
                raise Incomplete(
                    f"Mailchimp says that a report holds {total} entries and lists {offset}.",
                    "The sync is tried again; if this stays, tell the operator.",
                )
            if len(found) < PAGE:
                return


def _campaign(told: Mapping[str, Any]) -> Campaign:
    by_zone = bool((told.get("settings") or {}).get("timewarp"))
    sent_at = datetime.fromisoformat(str(told["send_time"]))
    return Campaign(str(told["id"]), sent_at, SENDING_BY_ZONE if by_zone else SENDING)


def _text(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="seconds")


def _seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())
