"""Customer events between the door and the audience: which links take them, and who carries them (A-19)."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from uuid import uuid4

from aws_lambda_powertools import Logger

from passerelle.memory.customer_events import Count, Handful, Occurrence
from passerelle.model import Kind
from passerelle.port import CredentialsRefused, PermissionMissing, PlatformError, Verb
from passerelle.rules import customer_events as rules
from passerelle.rules.customer_events import Named, Privacy, Scalar
from passerelle.runtime import Runtime, needs_reauth, platform
from passerelle.store.customer_events import LinkEvents
from passerelle.store.records import Link, LinkStatus
from passerelle.store.repositories import Repositories
from passerelle.sync.customer_events import EventFlow, release_known, take

logger = Logger(service="passerelle", child=True)


@dataclass(frozen=True, slots=True)
class Told:
    """One event as a store tells it; `at` is aware, `email` is in lower case. It is named by at least one id."""

    id: str
    name: str
    at: datetime
    privacy: Privacy
    email: str = ""
    customer: str = ""
    client: str = ""
    data: Mapping[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a batch: new to at least one link, told before, denied by privacy, wanted by no link."""

    accepted: int = 0
    duplicates: int = 0
    denied: int = 0
    off: int = 0


def hear(runtime: Runtime, tenant: str, store: str, told: Sequence[Told]) -> Taken:
    """Queue what is new and may be followed, for each link that wants it; durable when it returns."""
    repositories = runtime.repositories(tenant)
    each = [_hear(repositories, link, told, runtime.storage.clock()) for link in wanting(repositories, store)]
    if not each:
        return Taken(off=len(told))
    accepted = max(taken.accepted for taken in each)
    denied = min(taken.denied for taken in each)
    return Taken(accepted, len(told) - accepted - denied, denied)


def wanting(repositories: Repositories, store: str) -> Iterator[Link]:
    """The links over which a store's events flow: switched on, to a platform that takes events."""
    for link in repositories.links.of(store):
        if link.source != store or not on(link):
            continue
        account = repositories.stores.get(link.destination)
        if Verb.PUSH in platform(account.platform).OFFERS.get(Kind.EVENTS, ()):
            yield link


def on(link: Link) -> bool:
    """Whether a link takes events."""
    return link.status is LinkStatus.ACTIVE and rules.following_of(link.policy).on


def refuse(runtime: Runtime, tenant: str, store: str, many: int) -> None:
    """Count a batch that was refused whole."""
    repositories = runtime.repositories(tenant)
    for link in wanting(repositories, store):
        repositories.customer_events(link.id).count({Count.REFUSED: many})


def _hear(repositories: Repositories, link: Link, told: Sequence[Told], now: datetime) -> Taken:
    memory, following = repositories.customer_events(link.id), rules.following_of(link.policy)
    allowed = [each for each in told if rules.denial(each.privacy, following) is None]
    fresh = _fresh(memory, allowed)
    account = repositories.stores.get(link.destination)
    contact_id = platform(account.platform).contact_id
    occurrences = [_occurrence(each, contact_id(each.email) if each.email else "", now) for each in fresh]
    if occurrences:
        repositories.event_queue.send(link.id, occurrences)
        memory.remember([each.id for each in occurrences])
    denied, duplicates = len(told) - len(allowed), len(allowed) - len(fresh)
    if denied or duplicates:
        memory.count({Count.DENIED: denied, Count.DUPLICATE: duplicates})
    return Taken(len(fresh), duplicates, denied)


def _fresh(memory: LinkEvents, told: Iterable[Told]) -> list[Told]:
    by_id: dict[str, Told] = {}
    for each in told:
        by_id.setdefault(each.id, each)
    known = memory.queued(list(by_id)) if by_id else set()
    return [each for id, each in by_id.items() if id not in known]


def _occurrence(told: Told, contact: str, now: datetime) -> Occurrence:
    """The event as it travels: without an address, and without the browser's own id."""
    client = hashlib.blake2b(told.client.encode(), digest_size=16).hexdigest() if told.client else ""
    return Occurrence(
        id=told.id,
        name=told.name,
        at=rules.instant(told.at, now),
        named=Named(contact, told.customer, client),
        properties=tuple(rules.told(told.data).items()),
    )


def carry(runtime: Runtime, handful: Handful) -> None:
    """What a message of the queue brings. Raises what makes it come again."""
    repositories = runtime.repositories(handful.tenant)
    try:
        link = repositories.links.get(handful.link)
    except KeyError:
        return  # the link was deleted meanwhile: nobody wants its events any more
    if not on(link):
        return
    try:
        take(_flow(runtime, handful.tenant, link), handful)
    except (CredentialsRefused, PermissionMissing) as refusal:
        needs_reauth(repositories, link.destination, refusal)
        raise


def release(runtime: Runtime, tenant: str, link_id: str) -> int:
    """Send what waits for people who are known by now; answers for how many."""
    repositories = runtime.repositories(tenant)
    try:
        link = repositories.links.get(link_id)
    except KeyError:
        return 0
    if not on(link):
        return 0
    return release_known(_flow(runtime, tenant, link), uuid4().hex)


def release_everywhere(runtime: Runtime) -> tuple[int, int]:
    """The same for every link of every tenant; answers for how many people, and at how many links it failed."""
    released = failed = 0
    for each in runtime.operator.awaiting():
        try:
            released += release(runtime, each.tenant, each.link)
        except PlatformError as error:
            # One store that does not answer must not keep the others waiting; the next hour tries again.
            logger.warning("not released", extra={"link": each.link, "error_type": type(error).__name__})
            failed += 1
    return released, failed


def _flow(runtime: Runtime, tenant: str, link: Link) -> EventFlow:
    repositories = runtime.repositories(tenant)
    connector = runtime.connector(tenant, link.destination, link.settings, live=True)
    memory = repositories.customer_events(link.id)
    barred = partial(repositories.redactions.barred, link.source)
    return EventFlow(link.id, connector, memory, repositories.ledger, runtime.storage.clock, barred)
