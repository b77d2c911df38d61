"""Customers with address and newsletter consent.

Source: https://developer.adobe.com/commerce/webapi/rest/ (customerCustomerRepositoryV1). `is_subscribed` is the whole of
what the API tells of a consent: true is subscribed, at a time that it does not tell; false is whoever never opted in and
whoever left, which cannot be told apart, so nothing is passed on. Guests and newsletter-only subscribers have no REST
resource. A date does not always move with address or newsletter, so no version is told.
"""

from collections.abc import Sequence

from passerelle.connectors.magento.facts import Facts
from passerelle.connectors.magento.reading import address, email, extension, instant, sorted_out, text
from passerelle.connectors.magento.rest import Rest, Row
from passerelle.model import Consent, ConsentState, Customer
from passerelle.port import Match, Pulled

ORDINARY = frozenset({"0", "1"})
"""Groups that say nothing of a person: not signed in, and General."""


class Customers:
    """Reads customers, many at a time."""

    def __init__(self, rest: Rest, facts: Facts) -> None:
        self._rest, self._facts = rest, facts

    def pull(self, ids: Sequence[str]) -> Pulled:
        """The customers."""
        return self.made(ids, self.rows(ids))

    def made(self, ids: Sequence[str], rows: Sequence[Row]) -> Pulled:
        """The customers that these rows tell of."""
        return sorted_out(ids, rows, self._customer)

    def rows(self, ids: Sequence[str]) -> list[Row]:
        """The customers as the shop has them."""
        return self._rest.among("customers/search", "entity_id", [id for id in ids if id.isdigit()])

    def find(self, emails: Sequence[str]) -> list[Match]:
        """Customers by e-mail, the oldest first; several where websites share the installation."""
        wanted = {key.strip().lower(): key for key in emails}
        rows = self._rest.among("customers/search", "email", wanted, fields="id,email,website_id")
        found = [(email(row.get("email")), row) for row in sorted(rows, key=lambda row: int(row["id"]))]
        return [Match(wanted[key], str(row["id"])) for key, row in found if key in wanted]

    def _customer(self, row: Row) -> Customer:
        place = address(chosen_address(row))
        born = text(row.get("dob"))[:10]
        group = text(row.get("group_id"))
        tag = "" if group in ORDINARY else self._facts.groups.get(group, "")
        return Customer(
            id=str(row["id"]),
            email=email(row.get("email")),
            consent=consent(row),
            first_name=text(row.get("firstname")),
            last_name=text(row.get("lastname")),
            phone=place.phone if place else "",
            company=place.company if place else "",
            birthday=born[5:].replace("-", "/") if len(born) == 10 else "",
            language=self._facts.languages.get(text(row.get("store_id")), ""),
            address=place,
            tags=(tag,) if tag else (),
            created_at=instant(row.get("created_at")),
            updated_at=instant(row.get("updated_at")),
        )


def chosen_address(row: Row) -> Row | None:
    """The address that bills go to, or else parcels, or else the first."""
    rows = row.get("addresses") or ()
    for flag in ("default_billing", "default_shipping"):
        for one in rows:
            if one.get(flag):
                return dict(one)
    return dict(rows[0]) if rows else None


def consent(row: Row) -> Consent:
    """What the shop can prove of the customer's wish."""
    wish = extension(row).get("is_subscribed")
    if wish is True:
        return Consent(ConsentState.SUBSCRIBED)
    return Consent(ConsentState.NONE if wish is None else ConsentState.NOT_SUBSCRIBED)
