"""Plans: how many products a store may receive over catalogue links, set by the operator of the service (C-13)."""

from typing import Annotated

from pydantic import Field

from passerelle.api import stores
from passerelle.api.access import OPERATOR, Now, found
from passerelle.api.fields import Asked, StoreId, TenantId
from passerelle.api.routing import new_router
from passerelle.api.stores import StoreShown
from passerelle.runtime import feeding
from passerelle.sync.seating import recount

router = new_router()
TAGS = ["Tenants (operator)"]


class PlanWanted(Asked):
    """A store's plan; `product_limit` null: any number."""

    product_limit: Annotated[int, Field(ge=0, le=100_000_000, strict=True)] | None


@router.patch(
    "/v1/tenants/<tenant_id>/stores/<store_id>", summary="Set a store's plan", tags=TAGS, security=OPERATOR
)
def set_plan(tenant_id: TenantId, store_id: StoreId, body: PlanWanted, here: Now) -> StoreShown:
    """How many products the store holds. Past it, those that are linked go on and new ones wait."""
    tenant = found(here.runtime.operator.tenant, tenant_id, "tenant")
    memory = here.runtime.repositories(tenant.id)
    store = found(memory.stores.get, store_id, "store")
    changed = memory.stores.change(store.id, product_limit=body.product_limit)
    if changed.product_limit is not None:
        # What came while nobody counted takes its seats now.
        recount(memory.ledger, memory.seats, store.id, feeding(memory, store.id))
    before, after = {"product_limit": store.product_limit}, {"product_limit": changed.product_limit}
    memory.audit.record("operator", "store.plan_changed", store.id, before=before, after=after)
    return stores.show(memory, changed)
