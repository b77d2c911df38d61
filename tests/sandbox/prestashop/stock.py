"""Stock rows: one a product and one a combination; the product's is the sum of its combinations'."""

from typing import Any

from sandbox.prestashop.state import State


def set_quantity(state: State, row_id: int, quantity: int) -> None:
    """Write a stock row and the sum. No date moves, not even the product's."""
    stock = state.tables["stock_availables"]
    stock.update(row_id, quantity=quantity)
    sum_up(state, stock.rows[row_id]["id_product"])


def sum_up(state: State, product: Any) -> None:
    """Bring the product's own row in line with its combinations'."""
    stock = state.tables["stock_availables"]
    ids = stock.where("id_product", product)
    parts = [id for id in ids if stock.rows[id]["id_product_attribute"] != "0"]
    for id in ids:
        if parts and stock.rows[id]["id_product_attribute"] == "0":
            stock.update(id, quantity=sum(int(stock.rows[part]["quantity"]) for part in parts))
