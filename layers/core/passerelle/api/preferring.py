"""What a dependent store's owner may ask of a catalogue: its shape, and whether two shops can keep to it."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field, StrictBool, StringConstraints

from passerelle.api.fields import Asked
from passerelle.api.problems import Problem, refused
from passerelle.model import ProductField
from passerelle.port import Location, Terms
from passerelle.rules.preferences import CONTENT, UNITS, Gone, Preferences, StatusAtCreate, preferences_of
from passerelle.rules.pricing import Basis, Rounding, obstacle

Word = Annotated[str, StringConstraints(min_length=1, max_length=255)]
Place = Annotated[str, StringConstraints(min_length=1, max_length=255)]
Factor = Annotated[Decimal, Field(gt=0, le=1_000_000, max_digits=16)]
Rate = Annotated[Decimal, Field(ge=0, le=100, max_digits=8)]

KNOWN = Preferences()


class FilterWanted(Asked):
    """Products by any of these words, compared without case; empty: no product."""

    tags: list[Word] = Field(default_factory=list, max_length=200)
    vendors: list[Word] = Field(default_factory=list, max_length=200)
    categories: list[Word] = Field(default_factory=list, max_length=200)
    """By the name of a category or collection."""


class PricesWanted(Asked):
    """How prices are changed on the way (C-16); as they stand, they are not."""

    factor: Factor | None = None
    """What each price is multiplied by, an exchange rate included; another currency needs one."""
    currency: Annotated[str, StringConstraints(to_upper=True, pattern=r"^([A-Za-z]{3})?$")] = ""
    """The currency that the factor leads to; empty: the main store's own."""
    rounding: Rounding = Rounding.NONE
    tax_rate: Rate | None = None
    """Per cent; needed where one store tells prices with tax and the other without."""


class StockWanted(Asked):
    """Where units go (C-7): location of the main store → location of the dependent store; several may lead to one."""

    locations: dict[Place, Place] = Field(default_factory=dict, max_length=500)
    default: Annotated[str, StringConstraints(max_length=255)] = ""
    """The location that gets what is not mapped; empty: the store's own default, where nothing is mapped."""
    buffer: Annotated[int, Field(ge=0, le=1_000_000, strict=True)] = 0
    """Units of each variant that are never shown."""


class PreferencesWanted(Asked):
    """What a dependent store receives (C-4); the first four are independent, and all off is idle.

    A field that is left out of a change stays; `include`, `exclude`, `prices` and `stock` are replaced whole.
    """

    all: StrictBool = KNOWN.all
    """Products that it does not have are made, and their content is kept up to date."""
    matched: StrictBool = KNOWN.matched
    """The content of products whose SKU it has is kept up to date."""
    quantity: StrictBool = KNOWN.quantity
    price: StrictBool = KNOWN.price
    barcode: StrictBool = KNOWN.barcode
    """Whether a variant without a match by SKU is looked for by its barcode."""
    at_create: list[ProductField] = Field(default_factory=lambda: sorted(KNOWN.at_create), max_length=40)
    """Fields that are written when a product is made."""
    at_update: list[ProductField] = Field(default_factory=lambda: sorted(KNOWN.at_update), max_length=40)
    """Fields that are kept up to date; prices and units have switches of their own."""
    status_at_create: StatusAtCreate = KNOWN.status_at_create
    gone: Gone = KNOWN.gone
    """What becomes of a product that the main store deletes or takes off sale (C-9)."""
    include: FilterWanted = FilterWanted()
    """Only these; empty: every product."""
    exclude: FilterWanted = FilterWanted()
    prices: PricesWanted = PricesWanted()
    stock: StockWanted = StockWanted()


def merged(before: Mapping[str, Any], wanted: PreferencesWanted | None) -> dict[str, Any]:
    """Preferences as a link keeps them: what was asked, over what was there, over what holds by default."""
    changes = wanted.model_dump(mode="json", exclude_unset=True) if wanted else {}
    whole = PreferencesWanted.model_validate({**before, **changes})
    return whole.model_dump(mode="json")


def check(policy: Mapping[str, Any], main: Terms, dependent: Terms) -> None:
    """Answers 422 where the two shops cannot keep these preferences; the answer names what they could."""
    preferences = preferences_of(policy)
    _fields(preferences)
    _locations(preferences, main, dependent)
    if preferences.price or preferences.all:
        _prices(preferences, main, dependent)


def _fields(preferences: Preferences) -> None:
    for name, chosen, allowed in (
        ("at_create", preferences.at_create, frozenset(ProductField) - UNITS),
        ("at_update", preferences.at_update, CONTENT),
    ):
        if beyond := chosen - allowed:
            why = f"This cannot be chosen here: {_named(beyond)}"
            raise refused(f"preferences.{name}", "field_not_chosen", why, f"any of: {_named(allowed)}")


def _locations(preferences: Preferences, main: Terms, dependent: Terms) -> None:
    rule = preferences.stock
    _there("preferences.stock.locations", rule.locations, main.locations, "main")
    wanted = [*rule.locations.values(), *([rule.default] if rule.default else [])]
    field = (
        "locations" if set(rule.locations.values()) - {each.id for each in dependent.locations} else "default"
    )
    _there(f"preferences.stock.{field}", wanted, dependent.locations, "dependent")


def _there(field: str, wanted: Iterable[str], locations: Iterable[Location], whose: str) -> None:
    known = {each.id: each.name for each in locations}
    absent = sorted(set(wanted) - known.keys())
    if absent:
        allowed = ", ".join(f"{id} ({name})" for id, name in sorted(known.items())) or "none: it has none"
        why = f"The {whose} store has no location {', '.join(absent)}"
        raise refused(field, "no_such_location", why, f"one of: {allowed}")


def _prices(preferences: Preferences, main: Terms, dependent: Terms) -> None:
    found = obstacle(
        preferences.prices,
        Basis(main.currency, main.tax_included),
        Basis(dependent.currency, dependent.tax_included),
    )
    if found:
        code, why, remedy = found
        tax = code == "tax_rate_missing"
        field, allowed = ("tax_rate", "a rate in per cent") if tax else ("currency", dependent.currency)
        raise refused(f"preferences.prices.{field}", code, why.rstrip("."), allowed, remedy)


def _named(fields: Iterable[ProductField]) -> str:
    return ", ".join(sorted(fields))


def language(chosen: Mapping[str, Any], terms: Terms, field: str) -> None:
    """Answers 422 where a shop does not speak the language that is asked of it."""
    wanted = chosen.get("language")
    if wanted and terms.languages and str(wanted) not in terms.languages:
        raise _no_language(str(wanted), terms, field)


def _no_language(wanted: str, terms: Terms, field: str) -> Problem:
    allowed = f"one of: {', '.join(terms.languages)}"
    return refused(f"{field}.language", "no_such_language", f"The store does not speak {wanted}", allowed)
