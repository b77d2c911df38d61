"""Several mutations in one request, within what one may cost; each answers for itself.

Source: https://shopify.dev/docs/api/usage/limits. Mutations of one request are done one after the other, in their order.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from passerelle.connectors.shopify.admin import Admin, Data
from passerelle.connectors.shopify.documents import Document

DEAREST = 500.0
"""Points for one request: half of what is allowed, a quarter of the smallest bucket."""


@dataclass(frozen=True, slots=True)
class Step:
    """One mutation for the change at `place`. `text` names its variables with `{n}` behind; `types` gives their types."""

    place: int
    text: str
    types: Mapping[str, str]
    values: Mapping[str, Any]
    cost: float = 10.0
    repeatable: bool = True
    made_for: tuple[str, ...] = field(default=())
    """Source variants that it makes, in their order."""


def perform(admin: Admin, name: str, steps: Sequence[Step]) -> list[Data]:
    """One payload per step, in their order. Raises Unavailable where it is not known what was written."""
    answers: list[Data] = []
    for batch in _batches(steps):
        variables = {
            f"{name}{at}": value for at, step in enumerate(batch) for name, value in step.values.items()
        }
        data = admin.ask(document(name, batch), variables)
        answers += [data.get(f"s{at}") or {"userErrors": [{"code": "NO_ANSWER"}]} for at in range(len(batch))]
    return answers


def document(name: str, steps: Sequence[Step]) -> Document:
    """These mutations as one document."""
    variables = ", ".join(
        f"${variable}{at}: {type}" for at, step in enumerate(steps) for variable, type in step.types.items()
    )
    writes = "\n".join(f"  s{at}: {step.text.replace('{n}', str(at))}" for at, step in enumerate(steps))
    return Document(
        name,
        f"mutation {name}({variables}) {{\n{writes}\n}}",
        sum(step.cost for step in steps),
        writes=True,
        repeatable=all(step.repeatable for step in steps),
    )


def _batches(steps: Sequence[Step]) -> Iterator[list[Step]]:
    batch: list[Step] = []
    cost = 0.0
    for step in steps:
        if batch and cost + step.cost > DEAREST:
            yield batch
            batch, cost = [], 0.0
        batch.append(step)
        cost += step.cost
    if batch:
        yield batch
