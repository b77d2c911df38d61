"""What people do in a shop: for the control door, and for tests that want a shop to live."""

from sandbox.control import Act
from sandbox.woocommerce.goods import Goods
from sandbox.woocommerce.state import State
from sandbox.woocommerce.trade import Trade


class Acts:
    """Acts of a merchant or a visitor. Everything saved moves its date, and is told by webhook."""

    def __init__(self, state: State) -> None:
        self._state = state

    def rename_product(self, id: int, name: str) -> None:
        """A merchant saves a product under another name."""
        with self._state.lock:
            Goods(self._state).change(self._state.products[id], {"name": name})

    def set_quantity(self, id: int, quantity: int) -> None:
        """Stock of a product or a variation changes."""
        with self._state.lock:
            given = {"manage_stock": True, "stock_quantity": quantity}
            Goods(self._state).change(self._state.products[id], given)

    def trash_product(self, id: int) -> None:
        """A merchant puts a product into the bin."""
        with self._state.lock:
            Goods(self._state).remove(self._state.products[id], force=False)

    def restore_product(self, id: int) -> None:
        """A merchant takes it out again."""
        with self._state.lock:
            Goods(self._state).restore(self._state.products[id])

    def delete_product(self, id: int) -> None:
        """A merchant deletes a product for good."""
        with self._state.lock:
            Goods(self._state).remove(self._state.products[id], force=True)

    def turn_order(self, id: int, status: str) -> None:
        """A merchant brings an order into another status."""
        with self._state.lock:
            row = self._state.orders[id]
            Trade(self._state, Goods(self._state)).change(row, {"status": status})

    def consent(self, id: int, key: str, value: str) -> None:
        """A plugin writes what a customer wishes into their meta data; no date moves."""
        with self._state.lock:
            row = self._state.customers[id]
            row["meta_data"] = self._state.meta([{"key": key, "value": value}], row["meta_data"])

    def all(self) -> dict[str, Act]:
        """Each act by its name."""
        goods = ("rename_product", "set_quantity", "trash_product", "restore_product", "delete_product")
        names = (*goods, "turn_order", "consent")
        return {name: getattr(self, name) for name in names}
