"""Makes sure that what variants are told apart by is there: attributes, in the right set, with every option.

Source: https://developer.adobe.com/commerce/webapi/rest/tutorials/configurable-product/. A value of an attribute that is
not in the product's set is dropped without a word.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from hashlib import sha256

from passerelle.connectors.magento.facts import Facts
from passerelle.connectors.magento.reading import text
from passerelle.connectors.magento.rest import Rest, Row
from passerelle.connectors.magento.settings import Settings
from passerelle.port import Rejected

type Wanted = Mapping[str, Iterable[str]]
"""Attribute's code → labels of its options."""


class Choices:
    """The attributes behind the options of variants."""

    def __init__(self, rest: Rest, facts: Facts, settings: Settings) -> None:
        self._rest, self._facts, self._set = rest, facts, settings.attribute_set
        self._in_set: set[str] = set()

    def codes(self, names: Iterable[str]) -> dict[str, str]:
        """Option name → code of the attribute that holds it, in the set. Raises Rejected, PermissionMissing."""
        codes = {name: self._code(name) for name in names}
        for code in codes.values():
            self._put_in_set(code)
        return codes

    def add(self, wanted: Wanted) -> None:
        """Make sure that these attributes have these values as options."""
        for code, values in wanted.items():
            self._put_in_set(code)
            options = self._facts.attributes()[code].get("options") or ()
            held = {text(option.get("label")).casefold() for option in options}
            fresh = {value.casefold(): value for value in values if value.casefold() not in held}
            for value in fresh.values():
                self._add(code, value)
            if fresh:
                self._facts.forget_attributes()

    def _code(self, name: str) -> str:
        """The attribute that the shop calls so, or whose code says so, or a new one."""
        code, known = code_of(name), self._facts.attributes()
        for row in known.values():
            called = text(row.get("default_frontend_label")).casefold() == name.casefold()
            if called and row.get("scope") == "global" and row.get("is_user_defined"):
                return text(row.get("attribute_code"))
        if code not in known:
            self._make(name, code)
            self._facts.forget_attributes()
        return code

    def _make(self, name: str, code: str) -> None:
        attribute = {
            "attribute_code": code,
            "frontend_input": "select",
            "scope": "global",
            "is_required": False,
            "default_frontend_label": name,
        }
        try:
            self._rest.send("POST", "products/attributes", {"attribute": attribute})
        except Rejected as refusal:
            if "already exists" not in refusal.why:  # an earlier try whose answer was lost, or another worker
                raise

    def _put_in_set(self, code: str) -> None:
        if not self._in_set:
            rows = self._rest.get(f"products/attribute-sets/{self._set}/attributes")
            self._in_set = {text(row.get("attribute_code")) for row in rows}
        if code in self._in_set:
            return
        groups = self._rest.search(
            "products/attribute-sets/groups/list",
            [[("attribute_set_id", "eq", str(self._set))]],
            fields="attribute_group_id",
        ).rows
        body = {
            "attributeSetId": self._set,
            "attributeGroupId": int(groups[0]["attribute_group_id"]),
            "attributeCode": code,
            "sortOrder": 90,
        }
        self._rest.send("POST", "products/attribute-sets/attributes", body)
        self._in_set.add(code)

    def _add(self, code: str, value: str) -> None:
        try:
            self._rest.send("POST", f"products/attributes/{code}/options", {"option": {"label": value}})
        except Rejected as refusal:
            if "already exists" not in refusal.why:  # another worker may have been faster
                raise


def code_of(name: str) -> str:
    """The code of an option's attribute: `Size` is size; a name without Latin letters gets one made of it."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    code = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:30]
    return code if code and code[0].isalpha() else f"option_{sha256(name.encode()).hexdigest()[:10]}"


def value_of(attribute: Row, label: str) -> str:
    """The option's value for a label. Raises Rejected where the shop did not keep it."""
    for option in attribute.get("options") or ():
        if text(option.get("label")).casefold() == label.casefold():
            return text(option.get("value"))
    why = f"The shop did not keep the option {label}."
    raise Rejected(why, "Add the option in the shop.", "option_refused")
