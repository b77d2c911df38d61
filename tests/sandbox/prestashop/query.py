"""Which rows a list request asks for: filters, sort, limit, display."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.prestashop.fields import Field, Resource
from sandbox.prestashop.refusal import RefusalError, guess
from sandbox.prestashop.state import INDEXED, State, Table, values_of

type Test = Callable[[str], bool]

RANGE = re.compile(r"^([\d.:\-\s]+),([\d.:\-\s]+)$")
FORM = re.compile(r"^(.*)\[(.*)\](.*)$")
DATES = ("date_add", "date_upd")
WALKED = {"products": ("indexed", "active"), "addresses": ("id_customer",), "order_states": ("module_name",)}
"""The index by which MariaDB walks a table: unsorted lists of these do not come by id."""


def select(state: State, table: Table, args: Mapping[str, str]) -> list[int]:
    """Ids of the rows wanted, in order."""
    filters = _filters(table.resource, args)
    wanted = _candidates(state, table, filters)
    tests = [(field, _test(field, text)) for field, text in filters if field is not None]
    tests_on_id = [_test(_ID, text) for field, text in filters if field is None]
    rows = table.rows
    for test in tests_on_id:
        wanted = [id for id in wanted if test(str(id))]
    for field, test in tests:
        wanted = [id for id in wanted if _passes(rows[id][field.name], test)]
    return _limited(_sorted(table, wanted, args), args.get("limit"))


_ID = Field("id", "int")


def filterable(resource: Resource, *, dates: bool) -> list[str]:
    """Names that may be filtered by, as the webservice lists them."""
    hidden = () if dates else DATES
    return ["id", *(f.name for f in resource.fields if not f.i18n and f.name not in hidden)]


def _filters(resource: Resource, args: Mapping[str, str]) -> list[tuple[Field | None, str]]:
    """(field or None for the id, text) of each filter asked for."""
    found: list[tuple[Field | None, str]] = []
    dates = args.get("date") == "1"
    for key, text in args.items():
        if not key.startswith("filter[") or not key.endswith("]"):
            continue
        name = key[7:-1]
        field = resource.field(name)
        allowed = filterable(resource, dates=dates)
        if name != "id" and (field is None or (not field.i18n and name not in allowed)):
            raise RefusalError(400, (32, f"This filter does not exist. {guess(name, allowed)}"))
        if field is not None and field.unfilterable:
            why = f'The field "{name}" is dynamic. It is not possible to filter GET query with this field.'
            raise RefusalError(400, (34, why))
        found.append((field, text))
    return found


def _candidates(state: State, table: Table, filters: list[tuple[Field | None, str]]) -> list[int]:
    """Few enough rows to look at, by an index where a filter has one."""
    for field, text in filters:
        form = FORM.match(text)
        if form is None or form[3]:
            continue
        if field is None and form[1] == ">" and form[2].isdigit():
            return table.ids(above=int(form[2]))
        if form[1] or RANGE.match(form[2]):
            continue
        values = form[2].split("|")
        if field is None:
            return sorted({int(value) for value in values if value.isdigit() and int(value) in table.rows})
        if field.name in INDEXED:
            return sorted({id for value in values for id in table.where(field.name, value)})
    return table.ids()


def _passes(value: Any, test: Test) -> bool:
    return any(map(test, values_of(value)))


def _test(field: Field, text: str) -> Test:
    """What a filter's notation asks of a value."""
    form = FORM.match(text)
    if form is None:
        return _equal(field, text)
    before, inner, behind = form.groups()
    if "%" in (before, behind):
        pattern = re.escape(before + inner + behind).replace("%", ".*").replace("_", ".")
        return lambda value: re.fullmatch(pattern, value, re.IGNORECASE | re.DOTALL) is not None
    if behind or before not in {"", ">", "<", "!"}:
        return lambda _: True
    key = _key(field)
    limit = key(inner)
    if before == ">":
        return lambda value: key(value) > limit
    if before == "<":
        return lambda value: key(value) < limit
    if before == "!":
        refused = {key(part) for part in inner.split("|")}
        return lambda value: key(value) not in refused
    between = RANGE.match(inner)
    if between:
        low, high = sorted(map(key, between.groups()))
        return lambda value: low <= key(value) <= high
    accepted = {key(part) for part in inner.split("|")}
    return lambda value: key(value) in accepted


