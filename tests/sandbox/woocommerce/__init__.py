"""A strict WooCommerce shop: `/wp-json/wc/v3` as 10.0.2 answers it, and as 10.3 does where it differs."""

from sandbox.woocommerce.app import Shop
from sandbox.woocommerce.auth import Key

__all__ = ["Key", "Shop"]
