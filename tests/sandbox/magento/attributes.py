"""Attributes of products and their options."""

from collections.abc import Mapping
from typing import Any

from sandbox.magento.refusal import RefusalError, required
from sandbox.magento.state import Row, State

_FRAME: Mapping[str, Any] = {
    "extension_attributes": {"is_pagebuilder_enabled": False},
    **dict.fromkeys(
        (
            *("is_wysiwyg_enabled", "is_html_allowed_on_front", "used_for_sort_by", "is_filterable"),
            *("is_filterable_in_search", "is_used_in_grid", "is_visible_in_grid", "is_filterable_in_grid"),
        ),
        False,
    ),
    "position": 0,
    "apply_to": [],
    **dict.fromkeys(
        (
            *("is_searchable", "is_visible_in_advanced_search", "is_comparable", "is_used_for_promo_rules"),
            *("is_visible_on_front", "used_in_product_listing"),
        ),
        "0",
    ),
    "is_visible": True,
}


def value(row: Row, field: str) -> Any:
    """What a filter sees of an attribute."""
    return row.get("default_frontend_label" if field == "frontend_label" else field)


def create(state: State, body: Any) -> Row:
    """POST /V1/products/attributes."""
    given = body.get("attribute") if isinstance(body, Mapping) else None
    if not isinstance(given, Mapping):
        raise required("attribute")
    code = str(given.get("attribute_code") or "")
    if code in state.attributes:
        message = "An attribute with the same code (%1) already exists."
        raise RefusalError(400, message, [code])
    if not code or not code.replace("_", "").isalnum() or not code[0].isalpha() or len(code) > 60:
        raise RefusalError(400, 'Invalid value of "%value" provided for the %fieldName field.')
    row: Row = dict(_FRAME) | {"scope": given.get("scope", "store")}
    row |= {"attribute_id": state.number("attribute", 137), "attribute_code": code}
    row |= {"frontend_input": given.get("frontend_input", "text"), "entity_type_id": "4"}
    row |= {"is_required": bool(given.get("is_required")), "options": [{"label": " ", "value": ""}]}
    row |= {"is_user_defined": True, "default_frontend_label": given.get("default_frontend_label")}
    row |= {"frontend_labels": [], "backend_type": "int", "default_value": "", "is_unique": "0"}
    row |= {"source_model": "Magento\\Eav\\Model\\Entity\\Attribute\\Source\\Table", "validation_rules": []}
    state.attributes[code] = row
    for option in given.get("options") or ():
        _add(state, row, str(option["label"]))
    return row


def _add(state: State, row: Row, label: str) -> str:
    made = str(state.number("attribute option", 4))
    row["options"].append({"label": label, "value": made})
    return made


def existing(state: State, code: str) -> Row:
    """The attribute, or Magento's 404."""
    if code not in state.attributes:
        message = (
            'The attribute with a "%1" attributeCode doesn\'t exist. Verify the attribute and try again.'
        )
        raise RefusalError(404, message, [code])
    return state.attributes[code]


def add_option(state: State, code: str, body: Mapping[str, Any]) -> str:
    """POST /V1/products/attributes/:code/options: answers the option's id, as `id_7` in some versions."""
    row, label = existing(state, code), str(body["option"]["label"])
    if any(one["label"] == label for one in row["options"]):
        message = 'Admin store attribute option label "%1" is already exists.'
        raise RefusalError(400, message, [label])
    return f"id_{_add(state, row, label)}"


def to_set(state: State, body: Mapping[str, Any]) -> str:
    """POST /V1/products/attribute-sets/attributes."""
    existing(state, str(body.get("attributeCode")))
    state.in_set.add(str(body["attributeCode"]))
    return str(state.number("attribute in set", 135))
