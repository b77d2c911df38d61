"""Makes customers of people who opted in elsewhere, many in one request, never over one who is there.

Source: https://shopify.dev/docs/api/admin-graphql/2026-07/mutations/customerCreate
"""

from collections.abc import Mapping, Sequence
from itertools import batched
from typing import Any

from passerelle.connectors.shopify.admin import Admin
from passerelle.connectors.shopify.consents import WRITABLE, told_at
from passerelle.connectors.shopify.documents import Document
from passerelle.connectors.shopify.ids import number
from passerelle.model import Customer
from passerelle.port import Action, Change, Outcome, Result

BATCH = 50


def push(admin: Admin, changes: Sequence[Change]) -> list[Outcome]:
    """One outcome per change, in their order. Only creates are offered."""
    outcomes: list[Outcome] = []
    for batch in batched(changes, BATCH, strict=False):
        variables = {f"i{at}": _input(change) for at, change in enumerate(batch)}
        data = admin.ask(_document(len(batch)), variables)
        outcomes += [_outcome(change, data.get(f"c{at}") or {}) for at, change in enumerate(batch)]
    return outcomes


def _document(batch: int) -> Document:
    variables = ", ".join(f"$i{at}: CustomerInput!" for at in range(batch))
    writes = "\n".join(
        f"  c{at}: customerCreate(input: $i{at}) {{ customer {{ id }} userErrors {{ field message }} }}"
        for at in range(batch)
    )
    text = f"mutation MakeCustomers({variables}) {{\n{writes}\n}}"
    return Document("MakeCustomers", text, 11 * batch, writes=True)


def _input(change: Change) -> dict[str, Any]:
    person = change.object
    if change.action is not Action.CREATE or not isinstance(person, Customer):
        raise NotImplementedError("Shopify's customers are made here, and not changed")
    state, level = WRITABLE[person.consent.state]
    consent: dict[str, Any] = {"marketingState": state, "marketingOptInLevel": level}
    if person.consent.changed_at:
        consent["consentUpdatedAt"] = told_at(person.consent.changed_at)
    names = {"firstName": person.first_name, "lastName": person.last_name}
    filled = {name: value for name, value in names.items() if value}
    return {"email": person.email, "emailMarketingConsent": consent, **filled}


def _outcome(change: Change, answer: Mapping[str, Any]) -> Outcome:
    made, errors = answer.get("customer"), answer.get("userErrors") or ()
    if made and not errors:
        return Outcome(change.id, Result.CREATED, number(made["id"]))
    if any("taken" in str(error["message"]) for error in errors):
        return Outcome(change.id, Result.EXISTS)
    about = (
        ", ".join(sorted({".".join(error.get("field") or ()) for error in errors} - {""})) or "the customer"
    )
    why = f"Shopify refuses {about}."
    return Outcome(change.id, Result.REFUSED, code="customer_refused", why=why)
