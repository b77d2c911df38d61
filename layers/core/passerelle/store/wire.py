"""Plain values to DynamoDB's wire form and back, and records (dataclasses) to items and back."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from typing import Any

from passerelle.model.thawing import thaw

type Wire = dict[str, Any]
"""One attribute value as DynamoDB writes it, such as {"S": "text"}."""
type WireItem = dict[str, Wire]
type Item = dict[str, Any]
"""An item in plain values: text, numbers, booleans, None, bytes, lists, dicts, sets of text."""


def instant(at: datetime) -> str:
    """An aware instant as text of one width in UTC, so that texts compare as instants do."""
    if at.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def encode(value: object) -> Wire:
    """A plain value (or an instant, or a dataclass) in wire form."""
    if isinstance(value, str):
        return {"S": str(value)}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, int | float):
        return {"N": repr(value)}
    if value is None:
        return {"NULL": True}
    if isinstance(value, datetime):
        return {"S": instant(value)}
    if isinstance(value, bytes):
        return {"B": value}
    return _encode_many(value)


def _encode_many(value: object) -> Wire:
    if isinstance(value, Mapping):
        return {"M": {str(name): encode(each) for name, each in value.items()}}
    if isinstance(value, list | tuple):
        return {"L": [encode(each) for each in value]}
    if isinstance(value, set | frozenset):
        return {"SS": sorted(str(each) for each in value)}
    if is_dataclass(value) and not isinstance(value, type):
        return {"M": {name: encode(each) for name, each in plain(value).items()}}
    raise TypeError(f"{type(value).__name__} cannot be kept in a table")


def decode(wire: Mapping[str, Any]) -> Any:
    """The plain value of a wire form. Whole numbers become int, others float."""
    ((sort, value),) = wire.items()
    match sort:
        case "N":
            return float(value) if any(mark in value for mark in ".eE") else int(value)
        case "NULL":
            return None
        case "M":
            return {name: decode(each) for name, each in value.items()}
        case "L":
            return [decode(each) for each in value]
        case "SS":
            return set(value)
    return value


def encode_item(item: Mapping[str, object]) -> WireItem:
    """A plain item in wire form."""
    return {name: encode(value) for name, value in item.items()}


def decode_item(wire: Mapping[str, Mapping[str, Any]]) -> Item:
    """A wire item in plain values."""
    return {name: decode(value) for name, value in wire.items()}


def plain(record: Any) -> Item:
    """A record's fields; those that are None are left out, so that reading gives the default."""
    values = {each.name: getattr(record, each.name) for each in fields(record)}
    return {name: value for name, value in values.items() if value is not None}


def record[T](sort: type[T], item: Mapping[str, object]) -> T:
    """The record of this dataclass that an item holds; attributes that are no fields are passed over."""
    return thaw(sort, item)
