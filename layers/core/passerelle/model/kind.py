"""The kinds of object a feed carries."""

from enum import StrEnum


class Kind(StrEnum):
    """A kind of object; its value is the word used in the API, in keys and in metrics."""

    PRODUCTS = "products"
    CUSTOMERS = "customers"
    ORDERS = "orders"
    CARTS = "carts"
    STOCK = "stock"
    PROMO_CODES = "promo_codes"
    CONTACTS = "contacts"
    """Members of an audience, read from the audience's side; their way back to the store is consent."""
    EVENTS = "events"
    """What customers do in a store's pages, told to the audience as events on the contact."""
    ENGAGEMENT = "engagement"
    """What people do with an audience's mails, told to the store as fields of its customers."""
    FULFILMENTS = "fulfilments"
    """Parcels of orders with their tracking."""
    VARIANTS = "variants"
    """Variants of products, where the ledger of a catalogue link says which is which; no feed carries them."""
    MATCHED = "matched"
    """Products of a dependent store by their own ids, each with the one of the main store that it stands for; like
    VARIANTS, only in the ledger."""
