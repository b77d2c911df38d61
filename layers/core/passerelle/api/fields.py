"""The limits of what a request may say, one type per kind of field."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Header, Path, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, StringConstraints


class Asked(BaseModel):
    """The base of what a request may hold: nothing but its fields, and no stray spaces."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True)


def _id(prefix: str) -> Any:
    return Path(min_length=1, max_length=80, description=f"An id that begins with {prefix}.")


TenantId = Annotated[str, _id("ten_")]
KeyId = Annotated[str, _id("key_")]
StoreId = Annotated[str, _id("str_")]
LinkId = Annotated[str, _id("lnk_")]
AudienceId = Annotated[str, Path(min_length=1, max_length=80, description="An id that the account gave.")]
FeedId = Annotated[str, Path(min_length=1, max_length=120, description="The link's id, a dot and the kind.")]
RunId = Annotated[str, _id("run_")]
IncidentId = Annotated[str, _id("inc_")]
InvitationId = Annotated[str, _id("inv_")]
ObjectId = Annotated[
    str, Path(min_length=1, max_length=255, description="The object's id at the source store.")
]

ProductId = Annotated[
    str, Path(min_length=1, max_length=255, description="The product's id at the main store.")
]

Name = Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=r"^[^\x00-\x1f]+$")]
Platform = Annotated[str, StringConstraints(min_length=2, max_length=40, pattern=r"^[a-z][a-z0-9_]*$")]
Reference = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"^[^\x00-\x1f]+$")]
Status = Annotated[str, StringConstraints(min_length=1, max_length=80)]
Topic = Annotated[str, StringConstraints(min_length=1, max_length=120)]
BatchSize = Annotated[int, Field(ge=1, le=500, strict=True)]
Instant = AwareDatetime

Form = Annotated[dict[str, JsonValue], Field(max_length=40)]
"""A form whose fields depend on the platform: GET /v1/platforms has its schema."""

Schedule = Annotated[str, StringConstraints(max_length=120)]
"""rate(…) or cron(…), empty for none; checked together with the time zone."""
Timezone = Annotated[str, StringConstraints(min_length=1, max_length=64)]

Limit = Annotated[int, Query(ge=1, le=100, description="How many to answer at most.")]
Cursor = Annotated[
    str, Query(max_length=2000, description="`next` of the previous page; empty for the first.")
]
IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        max_length=255,
        description="Your id of this act: sent again with the same body, it does nothing and answers the same.",
    ),
]