def _equal(field: Field, text: str) -> Test:
    key = _key(field)
    wanted = key(text)
    return lambda value: key(value) == wanted


def _key(field: Field) -> Callable[[str], Any]:
    """How the database compares: numbers as numbers, text without case."""
    return _number if field.numeric else str.casefold


def _number(text: str) -> float:
    digits = re.match(r"-?\d+(\.\d+)?", text.strip())
    return float(digits[0]) if digits else 0.0


def _sorted(table: Table, ids: list[int], args: Mapping[str, str]) -> list[int]:
    rows = table.rows
    wanted = args.get("sort")
    if wanted is None:
        walked = WALKED.get(table.resource.name)
        return sorted(ids, key=lambda id: ([rows[id][name] for name in walked], id)) if walked else ids
    ordered = ids
    for name, descending in reversed(_orders(table.resource, wanted, dates=args.get("date") == "1")):
        ordered = sorted(ordered, key=_column(table, name), reverse=descending)
    return ordered


def _column(table: Table, name: str) -> Callable[[int], Any]:
    field = table.resource.field(name)
    if field is None:
        return lambda id: id
    key = _key(field)
    return lambda id: key(table.rows[id][name] or "")


def _orders(resource: Resource, text: str, *, dates: bool) -> list[tuple[str, bool]]:
    bracketed = re.match(r"^\[(.*)\]$", text)
    orders = []
    for part in (bracketed[1] if bracketed else text).split(","):
        name, _, direction = part.rpartition("_")
        if direction.upper() not in {"ASC", "DESC"}:
            why = (
                'The "sort" value has to be formed as this example: "field_ASC" or '
                "'[field_1_DESC,field_2_ASC,field_3_ASC,...]' (\"field\" has to be an available field)"
            )
            raise RefusalError(400, (37, why))
        allowed = filterable(resource, dates=dates)
        if name not in allowed:
            why = "Unable to filter by this field. However, these are available: " + ", ".join(allowed)
            raise RefusalError(400, (38, why))
        orders.append((name, direction.upper() == "DESC"))
    return orders


def _limited(ids: list[int], limit: str | None) -> list[int]:
    if limit is None:
        return ids
    parts = limit.split(",")
    if len(parts) > 2:
        why = 'The "limit" value has to be formed as this example: "5,25" or "10"'
        raise RefusalError(400, (39, why))
    numbers = [int(_number(part)) for part in parts]
    start, count = numbers if len(numbers) == 2 else (0, numbers[0])
    return ids[start : start + count]


def displayed(resource: Resource, display: str | None) -> list[str] | None:
    """Names of the fields to show, in the resource's order; None: only ids. Full also shows associations."""
    if display is None:
        return None
    if display == "full":
        return resource.names
    form = re.match(r"^\[(.*)\]$", display)
    if form is None:
        names = ", ".join(resource.names)
        why = f"The 'display' syntax is wrong. You can set 'full' or '[field_1,field_2,...]'. Available: {names}"
        raise RefusalError(400, (36, why))
    asked = [name.strip() for name in form[1].split(",")]
    for name in asked:
        if name not in resource.names:
            names = ", ".join(resource.names)
            why = f'Unable to display this field "{name}". However, these are available: {names}'
            raise RefusalError(400, (35, why))
    return [name for name in resource.names if name in asked]


def languages(state: State, wanted: str | None) -> list[str]:
    """Ids of the languages to show: all, `language=1`, or `language=[1|2]`."""
    active = state.languages()
    if not wanted:
        return active
    asked = wanted.strip("[]").split("|")
    found = [id for id in active if id in asked]
    if not found:
        raise RefusalError(400, (81, "language is not available"))
    return found
