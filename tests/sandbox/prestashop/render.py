"""Writes answers as the webservice does, byte for byte: JSON that drops falsy fields of a single entity, and XML."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from sandbox.prestashop.associations import associated, computed, prices
from sandbox.prestashop.fields import Association, Field, Resource
from sandbox.prestashop.state import Row, State

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<prestashop xmlns:xlink="http://www.w3.org/1999/xlink">\n'
FALSY: tuple[Any, ...] = (None, "", "0", 0, [], {})


@dataclass(frozen=True, slots=True)
class View:
    """How a request wants entities shown. `names` None: ids only."""

    names: Sequence[str] | None
    languages: Sequence[str]
    full: bool
    prices: dict[str, dict[str, str]] = field(default_factory=dict)
    """`price[name][parameter]=value`, by name."""


def to_json(content: Any) -> bytes:
    """As PHP's json_encode with JSON_UNESCAPED_UNICODE: slashes are escaped."""
    return orjson.dumps(content).replace(b"/", b"\\/")


def errors_json(errors: Sequence[tuple[int, str]]) -> bytes:
    """The errors of a refusal."""
    return to_json({"errors": [{"code": code, "message": text} for code, text in errors]})


def errors_xml(errors: Sequence[tuple[int, str]]) -> bytes:
    """The errors of a refusal."""
    inner = "".join(
        f"<error>\n<code>{_cdata(code)}</code>\n<message>{_cdata(text)}</message>\n</error>\n"
        for code, text in errors
    )
    return f"{HEAD}<errors>\n{inner}</errors>\n</prestashop>\n".encode()


# --- JSON ------------------------------------------------------------------------------------------------


def list_json(state: State, resource: Resource, ids: Sequence[int], view: View) -> bytes:
    """A list; an empty one is `[]`."""
    if not ids:
        return b"[]"
    if view.names is None:
        return to_json({resource.listed: [{"id": id} for id in ids]})
    rows = state.tables[resource.name].rows
    return to_json({resource.listed: [_entity(state, resource, id, rows[id], view) for id in ids]})


def single_json(
    state: State, resource: Resource, id: int, row: Row, view: View, shown_id: object = None
) -> bytes:
    """One entity, without its fields that PHP holds for false."""
    whole = _entity(state, resource, id, row, view)
    whole["id"] = shown_id if shown_id is not None else id
    return to_json({resource.node: {name: value for name, value in whole.items() if value not in FALSY}})


def _entity(state: State, resource: Resource, id: int, row: Row, view: View) -> dict[str, Any]:
    values = row | computed(state, resource, id, row)
    entity: dict[str, Any] = {}
    for name in view.names or ():
        if name == "id":
            entity["id"] = id
            continue
        value = values[name]
        entity[name] = _translated(value, view.languages) if isinstance(value, dict) else value
    entity |= prices(state, resource, id, row, view.prices)
    if view.full and resource.associations:
        found = {name: rows for name, rows in associated(state, resource, id, row).items() if rows}
        if found:
            entity["associations"] = found
    return entity


def _translated(value: dict[str, Any], languages: Sequence[str]) -> Any:
    if len(languages) == 1:
        return value.get(languages[0], "")
    return [{"id": language, "value": value.get(language)} for language in languages]


# --- XML -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Xml:
    """Renders entities as XML; `base` is the address of the webservice, ending in `/api/`."""

    state: State
    base: str

    def document(self, inner: str) -> bytes:
        """The whole answer."""
        return f"{HEAD}{inner}</prestashop>\n".encode()

    def listing(self, resource: Resource, ids: Sequence[int], view: View) -> bytes:
        """A list of entities or, without `display`, of their ids."""
        rows = self.state.tables[resource.name].rows
        if view.names is None:
            link = f"{self.base}{resource.name}"
            inner = "".join(f'<{resource.node} id="{id}" xlink:href="{link}/{id}"/>\n' for id in ids)
        else:
            inner = "".join(self.entity(resource, id, rows[id], view) for id in ids)
        return self.document(f"<{resource.listed}>\n{inner}</{resource.listed}>\n")

    def entity(self, resource: Resource, id: int, row: Row, view: View) -> str:
        """One entity with its fields and, in full, its associations."""
        values = row | computed(self.state, resource, id, row)
        lines = [f"<{resource.node}>\n"]
        for name in view.names or ():
            found = resource.field(name)
            lines.append(
                f"\t<id>{_cdata(id)}</id>\n" if found is None else self._line(found, values[name], id, view)
            )
        for name, amount in prices(self.state, resource, id, row, view.prices).items():
            lines.append(f'\t<{name} notFilterable="true">{_cdata(amount)}</{name}>\n')
        if view.full and resource.associations:
            rows = associated(self.state, resource, id, row)
            inner = "".join(self._association(a, rows[a.name], resource, id) for a in resource.associations)
            lines.append(f"<associations>\n{inner}</associations>\n")
        lines.append(f"</{resource.node}>\n")
        return "".join(lines)

    def _line(self, field: Field, value: Any, id: int, view: View) -> str:
        marks = ' notFilterable="true"' if field.unfilterable else ""
        if field.i18n:
            # A translated field that was never set has no links to its languages.
            texts, link = (value, f"{self.base}languages/") if isinstance(value, dict) else ({}, "")
            inner = "".join(
                f'<language id="{n}"{_link(link, n)}>{_cdata(texts.get(n))}</language>'
                for n in view.languages
            )
            return f"\t<{field.name}{marks}>{inner}</{field.name}>\n"
        if field.link and value not in FALSY:
            path = f"images/products/{id}" if field.link == "images" else field.link
            marks = f' xlink:href="{self.base}{path}/{value}"{marks}'
        return f"\t<{field.name}{marks}>{_cdata(value)}</{field.name}>\n"

    def _association(self, a: Association, rows: list[dict[str, str]], resource: Resource, id: int) -> str:
        kind = f' nodeType="{a.node}"' + (' virtualEntity="true"' if a.virtual else f' api="{a.api}"')
        if not rows:
            return f"<{a.name}{kind}/>\n"
        api = f"images/products/{id}" if a.name == "images" and resource.name == "products" else a.api
        lines = [f"<{a.name}{kind}>\n"]
        for row in rows:
            link = f' xlink:href="{self.base}{api}/{row["id"]}"' if a.linked else ""
            lines.append(f"\t<{a.node}{link}>\n")
            for name, target, _ in a.fields:
                points = f' xlink:href="{self.base}{target}/{row[name]}"' if target and name != "id" else ""
                lines.append(f"\t<{name}{points}>{_cdata(row[name])}</{name}>\n")
            lines.append(f"\t</{a.node}>\n")
        return "".join([*lines, f"</{a.name}>\n"])


def _link(base: str, id: str) -> str:
    return f' xlink:href="{base}{id}"' if base else ""


def _cdata(value: object) -> str:
    return f"<![CDATA[{'' if value is None else value}]]>"
