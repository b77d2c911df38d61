"""Turns what the validator says into a field's name and what is allowed there."""

from collections.abc import Iterable, Iterator, Sequence
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel


class Wrong(BaseModel):
    """One field that cannot be used."""

    field: str
    message: str
    allowed: str


PLACES = ("body", "query", "path", "header")


def wrong_fields(errors: Sequence[Any], models: Iterable[Any], within: str = "") -> list[Wrong]:
    """Each error of the validator as a field with what it may hold; no value is repeated, it may be a secret.

    `models` are the types of the body, of which an unknown field's neighbours are told; `within` is the field of the
    request that holds the form that was validated.
    """
    roots = {model for root in models for model in _unwrapped(root)}
    return [_wrong(error, roots, within) for error in errors]


def _wrong(error: dict[str, Any], roots: set[type[BaseModel]], within: str) -> Wrong:
    loc = [part for part in error["loc"] if not (isinstance(part, str) and part.startswith("function-"))]
    place, path = (str(loc[0]), loc[1:]) if loc and loc[0] in PLACES and not within else ("body", loc)
    field = ".".join(str(part) for part in ([within] if within else []) + list(path)) or place
    kind = error["type"]
    if kind == "extra_forbidden":
        names = sorted(_names(roots, path[:-1]))
        return Wrong(field=field, message="is not known here", allowed=f"one of: {', '.join(names)}")
    if kind == "missing":
        return Wrong(field=field, message="is missing", allowed="a value: this field is required")
    if kind == "json_invalid":
        return Wrong(field="body", message="is not JSON", allowed="a JSON object in UTF-8")
    return Wrong(field=field, message="cannot be used", allowed=_allowed(error))


def _allowed(error: dict[str, Any]) -> str:
    """What the validator wanted, in its words without the names of its types."""
    expected = error.get("ctx", {}).get("expected")
    if expected:
        return str(expected)
    text = str(error["msg"]).removeprefix("Value error, ").removeprefix("Input should be ")
    return text.removeprefix("Input should ").rstrip(".")


def _names(models: set[type[BaseModel]], path: Sequence[Any]) -> set[str]:
    """The names that the model at `path` knows."""
    found = models
    for part in path:
        step: set[type[BaseModel]] = set()
        for model in found:
            if part in model.model_fields:
                step.update(_unwrapped(model.model_fields[part].annotation))
        found = step or found
    return {name for model in found for name in model.model_fields}


def _unwrapped(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models inside an optional, a union, a list or an annotation."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif get_origin(annotation) in (Union, UnionType, list, tuple, dict) or get_args(annotation):
        for inner in get_args(annotation):
            yield from _unwrapped(inner)
