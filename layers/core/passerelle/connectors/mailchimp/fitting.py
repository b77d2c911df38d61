"""A customer's values in the types of an audience's merge fields: what does not fit is left out, and told.

Source: https://mailchimp.com/developer/marketing/docs/merge-fields/
"""

import re
from collections.abc import Mapping
from typing import Any

_BIRTHDAY = re.compile(r"(0[1-9]|1[0-2])/(0[1-9]|[12]\d|3[01])")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}|\d{2}/\d{2}/\d{4}")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_ZIP = re.compile(r"\d{5}(-\d{4})?")
_WEB = re.compile(r"https?://\S+")
_PATTERNS = {"birthday": _BIRTHDAY, "date": _DATE, "zip": _ZIP, "url": _WEB, "imageurl": _WEB}


def fitted(values: Mapping[str, Any], types: Mapping[str, str]) -> dict[str, Any]:
    """Tag → value in the field's own form; a tag whose value does not fit, or is empty, is not there.

    A tag without a known type keeps its value as it is.
    """
    found = {tag: _fit(value, types.get(tag, "")) for tag, value in values.items() if value not in _EMPTY}
    return {tag: value for tag, value in found.items() if value is not None}


def unfit(values: Mapping[str, Any], types: Mapping[str, str]) -> tuple[str, ...]:
    """The tags that have a value which does not fit."""
    kept = fitted(values, types)
    return tuple(tag for tag, value in values.items() if value not in _EMPTY and tag not in kept)


_EMPTY: tuple[Any, ...] = (None, "", {})


def _fit(value: Any, type: str) -> Any:
    if not type:
        return value
    if isinstance(value, Mapping):
        return _postal(value, type)
    text = str(value).strip()
    if type == "address":
        return None
    if type == "number":
        return _number(text)
    pattern = _PATTERNS.get(type)
    return text if pattern is None or pattern.fullmatch(text) else None


def _postal(address: Mapping[str, Any], type: str) -> Any:
    if type == "address":
        return address
    if type == "zip":
        return _fit(address.get("zip", ""), "zip")
    return ", ".join(str(part) for part in address.values()) if type == "text" else None


def _number(text: str) -> int | float | None:
    if not _NUMBER.fullmatch(text):
        return None
    return float(text) if "." in text else int(text)
