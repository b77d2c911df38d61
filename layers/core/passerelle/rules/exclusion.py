"""Who is kept out of a link: by the domain of their e-mail, by a tag or group, or because a marketplace hides them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

DOMAIN = "domain"
TAG = "tag"
MARKETPLACE = "marketplace"
EXCLUDED = "excluded"
"""Begins the word of a skip; what kept the person out stands behind it."""

MARKETPLACES = re.compile(
    r"(?:[a-z0-9-]+\.)*marketplace\.amazon\.(?:[a-z]{2,3}|co\.[a-z]{2}|com\.[a-z]{2})"
    r"|(?:[a-z0-9-]+\.)*members\.ebay\.(?:[a-z]{2,3}|co\.[a-z]{2}|com\.[a-z]{2})"
)
"""Domains of addresses that a marketplace makes up for one sale: mail to them is not the buyer's to consent to."""


@dataclass(frozen=True, slots=True)
class Exclusion:
    """The rules of one link, folded: domains without @ (their subdomains too) and tags, in lower case."""

    domains: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    marketplaces: bool = False

    @property
    def idle(self) -> bool:
        """Whether nobody is kept out."""
        return not (self.domains or self.tags or self.marketplaces)


def exclusion_of(words: Mapping[str, object]) -> Exclusion:
    """The `exclude` of a link's policy; what is not said keeps nobody out. Raises ValueError for nonsense."""
    told = words.get("exclude") or {}
    if not isinstance(told, Mapping):
        raise ValueError("exclude is told by domains, tags and marketplaces")
    return Exclusion(
        frozenset(_domain(each) for each in _texts(told.get("domains"))),
        frozenset(_folded(each) for each in _texts(told.get("tags"))),
        bool(told.get("marketplaces", False)),
    )


def why_excluded(rules: Exclusion, email: str, tags: Iterable[str] = ()) -> str | None:
    """What keeps this person out (domain, tag, marketplace), or None. Without an e-mail only tags can tell."""
    host = _domain(email.rpartition("@")[2]) if "@" in email else ""
    if host and rules.marketplaces and MARKETPLACES.fullmatch(host):
        return MARKETPLACE
    if host and rules.domains and not rules.domains.isdisjoint(_upward(host)):
        return DOMAIN
    if rules.tags and any(_folded(tag) in rules.tags for tag in tags):
        return TAG
    return None


def skip_word(reason: str) -> str:
    """The stable word of the skip."""
    return f"{EXCLUDED}_{reason}"


def _upward(host: str) -> list[str]:
    """`a.b.example` → itself, `b.example`, `example`."""
    parts = host.split(".")
    return [".".join(parts[at:]) for at in range(len(parts))]


def _domain(text: str) -> str:
    return _folded(text).removeprefix("*").removeprefix("@").rstrip(".")


def _folded(text: str) -> str:
    return text.strip().casefold()


def _texts(value: object) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, (list, tuple)):
        raise ValueError("domains and tags are lists of texts")
    return [str(each) for each in value]
