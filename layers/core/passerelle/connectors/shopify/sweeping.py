"""Looks thousands of keys up at once: one bulk query that tells the keys of every variant of the shop.

Source: https://shopify.dev/docs/api/usage/bulk-operations/queries. It costs no points, and unlike a search it does not
run behind the shop. Where it cannot be had, or the shop holds far more than is asked for, the keys are searched for
instead.
"""

from collections.abc import Iterator
from typing import Any

import orjson

from passerelle.connectors.shopify.admin import Admin, Data
from passerelle.connectors.shopify.documents import BULK, COUNT_VARIANTS, RUN_BULK
from passerelle.port import Unavailable

FROM = 1_000
"""Keys from which on: below, their searches take less time than the shop takes to begin."""
MOST_FOR_EACH = 50
"""Variants that may be read for each key."""
EVERY_KEY = "{ productVariants { edges { node { id sku barcode product { id } } } } }"
RUNNING = frozenset({"CREATED", "RUNNING"})
WAITS = (1.0, 2.0, 3.0, 5.0, 8.0, 13.0, *(20.0,) * 6)
"""Seconds between two looks; afterwards the keys are searched for."""


class Sweeper:
    """Reads the keys of one shop's variants."""

    def __init__(self, admin: Admin) -> None:
        self._admin = admin

    def variants(self, keys: int) -> Iterator[Data] | None:
        """Every variant, as it arrives, where that suits so many keys; None where they are better searched for.

        Raises Unavailable, in the midst too, where the file is not what Shopify counted.
        """
        if keys < FROM:
            return None
        there = int(self._admin.ask(COUNT_VARIANTS)["total"]["count"])
        if not there:
            return iter(())
        if there > keys * MOST_FOR_EACH:
            return None
        answer = self._admin.ask(RUN_BULK, {"query": EVERY_KEY})["bulkOperationRunQuery"]
        state = None if answer["userErrors"] else self._awaited(str(answer["bulkOperation"]["id"]))
        return self._read(state) if state else None

    def _awaited(self, handle: str) -> Data | None:
        for wait in (*WAITS, 0.0):
            state = self._admin.ask(BULK, {"id": handle})["bulkOperation"]
            if state is None or state["status"] not in RUNNING:
                return dict(state) if state and state["status"] == "COMPLETED" else None
            self._admin.client.sleep(wait)
        return None

    def _read(self, state: Data) -> Iterator[Data]:
        read = 0
        if state["url"]:
            with self._admin.client.stream("GET", str(state["url"])) as download:
                for line in download.lines():
                    yield _variant(line)
                    read += 1
        if read != int(state["objectCount"]):
            raise Unavailable(
                f"Shopify counted {state['objectCount']} variants and its file holds {read}.",
                "Nothing to do: they are looked up again.",
            )


def _variant(line: bytes) -> dict[str, Any]:
    try:
        raw = orjson.loads(line)
    except orjson.JSONDecodeError:
        raw = None
    if not isinstance(raw, dict) or "sku" not in raw:
        raise Unavailable("A bulk query's file holds a line that is no variant.", "It is looked at again.")
    return raw
