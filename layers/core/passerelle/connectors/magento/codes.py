"""Promo codes: coupons with the cart price rule behind them.

Source: https://developer.adobe.com/commerce/webapi/rest/ (salesRuleCouponRepositoryV1, salesRuleRuleRepositoryV1). A rule
names days of the shop's calendar, the last of which still counts; neither rule nor coupon is dated.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from passerelle.connectors.magento.facts import Facts
from passerelle.connectors.magento.reading import SenselessError, amount, instant, sorted_out, text, whole
from passerelle.connectors.magento.rest import Rest, Row
from passerelle.model import PromoCode, PromoTarget, PromoType
from passerelle.port import Pulled

FREE = frozenset({"1", "2", "MATCHING_ITEMS_ONLY", "FREE_WITH_MATCHING_ITEMS"})
ACTIONS = {
    "by_percent": (PromoType.PERCENTAGE, PromoTarget.TOTAL),
    "by_fixed": (PromoType.FIXED, PromoTarget.PER_ITEM),
    "cart_fixed": (PromoType.FIXED, PromoTarget.TOTAL),
}


class Codes:
    """Reads promo codes, many at a time."""

    def __init__(self, rest: Rest, facts: Facts) -> None:
        self._rest, self._facts = rest, facts

    def pull(self, ids: Sequence[str]) -> Pulled:
        """The codes; one whose rule is gone counts as missing."""
        coupons = self._rest.among("coupons/search", "coupon_id", ids)
        named = {text(row.get("rule_id")) for row in coupons}
        rows = self._rest.among("salesRules/search", "rule_id", sorted(named))
        rules = {text(row.get("rule_id")): row for row in rows}
        return sorted_out(ids, coupons, lambda row: self._code(row, rules), "coupon_id")

    def _code(self, row: Row, rules: Mapping[str, Row]) -> PromoCode | None:
        rule, code = rules.get(text(row.get("rule_id"))), text(row.get("code"))
        if rule is None or not code:
            return None
        worth, type, target = _worth(rule)
        last = _day(rule.get("to_date"), self._facts.zone)
        return PromoCode(
            id=str(row["coupon_id"]),
            rule_id=text(row.get("rule_id")),
            code=code,
            title=text(rule.get("name")) or code,
            amount=worth,
            type=type,
            target=target,
            url=self._facts.pages,
            starts_at=_day(rule.get("from_date"), self._facts.zone),
            ends_at=instant(row.get("expiration_date")) or (last + timedelta(days=1) if last else None),
            enabled=bool(rule.get("is_active")),
            usage_count=whole(row, "times_used"),
        )


def _worth(rule: Row) -> tuple[Decimal, PromoType, PromoTarget]:
    found, takes = ACTIONS.get(text(rule.get("simple_action"))), amount(rule, "discount_amount")
    if takes and found:
        type, target = found
        share = type is PromoType.PERCENTAGE
        return (takes / 100).normalize() if share else takes.quantize(Decimal("0.01")), type, target
    if not takes and text(rule.get("simple_free_shipping")) in FREE:
        return Decimal(1), PromoType.PERCENTAGE, PromoTarget.SHIPPING
    raise SenselessError(
        "The code takes nothing off the price that could be told.",
        "Give it a reduction in per cent or in money, or leave it as it is.",
    )


def _day(value: object, zone: ZoneInfo) -> datetime | None:
    found = instant(value)
    return found.replace(tzinfo=zone).astimezone(UTC) if found else None
