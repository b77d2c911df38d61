"""Mailchimp's published description: which calls exist, and whether a body fits."""

import gzip
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft4Validator

from sandbox.mailchimp import reports, texts
from sandbox.mailchimp.answers import invalid, not_found

FILE = Path(__file__).with_name("openapi-subset.json.gz")


@cache
def description() -> dict[str, Any]:
    """The OpenAPI document."""
    document: dict[str, Any] = json.loads(gzip.decompress(FILE.read_bytes()))
    document["paths"] |= texts.PATHS | reports.PATHS
    return document


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """Path patterns, the most specific first."""
    paths = sorted(description()["paths"], key=lambda path: (path.count("{"), path))
    return [(re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path) + "$"), path) for path in paths]


def route(path: str) -> tuple[str, dict[str, str]]:
    """The path's template and its values. Raises Problem 404."""
    for pattern, template in _patterns():
        found = pattern.match(path)
        if found:
            return template, found.groupdict()
    raise not_found()


def methods(template: str) -> set[str]:
    """The methods a path has."""
    return {name.upper() for name in description()["paths"][template] if name != "parameters"}


def check(method: str, template: str, body: Any) -> None:
    """Refuse a body that does not fit, or that holds fields nobody knows. Raises Problem 400."""
    schema = _body_schema(method, template)
    if schema is None:
        return
    errors = [
        (".".join(map(str, error.absolute_path)), error.message)
        for error in _validator(method, template).iter_errors(body)
    ]
    errors += [(name, "This field is not known.") for name in _unknown(schema, body, "")]
    if errors:
        raise invalid(*errors)


def _body_schema(method: str, template: str) -> dict[str, Any] | None:
    operation = description()["paths"][template][method.lower()]
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    return content["schema"] if content else None


@cache
def _validator(method: str, template: str) -> Draft4Validator:
    schema = {**(_body_schema(method, template) or {}), "components": description()["components"]}
    if "$ref" in schema:
        schema = {"allOf": [{"$ref": schema["$ref"]}], "components": schema["components"]}
    return Draft4Validator(schema, format_checker=Draft4Validator.FORMAT_CHECKER)


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = description()["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    if "allOf" not in schema:
        return schema
    parts = [_resolved(part) for part in schema["allOf"]]
    merged = {name: rule for part in parts for name, rule in part.get("properties", {}).items()}
    return {**schema, "properties": merged | schema.get("properties", {})}


def _unknown(schema: dict[str, Any], body: Any, at: str) -> list[str]:
    schema = _resolved(schema)
    if isinstance(body, list):
        return [name for item in body[:500] for name in _unknown(schema.get("items", {}), item, at)]
    known = schema.get("properties")
    if not isinstance(body, dict) or not known:
        return []
    found: list[str] = []
    for name, value in body.items():
        if name in known:
            found += _unknown(known[name], value, f"{at}{name}.")
        elif "additionalProperties" not in schema:
            found.append(at + name)
    return found
