"""Nodes by id: as many a request as their cost allows."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from passerelle.connectors.shopify.admin import Admin, Data, TooExpensive
from passerelle.connectors.shopify.documents import PAGE, Document
from passerelle.connectors.shopify.ids import gid
from passerelle.port import Incomplete

ALLOWED = 1_000
"""Points that one query may cost."""


class Fetcher:
    """Reads nodes of one shop, and remembers how many of a document's fit in a request."""

    def __init__(self, admin: Admin) -> None:
        self._admin = admin
        self._widths: dict[str, int] = {}

    def batches(
        self, document: Document, type: str, ids: Sequence[str], variables: Mapping[str, Any] | None = None
    ) -> Iterator[tuple[Sequence[str], Data]]:
        """The ids of each request with what it answered; `nodes` are in their order, null where there is none."""
        done = 0
        while done < len(ids):
            batch = ids[done : done + self._widths.get(document.name, PAGE)]
            asked = {"ids": [gid(type, each) for each in batch], **(variables or {})}
            try:
                data = self._admin.ask(document, asked)
            except TooExpensive as error:
                if len(batch) == 1:
                    raise
                fitting = int(len(batch) * ALLOWED / error.cost * 0.95)
                self._widths[document.name] = max(1, min(len(batch) - 1, fitting))
                continue
            if len(data["nodes"]) != len(batch):
                raise Incomplete(
                    f"Shopify answered {len(data['nodes'])} of {len(batch)} objects.",
                    "Nothing to do: they are read again.",
                )
            done += len(batch)
            yield batch, data

    def nodes(
        self, document: Document, type: str, ids: Sequence[str], variables: Mapping[str, Any] | None = None
    ) -> Iterator[tuple[str, Data | None]]:
        """Each id with its node, None where there is none."""
        for batch, data in self.batches(document, type, ids, variables):
            yield from zip(batch, data["nodes"], strict=True)
