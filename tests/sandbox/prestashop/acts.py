"""What people do in a shop: for the control door, and for tests that want a shop to live."""

from sandbox.control import Act
from sandbox.prestashop.orders import turn
from sandbox.prestashop.rules import forget
from sandbox.prestashop.state import State
from sandbox.prestashop.stock import set_quantity


class Acts:
    """Acts of a merchant or a visitor; like PrestaShop, only some of them move a date."""

    def __init__(self, state: State) -> None:
        self._state = state

    def newsletter(self, id: int, wants: bool) -> None:
        """A customer ticks or unticks the newsletter in their account."""
        with self._state.lock:
            row = self._state.customers.rows[id]
            first = wants and row["newsletter_date_add"].startswith("0000")
            dated = {"newsletter_date_add": self._state.now()} if first else {}
            self._state.customers.update(id, newsletter=int(wants), date_upd=self._state.now(), **dated)

    def rename_product(self, id: int, name: str) -> None:
        """A merchant saves a product under another name."""
        with self._state.lock:
            self._state.products.update(id, name=name, date_upd=self._state.now())

    def set_price(self, id: int, price: str) -> None:
        """A merchant saves a product with another net price."""
        with self._state.lock:
            self._state.products.update(id, price=price, date_upd=self._state.now())

    def delete_product(self, id: int) -> None:
        """A merchant deletes a product; nothing tells it."""
        with self._state.lock:
            forget(self._state, self._state.products.resource, id)

    def set_quantity(self, id: int, quantity: int) -> None:
        """Stock changes; no date moves."""
        with self._state.lock:
            set_quantity(self._state, id, quantity)

    def turn_order(self, id: int, state: int) -> None:
        """A merchant brings an order into another state."""
        with self._state.lock:
            memory = {"id_order": str(id), "id_order_state": str(state), "date_add": self._state.now()}
            turn(self._state, memory)

    def all(self) -> dict[str, Act]:
        """Each act by its name."""
        return {
            "newsletter": self.newsletter,
            "rename_product": self.rename_product,
            "set_price": self.set_price,
            "delete_product": self.delete_product,
            "set_quantity": self.set_quantity,
            "turn_order": self.turn_order,
        }
