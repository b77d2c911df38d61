"""Which objects a full pass did not find any more, and whether that can be believed (B-16)."""

from collections.abc import Container, Iterable
from dataclasses import dataclass

AT_LEAST = 20
SHARE = 0.05


@dataclass(frozen=True, slots=True)
class Missing:
    """What a full pass says of the ledger's ids."""

    candidates: tuple[str, ...]
    """Not found for the first time: to be confirmed by a 404 or by the next full pass."""
    confirmed: tuple[str, ...]
    """Not found by an earlier full pass either, nor by this one."""
    returned: tuple[str, ...]
    """Found again: the mark of an earlier pass is to be taken away."""
    too_many: bool
    """More than max(20, 5 %) are missing: nothing is believed, a person is asked. No id is then confirmed."""


NOTHING = Missing((), (), (), too_many=False)


def limit(known: int) -> int:
    """How many of so many known objects may be missing before a person is asked."""
    return max(AT_LEAST, int(known * SHARE))


def judge(
    known: Iterable[tuple[str, str]], found: Container[str], run: str, *, whole_and_clean: bool
) -> Missing:
    """Compare the ledger, as (id, run that first missed it or ""), with the ids a pass found.

    What this very run listed and then could not read is as good as not found.
    Only a full pass that ended without error may find that something disappeared: else the answer is NOTHING.
    """
    if not whole_and_clean:
        return NOTHING
    candidates: list[str] = []
    confirmed: list[str] = []
    returned: list[str] = []
    total = 0
    for id, since in known:
        total += 1
        if id in found and since != run:
            if since:
                returned.append(id)
        elif since and since != run:
            confirmed.append(id)
        else:
            candidates.append(id)
    too_many = len(candidates) + len(confirmed) > limit(total)
    believed = () if too_many else tuple(confirmed)
    return Missing(tuple(candidates), believed, tuple(returned), too_many)
