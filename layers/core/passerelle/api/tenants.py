"""Tenants: made and listed by the operator of the service, whose requests are signed with AWS IAM."""

from datetime import datetime

from pydantic import BaseModel

from passerelle.api.access import OPERATOR, Now, found
from passerelle.api.fields import Asked, Cursor, Limit, Name, TenantId
from passerelle.api.keys import KeyMade, KeyWanted
from passerelle.api.pages import Page, shown
from passerelle.api.routing import new_router
from passerelle.store.records import Tenant

router = new_router()
TAGS = ["Tenants (operator)"]


class TenantWanted(Asked):
    """A new tenant."""

    name: Name


class TenantShown(BaseModel):
    """A tenant."""

    id: str
    name: str
    status: str
    created_at: datetime


def show(tenant: Tenant) -> TenantShown:
    """A tenant as the API tells it."""
    return TenantShown(id=tenant.id, name=tenant.name, status=tenant.status, created_at=tenant.created_at)


@router.post("/v1/tenants", summary="Create a tenant", tags=TAGS, security=OPERATOR, status_code=201)
def create_tenant(body: TenantWanted, here: Now) -> TenantShown:
    """Create a tenant; its first key is made with POST /v1/tenants/{tenant_id}/keys."""
    return show(here.runtime.operator.create_tenant(body.name))


@router.get("/v1/tenants", summary="List tenants", tags=TAGS, security=OPERATOR)
def list_tenants(here: Now, limit: Limit = 50, cursor: Cursor = "") -> Page[TenantShown]:
    """Tenants, newest first."""
    return shown(lambda: here.runtime.operator.tenants(limit, cursor or None), show)


@router.get("/v1/tenants/<tenant_id>", summary="Show a tenant", tags=TAGS, security=OPERATOR)
def show_tenant(tenant_id: TenantId, here: Now) -> TenantShown:
    """One tenant."""
    return show(found(here.runtime.operator.tenant, tenant_id, "tenant"))


@router.post(
    "/v1/tenants/<tenant_id>/keys",
    summary="Create a tenant's key",
    tags=TAGS,
    security=OPERATOR,
    status_code=201,
)
def create_tenant_key(tenant_id: TenantId, body: KeyWanted, here: Now) -> KeyMade:
    """Create a key for a tenant: its first, with which it makes the others. The secret is shown once."""
    tenant = found(here.runtime.operator.tenant, tenant_id, "tenant")
    memory = here.runtime.repositories(tenant.id)
    made = memory.keys.create(body.name, sorted(body.scopes))
    memory.audit.record("operator", "key.created", made.key.id, after={"scopes": list(made.key.scopes)})
    return KeyMade.of(made)
