"""The connection key of a main store: who has it may link a store of theirs at once (C-2)."""

from pydantic import BaseModel

from passerelle.api.access import ADMIN, Here, Now, found
from passerelle.api.cataloguing import fit_as_main
from passerelle.api.fields import StoreId
from passerelle.api.routing import new_router
from passerelle.store.records import Store

router = new_router()
TAGS = ["Catalogue"]


class ConnectionKeyShown(BaseModel):
    """The key that leads to a main store. Whoever has it may have its products: give it to nobody else."""

    store: str
    key: str


@router.get(
    "/v1/stores/<store_id>/connection-key", summary="Show a connection key", tags=TAGS, security=ADMIN
)
def show_connection_key(store_id: StoreId, here: Now) -> ConnectionKeyShown:
    """The store's key, made when it is first looked at."""
    store = _main(here, store_id)
    if not here.memory.secrets.connection_key(store.id):
        here.audit("connection_key.created", store.id)
    return ConnectionKeyShown(store=store.id, key=here.memory.connection_keys.of(store.id))


@router.post(
    "/v1/stores/<store_id>/connection-key/rotate",
    summary="Replace a connection key",
    tags=TAGS,
    security=ADMIN,
)
def rotate_connection_key(store_id: StoreId, here: Now) -> ConnectionKeyShown:
    """A new key; the old one is refused from now on, and links that it made stay."""
    store = _main(here, store_id)
    key = here.memory.connection_keys.rotate(store.id)
    here.audit("connection_key.rotated", store.id)
    return ConnectionKeyShown(store=store.id, key=key)


def _main(here: Here, id: str) -> Store:
    store = found(here.memory.stores.get, id, "store")
    fit_as_main(store, "store_id")
    return store
