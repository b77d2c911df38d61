"""A Magento shop of a chain; see `outlets.Outlet`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from passerelle.connectors.magento import Connector, Credentials, Settings
from passerelle.http import Client
from passerelle.model import ProductField, ProductStatus

from sandbox.clocks import Clock
from sandbox.magento import attributes, carts, fulfilment, orders
from sandbox.magento.app import TOKEN, Shop

BARCODE = "ean"


@dataclass(slots=True)
class Outlet:
    """An empty shop in euros, whose prices hold tax."""

    clock: Clock
    address: str
    shop: Shop = field(init=False)
    platform: str = "magento"
    held: frozenset[ProductField] = frozenset(ProductField) - {ProductField.TAGS, ProductField.PRODUCT_TYPE}
    tells_alt: bool = True
    unlisted: ProductStatus = ProductStatus.DRAFT
    """What a product becomes that is to be in no list: Magento can only switch it off."""
    units_written: str = r"POST .*/inventory/source-items"
    volatile: str = r"updated_at"
    paths: Mapping[ProductField, str] = field(
        default_factory=lambda: {
            ProductField.PRICE: r"price|special_",
            ProductField.COMPARE_AT: r"price|special_",
            ProductField.QUANTITY: r"^(places|items)\.",
        }
    )

    def __post_init__(self) -> None:
        self.shop = Shop(clock=self.clock)
        config = self.shop.state.configs[0]
        config |= {
            "base_currency_code": "EUR",
            "weight_unit": "kgs",
            "secure_base_media_url": f"{self.address}/media/",
        }
        for code, kind in (("manufacturer", "select"), (BARCODE, "text")):
            given = {"attribute_code": code, "frontend_input": kind, "default_frontend_label": code}
            attributes.create(self.shop.state, {"attribute": given})
            self.shop.state.in_set.add(code)

    def open(self, client: Client) -> Any:
        """See outlets.Outlet."""
        keys = Credentials.model_validate({"url": self.address, "token": TOKEN})
        return Connector(keys, Settings(prices_include_tax=True, barcode=BARCODE), client, self.clock)

    def whole(self, product: str) -> Any:
        """See outlets.Outlet."""
        state = self.shop.state
        row = state.products[int(product)]
        rows = {id: state.products[id] for id in (row["id"], *row["links"])}
        skus = {one["sku"].casefold() for one in rows.values()}
        places = {"/".join(place): item for place, item in state.source_items.items() if place[0] in skus}
        return {"rows": rows, "places": places, "items": {id: state.stock_items[id] for id in rows}}

    def sell(self, product: str, variant: str, units: int) -> None:
        """See outlets.Outlet: it is shipped at once, as units leave their source only then."""
        state = self.shop.state
        row, sold = state.products[int(product)], state.products[int(variant)]
        if state.salable(sold["sku"]) < units:
            return
        cart = carts.blank(state)
        carts.put(state, cart, row["sku"], units, _choice(row, sold, state.attributes))
        where = {"country_id": "FR", "street": ["1 rue"], "postcode": "75002", "city": "Paris"}
        cart["shipping"] = where | {"firstname": "Ada", "lastname": "Lovelace"}
        made = orders.place(state, cart, "ada@example.com", cart["shipping"])
        fulfilment.ship(state, str(made["entity_id"]), {})


def _choice(row: Mapping[str, Any], sold: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    chosen = [
        {"option_id": option["attribute_id"], "option_value": sold["attributes"][code]}
        for option in row["options"]
        for code, attribute in known.items()
        if str(attribute["attribute_id"]) == option["attribute_id"]
    ]
    return (
        {"product_option": {"extension_attributes": {"configurable_item_options": chosen}}} if chosen else {}
    )
