"""The connector: the port's verbs over one Mailchimp account."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from passerelle.connectors.mailchimp import hooks
from passerelle.connectors.mailchimp.api import Api
from passerelle.connectors.mailchimp.batches import Batches
from passerelle.connectors.mailchimp.census import Census, subscriber_hash
from passerelle.connectors.mailchimp.contacts import Contacts
from passerelle.connectors.mailchimp.engagement import Reports
from passerelle.connectors.mailchimp.events import Events
from passerelle.connectors.mailchimp.form import Credentials, Settings
from passerelle.connectors.mailchimp.goods import Goods
from passerelle.http import Client
from passerelle.model import Kind, Object
from passerelle.model.riding import MergeField, TextProgramme
from passerelle.port import (
    Audience,
    Change,
    Check,
    Count,
    Export,
    IndexPage,
    Match,
    Notice,
    Outcome,
    Pulled,
    Selection,
    Subscription,
    Unreadable,
)


class Connector:
    """A Mailchimp account with the audience and the e-commerce store that a link names.

    `clock` tells the time in Unix seconds; while a batch runs, the client's own way of sleeping is used.
    """

    def __init__(
        self,
        credentials: Credentials,
        settings: Settings,
        client: Client,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._api = Api(credentials, client)
        self._clock = clock
        batches = Batches(self._api, client.sleep)
        names = settings.merge_fields.get("first_name", ""), settings.merge_fields.get("last_name", "")
        self._census = Census(self._api, settings.audience_id, names)
        self._contacts = Contacts(self._api, batches, settings, clock)
        self._goods = Goods(self._api, batches, settings)
        self._events = Events(self._api, batches, settings.audience_id)
        self._reports = Reports(self._api, settings.audience_id)
        self._hooks = hooks.Hooks(self._api, settings.audience_id, lambda url: "/hooks/" in url)

    # --- connecting ----------------------------------------------------------------------------------

    def check(self) -> Check:
        """See port.Account."""
        root = self._api.need("GET", "/", params={"fields": "account_id,account_name,account_timezone"})
        zone = str(root.get("account_timezone", "")) or "UTC"
        return Check(str(root["account_id"]), str(root.get("account_name", "")), timezone=zone, version="3.0")

    def audiences(self) -> list[Audience]:
        """The audiences that a link may choose, with the fields that each requires (A-17)."""
        fields = "lists.id,lists.name,lists.double_optin,lists.stats.total_contacts,lists.stats.member_count"
        found = self._api.need("GET", "/lists", params={"count": "1000", "fields": fields})
        return self._api.together(self._audience, found.get("lists", ()))

    def _audience(self, found: Mapping[str, Any]) -> Audience:
        stats = found.get("stats", {})
        params = {"count": "1000", "required": "true", "fields": "merge_fields.tag,merge_fields.required"}
        required = self._api.need("GET", f"/lists/{found['id']}/merge-fields", params=params)
        return Audience(
            str(found["id"]),
            str(found["name"]),
            int(stats.get("total_contacts") or stats.get("member_count", 0)),
            bool(found.get("double_optin")),
            tuple(str(tag["tag"]) for tag in required.get("merge_fields", ()) if tag.get("required")),
        )

    def merge_fields(self, audience: str) -> list[MergeField]:
        """The fields of an audience's contacts, in its own order; the address itself is not among them (A-17)."""
        fields = ",".join(f"merge_fields.{name}" for name in ("tag", "name", "type", "required"))
        params = {"count": "1000", "fields": fields}
        found = self._api.need("GET", f"/lists/{audience}/merge-fields", params=params)
        return [
            MergeField(str(f["tag"]), str(f.get("name", "")), str(f["type"]), bool(f.get("required")))
            for f in found.get("merge_fields", ())
        ]

    def text_programme(self, audience: str) -> TextProgramme:
        """Whether the audience may be sent texts, and since when where Mailchimp tells it (A-18).

        Mailchimp's reference leaves this call out; its own plug-in asks so:
        https://github.com/mailchimp/mc-woocommerce, includes/api/class-mailchimp-api.php.
        """
        answer = self._api.call("GET", f"/lists/{audience}/sms-program")
        programmes = answer.data.get("sms_program") or () if answer.ok else ()
        running = [p for p in programmes if p.get("registration_status") == "REGISTRATION_STATUS_ACTIVE"]
        told = [datetime.fromisoformat(p["created_at"]) for p in running if p.get("created_at")]
        return TextProgramme(bool(running), min(told) if told else None)

    # --- reading -------------------------------------------------------------------------------------

    def contact_id(self, email: str) -> str:
        """The id under which an audience holds, or would hold, this e-mail."""
        return subscriber_hash(email)

    def index(self, kind: Kind, selection: Selection, after: str | None) -> IndexPage:
        """See port.Source; contacts only. The version is told in census.py."""
        _only(kind, Kind.CONTACTS)
        return self._census.index(selection, after)

    def count(self, kind: Kind, selection: Selection) -> Count:
        """See port.Source; contacts only."""
        _only(kind, Kind.CONTACTS)
        return self._census.count(selection)

    def pull(self, kind: Kind, ids: Sequence[str]) -> Pulled:
        """See port.Source; contacts only."""
        _only(kind, Kind.CONTACTS)
        found = self._api.together(self._census.one, ids)
        missing = tuple(id for id, contact in zip(ids, found, strict=True) if contact is None)
        return Pulled(tuple(contact for contact in found if contact), missing)

    def export(self, kind: Kind, selection: Selection) -> Export:
        """See port.Exporter; contacts and engagement. A listing holds whole objects, so it is ready at once."""
        _only(kind, Kind.CONTACTS, Kind.ENGAGEMENT)
        bounds = (selection.since, selection.placed_from)
        return Export("|".join(bound.isoformat() if bound else "" for bound in bounds), ready=True)

    def exported(self, export: Export) -> Export:
        """See port.Exporter."""
        return Export(export.handle, ready=True)

    def read(self, kind: Kind, export: Export) -> Iterator[Object | Unreadable]:
        """See port.Exporter; contacts and engagement."""
        _only(kind, Kind.CONTACTS, Kind.ENGAGEMENT)
        since, sent_from = (
            datetime.fromisoformat(text) if text else None for text in export.handle.split("|")
        )
        if kind is Kind.ENGAGEMENT:
            return self._reports.read(since, sent_from)
        return self._census.whole(Selection(since=since))

    def find(self, kind: Kind, keys: Sequence[str]) -> list[Match]:
        """Contacts by e-mail; events by `contact/event id`.

        A contact that was permanently deleted is not found: only a create tells of it.
        """
        if kind is Kind.EVENTS:
            return self._events.find(keys)
        _only(kind, Kind.CUSTOMERS)
        found = self._api.together(lambda email: self._census.one(subscriber_hash(email), email), keys)
        return [Match(key, c.id, c) for key, c in zip(keys, found, strict=True) if c]

    # --- writing -------------------------------------------------------------------------------------

    def push(self, kind: Kind, changes: Sequence[Change]) -> list[Outcome]:
        """See port.Destination."""
        if kind is Kind.CUSTOMERS:
            return self._contacts.push(changes)
        if kind is Kind.EVENTS:
            return self._events.push(changes)
        _only(kind, Kind.PRODUCTS, Kind.ORDERS, Kind.CARTS, Kind.PROMO_CODES)
        return self._goods.push(kind, changes)

    def forget(self, contacts: Sequence[str]) -> None:
        """See port.Forgetting: deleted permanently, and never to be imported again."""
        self._api.together(self._census.forget, contacts)

    def open_backfill(self) -> None:
        """See port.Backfilled: past orders start no automation while the store is syncing (A-22)."""
        self._goods.open()

    def close_backfill(self) -> None:
        """See port.Backfilled."""
        self._goods.close()

    # --- webhooks ------------------------------------------------------------------------------------

    def hear(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> list[Notice]:
        """See port.Hearing."""
        return hooks.hear(headers, body, secrets, self._clock())

    def subscriptions(self) -> list[Subscription]:
        """See port.Hearing."""
        return self._hooks.found()

    def subscribe(self, url: str) -> list[Subscription]:
        """See port.Hearing; the secret is in the answer that made the webhook, and in no other."""
        return self._hooks.subscribe(url)

    def unsubscribe(self, url: str) -> None:
        """See port.Hearing."""
        self._hooks.unsubscribe(url)


def _only(kind: Kind, *known: Kind) -> None:
    if kind not in known:
        raise NotImplementedError(f"Mailchimp does not offer this for {kind}")
