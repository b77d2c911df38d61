"""Ids: ours are Shopify's numbers as text, as webhooks give them; the API wants global ids."""


def gid(kind: str, number: str) -> str:
    """`632910392` as `gid://shopify/Product/632910392`."""
    return f"gid://shopify/{kind}/{number}"


def number(identifier: str) -> str:
    """The number in a global id (queries behind it left out)."""
    return identifier.rpartition("/")[2].partition("?")[0]
