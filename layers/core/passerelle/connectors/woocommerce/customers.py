"""Customers: read, found by e-mail, and made of people who opted in elsewhere.

Source: https://woocommerce.github.io/woocommerce-rest-api-docs/#customers. Guests have no account: they are only in
their orders. The list is searched by one e-mail at a time. An e-mail in use is refused, and the refusal repeats it.
"""

import secrets
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from passerelle.connectors.woocommerce import consents
from passerelle.connectors.woocommerce.reading import (
    SenselessError,
    address,
    asked_for,
    each,
    email,
    instant,
    text,
)
from passerelle.connectors.woocommerce.rest import PAGE, Rest, Row, refused
from passerelle.connectors.woocommerce.settings import Settings
from passerelle.model import Customer
from passerelle.port import Action, Change, Match, Outcome, Pulled, Result

FIELDS = "id,email,first_name,last_name,role,billing,shipping,meta_data,date_created_gmt,date_modified_gmt"
AT_ONCE = 4
EXISTS = "registration-error-email-exists"


class Customers:
    """Reads, finds and makes customers."""

    fields = FIELDS

    def __init__(
        self, rest: Rest, settings: Settings, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._rest, self._settings, self._clock = rest, settings, clock

    def pull(self, ids: Sequence[str]) -> Pulled:
        """The customers, whatever their role is now."""
        return asked_for(ids, self.read(self._rest.among("customers", ids, role="all", fields=self.fields)))

    def read(self, found: Sequence[Row]) -> Pulled:
        """See reading.Reader."""
        return each(found, self._customer)

    def find(self, emails: Sequence[str]) -> list[Match]:
        """Customers by e-mail: one call each, four at a time."""
        wanted = {found: key for key in emails if (found := email(key))}
        if not wanted:
            return []
        with ThreadPoolExecutor(min(AT_ONCE, len(wanted))) as pool:
            told = list(pool.map(self._by_email, wanted))
        return [
            Match(wanted[email(text(row, "email"))], text(row, "id"), _or_none(self._customer, row))
            for some in told
            for row in some
            if email(text(row, "email")) in wanted
        ]

    def make(self, changes: Sequence[Change]) -> list[Outcome]:
        """New customers, a hundred a call; one outcome per change, in their order. Only creates are offered."""
        outcomes: list[Outcome] = []
        for start in range(0, len(changes), PAGE):
            some = changes[start : start + PAGE]
            answered = self._rest.batch("customers", "create", [self._body(change) for change in some])
            outcomes += [_made(change, row) for change, row in zip(some, answered, strict=True)]
        return outcomes

    def _by_email(self, wanted: str) -> list[Row]:
        return self._rest.page("customers", email=wanted, role="all", fields=FIELDS).rows

    def _body(self, change: Change) -> Row:
        person = change.object
        if change.action is not Action.CREATE or not isinstance(person, Customer):
            raise NotImplementedError("WooCommerce's customers are made here, and not changed")
        wish = consents.meta(self._settings.consent_key, person.consent, {}, self._clock())
        return {
            "email": person.email,
            "first_name": person.first_name,
            "last_name": person.last_name,
            # Nobody knows it: they ask for one of their own when they first sign in.
            "password": secrets.token_urlsafe(24),
            "meta_data": wish,
        }

    def _customer(self, row: Row) -> Customer:
        found = email(text(row, "email"))
        if not found:
            why = "Its e-mail address is none."
            raise SenselessError(why, "Correct the customer's e-mail address in the shop.")
        billing, shipping = address(row.get("billing")), address(row.get("shipping"))
        place = next((one for one in (billing, shipping) if one and one.complete), billing or shipping)
        told = row.get("billing")
        contact: Row = told if isinstance(told, dict) else {}
        return Customer(
            id=text(row, "id"),
            email=found,
            consent=consents.read(row, self._settings.consent_key),
            first_name=text(row, "first_name") or text(contact, "first_name"),
            last_name=text(row, "last_name") or text(contact, "last_name"),
            phone=text(contact, "phone"),
            company=text(contact, "company"),
            address=place,
            created_at=instant(row.get("date_created_gmt")),
            updated_at=instant(row.get("date_modified_gmt")),
        )


def _or_none(read: Callable[[Row], Customer], row: Row) -> Customer | None:
    try:
        return read(row)
    except SenselessError:
        return None


def _made(change: Change, row: Row) -> Outcome:
    refusal = refused(row)
    if refusal is None:
        return Outcome(change.id, Result.CREATED, text(row, "id"))
    code, message = refusal
    if code == EXISTS:
        return Outcome(change.id, Result.EXISTS)
    return Outcome(change.id, Result.REFUSED, "", "customer_refused", message)
