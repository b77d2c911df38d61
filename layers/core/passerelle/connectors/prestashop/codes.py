"""Promo codes: cart rules that a buyer may type.

Source: https://devdocs.prestashop-project.org/8/webservice/resources/cart_rules/. A rule without a code applies by
itself and is none of ours. The shop tells how many uses are left, not how many there were.
"""

from collections.abc import Sequence
from decimal import Decimal

from passerelle.connectors.prestashop.facts import Facts
from passerelle.connectors.prestashop.reading import (
    SenselessError,
    flag,
    instant,
    money,
    number,
    sorted_out,
    text,
)
from passerelle.connectors.prestashop.webservice import Row, Webservice
from passerelle.model import PromoCode, PromoTarget, PromoType
from passerelle.port import Pulled


class Codes:
    """Reads promo codes, many at a time."""

    def __init__(self, service: Webservice, facts: Facts) -> None:
        self._service, self._facts = service, facts

    def pull(self, ids: Sequence[str]) -> Pulled:
        """The codes; a rule whose code was taken away counts as missing."""
        rows = self._service.entities("cart_rules", ids, **self._facts.in_language)
        return sorted_out(ids, rows, self._code)

    def _code(self, row: Row) -> PromoCode | None:
        id, code = str(row["id"]), text(row.get("code"))
        if not code:
            return None
        amount, type, target = self._worth(row)
        zone = self._facts.zone
        return PromoCode(
            id=id,
            rule_id=id,
            code=code,
            title=text(row.get("name"), self._facts.language) or code,
            amount=amount,
            type=type,
            target=target,
            url=f"{self._service.url}/",
            starts_at=instant(row.get("date_from"), zone),
            ends_at=instant(row.get("date_to"), zone),
            enabled=flag(row, "active"),
            updated_at=instant(row.get("date_upd"), zone),
        )

    def _worth(self, row: Row) -> tuple[Decimal, PromoType, PromoTarget]:
        # 0 is the whole order; a product, or -1 (cheapest) and -2 (chosen), is part of it.
        target = PromoTarget.PER_ITEM if number(row, "reduction_product") else PromoTarget.TOTAL
        percent = money(row, "reduction_percent", "XXX").amount
        if percent:
            return (percent / 100).normalize(), PromoType.PERCENTAGE, target
        fixed = money(row, "reduction_amount", "XXX").amount
        if fixed:
            return fixed.quantize(Decimal("0.01")), PromoType.FIXED, target
        if flag(row, "free_shipping"):
            return Decimal(1), PromoType.PERCENTAGE, PromoTarget.SHIPPING
        raise SenselessError(
            "The code takes nothing off the price.", "Give it a reduction, or leave it as a gift."
        )
