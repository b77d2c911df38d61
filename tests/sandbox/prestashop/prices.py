"""The price a buyer sees, as PrestaShop calculates it from the base, the variant, reductions and taxes."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from sandbox.prestashop.state import Row, State
from sandbox.prestashop.taxing import factor

NEVER = "0000-00-00 00:00:00"


def final_price(state: State, product: int, combination: int, how: Mapping[str, str]) -> str:
    """Amount with six decimals; `how` holds use_tax, use_reduction, only_reduction, decimals, country."""
    row = state.tables["products"].rows.get(product)
    if row is None:
        return "0.000000"
    combination = combination or int(how.get("product_attribute", "0") or 0)
    price = Decimal(row["price"])
    if combination in state.tables["combinations"].rows:
        price += Decimal(state.tables["combinations"].rows[combination]["price"])
    with_tax = how.get("use_tax", "1") == "1"
    rate = Decimal(1)
    if with_tax and state.setting("PS_TAX") != "0":
        rate = factor(
            state, row["id_tax_rules_group"], how.get("country") or state.setting("PS_COUNTRY_DEFAULT")
        )
    whole = price * rate
    reduction = reduction_of(state, product, combination, whole, rate)
    if how.get("only_reduction") == "1":
        whole = reduction
    elif how.get("use_reduction", "1") == "1":
        # The shop never asks for less than nothing.
        whole = max(whole - reduction, Decimal(0))
    # PrestaShop takes the rounding mode for the number of decimals where none is asked for.
    places = Decimal(1).scaleb(-int(how.get("decimals") or state.setting("PS_PRICE_ROUND_MODE") or 2))
    return f"{whole.quantize(places, ROUND_HALF_UP):.6f}"


def _rank(row: Row) -> tuple[bool, int]:
    return row["id_product_attribute"] == "0", -int(row["from_quantity"])


def reduction_of(state: State, product: int, combination: int, price: Decimal, rate: Decimal) -> Decimal:
    """What the specific price in force takes off; zero where there is none."""
    table, now = state.tables["specific_prices"], state.now()
    # The price of a combination goes before that of its product.
    found = sorted((table.rows[id] for id in table.where("id_product", product)), key=_rank)
    for row in found:
        begun = row["from"] == NEVER or row["from"] <= now
        over = row["to"] != NEVER and row["to"] < now
        if (
            not begun
            or over
            or int(row["from_quantity"]) > 1
            or _personal(row)
            or row["id_product_attribute"] not in {"0", str(combination)}
        ):
            continue
        amount = Decimal(row["reduction"])
        if row["reduction_type"] == "percentage":
            return price * amount
        return amount if row["reduction_tax"] == "1" else amount * rate
    return Decimal(0)


def _personal(row: Row) -> bool:
    """Whether it is for somebody in particular."""
    return any(
        row[name] != "0" for name in ("id_cart", "id_customer", "id_group", "id_country", "id_currency")
    )
