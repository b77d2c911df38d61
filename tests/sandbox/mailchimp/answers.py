"""What Mailchimp answers: resources, and its problem documents."""

import uuid
from dataclasses import dataclass, field
from typing import Any

TYPE = "https://mailchimp.com/developer/marketing/docs/errors/"


@dataclass(frozen=True, slots=True)
class Ask:
    """One API call, direct or inside a batch. `values` are the parts of the path."""

    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    body: Any = None
    values: dict[str, str] = field(default_factory=dict)

    def number(self, name: str, default: int, most: int) -> int:
        """A count or an offset; Mailchimp refuses what is out of range."""
        text = self.query.get(name, str(default))
        if not text.isdigit() or int(text) > most:
            raise Problem(400, "Invalid Resource", f"{name} must be a number from 0 to {most}.")
        return int(text)


class Problem(Exception):
    """A refusal, as Mailchimp words it."""

    def __init__(
        self, status: int, title: str, detail: str, errors: list[dict[str, str]] | None = None
    ) -> None:
        super().__init__(detail)
        self.status, self.title, self.detail, self.errors = status, title, detail, errors

    @property
    def document(self) -> dict[str, Any]:
        """The problem+json body."""
        document: dict[str, Any] = {
            "type": TYPE,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": str(uuid.uuid4()),
        }
        return document | ({"errors": self.errors} if self.errors else {})


def not_found() -> Problem:
    """No such resource."""
    return Problem(404, "Resource Not Found", "The requested resource could not be found.")


def invalid(*errors: tuple[str, str]) -> Problem:
    """Fields that are not as they should be."""
    return Problem(
        400,
        "Invalid Resource",
        "The resource submitted could not be validated. For field-specific details, see the 'errors' array.",
        [{"field": name, "message": message} for name, message in errors],
    )


def bad(detail: str) -> Problem:
    """A refusal without fields."""
    return Problem(400, "Bad Request", detail)


def page(ask: Ask, name: str, items: list[dict[str, Any]], most: int = 1000) -> dict[str, Any]:
    """One page of a list, with the total."""
    count, offset = ask.number("count", 10, most), ask.number("offset", 0, 10**9)
    return {name: items[offset : offset + count], "total_items": len(items)}


def trimmed(resource: dict[str, Any], fields: str) -> dict[str, Any]:
    """Only the fields asked for (`members.id,total_items`)."""
    if not fields:
        return resource
    tree: dict[str, Any] = {}
    for path in fields.split(","):
        node = tree
        for part in path.strip().split("."):
            node = node.setdefault(part, {})
    return _pick(resource, tree)


def _pick(resource: dict[str, Any], tree: dict[str, Any]) -> dict[str, Any]:
    picked: dict[str, Any] = {}
    for name, below in tree.items():
        if name not in resource:
            continue
        value = resource[name]
        if below and isinstance(value, list):
            picked[name] = [_pick(item, below) for item in value]
        elif below and isinstance(value, dict):
            picked[name] = _pick(value, below)
        else:
            picked[name] = value
    return picked
