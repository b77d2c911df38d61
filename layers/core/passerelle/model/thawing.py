"""Plain values, as JSON or a table keep them, back into the dataclasses that they were."""

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeAliasType, Union, get_args, get_origin, get_type_hints

type Read = Callable[[Any], Any]


def thaw[T](sort: type[T], values: Mapping[str, Any]) -> T:
    """The `sort` that these values were; what is no field of it is passed over, what is missing has its default.

    Made for what we wrote ourselves, and so fast enough for every object of a sync: nothing is checked that a field's
    type does not need. Raises TypeError, ValueError or KeyError for what was never such an object.
    """
    kept: Any = sort
    made: T = _record(kept)(values)
    return made


@cache
def _record(sort: Any) -> Read:
    """Reads a dataclass."""
    kinds, names = get_type_hints(sort), tuple(each.name for each in fields(sort))
    reads = [(at, name, read) for at, name in enumerate(names) if (read := _reader(kinds[name]))]

    def made(values: Mapping[str, Any]) -> Any:
        if isinstance(values, sort):
            return values
        if tuple(values) == names:
            given = list(values.values())
            for at, _, read in reads:
                if given[at] is not None:
                    given[at] = read(given[at])
            return sort(*given)
        named = {name: values[name] for name in names if name in values}
        for _, name, read in reads:
            if named.get(name) is not None:
                named[name] = read(named[name])
        return sort(**named)

    return made


def _reader(sort: Any) -> Read | None:
    """What makes a value of this type; None where it is one already. Raises TypeError for a type it does not know."""
    while isinstance(sort, TypeAliasType):
        sort = sort.__value__
    if sort in (str, int, bool, bytes, object, Any):
        return None
    if sort is datetime:
        return _instant
    if sort is Decimal:
        return _decimal
    if sort is float:
        return float
    if isinstance(sort, type) and is_dataclass(sort):
        return _record(sort)
    if isinstance(sort, type) and issubclass(sort, Enum):
        return {each.value: each for each in sort}.__getitem__
    return _many(get_origin(sort) or sort, get_args(sort))


def _many(origin: Any, args: tuple[Any, ...]) -> Read | None:
    """Reads a choice or a collection."""
    if origin in (Union, UnionType):
        found = {_reader(each) for each in args if each is not NoneType}
        if len(found) == 1:
            return found.pop()
    elif origin is tuple:
        return _tuple(args)
    elif isinstance(origin, type) and issubclass(origin, Mapping):
        return _mapping(*args)
    elif isinstance(origin, type) and issubclass(origin, AbstractSet):
        return frozenset
    raise TypeError(f"{origin} of {args} cannot be read back")


def _tuple(args: tuple[Any, ...]) -> Read:
    reads = [_reader(each) for each in args if each is not ...]
    if not any(reads):
        return tuple
    if args[-1] is ...:
        one = reads[0] or _same
        return lambda values: tuple(map(one, values))
    each = [read or _same for read in reads]
    return lambda values: tuple(read(value) for read, value in zip(each, values, strict=True))


def _mapping(_: Any = str, held: Any = object) -> Read | None:
    read = _reader(held)
    return (lambda values: {name: read(value) for name, value in values.items()}) if read else None


def _same(value: Any) -> Any:
    return value


def _instant(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)


def _decimal(value: Any) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))
