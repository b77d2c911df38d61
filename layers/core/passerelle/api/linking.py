"""Making a link from a store to an audience: its ends, its audience, its policy, its feeds."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Logger

from passerelle import parting, subscriptions
from passerelle.api import audience_fit
from passerelle.api.access import Here
from passerelle.api.connecting import audiences, subscribe
from passerelle.api.ends import flows
from passerelle.api.platforms import checked
from passerelle.api.problems import Problem, conflict, refused
from passerelle.memory import Feed
from passerelle.model import Kind
from passerelle.port import Audience, PlatformError, Verb
from passerelle.runtime import platform
from passerelle.store.records import Link, Store
from passerelle.sync.feeds import AUDIENCE, FeedSpec
from passerelle.sync.flow import CATALOGUE_LINK

logger = Logger(service="passerelle", child=True)


def make(
    here: Here,
    source: str,
    destination: str,
    audience: str,
    policy: Mapping[str, Any],
    settings: dict[str, Any],
) -> Link:
    """A new link with its feeds and their schedules. Answers 422 where an end, the audience or a setting is no good."""
    shop, account = _end(here, source, "source"), _end(here, destination, "destination")
    _fit(shop, account)
    chosen = _chosen(audiences(here, account), audience)
    for other in here.memory.links.of(shop.id):
        if other.destination == account.id and other.settings.get("audience_id") == audience:
            raise conflict(
                "already_linked", "The store is linked to this audience", f"Use the link {other.id}."
            )
    complete = _complete(here, shop, account, chosen, settings)
    if "sms" in platform(account.platform).Settings.model_fields:
        complete["sms"] = audience_fit.texts(here, account, audience, policy.get("sms", {}), None)
    link = here.memory.links.create(
        kind="audience", source=shop.id, destination=account.id, settings=complete, policy=policy
    )
    for spec in AUDIENCE.values():
        feed = feed_of(here.caller.tenant, link, spec, enabled=flows(here, link, spec.kind))
        here.memory.schedules.put(here.memory.feeds.create(feed))
    subscribe(here, account)
    ends = {"source": shop.id, "destination": account.id, "audience": audience}
    here.audit("link.created", link.id, after=ends)
    return link


def changed_settings(here: Here, link: Link, settings: dict[str, Any]) -> dict[str, Any]:
    """A link's new settings; its audience, and what follows from its ends, stay."""
    account = here.memory.stores.get(link.destination)
    fixed = {name: link.settings[name] for name in FIXED if name in link.settings}
    return _fitted(here, account, str(link.settings.get("audience_id", "")), {**settings, **fixed})


