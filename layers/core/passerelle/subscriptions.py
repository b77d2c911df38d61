"""Webhooks wanted and found: made when a store is connected, looked at daily, restored with what they missed (F-6)."""

from dataclasses import dataclass

from passerelle.memory import Incident, Scope
from passerelle.port import CredentialsRefused, PermissionMissing, PlatformError, Subscription, Verb
from passerelle.rules.severity import describe
from passerelle.runtime import Runtime, needs_reauth, platform
from passerelle.store.records import LinkStatus, Store, StoreStatus
from passerelle.store.repositories import Repositories

SECRETS = 10
"""Signing secrets kept of a store, the newest first: one an audience, and those before."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look at a store's webhooks found: the topics that had to be made or healed."""

    status: str
    """kept, restored, refused, or none where the platform has no webhooks."""
    restored: tuple[str, ...] = ()


def hears(name: str) -> bool:
    """Whether a platform sends webhooks."""
    return any(Verb.HEAR in verbs for verbs in platform(name).OFFERS.values())


def subscribe(runtime: Runtime, tenant: str, store: Store) -> Looked:
    """Make the webhooks of a store that are missing or broken, and keep the secrets that come with them.

    Raises the port's errors.
    """
    if not hears(store.platform):
        return Looked("none")
    repositories = runtime.repositories(tenant)
    restored: set[str] = set()
    for settings in _places(repositories, store):
        restored |= _subscribe(runtime, repositories, store, settings)
    return Looked("restored" if restored else "kept", tuple(sorted(restored)))


def hangs_on_audience(name: str) -> bool:
    """Whether a platform's webhooks belong to an audience, so that they wait for a link."""
    return hears(name) and "audience_id" in platform(name).Settings.model_fields


def _places(repositories: Repositories, store: Store) -> list[dict[str, object] | None]:
    """Where the webhooks hang: on the store itself, or on each audience that a link names."""
    if not hangs_on_audience(store.platform):
        return [None]
    links = [link for link in repositories.links.of(store.id) if link.destination == store.id]
    audiences = {str(link.settings.get("audience_id")): dict(link.settings) for link in links}
    return list(audiences.values())


def _subscribe(
    runtime: Runtime, repositories: Repositories, store: Store, settings: dict[str, object] | None
) -> set[str]:
    connector = runtime.connector(repositories.tenant, store.id, settings)
    before = {found.topic for found in connector.subscriptions() if _stands(found, store)}
    wanted: list[Subscription] = connector.subscribe(store.hook_url)
    fresh = [found.secret for found in wanted if found.secret]
    if fresh:
        secrets = repositories.secrets
        secrets.put_hook_secrets(store.id, [*fresh, *secrets.hook_secrets(store.id)][:SECRETS])
    return {found.topic for found in wanted} - before


def _stands(found: Subscription, store: Store) -> bool:
    return found.active and found.url == store.hook_url


def look(runtime: Runtime, tenant: str, store_id: str) -> Looked:
    """The daily look: restore what is gone, tell a person, and read again what was missed meanwhile."""
    repositories = runtime.repositories(tenant)
    store = repositories.stores.get(store_id)
    if store.status is not StoreStatus.CONNECTED:
        return Looked("none")
    try:
        looked = subscribe(runtime, tenant, store)
    except (CredentialsRefused, PermissionMissing) as refusal:
        needs_reauth(repositories, store.id, refusal)
        return Looked("refused")
    except PlatformError as error:
        _tell(repositories, store, "subscription_refused", error.why)
        return Looked("refused")
    if looked.restored:
        _tell(repositories, store, "subscription_restored", ", ".join(looked.restored))
        _read_again(runtime, tenant, store)
    return looked


def _read_again(runtime: Runtime, tenant: str, store: Store) -> None:
    """Whatever happened since the last good event is found by the watermark."""
    for repositories, link in runtime.links_of(tenant, store.id):
        if link.source != store.id or link.status is not LinkStatus.ACTIVE:
            continue
        river = runtime.river(repositories.tenant)
        for feed in repositories.feeds.list(link.id):
            if feed.enabled and feed.first_full_at:
                river.start(feed.id, scope=Scope.INCREMENTAL, trigger="subscription")


def _tell(repositories: Repositories, store: Store, code: str, why: str) -> None:
    told = describe(code, why=why)
    repositories.incidents.open([Incident(f"{store.id}:{code}", told.severity, told.title, told.remedy)])
