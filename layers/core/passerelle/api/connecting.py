"""Connecting a store: look before anything is kept, keep the credentials encrypted, ask for webhooks."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Logger

from passerelle import parting, subscriptions
from passerelle.api.access import Here
from passerelle.api.platforms import checked, known_platform
from passerelle.api.problems import Problem, conflict
from passerelle.port import Audience, Check, PlatformError
from passerelle.store.ids import new, now
from passerelle.store.records import LinkStatus, Store, StoreStatus
from passerelle.store.stores import AlreadyConnected

logger = Logger(service="passerelle", child=True)


def look(here: Here, platform_key: str, credentials: dict[str, Any], settings: Mapping[str, Any]) -> Check:
    """Get in with these credentials and see which shop it is. Answers 422 with what the platform said otherwise."""
    module = known_platform(platform_key)
    form = checked(module.Credentials, credentials, "credentials")
    check: Check = here.runtime.try_connector(platform_key, form, settings).check()
    if check.missing:
        named = ", ".join(check.missing)
        raise Problem(
            422,
            "permission_missing",
            "The credentials lack permissions",
            detail=f"The platform lets us in, but these permissions are missing: {named}.",
            remedy=f"Grant these at the platform, then send the same request again: {named}.",
        )
    return check


def connect(
    here: Here, platform_key: str, name: str, credentials: dict[str, Any], settings: dict[str, Any]
) -> Store:
    """A new store, its credentials kept under encryption, its webhooks asked for."""
    checked(known_platform(platform_key).Settings, settings, "settings")
    check = look(here, platform_key, credentials, settings)
    id = new("str", now())
    # The secrets first: a store that is found always has its credentials.
    here.memory.secrets.put(id, credentials)
    try:
        store = here.memory.stores.create(
            id=id,
            platform=platform_key,
            name=name or check.name,
            url=address(credentials),
            identity=check.identity,
            hooks_at=here.hooks_at,
            currency=check.currency,
            timezone=check.timezone,
            version=check.version,
            settings=settings,
        )
    except AlreadyConnected as twin:
        here.memory.secrets.delete(id)
        remedy = f"Use the store {twin.store}; to change its credentials, authorise it again."
        raise conflict("already_connected", "This shop is already connected", remedy) from None
    subscribe(here, store)
    here.audit("store.connected", store.id, after={"platform": platform_key, "url": store.url})
    return store


def authorize(here: Here, store: Store, credentials: dict[str, Any]) -> Store:
    """New credentials for the same shop; another shop's are refused (G-5)."""
    check = look(here, store.platform, credentials, store.settings)
    if check.identity != store.identity:
        raise conflict(
            "another_shop",
            "These credentials are of another shop",
            "Send credentials of the shop that this store was connected to, or connect the other shop as a new store.",
        )
    here.memory.secrets.put(store.id, credentials)
    changed = here.memory.stores.mark(store.id, StoreStatus.CONNECTED)
    for memory, link in here.runtime.links_of(here.caller.tenant, store.id):
        if link.status is LinkStatus.ACTIVE:
            for feed in memory.feeds.list(link.id):
                memory.schedules.put(feed)
    here.memory.incidents.resolve([f"{store.id}:credentials"])
    subscribe(here, changed)
    here.audit("store.authorized", store.id)
    return changed


def disconnect(here: Here, store: Store) -> None:
    """Take the webhooks away and forget the store with its secrets; its links have to go first."""
    links = here.memory.links.of(store.id)
    if links:
        named = ", ".join(link.id for link in links)
        raise conflict("store_in_use", "The store has links", f"Delete its links first: {named}.")
    _feeds_nobody(here, store)
    if subscriptions.hears(store.platform) and not subscriptions.hangs_on_audience(store.platform):
        try:
            here.runtime.connector(here.caller.tenant, store.id).unsubscribe(store.hook_url)
        except PlatformError as error:
            # The shop may be gone for good, and that must not keep its record alive.
            logger.warning("webhooks were left behind", store=store.id, error_type=type(error).__name__)
    parting.leave(here.runtime, here.caller.tenant, store.id)
    here.memory.secrets.delete(store.id)
    here.memory.stores.delete(store.id)
    here.audit("store.disconnected", store.id, before={"platform": store.platform, "url": store.url})


def _feeds_nobody(here: Here, store: Store) -> None:
    """A main store of other accounts' stores is not taken from under them."""
    fed = [
        link.id
        for _, link in here.runtime.links_of(here.caller.tenant, store.id)
        if link.status is LinkStatus.ACTIVE
    ]
    if fed:
        remedy = f"Stop feeding them first: DELETE /v1/stores/{store.id}/dependents/{fed[0]}."
        raise conflict("store_in_use", f"The store feeds {len(fed)} stores of other accounts", remedy)


def subscribe(here: Here, store: Store, tenant: str = "") -> None:
    """Ask the platform for webhooks of a tenant's store; where it cannot be done now, the daily check does it."""
    try:
        subscriptions.subscribe(here.runtime, tenant or here.caller.tenant, store)
    except PlatformError as error:
        logger.warning(
            "webhooks are left to the daily check", store=store.id, error_type=type(error).__name__
        )


def address(credentials: Mapping[str, Any]) -> str:
    """The store's public address among its credentials, where the form has one."""
    for field in ("url", "shop", "domain"):
        if isinstance(credentials.get(field), str):
            return str(credentials[field])
    return ""


def audiences(here: Here, store: Store) -> list[Audience]:
    """The audiences of an e-mail account, read now. Answers 422 for a platform that has none."""
    connector = here.runtime.connector(here.caller.tenant, store.id)
    read = getattr(connector, "audiences", None)
    if read is None:
        why = "This platform has no audiences"
        raise Problem(
            422, "not_offered", why, remedy="Ask an e-mail account; GET /v1/platforms tells what each can do."
        )
    return list(read())
