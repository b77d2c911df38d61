"""The hash of an object's content: equal hash, nothing to write."""

from collections.abc import Callable
from dataclasses import fields
from decimal import Context, Decimal
from hashlib import blake2b
from operator import attrgetter
from typing import Any

import orjson

from passerelle.model import Contact, Object

_VOLATILE: dict[type[Any], frozenset[str]] = {Contact: frozenset({"changed_at"})}
"""What moves besides `updated_at` while the content stays. A consent's instant is content: it is evidence."""

_EXACT = Context(prec=200)

_KEPT: dict[tuple[type[Any], str], Callable[[Any], tuple[Any, ...]]] = {}


def content_hash(obj: Object, salt: str = "", besides: str = "") -> str:
    """blake2b-128 in hex over the canonical bytes, volatile fields left out (B-8).

    `salt` is what else shapes the written object, `besides` one more field to leave out. 10.0 is 10.00; the order
    in tuples counts.
    """
    kind = type(obj)
    kept = _KEPT.get((kind, besides)) or _kept(kind, besides)
    values = (kind.__name__, salt, *kept(obj))
    return blake2b(_bytes(values), digest_size=16).hexdigest()


def _kept(kind: type[Any], besides: str) -> Callable[[Any], tuple[Any, ...]]:
    volatile = _VOLATILE.get(kind, frozenset()) | {"updated_at", besides}
    return _KEPT.setdefault(
        (kind, besides), attrgetter(*(each.name for each in fields(kind) if each.name not in volatile))
    )


def _bytes(values: tuple[Any, ...]) -> bytes:
    try:
        return orjson.dumps(values, default=_plain)
    except orjson.JSONEncodeError:
        # A text that is no Unicode (half of a surrogate pair): it has a hash too, and its own.
        return repr(values).encode("utf-8", "backslashreplace")


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return str(value.normalize(_EXACT)) if value else "0"
    raise TypeError(f"{type(value).__name__} has no canonical form")
