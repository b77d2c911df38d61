"""A strict stand-in for a Shopify shop's Admin GraphQL API 2026-07."""

from sandbox.shopify.shop import ALL_SCOPES, PATH, Shop
from sandbox.shopify.webhooks import Delivery, Outside

__all__ = ["ALL_SCOPES", "PATH", "Delivery", "Outside", "Shop"]
