"""What a run reads: which past orders, by when they were placed and by their current status."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, model_validator

from passerelle.api.fields import Asked, Instant, Status
from passerelle.port import Selection


class OrdersChosen(Asked):
    """A choice of past orders; what is left out does not restrict. The period includes both its ends."""

    placed_from: Instant | None = None
    placed_until: Instant | None = None
    statuses: Annotated[list[Status], Field(default_factory=list, max_length=60)]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.placed_from and self.placed_until and self.placed_from > self.placed_until:
            raise ValueError("a period whose placed_from is not after its placed_until")
        return self

    def settings(self) -> dict[str, object]:
        """As a feed and a run keep it: instants in ISO 8601, statuses in lower case."""
        return {
            "placed_from": _text(self.placed_from),
            "placed_until": _text(self.placed_until),
            "statuses": sorted({status.lower() for status in self.statuses}),
        }

    def selection(self) -> Selection:
        """As a connector takes it."""
        return Selection(
            placed_from=self.placed_from,
            placed_until=self.placed_until,
            statuses=frozenset(status.lower() for status in self.statuses),
        )


def _text(at: datetime | None) -> str:
    return at.isoformat() if at else ""
