"""Magento 2 and Adobe Commerce over REST: a source of everything, and a destination of goods, stock and consent."""

from passerelle.connectors.magento.connector import LIMITS, NOTES, OFFERS, Connector
from passerelle.connectors.magento.settings import Credentials, Settings

__all__ = ["LIMITS", "NOTES", "OFFERS", "Connector", "Credentials", "Settings"]
