"""Customers and guests with consent and address.

Source: https://devdocs.prestashop-project.org/8/webservice/resources/customers/. `newsletter` is 0 or 1;
`newsletter_date_add` is set at the first opt-in and never cleared. So 1 is subscribed, at that time; 0 with a date is
someone who once opted in and no longer does: unsubscribed, at a time the shop does not keep; 0 without a date is
someone who never opted in. Passwords and keys of customers are not asked for.
"""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from passerelle.connectors.prestashop.facts import Facts
from passerelle.connectors.prestashop.places import Places
from passerelle.connectors.prestashop.reading import email, flag, instant, number, sorted_out, text
from passerelle.connectors.prestashop.webservice import Row, Webservice
from passerelle.model import Address, Consent, ConsentState, Customer
from passerelle.port import Match, Pulled

FIELDS = (
    "id,id_lang,newsletter_date_add,deleted,lastname,firstname,email,birthday,newsletter,company,is_guest,"
    "date_add,date_upd"
)
UNDATED = "0000-00-00"


class Customers:
    """Reads customers, many at a time."""

    def __init__(self, service: Webservice, facts: Facts, places: Places) -> None:
        self._service, self._facts, self._places = service, facts, places

    def pull(self, ids: Sequence[str]) -> Pulled:
        """The customers; one that the shop marked as deleted counts as missing."""
        rows = self._service.entities("customers", ids, FIELDS)
        addresses = self._places.of_customers(str(row.get("id")) for row in rows)
        return sorted_out(ids, rows, lambda row: self._customer(row, addresses.get(str(row["id"]))))

    def find(self, emails: Sequence[str]) -> list[Match]:
        """Customers by e-mail, accounts before guests, who may share one."""
        wanted = {key.strip().lower(): key for key in emails if not set("[]|") & set(key)}
        rows = self._service.among("customers", "email", wanted, "id,email,is_guest,deleted")
        kept = [row for row in rows if not flag(row, "deleted") and text(row.get("email")).lower() in wanted]
        kept.sort(key=lambda row: (flag(row, "is_guest"), number(row, "id")))
        return [Match(wanted[text(row.get("email")).lower()], str(row["id"])) for row in kept]

    def _customer(self, row: Row, address: Address | None) -> Customer | None:
        if flag(row, "deleted"):
            return None
        birthday = text(row.get("birthday"))
        return Customer(
            id=str(row["id"]),
            email=email(row),
            consent=self.consent(row),
            first_name=text(row.get("firstname")),
            last_name=text(row.get("lastname")),
            phone=address.phone if address else "",
            company=text(row.get("company")) or (address.company if address else ""),
            birthday="" if birthday.startswith("0000") else birthday[5:].replace("-", "/"),
            language=self._facts.languages.get(text(row.get("id_lang")), ""),
            address=address,
            tags=("guest",) if flag(row, "is_guest") else (),
            created_at=instant(row.get("date_add"), self._facts.zone),
            updated_at=instant(row.get("date_upd"), self._facts.zone),
        )

    def consent(self, row: Row) -> Consent:
        """What the shop can prove of the customer's wish."""
        dated = text(row.get("newsletter_date_add")) or UNDATED
        if flag(row, "newsletter"):
            return Consent(ConsentState.SUBSCRIBED, instant(dated, self._facts.zone))
        if dated.startswith(UNDATED):
            return Consent(ConsentState.NOT_SUBSCRIBED)
        return Consent(ConsentState.UNSUBSCRIBED, touched_at=touched_at(row, self._facts.zone))


def touched_at(row: Row, zone: ZoneInfo) -> datetime | None:
    """What moves when a customer opts in: `date_upd` where the account is saved, `newsletter_date_add` in the footer.

    Of two acts that end in a withdrawal the first is an opt-in, so one of the dates has moved.
    """
    dates = (instant(row.get(name), zone) for name in ("date_upd", "newsletter_date_add"))
    return max((date for date in dates if date), default=None)
