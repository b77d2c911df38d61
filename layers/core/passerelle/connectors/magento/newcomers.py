"""Makes customers of people who opted in elsewhere; they set a password of their own by "forgot your password".

Source: https://developer.adobe.com/commerce/webapi/rest/ (customerAccountManagementV1). A name may not be empty; one that
nobody has told is a dash. An e-mail may be there once a website.
"""

import re
from collections.abc import Sequence
from typing import Any

from passerelle.connectors.magento.customers import Customers
from passerelle.connectors.magento.facts import Facts
from passerelle.connectors.magento.rest import Rest
from passerelle.model import ConsentState, Customer
from passerelle.port import Action, Change, Outcome, Rejected, Result

UNTOLD = "-"
_UNFIT = re.compile(r"[^\w\s.,'’&-]|[\d_]")
"""Characters that Magento's name validation refuses, and some that no name has."""


class Newcomers:
    """Writes new customers."""

    def __init__(self, rest: Rest, facts: Facts, customers: Customers) -> None:
        self._rest, self._facts, self._customers = rest, facts, customers

    def push(self, changes: Sequence[Change]) -> list[Outcome]:
        """One outcome per change, in their order. Only creates are offered."""
        return [self._make(change) for change in changes]

    def _make(self, change: Change) -> Outcome:
        person = change.object
        if change.action is not Action.CREATE or not isinstance(person, Customer):
            raise NotImplementedError("Magento's customers are made here, and not changed")
        try:
            made = self._rest.send("POST", "customers", {"customer": self._body(person)})
        except Rejected as refusal:
            if self._customers.find([person.email]):
                return Outcome(change.id, Result.EXISTS)
            return Outcome(change.id, Result.REFUSED, "", "customer_refused", refusal.why)
        return Outcome(change.id, Result.CREATED, str(made["id"]))

    def _body(self, person: Customer) -> dict[str, Any]:
        config = self._facts.config
        return {
            "email": person.email,
            "firstname": _fit(person.first_name),
            "lastname": _fit(person.last_name),
            "website_id": config.get("website_id"),
            "store_id": config.get("id"),
            "extension_attributes": {"is_subscribed": person.consent.state is ConsentState.SUBSCRIBED},
        }


def _fit(name: str) -> str:
    return _UNFIT.sub("", name).strip()[:255] or UNTOLD
