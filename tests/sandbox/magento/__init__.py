"""A strict Magento 2 (Open Source 2.4.7): `Shop(...)` is a WSGI application with state, moods and a log of calls."""

from sandbox.magento.app import Shop
from sandbox.magento.auth import EVERYTHING, Integration
from sandbox.magento.criteria import InputLimits

__all__ = ["EVERYTHING", "InputLimits", "Integration", "Shop"]
