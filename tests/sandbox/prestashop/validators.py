"""The checks that PrestaShop makes on a field before it saves, by the validator's name."""

import re
from collections.abc import Callable

from sandbox.prestashop.fields import Resource
from sandbox.prestashop.refusal import RefusalError
from sandbox.prestashop.state import Row

_NUMBER = re.compile(r"^-?\d{1,10}(\.\d{1,9})?$")
_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}( \d{2}:\d{2}:\d{2})?$")
_EMAIL = re.compile(r"^[^@\s\"<>(),;:]+@[\w-]+(\.[\w-]+)+$")

_UNCLEAN = (
    re.compile(r"<\s*script", re.IGNORECASE),
    re.compile(r"\bon(click|load|error|mouse\w+|key\w+|focus|blur|submit|change)\s*=", re.IGNORECASE),
    re.compile(r"script:", re.IGNORECASE),
    re.compile(r"<\s*(i?frame|form|input|embed|object)", re.IGNORECASE),
)

CHECKS: dict[str, Callable[[str], bool]] = {
    "isPrice": lambda text: bool(re.match(r"^\d{1,10}(\.\d{1,9})?$", text)),
    "isNegativePrice": lambda text: bool(_NUMBER.match(text)),
    "isFloat": lambda text: bool(_NUMBER.match(text)),
    "isUnsignedFloat": lambda text: bool(re.match(r"^\d+(\.\d+)?$", text)),
    "isBool": lambda text: text in {"0", "1"},
    "isUnsignedId": str.isdigit,
    "isNullOrUnsignedId": str.isdigit,
    "isUnsignedInt": str.isdigit,
    "isPositiveInt": str.isdigit,
    "isEmail": lambda text: bool(_EMAIL.match(text)),
    "isDate": lambda text: bool(_DATE.match(text)),
    "isDateFormat": lambda text: bool(_DATE.match(text)),
    "isName": lambda text: not re.search(r"[0-9!<>,;?=+()@#\"°{}_$%:¤|]", text),
    "isCustomerName": lambda text: not re.search(r"[0-9!<>,;?=+()@#\"°{}_$%:¤|]", text),
    "isReference": lambda text: not re.search(r"[<>;={}]", text),
    "isGenericName": lambda text: not re.search(r"[<>={}]", text),
    "isCatalogName": lambda text: not re.search(r"[<>;=#{}]", text),
    "isEan13": lambda text: bool(re.match(r"^[0-9]{0,13}$", text)),
    "isUpc": lambda text: bool(re.match(r"^[0-9]{0,12}$", text)),
    "isIsbn": lambda text: bool(re.match(r"^[0-9-]{0,32}$", text)),
    "isMpn": lambda text: len(text) <= 40,
    "isReductionType": lambda text: text in {"amount", "percentage"},
    "isProductVisibility": lambda text: text in {"both", "catalog", "search", "none"},
    "isColor": lambda text: bool(re.match(r"^(#[0-9a-fA-F]{6}|[a-zA-Z0-9-]*)$", text)),
    "isCleanHtml": lambda text: not any(pattern.search(text) for pattern in _UNCLEAN),
    "isLinkRewrite": lambda text: bool(re.match(r"^[_a-zA-Z0-9-]*$", text)),
}
LIMIT = 2_147_483_647


def validate(resource: Resource, values: Row) -> None:
    """Refuse what PrestaShop refuses, in its words; the first field that is wrong decides."""
    for field in resource.fields:
        value = values.get(field.name)
        if field.i18n:
            for text in (value or {}).values():
                _check(resource, field.name, field.format, field.max, text or "", 84)
        elif value not in (None, ""):
            _check(resource, field.name, field.format, field.max, str(value), 85)


def _check(resource: Resource, name: str, validator: str, limit: str, text: str, code: int) -> None:
    if validator == "isInt":
        _in_range(resource, name, text)
    check = CHECKS.get(validator)
    if text and check is not None and not check(text):
        raise _invalid(f"Property {resource.class_name}-&gt;{name} is not valid", code)
    if limit and len(text) > int(limit):
        why = (
            f"The length of property {resource.class_name}-&gt;{name} is currently {len(text)} chars. "
            f"It must be between 0 and {limit} chars."
        )
        raise _invalid(why, code)


def _in_range(resource: Resource, name: str, text: str) -> None:
    if not re.match(r"^-?\d+$", text) or abs(int(text)) > LIMIT:
        number = int(text) if re.match(r"^-?\d+$", text) else 0
        why = (
            f"The range of property {resource.class_name}-&gt;{name} is currently {number}. "
            f"It must be between -2147483648 and {LIMIT}."
        )
        raise _invalid(why, 85)


def _invalid(why: str, code: int) -> RefusalError:
    return RefusalError(400, (code, f'Validation error: "{why}"'))


def refuse_empty(resource: Resource, name: str) -> RefusalError:
    """The refusal of a field that may not be empty."""
    return _invalid(f"Property {resource.class_name}-&gt;{name} is empty.", 85)
