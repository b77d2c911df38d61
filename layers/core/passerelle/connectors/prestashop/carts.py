"""Abandoned carts: those with a known buyer and goods in them that no order was made of.

Source: https://devdocs.prestashop-project.org/8/webservice/resources/carts/. A cart keeps products and quantities but
no prices: those are the products' own as of now, as the buyer would meet them on coming back.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from passerelle.connectors.prestashop.facts import Facts
from passerelle.connectors.prestashop.orders import Orders
from passerelle.connectors.prestashop.products import Products, variant_id
from passerelle.connectors.prestashop.reading import EMAIL, instant, number, sorted_out, text
from passerelle.connectors.prestashop.webservice import Row, Webservice
from passerelle.model import Cart, Money, OrderLine, Product, Variant
from passerelle.port import Pulled

type Goods = Mapping[str, tuple[Product, Variant]]


class Carts:
    """Reads carts, many at a time."""

    def __init__(self, service: Webservice, facts: Facts, orders: Orders, products: Products) -> None:
        self._service, self._facts, self._orders, self._products = service, facts, orders, products

    def pull(self, ids: Sequence[str]) -> Pulled:
        """The carts; one that became an order, or was emptied, counts as missing."""
        rows = self._service.entities("carts", ids)
        ordered = {
            text(r.get("id_cart")) for r in self._service.among("orders", "id_cart", ids, "id,id_cart")
        }
        open_rows = [row for row in rows if str(row.get("id")) not in ordered and _lines(row)]
        buyers = self._orders.buyers(open_rows)
        wanted = {text(line.get("id_product")) for row in open_rows for line in _lines(row)}
        products = self._products.pull(sorted(wanted)).objects
        goods: dict[str, tuple[Product, Variant]] = {}
        for product in products:
            if isinstance(product, Product):
                goods |= {variant.id: (product, variant) for variant in product.variants}
        return sorted_out(ids, open_rows, lambda row: self._cart(row, buyers, goods))

    def _cart(self, row: Row, buyers: Mapping[str, Row], goods: Goods) -> Cart | None:
        buyer = buyers.get(text(row.get("id_customer")), {})
        written = text(buyer.get("email")).lower()
        lines = tuple(
            line
            for place, one in enumerate(_lines(row))
            if (line := _line(str(row["id"]), place, one, goods))
        )
        if not lines:
            return None
        total = sum((line.unit_price.amount * line.quantity for line in lines), Decimal(0))
        return Cart(
            id=str(row["id"]),
            email=written if EMAIL.fullmatch(written) else "",
            total=Money(total, self._facts.currency),
            lines=lines,
            customer_id=str(buyer.get("id", "")),
            first_name=text(buyer.get("firstname")),
            last_name=text(buyer.get("lastname")),
            url=f"{self._service.url}/index.php?controller=cart&action=show",
            created_at=instant(row.get("date_add"), self._facts.zone),
            updated_at=instant(row.get("date_upd"), self._facts.zone),
        )


def _lines(row: Row) -> list[Row]:
    return list((row.get("associations") or {}).get("cart_rows") or [])


def _line(cart: str, place: int, row: Row, goods: Goods) -> OrderLine | None:
    """One line; None where the product is no longer in the shop."""
    id = variant_id(text(row.get("id_product")), row.get("id_product_attribute"))
    if id not in goods:
        return None
    product, variant = goods[id]
    return OrderLine(
        id=f"{cart}-{place}",
        title=f"{product.title} ({variant.title})" if variant.title else product.title,
        quantity=number(row, "quantity"),
        unit_price=variant.price,
        product_id=product.id,
        variant_id=variant.id,
        sku=variant.sku,
    )
