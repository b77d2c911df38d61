"""Makes customers of people who opted in elsewhere; they set a password of their own when they first sign in.

Source: https://devdocs.prestashop-project.org/8/webservice/resources/customers/. `passwd`, `lastname` and `firstname`
may not be empty; a name that nobody has told is a dash. The webservice does not answer several new ids at once, so
each is made by one call.
"""

import secrets
from collections.abc import Sequence
from xml.sax.saxutils import escape

from passerelle.connectors.prestashop.customers import Customers
from passerelle.connectors.prestashop.facts import Facts
from passerelle.connectors.prestashop.webservice import Webservice
from passerelle.model import Customer
from passerelle.port import Action, Change, Outcome, Rejected, Result, Unavailable

UNTOLD = "-"
_UNFIT = str.maketrans("", "", '0123456789!<>,;?=+()@#"°{}_$%:¤|')
"""Characters that PrestaShop allows in no name."""


class Newcomers:
    """Writes new customers."""

    def __init__(self, service: Webservice, facts: Facts, customers: Customers) -> None:
        self._service, self._facts, self._customers = service, facts, customers

    def push(self, changes: Sequence[Change]) -> list[Outcome]:
        """One outcome per change, in their order. Only creates are offered."""
        return [self._make(change) for change in changes]

    def _make(self, change: Change) -> Outcome:
        person = change.object
        if change.action is not Action.CREATE or not isinstance(person, Customer):
            raise NotImplementedError("PrestaShop's customers are made here, and not changed")
        try:
            self._service.post("customers", self._document(person))
        except Unavailable:
            # A shop answers 500 to an e-mail in use; and a lost answer may have made the customer.
            if self._customers.find([person.email]):
                return Outcome(change.id, Result.EXISTS)
            raise
        except Rejected as refusal:
            return Outcome(change.id, Result.REFUSED, "", "customer_refused", refusal.why)
        found = self._customers.find([person.email])
        return Outcome(change.id, Result.CREATED, found[0].destination_id if found else "")

    def _document(self, person: Customer) -> bytes:
        fields = {
            "passwd": secrets.token_urlsafe(24),
            "lastname": _fit(person.last_name),
            "firstname": _fit(person.first_name),
            "email": person.email,
            "newsletter": "1",
            "active": "1",
        }
        if person.consent.changed_at:
            local = person.consent.changed_at.astimezone(self._facts.zone)
            fields["newsletter_date_add"] = local.strftime("%Y-%m-%d %H:%M:%S")
        told = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in fields.items())
        return f"<prestashop><customer>{told}</customer></prestashop>".encode()


def _fit(name: str) -> str:
    return name.translate(_UNFIT).strip()[:255] or UNTOLD
