"""What is held of a person who asked (F-7): ids, states and instants, to be handed on by the merchant."""

from typing import Any

import orjson

from passerelle.api.access import READ, Now, found
from passerelle.api.fields import ObjectId, StoreId
from passerelle.api.problems import absent
from passerelle.api.routing import new_router
from passerelle.privacy import document_name

router = new_router()


@router.get(
    "/v1/stores/<store_id>/data-requests/<object_id>",
    summary="Show what is held of a customer",
    tags=["Stores"],
    security=READ,
)
def show_data_request(store_id: StoreId, object_id: ObjectId, here: Now) -> dict[str, Any]:
    """The answer to a customer's request, as it was when they asked."""
    store = found(here.memory.stores.get, store_id, "store")
    kept = here.memory.manifests.get_document(store.id, document_name(object_id))
    if kept is None:
        raise absent("data request of this customer")
    answer: dict[str, Any] = orjson.loads(kept)
    return answer
