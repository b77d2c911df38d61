"""Shopify, over its Admin GraphQL API."""

from passerelle.connectors.shopify.connector import Connector
from passerelle.connectors.shopify.forms import LIMITS, OFFERS, Credentials, Settings

__all__ = ["LIMITS", "OFFERS", "Connector", "Credentials", "Settings"]
