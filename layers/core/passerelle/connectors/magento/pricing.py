"""Prices: what a special price and a regular one have to be, and writing regular ones alone, many in one call.

Source: https://developer.adobe.com/commerce/webapi/rest/modules/catalog/ (basePriceStorageV1). What fails is told inside
an answer of 200 (recorded on 2.4.7). It saves no product, so no date moves.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from passerelle.connectors.magento.queue import Written
from passerelle.connectors.magento.refusals import Limited, worded
from passerelle.connectors.magento.rest import Rest
from passerelle.model import Variant
from passerelle.port import Rejected

BATCH = 500
WORTH = 100
"""Prices a call below which the queue takes fewer calls."""

type Prices = tuple[Decimal, Decimal]
"""(what is paid now, what it costs without a special price)"""


def wanted_prices(variant: Variant, held: Prices | None, *, price: bool, compare_at: bool) -> Prices:
    """The prices that a variant should have, where both, one or neither of its fields is to be written."""
    now = variant.price.amount
    before = variant.compare_at.amount if variant.compare_at is not None else now
    if held is None:
        return now, max(before, now) if compare_at else now
    paid, regular = held
    if price and compare_at:
        return now, max(before, now)
    if price:
        # What it cost before stays, as long as it is more.
        return now, regular if paid < regular and now < regular else now
    if compare_at:
        return paid, max(variant.compare_at.amount, paid) if variant.compare_at is not None else paid
    return held


class BasePrices:
    """Writes regular prices alone."""

    def __init__(self, rest: Rest, *, queued: bool) -> None:
        self._rest, self._most, self._worth = rest, BATCH, WORTH if queued else 1

    @property
    def pays(self) -> bool:
        """Whether the shop takes enough prices at once."""
        return self._most >= self._worth

    def put(self, prices: Mapping[str, float]) -> dict[str, Written]:
        """SKU → what became of it; those that the shop takes too few of at once are left out."""
        told: dict[str, Written] = {}
        waiting = list(prices)
        while waiting and self.pays:
            part = waiting[: self._most]
            try:
                told |= self._put(part, prices)
            except Limited as limited:
                self._most = limited.most
                continue
            del waiting[: len(part)]
        return told

    def _put(self, skus: Sequence[str], prices: Mapping[str, float]) -> dict[str, Written]:
        body = {"prices": [{"sku": sku, "price": prices[sku], "store_id": 0} for sku in skus]}
        try:
            answer = self._rest.send("POST", "products/base-prices", body, scope="all")
        except Limited:
            raise
        except Rejected as refusal:
            return {sku: Written(why=refusal.why) for sku in skus}
        told = {sku: Written() for sku in skus}
        for one in answer if isinstance(answer, list) else ():
            named = one.get("parameters") or ()
            values = set(named.values() if isinstance(named, Mapping) else named)
            for sku in [sku for sku in skus if sku in values]:
                told[sku] = Written(why=worded(str(one.get("message") or "The shop refuses the price.")))
        return told
