"""Everything that one tenant has, each part made when it is first asked for."""

from collections.abc import Callable
from datetime import datetime
from functools import cached_property

from passerelle.store import ids
from passerelle.store.activities import Activities
from passerelle.store.audit import Audit
from passerelle.store.backfills import Backfills
from passerelle.store.clients import Clients
from passerelle.store.connection_keys import ConnectionKeys
from passerelle.store.consents import Consents
from passerelle.store.customer_events import LinkEvents
from passerelle.store.deliveries import Deliveries
from passerelle.store.dependents import Dependents
from passerelle.store.event_queue import EventQueue
from passerelle.store.feeds import Feeds
from passerelle.store.gate import Gate
from passerelle.store.incidents import Incidents
from passerelle.store.invitations import Invitations
from passerelle.store.keys import Keys
from passerelle.store.leases import Leases
from passerelle.store.ledger import DynamoLedger
from passerelle.store.links import Links
from passerelle.store.machines import Machines
from passerelle.store.manifests import Manifests
from passerelle.store.marks import Marks
from passerelle.store.operator import Operator
from passerelle.store.pixels import Pixels
from passerelle.store.queue import FollowQueue
from passerelle.store.redactions import Redactions
from passerelle.store.resources import Resources
from passerelle.store.runs import Runs
from passerelle.store.schedules import Schedules
from passerelle.store.seats import Seats
from passerelle.store.secrets import Secrets
from passerelle.store.stores import Stores
from passerelle.store.table import Table
from passerelle.store.tenancy import Tenancy


class Storage:
    """The two tables and the clients of a stage: made once a process, then opened for tenants."""

    def __init__(
        self, resources: Resources, clients: Clients | None = None, clock: Callable[[], datetime] = ids.now
    ) -> None:
        self.resources = resources
        self.clients = clients or Clients()
        self.clock = clock

    @cached_property
    def state(self) -> Table:
        """Everything but the ledger."""
        return Table(self.clients.dynamodb, self.resources.state_table)

    @cached_property
    def ledger(self) -> Table:
        """The mappings."""
        return Table(self.clients.dynamodb, self.resources.ledger_table)

    @cached_property
    def operator(self) -> Operator:
        """What belongs to no tenant."""
        return Operator(self.state, self.clock)

    def tenant(self, tenant: str) -> "Repositories":
        """Everything that this tenant has."""
        return Repositories(tenant, self)


class Repositories:
    """One tenant's repositories: none can name another tenant."""

    def __init__(self, tenant: str, storage: Storage) -> None:
        self.tenant = tenant
        self._storage = storage
        self._tenancy = Tenancy(tenant, storage.state, storage.clock)

    @cached_property
    def keys(self) -> Keys:
        """API keys."""
        return Keys(self._tenancy)

    @cached_property
    def stores(self) -> Stores:
        """Connected stores."""
        return Stores(self._tenancy)

    @cached_property
    def secrets(self) -> Secrets:
        """Credentials and webhook secrets."""
        return Secrets(self._tenancy, self._storage.clients.kms, self._storage.resources.key_id)

    @cached_property
    def connection_keys(self) -> ConnectionKeys:
        """Keys by which others link to the tenant's stores."""
        return ConnectionKeys(self._tenancy, self.secrets)

    @cached_property
    def dependents(self) -> Dependents:
        """Stores that are fed by the tenant's main stores."""
        return Dependents(self._tenancy)

    @cached_property
    def invitations(self) -> Invitations:
        """Invitations that the tenant's main stores have sent."""
        return Invitations(self._tenancy)

    @cached_property
    def seats(self) -> Seats:
        """How many products the plans of the tenant's stores hold."""
        return Seats(self._tenancy)

    @cached_property
    def links(self) -> Links:
        """Links between stores."""
        return Links(self._tenancy)

    @cached_property
    def feeds(self) -> Feeds:
        """Feeds over links."""
        return Feeds(self._tenancy)

    @cached_property
    def lease(self) -> Leases:
        """One run at a time per feed."""
        return Leases(self._tenancy)

    @cached_property
    def runs(self) -> Runs:
        """Runs and their slices."""
        return Runs(self._tenancy, self.lease)

    @cached_property
    def ledger(self) -> DynamoLedger:
        """What maps a source object to a destination object."""
        return DynamoLedger(self._tenancy, self._storage.ledger)

    @cached_property
    def manifests(self) -> Manifests:
        """Plans of runs, and their large answers."""
        return Manifests(self.tenant, self._storage.clients.s3, self._storage.resources.bucket)

    @cached_property
    def incidents(self) -> Incidents:
        """What a person may need to know."""
        return Incidents(self._tenancy)

    @cached_property
    def activities(self) -> Activities:
        """What happened to an object."""
        return Activities(self._tenancy)

    @cached_property
    def marks(self) -> Marks:
        """Dirty flags of live objects."""
        return Marks(self._tenancy)

    @cached_property
    def queue(self) -> FollowQueue:
        """The queue before Follow."""
        return FollowQueue(self.tenant, self._storage.clients.sqs, self._storage.resources.follow_queue_url)

    @cached_property
    def backfills(self) -> Backfills:
        """Runs writing past data."""
        return Backfills(self._tenancy)

    @cached_property
    def consents(self) -> Consents:
        """Every status and consent written."""
        return Consents(self._tenancy)

    @cached_property
    def deliveries(self) -> Deliveries:
        """Webhook deliveries taken."""
        return Deliveries(self._tenancy)

    @cached_property
    def schedules(self) -> Schedules:
        """Schedules of feeds."""
        return Schedules(self._tenancy, self._storage.clients.scheduler, self._storage.resources)

    @cached_property
    def machines(self) -> Machines:
        """State machines to start."""
        return Machines(self.tenant, self._storage.clients.machines, self._storage.resources)

    @cached_property
    def redactions(self) -> Redactions:
        """Persons who must not come back."""
        return Redactions(self._tenancy)

    @cached_property
    def audit(self) -> Audit:
        """The audit trail."""
        return Audit(self._tenancy)

    def customer_events(self, link: str) -> LinkEvents:
        """Customer events of a link."""
        return LinkEvents(self._tenancy, link)

    @cached_property
    def event_queue(self) -> EventQueue:
        """The queue of customer events."""
        return EventQueue(self.tenant, self._storage.clients.sqs, self._storage.resources.events_queue_url)

    @cached_property
    def pixels(self) -> Pixels:
        """Public keys of the stores' pages."""
        return Pixels(self._tenancy)

    @cached_property
    def gate(self) -> Gate:
        """How many requests may come in."""
        return Gate(self._tenancy)
