"""Customers with addresses and the newsletter; the same e-mail may exist once a website."""

import re
from collections.abc import Mapping
from typing import Any

from sandbox.magento.refusal import RefusalError, required
from sandbox.magento.state import Row, State

REGIONS = {12: ("CA", "California"), 182: ("75", "Paris"), 51: ("TX", "Texas")}
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
PLAIN = (
    *("group_id", "email", "firstname", "lastname", "middlename", "prefix", "suffix", "dob", "gender"),
    *("taxvat", "store_id", "website_id", "disable_auto_group_change"),
)


def value(row: Row, field: str) -> Any:
    """What a filter sees of a customer."""
    return row["id"] if field == "entity_id" else row.get(field)


def existing(state: State, id: str) -> Row:
    """The customer, or Magento's 404."""
    if not id.isdigit() or int(id) not in state.customers:
        told = {"fieldName": "customerId", "fieldValue": int(id) if id.isdigit() else id}
        raise RefusalError(404, "No such entity with %fieldName = %fieldValue", told)
    return state.customers[int(id)]


def create(state: State, body: Any) -> Row:
    """POST /V1/customers."""
    given = _given(body)
    _check(given)
    website = int(given.get("website_id", 1))
    _refuse_twin(state, str(given["email"]), website, None)
    now, id = state.now(), state.number("customer")
    row: Row = {"id": id, "group_id": 1, "created_at": now, "updated_at": now, "store_id": 1}
    row |= {"created_in": "Default Store View", "website_id": website, "addresses": []}
    row |= {"disable_auto_group_change": 0, "extension_attributes": {"is_subscribed": False}}
    state.customers[id] = row
    _write(state, row, given)
    return shown(row)


def update(state: State, id: str, body: Any) -> Row:
    """PUT /V1/customers/:id: needs the whole customer; a list of addresses replaces the one that was there."""
    row, given = existing(state, id), _given(body)
    _check(given)
    if "website_id" not in given:
        raise RefusalError(400, '"Associate to Website" is a required value.')
    _refuse_twin(state, str(given["email"]), int(given["website_id"]), row["id"])
    before = {name: row.get(name) for name in PLAIN}
    _write(state, row, given)
    # The newsletter is another table: a change of it alone moves no date.
    if before != {name: row.get(name) for name in PLAIN}:
        state.touch(row)
    return shown(row)


def _given(body: Any) -> Mapping[str, Any]:
    given = body.get("customer") if isinstance(body, Mapping) else None
    if not isinstance(given, Mapping):
        raise required("customer")
    return given


def _check(given: Mapping[str, Any]) -> None:
    if not EMAIL.fullmatch(str(given.get("email") or "")):
        raise RefusalError(400, '"Email" is not a valid email address.')
    for name, label in (("firstname", "First Name"), ("lastname", "Last Name")):
        text = str(given.get(name) or "").strip()
        if not text:
            raise RefusalError(400, '"%fieldName" is required. Enter and try again.', {"fieldName": name})
        if re.search(r"[<>{}%#$@!?=;\d]", text):
            raise RefusalError(400, f"{label} is not valid!")


def _refuse_twin(state: State, email: str, website: int, id: int | None) -> None:
    for row in state.customers.values():
        if row["id"] != id and row["website_id"] == website and row["email"].lower() == email.lower():
            message = "A customer with the same email address already exists in an associated website."
            raise RefusalError(400, message)


def _write(state: State, row: Row, given: Mapping[str, Any]) -> None:
    row |= {name: given[name] for name in PLAIN if name in given}
    if given.get("addresses") is not None:
        row["addresses"] = [_address(state, row, one) for one in given["addresses"]]
    for kind in ("billing", "shipping"):
        held = [one["id"] for one in row["addresses"] if one.get(f"default_{kind}")]
        row.pop(f"default_{kind}", None)
        if held:
            row[f"default_{kind}"] = str(held[0])
    wish = (given.get("extension_attributes") or {}).get("is_subscribed")
    if wish is not None:
        if not isinstance(wish, bool | int):
            message = (
                f'Error occurred during "is_subscribed" processing. The "{wish}" value\'s type is invalid. '
                'The "bool" type was expected. Verify and try again.'
            )
            raise RefusalError(400, message)
        row["extension_attributes"] = {"is_subscribed": bool(wish)}


def _address(state: State, row: Row, given: Mapping[str, Any]) -> Row:
    region = given.get("region") or {}
    number = int(region.get("region_id") or given.get("region_id") or 0)
    code, name = REGIONS.get(number, (region.get("region_code"), region.get("region")))
    told: Row = {"id": given.get("id") or state.number("address"), "customer_id": row["id"]}
    told |= {"region": {"region_code": code, "region": name, "region_id": number}, "region_id": number}
    kept = ("country_id", "street", "company", "telephone", "postcode", "city", "firstname", "lastname")
    told |= {key: given[key] for key in kept if given.get(key)}
    flags = ("default_shipping", "default_billing")
    return told | {key: True for key in flags if given.get(key)}


def shown(row: Row) -> Row:
    """A customer as the API shows it."""
    return {name: one for name, one in row.items() if one is not None}
