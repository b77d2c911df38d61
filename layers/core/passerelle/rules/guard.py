"""The guard: how many people one run may raise to subscribed before a person is asked (A-12)."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import floor

from passerelle.model import AudienceStatus, ConsentState

RAISED = frozenset({AudienceStatus.SUBSCRIBED, AudienceStatus.PENDING})
"""Statuses that get marketing mail, or a mail that asks for it."""


@dataclass(frozen=True, slots=True)
class Guard:
    """`most` people or `share` of the audience, whichever is more. Both 0, said explicitly: no guard."""

    most: int = 500
    share: float = 0.1
    first: bool = False
    """Whether people whom the first full sync creates as subscribed are counted too."""

    @property
    def off(self) -> bool:
        """Whether nothing is guarded."""
        return not self.most and not self.share

    def limit(self, audience: int) -> int:
        """The most people that a run may raise in an audience of so many contacts."""
        return max(self.most, floor(audience * self.share))

    def stops(self, raises: int, audience: int) -> bool:
        """Whether a run that would raise so many has to wait for a person."""
        return not self.off and raises > self.limit(audience)


def guard_of(words: Mapping[str, object]) -> Guard:
    """The guard of a link's policy; what is not said is as by default. Raises ValueError for nonsense."""
    told = words.get("guard") or {}
    if not isinstance(told, Mapping):
        raise ValueError("a guard is told by `most` and `share`")
    default = Guard()
    most, share = int(told.get("most", default.most)), float(told.get("share", default.share))
    if most < 0 or not 0 <= share <= 1:
        raise ValueError("`most` is a number of people, `share` between 0 and 1")
    return Guard(most, share, bool(words.get("guard_first", default.first)))


def raises(
    *, creates: bool, status: AudienceStatus | None, consent: ConsentState | None, creates_count: bool
) -> bool:
    """Whether writing this raises somebody: a status in the audience, or a consent at the store."""
    if consent is ConsentState.SUBSCRIBED:
        return True
    return status in RAISED and (creates_count or not creates)
