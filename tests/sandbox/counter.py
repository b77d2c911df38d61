"""Opens the street of toy shops: while it is open, `toyshop` is a platform like any other."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from passerelle import connectors

TOYS = str(Path(__file__).parent / "toys")
NAME = "passerelle.connectors.toyshop"


@contextmanager
def toy_street() -> Iterator[Any]:
    """The module of the toy platform; its `Street.shops` is empty, and stays only as long as the street is open."""
    connectors.__path__.append(TOYS)
    try:
        module = __import__(NAME, fromlist=["Street"])
        module.Street.shops = {}
        yield module
    finally:
        connectors.__path__.remove(TOYS)
        sys.modules.pop(NAME, None)
