"""An act that carries an Idempotency-Key is done once; asked again with the same body it gets the same answer."""

from collections.abc import Callable

from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyAlreadyInProgressError,
    IdempotencyInconsistentStateError,
    IdempotencyValidationError,
)
from pydantic import BaseModel

from passerelle.api.access import Here
from passerelle.api.problems import conflict, refused

DAY = 86_400


def once[M: BaseModel](
    here: Here, key: str, what: str, body: BaseModel | None, shape: type[M], act: Callable[[], M]
) -> M:
    """Do the act, or answer what it answered. Another body under the same key → 422; still being done → 409.

    `what` names the act and the thing it acts on; an act that fails is forgotten, so that it can be tried again.
    """
    if not key:
        return act()
    asked = {"key": key, "said": [what, body.model_dump(mode="json") if body else None]}

    recorded = idempotent_function(
        lambda asked: act().model_dump(mode="json"),  # noqa: ARG005  # the library reads what was asked
        data_keyword_argument="asked",
        persistence_store=_records(here),
        config=_config(here),
        key_prefix="once",
    )
    try:
        return shape.model_validate(recorded(asked=asked))
    except IdempotencyValidationError:
        why = "This Idempotency-Key was used for another request"
        raise refused("Idempotency-Key", "idempotency_key_reused", why, "a new key for each act") from None
    except (IdempotencyAlreadyInProgressError, IdempotencyInconsistentStateError):
        raise conflict(
            "in_progress",
            "The same request is being worked on",
            "Send it again in a moment to see its answer.",
        ) from None


def _records(here: Here) -> DynamoDBPersistenceLayer:
    """The tenant's own records in the state table; they expire after a day."""
    storage = here.runtime.storage
    return DynamoDBPersistenceLayer(
        table_name=storage.resources.state_table,
        key_attr="pk",
        sort_key_attr="sk",
        static_pk_value=f"T#{here.caller.tenant}#ONCE",
        expiry_attr="ttl",
        boto3_client=storage.clients.dynamodb,
    )


def _config(here: Here) -> IdempotencyConfig:
    return IdempotencyConfig(
        event_key_jmespath="key",
        payload_validation_jmespath="said",
        expires_after_seconds=DAY,
        lambda_context=here.lambda_context,
    )
