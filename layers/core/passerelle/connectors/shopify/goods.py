"""Writes products: makes what is new, changes what is there, deletes what is to go."""

from collections.abc import Callable, Sequence

from passerelle.connectors.shopify.admin import Admin
from passerelle.connectors.shopify.fetching import Fetcher
from passerelle.connectors.shopify.fitting import ImpossibleError, fitted
from passerelle.connectors.shopify.held import Holdings, product_gid
from passerelle.connectors.shopify.levels import LevelWriter
from passerelle.connectors.shopify.making import Maker
from passerelle.connectors.shopify.mending import Mender
from passerelle.connectors.shopify.places import Places
from passerelle.connectors.shopify.references import References
from passerelle.connectors.shopify.steps import Step, perform
from passerelle.connectors.shopify.tasks import Task
from passerelle.model import Product, ProductField
from passerelle.port import Action, Change, Match, Outcome, Result

ALWAYS = frozenset({ProductField.TITLE, ProductField.VARIANTS})
"""What no product can be made without."""
DELETE = "productDelete(input: $as{n}) { deletedProductId userErrors { field message } }"


class ProductWriter:
    """Writes products of one shop. `lookup(keys, field)` finds variants."""

    def __init__(
        self,
        admin: Admin,
        fetcher: Fetcher,
        places: Places,
        levels: LevelWriter,
        lookup: Callable[[Sequence[str], str], list[Match]],
    ) -> None:
        self._admin, self._places = admin, places
        self._references = References(admin)
        holdings = Holdings(admin, fetcher)
        self._maker = Maker(admin, places, self._references, holdings, lookup)
        self._mender = Mender(admin, places, holdings, levels)

    def push(self, changes: Sequence[Change]) -> list[Outcome]:
        """One outcome per change, in their order. Raises Unavailable where it is not known what was written."""
        outcomes: dict[int, Outcome] = {}
        tasks: list[Task] = []
        for place, change in enumerate(changes):
            if change.action is not Action.DELETE:
                found = self._fitted(place, change)
                if isinstance(found, Outcome):
                    outcomes[place] = found
                else:
                    tasks.append(found)
        outcomes |= self._written(tasks)
        outcomes |= self._deleted({at: each for at, each in enumerate(changes) if at not in outcomes})
        return [outcomes[place] for place in range(len(changes))]

    def _fitted(self, place: int, change: Change) -> Task | Outcome:
        if not isinstance(change.object, Product):
            raise NotImplementedError("products only")
        fields = change.fields
        is_new = change.action is Action.CREATE

        def wants(part: ProductField) -> bool:
            return fields is None or part in fields or (is_new and part in ALWAYS)

        try:
            return Task(place, change, fitted(change.object, self._places.terms().currency, wants))
        except ImpossibleError as error:
            there = change.destination_id
            return Outcome(change.id, Result.REFUSED, there, error.code, error.why, error.remedy)

    def _written(self, tasks: Sequence[Task]) -> dict[int, Outcome]:
        """What was made before, and not heard of, is found by our reference and brought to what it should be."""
        new = [task for task in tasks if task.change.action is Action.CREATE]
        asked = [task.change.reference for task in new if task.change.reference and not task.change.fresh]
        known = self._references.find(asked)
        old = [(task, task.change.destination_id) for task in tasks if task.change.action is Action.UPDATE]
        old += [(task, known[task.change.reference]) for task in new if task.change.reference in known]
        missing = [task for task in new if task.change.reference not in known]
        outcomes = self._mender.mend(old) if old else {}
        return outcomes | (self._maker.make(missing) if missing else {})

    def _deleted(self, changes: dict[int, Change]) -> dict[int, Outcome]:
        steps = [
            Step(
                place,
                DELETE,
                {"as": "ProductDeleteInput!"},
                {"as": {"id": product_gid(change.destination_id)}},
            )
            for place, change in changes.items()
        ]
        outcomes: dict[int, Outcome] = {}
        answers = perform(self._admin, "DeleteProducts", steps)
        for step, answer in zip(steps, answers, strict=True):
            change, errors = changes[step.place], answer["userErrors"]
            gone = any("does not exist" in str(error.get("message")) for error in errors)
            result = Result.UNCHANGED if gone else Result.REFUSED if errors else Result.DELETED
            why = str(errors[0].get("message") or "")[:200] if errors and not gone else ""
            code = "delete_refused" if result is Result.REFUSED else ""
            outcomes[step.place] = Outcome(change.id, result, change.destination_id, code, why)
        return outcomes
