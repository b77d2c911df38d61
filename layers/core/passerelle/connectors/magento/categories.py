"""Puts products into the shop's categories by their names, and makes those that are missing.

Source: https://developer.adobe.com/commerce/webapi/rest/ (catalogCategoryRepositoryV1). Links to categories are replaced
as a whole; those that stay keep their place in the category.
"""

from typing import Any

from passerelle.connectors.magento.facts import Facts
from passerelle.connectors.magento.reading import attributes, extension, text
from passerelle.connectors.magento.rest import Rest
from passerelle.connectors.magento.work import ALL, Work
from passerelle.model import ProductField
from passerelle.port import Rejected


class Categories:
    """Finds and makes categories."""

    def __init__(self, rest: Rest, facts: Facts) -> None:
        self._rest, self._facts = rest, facts

    def put(self, work: Work, told: dict[str, Any]) -> None:
        """Add the links that a product should have to what is told of it, where they are others than now."""
        row = work.row or {}
        held = [str(id) for id in attributes(row).get("category_ids") or ()]
        if not held and not work.product.categories:
            return
        known = self._facts.categories
        names = {known[id].casefold(): id for id in reversed(held) if id in known}
        wanted = {name.strip().casefold(): name.strip() for name in work.product.categories if name.strip()}
        if wanted.keys() == names.keys():
            return
        # What lies under another shop's root is not ours to judge.
        ids = [id for id in held if id not in known]
        ids += [id for key, name in wanted.items() if (id := names.get(key) or self._id(work, name))]
        places = {text(one.get("category_id")): one for one in extension(row).get("category_links") or ()}
        if set(ids) != set(held):
            told["category_links"] = [places.get(id) or {"position": 0, "category_id": id} for id in ids]

    def _id(self, work: Work, name: str) -> str:
        """The category of that name, an old one or a new one; empty where it cannot be made."""
        if id := self._named(name):
            return id
        parent = int(next(iter(self._facts.categories)))
        body = {"name": name, "parent_id": parent, "is_active": True, "include_in_menu": False}
        try:
            made = self._rest.send("POST", "categories", {"category": body}, scope=ALL)
        except Rejected as refusal:
            # An earlier try whose answer was lost, or another worker, may have made it.
            self._facts.forget_categories()
            if id := self._named(name):
                return id
            why = f"The category {name} could not be made: {refusal.why}"
            work.tell(ProductField.CATEGORIES, "categories_not_held", why)
            return ""
        id = str(made["id"])
        self._facts.categories[id] = name
        return id

    def _named(self, name: str) -> str:
        """The oldest category of that name; empty where there is none."""
        known = self._facts.categories
        return next((id for id in sorted(known, key=int) if known[id].casefold() == name.casefold()), "")
