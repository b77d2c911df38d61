"""An order's lines as an audience can take them: distinct, and of products that it knows."""

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace

from passerelle.model import OrderLine


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines to send, and those whose product the audience does not hold."""

    known: tuple[OrderLine, ...]
    unmapped: tuple[OrderLine, ...] = ()


def parted(lines: Sequence[OrderLine], products: Container[str]) -> Lines:
    """Part the lines by whether their product is among the products; they keep their order and their ids."""
    distinct = numbered(lines)
    return Lines(
        tuple(line for line in distinct if line.product_id and line.product_id in products),
        tuple(line for line in distinct if not line.product_id or line.product_id not in products),
    )


def numbered(lines: Sequence[OrderLine]) -> tuple[OrderLine, ...]:
    """The same lines, each with an id of its own: in place of a missing or repeated id its place is told.

    The same lines in the same order always get the same ids, so a second write of the order changes nothing.
    """
    taken = {line.id for line in lines if line.id}
    seen: set[str] = set()
    distinct = []
    for place, line in enumerate(lines, start=1):
        id = line.id if line.id and line.id not in seen else _free(f"{line.id}-{place}".strip("-"), taken)
        seen.add(id)
        taken.add(id)
        distinct.append(line if id == line.id else replace(line, id=id))
    return tuple(distinct)


def _free(wish: str, taken: Container[str]) -> str:
    id, turn = wish, 0
    while id in taken:
        turn += 1
        id = f"{wish}-{turn}"
    return id
