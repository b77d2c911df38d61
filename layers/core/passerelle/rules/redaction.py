"""Persons who must not come back: remembered by a keyed digest of their ids, which tells nobody who they are (F-7)."""

from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import blake2b


class PrivacyRequest(StrEnum):
    """What the law lets a person, or a shop that leaves, ask for."""

    DATA_REQUEST = "data_request"
    REDACT = "redact"
    SHOP_REDACT = "shop_redact"


_TOPICS = {
    "customers/data_request": PrivacyRequest.DATA_REQUEST,
    "customers/redact": PrivacyRequest.REDACT,
    "shop/redact": PrivacyRequest.SHOP_REDACT,
    "customer.data_request": PrivacyRequest.DATA_REQUEST,
    "customer.redact": PrivacyRequest.REDACT,
    "shop.redact": PrivacyRequest.SHOP_REDACT,
}


def privacy_request(topic: str) -> PrivacyRequest | None:
    """What a topic asks for: Shopify's own words, and those that a store app sends as events; None for any other."""
    return _TOPICS.get(topic)


@dataclass(frozen=True, slots=True)
class Redacted:
    """Everybody of one store who was redacted. `salt` is the store's own, and secret."""

    salt: bytes = b""
    digests: frozenset[str] = field(default_factory=frozenset)

    def holds(self, *, customer: str = "", contact: str = "") -> bool:
        """Whether a customer of this id, or a contact of this id, was redacted."""
        if not self.digests:
            return False
        return digests(self.salt, customer=customer, contact=contact) & self.digests != frozenset()


def digests(salt: bytes, *, customer: str = "", contact: str = "") -> frozenset[str]:
    """What is remembered of a person; an empty id leaves nothing."""
    told = (("customer", customer), ("contact", contact))
    return frozenset(
        blake2b(f"{word}:{id}".encode(), key=salt, digest_size=16).hexdigest() for word, id in told if id
    )
