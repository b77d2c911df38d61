"""Stock of one variant."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StockLevel:
    """Units of a variant at a location (empty: the store has but one); None where the store does not track it."""

    id: str
    sku: str
    quantity: int | None
    product_id: str = ""
    location: str = ""
    variant_id: str = ""
    """The variant, by the id that its product tells."""
    by_location: tuple[tuple[str, int], ...] = ()
    """(location, units) for each place that holds some or could, where the store has several; else empty."""
