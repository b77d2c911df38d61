"""What a webservice resource is made of: fields with their column types, and associations, read from a small notation.

A resource is written as lines `name type words…`. Types name the column: `int`, `bool`, `dec6`, `dec3`, `dec2`, `str`,
`date`, `datetime`; a `?` behind one means that the column keeps NULL. Words: `>resource` (the XML links to it), `isX`
(the validator's name), `max=N`, `req`, `ro` (read-only), `nf` (not filterable), `i18n`, `=value` (default of a new one).
An association line starts with `*`: `* name/node >api words: field field>resource field!` where `!` means required.
"""

from dataclasses import dataclass

EMPTY = {
    "int": "0",
    "bool": "0",
    "dec6": "0.000000",
    "dec3": "0.000",
    "dec2": "0.00",
    "str": "",
    "date": "0000-00-00",
    "datetime": "0000-00-00 00:00:00",
}
PLACES = {"dec6": 6, "dec3": 3, "dec2": 2}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a resource, as the webservice declares it."""

    name: str
    type: str
    nullable: bool = False
    link: str = ""
    format: str = ""
    max: str = ""
    required: bool = False
    read_only: bool = False
    unfilterable: bool = False
    i18n: bool = False
    default: str | None = None

    @property
    def numeric(self) -> bool:
        """Whether the database compares it as a number."""
        return self.type in {"int", "bool", "dec6", "dec3", "dec2"}

    def stored(self, value: str | None) -> str | None:
        """The value as the column keeps it and gives it back."""
        if value is None or value == "":
            return None if self.nullable else EMPTY[self.type]
        if self.type in PLACES:
            return f"{float(value):.{PLACES[self.type]}f}"
        if self.type in {"int", "bool"}:
            return str(int(float(value)))
        return value


@dataclass(frozen=True, slots=True)
class Association:
    """Rows that hang on an entity: (field, linked resource, required) each."""

    name: str
    node: str
    api: str
    fields: tuple[tuple[str, str, bool], ...]
    virtual: bool = False
    linked: bool = True


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource of the webservice."""

    name: str
    node: str
    class_name: str
    fields: tuple[Field, ...]
    associations: tuple[Association, ...] = ()
    forbidden: frozenset[str] = frozenset()
    plural: str = ""
    """What a list of them is called, where that is not the resource's name."""

    @property
    def listed(self) -> str:
        """What a list of them is called."""
        return self.plural or self.name

    def field(self, name: str) -> Field | None:
        """The field of that name."""
        return next((field for field in self.fields if field.name == name), None)

    @property
    def names(self) -> list[str]:
        """Names of all fields, `id` first."""
        return ["id", *(field.name for field in self.fields)]


def _field(name: str, kind: str, words: list[str]) -> Field:
    found: dict[str, str] = {}
    for word in words:
        if word[0] == ">":
            found["link"] = word[1:]
        elif word[0] == "=":
            found["default"] = word[1:]
        elif word[:4] == "max=":
            found["max"] = word[4:]
        elif word[:2].lower() == "is":
            found["format"] = word
    return Field(
        name=name,
        type=kind.rstrip("?"),
        nullable=kind.endswith("?"),
        link=found.get("link", ""),
        format=found.get("format", ""),
        max=found.get("max", ""),
        default=found.get("default"),
        required="req" in words,
        read_only="ro" in words,
        unfilterable="nf" in words,
        i18n="i18n" in words,
    )


def _association(line: str) -> Association:
    head, _, tail = line[1:].partition(":")
    words = head.split()
    name, _, node = words[0].partition("/")
    fields = []
    for text in tail.split():
        bare, _, link = text.partition(">")
        fields.append((bare.rstrip("!"), link.rstrip("!"), text.endswith("!")))
    api = next((word[1:] for word in words if word[0] == ">"), "")
    return Association(name, node, api, tuple(fields), "virtual" in words, "unlinked" not in words)


def resource(
    name: str, node: str, class_name: str, lines: str, forbidden: str = "", plural: str = ""
) -> Resource:
    """Read the notation."""
    fields, associations = [], []
    for line in filter(None, map(str.strip, lines.splitlines())):
        if line[0] == "*":
            associations.append(_association(line))
        else:
            field_name, kind, *words = line.split()
            fields.append(_field(field_name, kind, words))
    refused = frozenset(forbidden.split())
    return Resource(name, node, class_name, tuple(fields), tuple(associations), refused, plural)