def changed_policy(here: Here, link: Link, policy: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that follow from a link's new policy; the others stay."""
    account = here.memory.stores.get(link.destination)
    if "sms" not in platform(account.platform).Settings.model_fields:
        return dict(link.settings)
    audience = str(link.settings.get("audience_id", ""))
    return {**link.settings, "sms": audience_fit.texts(here, account, audience, policy.get("sms", {}), link)}


def _fitted(here: Here, account: Store, audience: str, settings: dict[str, Any]) -> dict[str, Any]:
    """Checked settings, with the types of the audience's fields; 422 where the audience lacks one (A-17)."""
    form = platform(account.platform).Settings
    whole = dict(checked(form, settings, "settings"))
    if "merge_types" not in form.model_fields:
        return whole
    wanted = form.model_validate(whole).merge_fields
    chosen = next((each for each in audiences(here, account) if each.id == audience), None)
    if chosen:
        _fillable(chosen, form.model_validate(whole))
    return {**whole, "merge_types": audience_fit.field_types(here, account, audience, wanted)}


FIXED = ("audience_id", "store_id", "double_opt_in", "sms")
"""Fields of a destination's settings that a person does not choose: they follow from the audience and the ends."""


def _complete(
    here: Here, shop: Store, account: Store, chosen: Audience, settings: dict[str, Any]
) -> dict[str, Any]:
    """The destination's settings with what follows from the ends and the audience."""
    module = platform(account.platform)
    follows = {
        "audience_id": chosen.id,
        "store_id": f"{shop.id}-{chosen.id}"[:50],
        "double_opt_in": chosen.double_opt_in,
    }
    suggested = {"store_name": shop.name, "currency": shop.currency}
    known = module.Settings.model_fields
    complete = {name: value for name, value in suggested.items() if name in known and value} | settings
    complete |= {name: value for name, value in follows.items() if name in known}
    checked(module.Settings, complete, "settings")
    _fillable(chosen, module.Settings.model_validate(complete))
    return _fitted(here, account, chosen.id, complete)


def _fillable(chosen: Audience, settings: Any) -> None:
    """Refuse an audience that requires fields which these settings do not fill: each contact would fail (A-17)."""
    filled = {"EMAIL", *getattr(settings, "merge_fields", {}).values()}
    lacking = [field for field in chosen.required_fields if field not in filled]
    if lacking:
        named = ", ".join(lacking)
        raise Problem(
            422,
            "required_fields",
            "The audience requires fields that a sync does not fill",
            detail=f"These merge fields are required by the audience {chosen.name}: {named}.",
            remedy=f"Make them optional in the audience, or fill them by settings.merge_fields: {named}.",
        )


def drop(here: Here, link: Link) -> None:
    """Forget a link: its schedules, its feeds, then itself; what is at the destination stays, and so does the ledger."""
    for feed in here.memory.feeds.list(link.id):
        holder = here.memory.lease.holder(feed.id)
        if holder:
            raise conflict(
                "still_running", "A feed of the link is running", f"Cancel the run {holder} first."
            )
    here.memory.schedules.delete_all(link.id)
    for feed in here.memory.feeds.list(link.id):
        here.memory.feeds.delete(feed.id)
    _unsubscribe(here, link)
    if link.kind == CATALOGUE_LINK:
        parting.unlist(here.runtime, here.memory, link)
    here.memory.links.delete(link.id)
    here.audit("link.deleted", link.id, before={"source": link.source, "destination": link.destination})


def _unsubscribe(here: Here, link: Link) -> None:
    """Take away the webhooks of an audience that no other link uses."""
    account, audience = here.memory.stores.get(link.destination), link.settings.get("audience_id")
    others = (each.settings for each in here.memory.links.of(account.id) if each.id != link.id)
    shared = any(settings.get("audience_id") == audience for settings in others)
    if shared or not subscriptions.hangs_on_audience(account.platform):
        return
    try:
        here.runtime.connector(here.caller.tenant, account.id, link.settings).unsubscribe(account.hook_url)
    except PlatformError as error:
        # The audience may be gone, and that must not keep the link alive.
        logger.warning("webhooks were left behind", store=account.id, error_type=type(error).__name__)


def _end(here: Here, id: str, field: str) -> Store:
    try:
        return here.memory.stores.get(id)
    except KeyError:
        raise refused(
            field, "no_such_store", "There is no such store", "the id of a connected store"
        ) from None


def _fit(shop: Store, account: Store) -> None:
    """The one end must have customers to read, the other contacts to write."""
    if Verb.PULL not in platform(shop.platform).OFFERS.get(Kind.CUSTOMERS, ()):
        raise refused("source", "not_offered", "The source has no customers to read", "the id of a shop")
    if Verb.PULL not in platform(account.platform).OFFERS.get(Kind.CONTACTS, ()):
        raise refused(
            "destination", "not_offered", "The destination has no audiences", "the id of an e-mail account"
        )


def _chosen(there: list[Audience], audience: str) -> Audience:
    for each in there:
        if each.id == audience:
            return each
    known = ", ".join(each.id for each in there) or "none: make one there first"
    raise refused("audience", "no_such_audience", "There is no such audience", f"one of: {known}")


def feed_of(tenant: str, link: Link, spec: FeedSpec, *, enabled: bool) -> Feed:
    """A feed of a new link, as its row of the table says."""
    return Feed(
        id=f"{link.id}.{spec.kind}",
        tenant=tenant,
        link=link.id,
        kind=spec.kind,
        enabled=enabled,
        schedule=spec.schedule,
        batch_size=spec.batch_size,
    )
