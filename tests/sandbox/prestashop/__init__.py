"""A strict PrestaShop 8.2.1 webservice: `Shop` is a WSGI application over a state that tests seed and inspect."""

from sandbox.prestashop.app import ALL, METHODS, Shop
from sandbox.prestashop.rules import forget
from sandbox.prestashop.stock import set_quantity
from sandbox.prestashop.taxing import set_tax

__all__ = ["ALL", "METHODS", "Shop", "forget", "set_quantity", "set_tax"]
