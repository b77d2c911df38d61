"""WooCommerce over its REST API (`/wp-json/wc/v3`): a source of goods, people and orders, and a keeper of consent."""

from passerelle.connectors.woocommerce.connector import LIMITS, NOTES, OFFERS, Connector
from passerelle.connectors.woocommerce.settings import Credentials, Settings

TITLE = "WooCommerce"

__all__ = ["LIMITS", "NOTES", "OFFERS", "TITLE", "Connector", "Credentials", "Settings"]
