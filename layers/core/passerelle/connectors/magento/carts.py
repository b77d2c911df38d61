"""Abandoned carts: those that are still open, hold goods, and whose buyer left an e-mail.

Source: https://developer.adobe.com/commerce/webapi/rest/ (quoteCartRepositoryV1). A cart's line names a SKU, that of the
chosen variant; the products behind the SKUs are looked up together.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from passerelle.connectors.magento.facts import Facts
from passerelle.connectors.magento.reading import (
    amount,
    as_money,
    email,
    instant,
    money,
    sorted_out,
    text,
    whole,
)
from passerelle.connectors.magento.rest import Groups, Rest, Row
from passerelle.model import Cart, OrderLine
from passerelle.port import Pulled

OPEN: Groups = (
    (("is_active", "eq", "1"),),
    (("items_count", "gt", "0"),),
    (("customer_email", "notnull", "1"),),
)


class Carts:
    """Reads carts, many at a time."""

    def __init__(self, rest: Rest, facts: Facts) -> None:
        self._rest, self._facts = rest, facts

    def pull(self, ids: Sequence[str]) -> Pulled:
        """The carts; one that became an order, or was emptied, counts as missing."""
        rows = [row for row in self._rest.among("carts/search", "entity_id", ids, OPEN) if row.get("items")]
        lines = [line for row in rows for line in row["items"]]
        goods = self._goods({text(line.get("sku")) for line in lines})
        varied = any(line.get("product_type") == "configurable" for line in lines)
        parents = self._facts.parents if varied else {}
        return sorted_out(ids, rows, lambda row: self._cart(row, goods, parents))

    def _goods(self, skus: set[str]) -> dict[str, str]:
        """SKU in lower case → product id."""
        rows = self._rest.among("products", "sku", sorted(skus), fields="id,sku")
        return {text(row.get("sku")).casefold(): str(row["id"]) for row in rows}

    def _cart(self, row: Row, goods: Mapping[str, str], parents: Mapping[str, str]) -> Cart | None:
        buyer, bill = row.get("customer") or {}, row.get("billing_address") or {}
        currency = text((row.get("currency") or {}).get("quote_currency_code")) or self._facts.currency
        lines = tuple(_line(line, currency.upper(), goods, parents) for line in row["items"])
        total = sum((line.unit_price.amount * line.quantity for line in lines), Decimal(0))
        return Cart(
            id=str(row["id"]),
            email=email(buyer.get("email")) or email(bill.get("email")),
            total=as_money(total, currency.upper()),
            lines=lines,
            customer_id=text(buyer.get("id")),
            first_name=text(buyer.get("firstname")) or text(bill.get("firstname")),
            last_name=text(buyer.get("lastname")) or text(bill.get("lastname")),
            url=f"{self._facts.pages}checkout/cart/",
            created_at=instant(row.get("created_at")),
            updated_at=instant(row.get("updated_at")),
        )


def _line(row: Row, currency: str, goods: Mapping[str, str], parents: Mapping[str, str]) -> OrderLine:
    chosen = goods.get(text(row.get("sku")).casefold(), "")
    varied = row.get("product_type") == "configurable"
    product = parents.get(chosen, "") if varied else chosen
    return OrderLine(
        id=str(row.get("item_id")),
        title=text(row.get("name")),
        quantity=whole(row, "qty") or int(amount(row, "qty") > 0),
        unit_price=money(row, "price", currency),
        product_id=product,
        variant_id=chosen if product else "",
        sku=text(row.get("sku")),
    )
