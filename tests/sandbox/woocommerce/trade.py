"""Orders: made, changed, paid back, with the taxes of the shop's rates and the stock that they take.

Source: https://woocommerce.github.io/woocommerce-rest-api-docs/#orders (recorded on 10.0.2). A line of a product that
does not exist is taken, empty; stock goes when an order is paid or put on hold, and comes back with a refund.
"""

import secrets
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from sandbox.woocommerce.goods import Goods, priced, sale
from sandbox.woocommerce.people import BILLING, SHIPPING
from sandbox.woocommerce.refusal import RefusalError
from sandbox.woocommerce.state import VERSION, Row, State, slug

CENT = Decimal("0.01")
HOLDS_STOCK = frozenset({"processing", "completed", "on-hold"})
PAID = frozenset({"processing", "completed"})
TEXTS = ("payment_method", "payment_method_title", "transaction_id", "customer_note", "currency")


class Trade:
    """Writes orders and refunds. Rows keep amounts as Decimal."""

    def __init__(self, state: State, goods: Goods) -> None:
        self._state, self._goods = state, goods

    def make(self, given: Row) -> Row:
        """A new order. Raises RefusalError."""
        now = self._state.now()
        row: Row = {"id": 0, "parent_id": 0, "status": "pending", "currency": self._state.currency}
        row |= {"version": VERSION, "date_created": now, "date_modified": now, "customer_id": 0}
        row |= {
            "date_paid": None,
            "date_completed": None,
            "order_key": f"wc_order_{secrets.token_hex(7)[:13]}",
        }
        row |= {
            "billing": dict.fromkeys(BILLING, ""),
            "shipping": dict.fromkeys(SHIPPING, ""),
            "meta_data": [],
        }
        row |= {name: "" for name in TEXTS if name != "currency"}
        row |= {"lines": [], "shipping_lines": [], "fees": [], "coupons": [], "refunds": [], "holds": False}
        self._check_customer(given)
        row["id"] = next(self._state.post_ids)
        self._state.orders[row["id"]] = row
        self._write(row, given)
        self._reckon(row)
        if given.get("set_paid"):
            self._pay(row)
        else:
            self.turn(row, str(given.get("status", "pending")))
        self._state.tell("order.created", row["id"])
        return row

    def change(self, row: Row, given: Row) -> Row:
        """A write to an order. Raises RefusalError."""
        self._check_customer(given)
        self._write(row, given)
        self._reckon(row)
        if given.get("status"):
            self.turn(row, str(given["status"]))
        if given.get("set_paid"):
            self._pay(row)
        row["date_modified"] = self._state.now()
        self._state.tell("order.updated", row["id"])
        return row

    def turn(self, row: Row, status: str) -> None:
        """Into another status, with what follows for stock and dates."""
        row["status"], now = status, self._state.now()
        if status in PAID and row["date_paid"] is None:
            row["date_paid"] = now
        if status == "completed":
            row["date_completed"] = now
        if status in HOLDS_STOCK and not row["holds"]:
            self._take(row)
        if status == "cancelled" and row["holds"]:
            self._give_back(row, {line["id"]: line["quantity"] for line in row["lines"]})
            row["holds"] = False

    def remove(self, row: Row, *, force: bool) -> None:
        """Into the bin, or away."""
        if force:
            del self._state.orders[row["id"]]
            return
        row |= {"trashed": row["status"], "status": "trash", "date_modified": self._state.now()}
        self._state.tell("order.deleted", row["id"])

    def refund(self, row: Row, given: Row) -> Row:
        """Pay back; goods named in it return to the stock. Raises RefusalError."""
        amount = priced(given.get("amount")) or Decimal(0)
        left = self.total(row) - sum((one["amount"] for one in row["refunds"]), Decimal(0))
        if not 0 < amount <= left:
            message = "Refund amount must be greater than zero." if amount <= 0 else "Invalid refund amount"
            raise RefusalError("woocommerce_rest_invalid_order_refund", message, 400)
        now, returned = self._state.now(), list(given.get("line_items") or ())
        made: Row = {"id": next(self._state.post_ids), "date_created": now, "amount": amount}
        made |= {"reason": given.get("reason", ""), "order": row["id"], "lines": []}
        for one in returned:
            line = next((held for held in row["lines"] if held["id"] == one["id"]), None)
            if line is not None:
                made["lines"].append(self._refunded(line, one))
        if given.get("api_restock", True):
            self._give_back(row, {one["id"]: int(one.get("quantity", 0)) for one in returned})
        row["refunds"].append(made)
        row["date_modified"] = now
        if amount == left:
            row["status"] = "refunded"
        self._state.refunds[made["id"]] = made
        self._state.tell("order.updated", row["id"])
        return made

    def total(self, row: Row) -> Decimal:
        """What the buyer pays in all."""
        net = sum(
            (one["total"] for part in ("lines", "shipping_lines", "fees") for one in row[part]), Decimal(0)
        )
        return Decimal(net + self.tax(row))

    def tax(self, row: Row) -> Decimal:
        """All taxes of an order."""
        parts = ("lines", "shipping_lines", "fees")
        return sum((one["tax"] for part in parts for one in row[part]), Decimal(0))

    def rates(self, row: Row) -> list[tuple[int, Row]]:
        """The tax rates of the address that an order goes to."""
        country = row["shipping"].get("country") or row["billing"].get("country")
        if self._state.setting("calc_taxes") != "yes" or not country:
            return []
        return [(id, rate) for id, rate in self._state.taxes.items() if rate["country"] in ("", country)]

    def _check_customer(self, given: Row) -> None:
        id = given.get("customer_id") or 0
        if id and int(id) not in self._state.customers:
            raise RefusalError("woocommerce_rest_invalid_customer_id", "Customer ID is invalid.", 400)

    def _write(self, row: Row, given: Row) -> None:
        row |= {name: str(given[name]) for name in TEXTS if given.get(name)}
        if "customer_id" in given:
            row["customer_id"] = int(given["customer_id"])
        for part, names in (("billing", BILLING), ("shipping", SHIPPING)):
            told = given.get(part) or {}
            row[part] = row[part] | {key: str(value) for key, value in told.items() if key in names}
        if "meta_data" in given:
            row["meta_data"] = self._state.meta(given["meta_data"], row["meta_data"])
        for one in given.get("line_items") or ():
            self._line(row, one)
        for one in given.get("shipping_lines") or ():
            made: Row = {
                "id": next(self._state.item_ids),
                "total": _cents(one.get("total")),
                "tax": Decimal(0),
            }
            made |= {key: str(one.get(key, "")) for key in ("method_id", "method_title", "instance_id")}
            row["shipping_lines"].append(made)
        for one in given.get("coupon_lines") or ():
            self._coupon(row, str(one.get("code", "")))

    def _line(self, row: Row, given: Row) -> None:
        held = next((line for line in row["lines"] if given.get("id") and line["id"] == given["id"]), None)
        if held is not None:
            held |= {key: given[key] for key in ("quantity", "name") if key in given}
            return
        product = self._state.products.get(int(given.get("variation_id") or given.get("product_id") or 0))
        quantity = int(given.get("quantity", 1))
        parent = product["parent_id"] if product else 0
        price = self._price(product)
        subtotal = _cents(given.get("subtotal", price * quantity))
        line: Row = {
            "id": next(self._state.item_ids),
            "quantity": quantity,
            "subtotal": subtotal,
            "reduced": 0,
        }
        line |= {
            "total": _cents(given.get("total", subtotal)),
            "restocked": 0,
            "rated": True,
            "meta_data": [],
        }
        line |= {"product_id": (parent or product["id"]) if product else 0}
        line |= {"variation_id": product["id"] if product and parent else 0}
        line |= {"name": self._goods.title(product) if product else str(given.get("name", ""))}
        line |= {"sku": self._sku(product) if product else None, "chosen": self._chosen(product)}
        row["lines"].append(line)

    def _sku(self, product: Row) -> str:
        parent = self._state.products.get(product["parent_id"])
        return str(product["sku"] or (parent["sku"] if parent else ""))

    def _price(self, product: Row | None) -> Decimal:
        if product is None:
            return Decimal(0)
        return priced(sale(product, self._state.now()) or product["regular_price"]) or Decimal(0)

    def _chosen(self, product: Row | None) -> list[Row]:
        if product is None or product["type"] != "variation":
            return []
        return [
            {
                "id": next(self._state.meta_ids),
                "key": one["slug"],
                "value": slug(one["option"]) if one["id"] else one["option"],
                "display_key": one["name"],
                "display_value": one["option"],
            }
            for one in product["attributes"]
        ]

    def _coupon(self, row: Row, code: str) -> None:
        known = next((one for one in self._state.coupons.values() if one["code"] == code.lower()), None)
        if known is None:
            message = f'Coupon "{code}" does not exist!'
            raise RefusalError("woocommerce_rest_invalid_coupon", message, 400)
        gone = Decimal(0)
        worth = sum((line["subtotal"] for line in row["lines"]), Decimal(0)) or Decimal(1)
        for line in row["lines"]:
            share = known["amount"] / 100 if known["discount_type"] == "percent" else known["amount"] / worth
            off = min(line["total"], (line["subtotal"] * share).quantize(CENT, ROUND_HALF_UP))
            line["total"] -= off
            gone += off
        known["usage_count"] += 1
        row["coupons"].append({"id": next(self._state.item_ids), "code": known["code"], "discount": gone})

    def _reckon(self, row: Row) -> None:
        """Taxes of all lines, anew."""
        share = sum((rate["rate"] for _, rate in self.rates(row)), Decimal(0)) / 100
        carried = sum((rate["rate"] for _, rate in self.rates(row) if rate["shipping"]), Decimal(0)) / 100
        for line in row["lines"]:
            line["tax"] = (line["total"] * share).quantize(CENT, ROUND_HALF_UP)
            line["subtotal_tax"] = (line["subtotal"] * share).quantize(CENT, ROUND_HALF_UP)
        for line in row["shipping_lines"]:
            line["tax"] = (line["total"] * carried).quantize(CENT, ROUND_HALF_UP)
        if share and "tax_line" not in row:
            row["tax_line"] = next(self._state.item_ids)

    def _pay(self, row: Row) -> None:
        if row["date_paid"] is None:
            self.turn(row, "processing")
        buyer = self._state.customers.get(row["customer_id"])
        if buyer is not None:
            buyer["is_paying_customer"] = True

    def _take(self, row: Row) -> None:
        row["holds"] = True
        for line, product in self._goods_of(row, (line["id"] for line in row["lines"])):
            if self._goods.sell(product, line["quantity"]):
                line["reduced"] = line["quantity"]
                line["reduced_meta"] = next(self._state.meta_ids)

    def _give_back(self, row: Row, quantities: dict[int, int]) -> None:
        for line, product in self._goods_of(row, quantities):
            back = min(quantities[line["id"]], line["reduced"])
            if back and product["stock_quantity"] is not None:
                product["stock_quantity"] += back
                product["date_modified"] = self._state.now()
                line["reduced"] -= back
                line["restocked"] += back
                line["restocked_meta"] = next(self._state.meta_ids)
                self._state.tell("product.updated", product["id"])

    def _goods_of(self, row: Row, ids: Iterable[int]) -> list[tuple[Row, Row]]:
        lines = {line["id"]: line for line in row["lines"]}
        found = [
            (lines[id], self._state.products.get(lines[id]["variation_id"] or lines[id]["product_id"]))
            for id in ids
            if id in lines
        ]
        return [(line, product) for line, product in found if product is not None]

    def _refunded(self, line: Row, given: Row) -> Row:
        worth = -_cents(given.get("refund_total"))
        made = {**line, "id": next(self._state.item_ids), "quantity": -int(given.get("quantity", 0))}
        made |= {"subtotal": worth, "total": worth, "tax": Decimal(0), "subtotal_tax": Decimal(0)}
        return made | {"of": line["id"], "of_meta": next(self._state.meta_ids), "reduced": 0, "restocked": 0}


def _cents(amount: object) -> Decimal:
    return (priced(amount) or Decimal(0)).quantize(CENT, ROUND_HALF_UP)
