"""Writes: XML in, several entities a request, saved one after the other until the first that is refused."""

from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError

from defusedxml.ElementTree import fromstring

from sandbox.prestashop import rules
from sandbox.prestashop.fields import Field, Resource
from sandbox.prestashop.refusal import RefusalError
from sandbox.prestashop.state import Row, State
from sandbox.prestashop.validators import validate


@dataclass(frozen=True, slots=True)
class Written:
    """The last entity of a write, as PHP still holds it in memory."""

    id: int
    row: Row
    shown_id: object


def save(state: State, resource: Resource, method: str, body: bytes) -> Written:
    """Save every entity of the document; answers the last. Raises RefusalError, with earlier ones saved."""
    entities = _entities(body)
    if not entities:
        raise RefusalError(400, (88, "No entities were given"))
    if method == "POST":
        if any(entity.findtext("id") for entity in entities):
            raise RefusalError(400, (91, "id is forbidden when adding a new resource"))
    else:
        _check_ids(entities)
    last = None
    for entity in entities:
        last = _save(state, resource, method, entity)
    if last is None:
        raise RefusalError(400, (88, "No entities were given"))
    return last


def _entities(body: bytes) -> list[Element]:
    text = body.decode("utf-8", "replace")
    try:
        return list(fromstring(body))
    except ParseError:
        why = (
            f"XML error : String could not be parsed as XML\nXML length : {len(body)}\nOriginal XML : {text}"
        )
        raise RefusalError(500, (127, why)) from None


def _check_ids(entities: list[Element]) -> None:
    ids = [id for entity in entities if (id := entity.findtext("id"))]
    if len(set(ids)) < len(ids):
        raise RefusalError(400, (89, "id is duplicate in request"))
    if len(ids) < len(entities):
        raise RefusalError(400, (90, "id is required when modifying a resource"))


def _save(state: State, resource: Resource, method: str, entity: Element) -> Written:
    table = state.tables[resource.name]
    number = entity.findtext("id") or "0"
    id = int(number) if number.isdigit() else 0
    if method != "POST" and id not in table.rows:
        raise RefusalError(404, (92, "Invalid ID"))
    memory: Row = (
        dict(table.rows[id]) if method == "PATCH" else dict.fromkeys(f.name for f in resource.fields)
    )
    for field in resource.fields:
        _take(field, entity.find(field.name), memory, method)
    if method == "POST":
        memory |= {f.name: f.default for f in resource.fields if f.default and not memory.get(f.name)}
    rules.prepare(state, resource, method, id, memory)
    validate(resource, memory)
    associations = _associations(resource, entity)
    # A PATCH writes the fields that it names, whatever else PrestaShop changes in memory on the way.
    named = {element.tag for element in entity} | {"date_upd"} if method == "PATCH" else None
    return Written(*rules.commit(state, resource, id, memory | associations, named, new=method == "POST"))


def _take(field: Field, element: Element | None, memory: Row, method: str) -> None:
    if element is not None:
        if field.read_only:
            why = f'parameter "{field.name}" not writable. Please remove this attribute of this XML'
            raise RefusalError(400, (93, why))
        memory[field.name] = _translations(element, memory, field) if field.i18n else element.text or ""
    elif field.required and method != "PATCH":
        raise RefusalError(400, (41, f'parameter "{field.name}" required'))


def _translations(element: Element, memory: Row, field: Field) -> dict[str, str]:
    given = {(e.get("id") or ""): e.text or "" for e in element.iter("language")}
    # Not recorded: the stricter reading, by which a language that is left out is emptied.
    return dict.fromkeys(memory.get(field.name) or {}, "") | given


def _associations(resource: Resource, entity: Element) -> Row:
    """`*name` → rows, of each association that the document holds."""
    found: Row = {}
    known = {association.name for association in resource.associations}
    for given in entity.iterfind("associations/*"):
        if given.tag not in known:
            raise RefusalError(400, (86, f'The association "{given.tag}" does not exists'))
    for association in resource.associations:
        element = entity.find(f"associations/{association.name}")
        if element is not None:
            found[f"*{association.name}"] = [
                {name: item.findtext(name) or "0" for name, _, _ in association.fields} for item in element
            ]
    return found
