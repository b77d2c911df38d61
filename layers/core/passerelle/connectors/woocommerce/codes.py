"""Promo codes: coupons.

Source: https://woocommerce.github.io/woocommerce-rest-api-docs/#coupon-properties. Codes are kept in lower case and
typed as one likes; the amount of a percentage is in hundredths. Plugins add types of their own.
"""

from collections.abc import Sequence
from decimal import Decimal

from passerelle.connectors.woocommerce.reading import (
    SenselessError,
    asked_for,
    each,
    instant,
    money,
    number,
    text,
)
from passerelle.connectors.woocommerce.rest import Rest, Row
from passerelle.model import PromoCode, PromoTarget, PromoType
from passerelle.port import Pulled

FIELDS = (
    "id,code,amount,status,discount_type,description,date_expires_gmt,date_modified_gmt,usage_count,usage_limit,"
    "free_shipping,product_ids,product_categories"
)


class Codes:
    """Reads promo codes, many at a time."""

    fields = FIELDS

    def __init__(self, rest: Rest) -> None:
        self._rest = rest

    def pull(self, ids: Sequence[str]) -> Pulled:
        """The codes; one in the bin counts as missing."""
        return asked_for(ids, self.read(self._rest.among("coupons", ids, fields=self.fields)))

    def read(self, found: Sequence[Row]) -> Pulled:
        """See reading.Reader."""
        return each(found, self._code)

    def _code(self, row: Row) -> PromoCode | None:
        id, code = text(row, "id"), text(row, "code")
        if not code or text(row, "status") == "trash":
            return None
        amount, type, target = _worth(row)
        limit = number(row, "usage_limit")
        return PromoCode(
            id=id,
            rule_id=id,
            code=code,
            title=text(row, "description") or code,
            amount=amount,
            type=type,
            target=target,
            url=f"{self._rest.url}/",
            ends_at=instant(row.get("date_expires_gmt")),
            enabled=text(row, "status") == "publish" and not (limit and number(row, "usage_count") >= limit),
            usage_count=number(row, "usage_count"),
            updated_at=instant(row.get("date_modified_gmt")),
        )


def _worth(row: Row) -> tuple[Decimal, PromoType, PromoTarget]:
    kind, amount = text(row, "discount_type"), money(row, "amount", "XXX").amount
    parts = row.get("product_ids") or row.get("product_categories")
    if amount and kind == "percent":
        target = PromoTarget.PER_ITEM if parts else PromoTarget.TOTAL
        return (amount / 100).normalize(), PromoType.PERCENTAGE, target
    if amount and kind == "fixed_cart":
        return amount, PromoType.FIXED, PromoTarget.TOTAL
    if amount and kind == "fixed_product":
        return amount, PromoType.FIXED, PromoTarget.PER_ITEM
    if row.get("free_shipping") and not amount:
        return Decimal(1), PromoType.PERCENTAGE, PromoTarget.SHIPPING
    if not amount:
        raise SenselessError(
            "The code takes nothing off the price.", "Give it an amount, or leave it as a gift."
        )
    why = f"The code's type {kind} is a plugin's own."
    raise SenselessError(why, "Nothing to do: it works in the shop and is not passed on.")
