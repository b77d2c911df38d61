"""API keys: made (the secret is shown once), listed, revoked."""

from datetime import datetime
from typing import Annotated, Literal

from aws_lambda_powertools.event_handler import Response
from pydantic import BaseModel, Field

from passerelle.api.access import ADMIN, Now, found
from passerelle.api.fields import Asked, Cursor, KeyId, Limit, Name
from passerelle.api.pages import Page, cut
from passerelle.api.routing import new_router
from passerelle.store.records import ApiKey, NewKey

router = new_router()
TAGS = ["Keys"]

Scope = Literal["read", "sync", "admin"]


class KeyWanted(Asked):
    """A new key: what it is for and what it may do."""

    name: Name
    scopes: Annotated[set[Scope], Field(min_length=1, max_length=3)]


class KeyShown(BaseModel):
    """A key without its secret."""

    id: str
    name: str
    scopes: list[str]
    last4: str
    created_at: datetime
    revoked_at: datetime | None


class KeyMade(KeyShown):
    """A key just made: the only answer that holds its secret."""

    secret: str

    @classmethod
    def of(cls, made: NewKey) -> "KeyMade":
        """The answer to its creation."""
        return cls(**show(made.key).model_dump(), secret=made.secret)


def show(key: ApiKey) -> KeyShown:
    """A key as the API tells it."""
    return KeyShown(
        id=key.id,
        name=key.name,
        scopes=list(key.scopes),
        last4=key.last4,
        created_at=key.created_at,
        revoked_at=key.revoked_at,
    )


@router.get("/v1/keys", summary="List keys", tags=TAGS, security=ADMIN)
def list_keys(here: Now, limit: Limit = 50, cursor: Cursor = "") -> Page[KeyShown]:
    """The tenant's keys, the oldest first, revoked ones too."""
    return cut(here.memory.keys.list(), limit, cursor, "keys", show)


@router.post("/v1/keys", summary="Create a key", tags=TAGS, security=ADMIN, status_code=201)
def create_key(body: KeyWanted, here: Now) -> KeyMade:
    """Create a key. Its secret is in this answer and nowhere else, so this act takes no Idempotency-Key."""
    made = here.memory.keys.create(body.name, sorted(body.scopes))
    here.audit("key.created", made.key.id, after={"scopes": list(made.key.scopes)})
    return KeyMade.of(made)


@router.delete("/v1/keys/<key_id>", summary="Revoke a key", tags=TAGS, security=ADMIN, status_code=204)
def revoke_key(key_id: KeyId, here: Now) -> Response[None]:
    """Revoke a key; twice changes nothing. The gateway may let it in for as long as it remembers an answer."""
    found(here.memory.keys.revoke, key_id, "key")
    here.audit("key.revoked", key_id)
    return Response(204)
