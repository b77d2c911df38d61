"""What people do in a shop, for the control door and for tests; only some of it moves a date, as in Magento."""

from typing import Any

from sandbox.magento import orders, products
from sandbox.magento.state import State
from sandbox.magento.stock import put_item


class Acts:
    """Acts of a merchant or a visitor."""

    def __init__(self, state: State) -> None:
        self._state = state

    def rename_product(self, id: int, name: str) -> None:
        """A merchant saves a product under another name."""
        with self._state.lock:
            row = self._state.products[id]
            row["name"] = name
            self._state.touch(row)

    def delete_product(self, id: int) -> None:
        """A merchant deletes a product."""
        with self._state.lock:
            products.delete(self._state, self._state.products[id]["sku"])

    def newsletter(self, id: int, wants: bool) -> None:
        """A customer ticks or unticks the newsletter; their own date does not move."""
        with self._state.lock:
            self._state.customers[id]["extension_attributes"] = {"is_subscribed": wants}

    def set_quantity(self, sku: str, quantity: int, source: str = "default") -> None:
        """Stock changes; no date moves."""
        with self._state.lock:
            put_item(self._state, sku, source, quantity, int(quantity > 0))

    def cancel_order(self, id: int) -> bool:
        """A merchant cancels an order."""
        with self._state.lock:
            return orders.cancel(self._state, str(id))

    def all(self) -> dict[str, Any]:
        """Each act by its name."""
        return {
            "rename_product": self.rename_product,
            "delete_product": self.delete_product,
            "newsletter": self.newsletter,
            "set_quantity": self.set_quantity,
            "cancel_order": self.cancel_order,
        }
