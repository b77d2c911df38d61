"""PrestaShop 1.7, 8 and 9 over the webservice (`/api`): a source of everything, a keeper of consent and of products."""

from passerelle.connectors.prestashop.connector import LIMITS, NOTES, OFFERS, Connector
from passerelle.connectors.prestashop.settings import Credentials, Settings

TITLE = "PrestaShop"

__all__ = ["LIMITS", "NOTES", "OFFERS", "TITLE", "Connector", "Credentials", "Settings"]
