"""Makes the XML that the webservice takes for writes.

Source: https://devdocs.prestashop-project.org/8/webservice/tutorials/create-resource/. A translated field has one
`language` element a language; associations are sent only where they are to be replaced. There may be no white space
inside of an element.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

type Value = str | Mapping[str, str]
"""A text, or language id → text."""

NODES = {
    "categories": "category",
    "combinations": "combination",
    "manufacturers": "manufacturer",
    "product_customization_fields": "customization_field",
    "product_option_values": "product_option_value",
    "product_options": "product_option",
    "products": "product",
    "specific_prices": "specific_price",
    "stock_availables": "stock_available",
    "tags": "tag",
}
LINKED = {
    "categories": "category",
    "images": "image",
    "product_option_values": "product_option_value",
    "tags": "tag",
}
UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML document may hold."""


@dataclass(slots=True)
class Entity:
    """What is to be written of one entity: its fields, and the associations that are replaced."""

    fields: dict[str, Value] = field(default_factory=dict)
    links: dict[str, Sequence[str]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.fields or self.links)


def document(resource: str, entities: Iterable[Entity]) -> bytes:
    """One document for all of them; they are saved in this order."""
    return f"<prestashop>{''.join(_element(NODES[resource], one) for one in entities)}</prestashop>".encode()


def _element(node: str, entity: Entity) -> str:
    inner = "".join(_field(name, value) for name, value in entity.fields.items())
    if entity.links:
        linked = "".join(_links(name, ids) for name, ids in entity.links.items())
        inner += f"<associations>{linked}</associations>"
    return f"<{node}>{inner}</{node}>"


def _field(name: str, value: Value) -> str:
    if isinstance(value, str):
        return f"<{name}>{_text(value)}</{name}>"
    texts = "".join(f'<language id="{id}">{_text(text)}</language>' for id, text in value.items())
    return f"<{name}>{texts}</{name}>"


def _links(name: str, ids: Sequence[str]) -> str:
    node = LINKED[name]
    return f"<{name}>{''.join(f'<{node}><id>{id}</id></{node}>' for id in ids)}</{name}>"


def _text(value: str) -> str:
    # A parser makes a line feed of a bare carriage return: written as an entity it stays what it is.
    return escape(UNWRITABLE.sub("", value), {"\r": "&#13;"})
