"""How orders, refunds, coupons and tax rates are told in JSON; and coupons written.

Source: https://woocommerce.github.io/woocommerce-rest-api-docs/#orders and …/#coupons (recorded on 10.0.2).
"""

from decimal import Decimal
from typing import Any

from sandbox.woocommerce.refusal import RefusalError
from sandbox.woocommerce.state import Row, State
from sandbox.woocommerce.telling import Teller
from sandbox.woocommerce.trade import CENT, TEXTS, Trade

COUPON: dict[str, Any] = {
    "status": "publish",
    "discount_type": "fixed_cart",
    "description": "",
    "individual_use": False,
    "product_ids": [],
    "excluded_product_ids": [],
    "usage_limit": None,
    "usage_limit_per_user": None,
    "limit_usage_to_x_items": None,
    "free_shipping": False,
    "product_categories": [],
    "excluded_product_categories": [],
    "exclude_sale_items": False,
    "email_restrictions": [],
}


class Books:
    """Tells what was traded."""

    def __init__(self, state: State, teller: Teller, trade: Trade) -> None:
        self._state, self._teller, self._trade = state, teller, trade

    def order(self, row: Row) -> Row:
        """An order."""
        dates = self._state.dates(row, "date_created", "date_modified", "date_completed", "date_paid")
        total, tax = self._trade.total(row), self._trade.tax(row)
        carried = sum((one["tax"] for one in row["shipping_lines"]), Decimal(0))
        off = sum((one["subtotal"] - one["total"] for one in row["lines"]), Decimal(0))
        off_tax = sum((one["subtotal_tax"] - one["tax"] for one in row["lines"]), Decimal(0))
        key = row["order_key"]
        page = self._teller.url("").removesuffix("/wp-json/wc/v3/")
        links = self._teller.links("orders", id=row["id"])
        own = links["self"][0]["href"]
        links["email_templates"] = [{"embeddable": True, "href": f"{own}/actions/email_templates"}]
        if row["customer_id"]:
            links["customer"] = [{"href": self._teller.url(f"customers/{row['customer_id']}")}]
        return {
            **{name: row[name] for name in ("id", "parent_id", "status", "version", "customer_id", *TEXTS)},
            "prices_include_tax": self._state.setting("prices_include_tax") == "yes",
            **dates,
            "discount_total": _text(off),
            "discount_tax": _text(off_tax),
            "shipping_total": _text(sum((one["total"] for one in row["shipping_lines"]), Decimal(0))),
            "shipping_tax": _text(carried),
            "cart_tax": _text(tax - carried),
            "total": _text(total),
            "total_tax": _text(tax),
            "order_key": key,
            "billing": row["billing"],
            "shipping": row["shipping"],
            "customer_ip_address": "",
            "customer_user_agent": "",
            "created_via": "rest-api",
            "cart_hash": "",
            "number": str(row["id"]),
            "meta_data": row["meta_data"],
            "line_items": [self._line(row, one) for one in row["lines"]],
            "tax_lines": self._taxes(row, tax, carried),
            "shipping_lines": [self._shipping(row, one) for one in row["shipping_lines"]],
            "fee_lines": [],
            "coupon_lines": [self._used(one) for one in row["coupons"]],
            "refunds": [
                {"id": one["id"], "reason": one["reason"], "total": _text(-one["amount"])}
                for one in row["refunds"]
            ],
            "payment_url": f"{page}/checkout/order-pay/{row['id']}/?pay_for_order=true&key={key}",
            "is_editable": row["status"] in {"pending", "on-hold", "auto-draft"},
            "needs_payment": row["status"] in {"pending", "failed"} and total > 0,
            "needs_processing": any(one["product_id"] for one in row["lines"]),
            "currency_symbol": {"USD": "$", "EUR": "€"}.get(row["currency"], row["currency"]),
            "_links": links,
        }

    def refund(self, row: Row) -> Row:
        """A refund of an order; the address in its Location is broken in 10.0.2, in its links it is not."""
        order = self._state.orders[row["order"]]
        path = f"orders/{order['id']}"
        links = self._teller.links(f"{path}/refunds", path, id=row["id"], allow=["GET", "DELETE"])
        return {
            "id": row["id"],
            **self._state.dates(row, "date_created"),
            "amount": _text(row["amount"]),
            "reason": row["reason"],
            "refunded_by": 1,
            "refunded_payment": False,
            "meta_data": [],
            "line_items": [self._line(order, one) for one in row["lines"]],
            "shipping_lines": [],
            "tax_lines": [],
            "fee_lines": [],
            "_links": links,
        }

    def coupon(self, row: Row) -> Row:
        """A coupon."""
        dates = self._state.dates(row, "date_created", "date_modified", "date_expires")
        amounts = {name: _text(row[name]) for name in ("amount", "minimum_amount", "maximum_amount")}
        told = {"id": row["id"], "code": row["code"], **amounts, **{name: row[name] for name in COUPON}}
        return (
            told
            | dates
            | {"usage_count": row["usage_count"], "used_by": [], "meta_data": row["meta_data"]}
            | {"_links": self._teller.links("coupons", id=row["id"])}
        )

    def rate(self, id: int) -> Row:
        """A tax rate."""
        row = self._state.taxes[id]
        told = {"id": id, "country": row["country"], "state": "", "postcode": "", "city": ""}
        told |= {"rate": f"{row['rate']:.4f}", "name": row["name"], "priority": 1, "compound": False}
        told |= {"shipping": row["shipping"], "order": 0, "class": "standard", "postcodes": [], "cities": []}
        return told | {"_links": self._teller.links("taxes", id=id)}

    def write_coupon(self, row: Row | None, given: Row) -> Row:
        """Make or change a coupon. Raises RefusalError."""
        state, code = self._state, str(given.get("code", row["code"] if row else "")).lower()
        if any(one["code"] == code and one is not row for one in state.coupons.values()):
            message = "The coupon code already exists"
            raise RefusalError("woocommerce_rest_coupon_code_already_exists", message, 400)
        now, event = state.now(), "updated" if row else "created"
        if row is None:
            row = {**COUPON, "id": next(state.post_ids), "amount": Decimal(0), "date_created": now}
            row |= {"minimum_amount": Decimal(0), "maximum_amount": Decimal(0), "date_expires": None}
            row |= {"usage_count": 0, "meta_data": []}
            state.coupons[row["id"]] = row
        row |= {name: given[name] for name in COUPON if name in given}
        for name in ("amount", "minimum_amount", "maximum_amount"):
            row[name] = Decimal(str(given[name])) if given.get(name) else row[name]
        row |= {"code": code, "date_modified": now}
        state.tell(f"coupon.{event}", row["id"])
        return row

    def _line(self, order: Row, row: Row) -> Row:
        each = (row["total"] / row["quantity"]) if row["quantity"] else Decimal(0)
        taxes = [
            {"id": id, "total": _text(row["tax"]), "subtotal": _text(row["subtotal_tax"])}
            for id, _ in self._trade.rates(order)
            if row.get("of") is None
        ]
        is_variation = bool(row["variation_id"])
        parent = self._state.products.get(row["product_id"]) if is_variation else None
        return {
            **{name: row[name] for name in ("id", "name", "product_id", "variation_id", "quantity", "sku")},
            "tax_class": "",
            "subtotal": _text(row["subtotal"]),
            "subtotal_tax": _text(row["subtotal_tax"]),
            "total": _text(row["total"]),
            "total_tax": _text(row["tax"]),
            "taxes": taxes,
            "meta_data": _memory(row),
            "price": _number(each),
            "image": {"id": "" if row["product_id"] and not is_variation else 0, "src": ""},
            "parent_name": parent["name"] if parent else None,
        }

    def _shipping(self, order: Row, row: Row) -> Row:
        taxes = [{"id": id, "total": _text(row["tax"]), "subtotal": ""} for id, _ in self._trade.rates(order)]
        told = {key: row[key] for key in ("id", "method_title", "method_id", "instance_id")}
        told |= {"total": _text(row["total"]), "total_tax": _text(row["tax"]), "taxes": taxes}
        return told | {"tax_status": "taxable", "meta_data": []}

    def _taxes(self, order: Row, tax: Decimal, carried: Decimal) -> list[Row]:
        return [
            {
                "id": order["tax_line"],
                "rate_code": f"{rate['country']}-{rate['name'].upper()}-1",
                "rate_id": id,
                "label": rate["name"],
                "compound": False,
                "tax_total": _text(tax - carried),
                "shipping_tax_total": _text(carried),
                "rate_percent": _number(rate["rate"]),
                "meta_data": [],
            }
            for id, rate in self._trade.rates(order)
        ]

    def _used(self, row: Row) -> Row:
        told = {"id": row["id"], "code": row["code"], "discount": _text(row["discount"])}
        return told | {"discount_tax": "0.00", "meta_data": []}


def _memory(row: Row) -> list[Row]:
    told = list(row["chosen"]) if row.get("of") is None else []
    pairs = [("_refunded_item_id", row.get("of"), row.get("of_meta"))]
    pairs += [("_reduced_stock", row["reduced"], row.get("reduced_meta"))]
    pairs += [("_restock_refunded_items", row["restocked"], row.get("restocked_meta"))]
    for key, value, id in pairs:
        if value:
            told.append(
                {"id": id, "key": key, "value": str(value), "display_key": key, "display_value": str(value)}
            )
    return told


def _text(amount: Decimal) -> str:
    return str(amount.quantize(CENT))


def _number(amount: Decimal) -> int | float:
    return int(amount) if amount == amount.to_integral_value() else float(amount)
