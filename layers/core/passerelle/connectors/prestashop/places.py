"""Addresses with their countries and regions."""

from collections.abc import Iterable

from passerelle.connectors.prestashop.facts import Facts
from passerelle.connectors.prestashop.reading import flag, number, text
from passerelle.connectors.prestashop.webservice import Row, Webservice
from passerelle.model import Address

FIELDS = (
    "id,id_customer,id_country,id_state,company,lastname,firstname,address1,address2,postcode,city,phone,"
    "phone_mobile,deleted"
)


class Places:
    """Reads addresses, many at a time."""

    def __init__(self, service: Webservice, facts: Facts) -> None:
        self._service, self._facts = service, facts

    def by_id(self, ids: Iterable[str]) -> dict[str, Address]:
        """Addresses by id, deleted ones too: an order keeps the address that its buyer has since replaced."""
        rows = self._service.entities("addresses", ids, FIELDS)
        return {str(row["id"]): address for row, address in self._read(rows)}

    def of_customers(self, ids: Iterable[str]) -> dict[str, Address]:
        """Customer id → the address they keep longest."""
        rows = [
            r for r in self._service.among("addresses", "id_customer", ids, FIELDS) if not flag(r, "deleted")
        ]
        rows.sort(key=lambda row: number(row, "id"), reverse=True)
        return {text(row.get("id_customer")): address for row, address in self._read(rows)}

    def _read(self, rows: list[Row]) -> list[tuple[Row, Address]]:
        regions = self._facts.named("states", (text(row.get("id_state")) for row in rows), "id,name")
        return [(row, self._address(row, regions)) for row in rows]

    def _address(self, row: Row, regions: dict[str, Row]) -> Address:
        region = regions.get(text(row.get("id_state")), {})
        return Address(
            line1=text(row.get("address1")),
            line2=text(row.get("address2")),
            city=text(row.get("city")),
            region=text(region.get("name")),
            postal_code=text(row.get("postcode")),
            country=self._facts.countries.get(text(row.get("id_country")), ""),
            company=text(row.get("company")),
            phone=text(row.get("phone")) or text(row.get("phone_mobile")),
            first_name=text(row.get("firstname")),
            last_name=text(row.get("lastname")),
        )
