"""The two descriptions that the webservice gives of a resource: `schema=blank` and `schema=synopsis`."""

from sandbox.prestashop.fields import Association, Field, Resource
from sandbox.prestashop.render import Xml

VOID = "<![CDATA[]]>"


def blank(xml: Xml, resource: Resource) -> bytes:
    """An empty entity to fill in: no read-only fields."""
    languages = "".join(f'<language id="{n}">{VOID}</language>' for n in xml.state.languages())
    lines = [f"\t<id>{VOID}</id>\n"]
    for field in resource.fields:
        if not field.read_only:
            lines.append(f"\t<{field.name}>{languages if field.i18n else VOID}</{field.name}>\n")
    for_each = "".join(_blank_rows(a) for a in resource.associations)
    return _document(xml, resource, "".join(lines), for_each)


def synopsis(xml: Xml, resource: Resource) -> bytes:
    """What each field may hold."""
    lines = "".join(_described(xml, field) for field in resource.fields)
    return _document(xml, resource, lines, "".join(_described_rows(xml, a) for a in resource.associations))


def _document(xml: Xml, resource: Resource, lines: str, associations: str) -> bytes:
    hung = f"<associations>\n{associations}</associations>\n" if resource.associations else ""
    return xml.document(f"<{resource.node}>\n{lines}{hung}</{resource.node}>\n")


def _described(xml: Xml, field: Field) -> str:
    marks = ""
    if field.unfilterable:
        marks += ' notFilterable="true"'
    if field.read_only:
        marks += ' read_only="true" readOnly="true"'
    if field.required:
        marks += ' required="true"'
    if field.max:
        marks += f' maxSize="{field.max}"'
    if field.format:
        marks += f' format="{field.format}"'
    inner = VOID
    if field.i18n:
        inner = "".join(
            f'<language id="{n}" xlink:href="{xml.base}languages/{n}" format="isUnsignedId" >{VOID}</language>'
            for n in xml.state.languages()
        )
    return f"\t<{field.name}{marks}>{inner}</{field.name}>\n"


def _blank_rows(a: Association) -> str:
    inner = "".join(f"\t<{name}>{VOID}</{name}>\n" for name, _, _ in a.fields)
    return f"<{a.name}>\n\t<{a.node}>\n{inner}\t</{a.node}>\n</{a.name}>\n"


def _described_rows(xml: Xml, a: Association) -> str:
    kind = f' nodeType="{a.node}"' + (' virtualEntity="true"' if a.virtual else f' api="{a.api}"')
    lines = []
    for name, target, required in a.fields:
        marks = f' xlink:href="{xml.base}{target}/"' if target else ""
        marks += ' required="true"' if required else ""
        lines.append(f"\t<{name}{marks}>{VOID}</{name}>\n")
    return f"<{a.name}{kind}>\n\t<{a.node}>\n{''.join(lines)}\t</{a.node}>\n</{a.name}>\n"
