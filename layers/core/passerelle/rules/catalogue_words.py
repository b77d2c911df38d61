"""What the codes of a catalogue between stores mean (section C), in words of a person who keeps a shop."""

from passerelle.rules.meaning import ERROR, INFO, Meaning

CATALOGUE: dict[str, Meaning] = {
    # --- which product is which ------------------------------------------------------------------------
    "sku_ambiguous": Meaning(
        ERROR,
        "The {one} {id} could be several at the dependent store, so nothing was written",
        "Give each variant a SKU of its own in both stores, or say by hand which product it is.",
    ),
    "sku_missing": Meaning(
        ERROR,
        "The {one} {id} has a variant without a SKU, so it cannot be found at the dependent store",
        "Give the variant a SKU in the main store, or say by hand which product it is.",
    ),
    "sku_repeated": Meaning(
        ERROR,
        "The {one} {id} has the same SKU on two variants, so they cannot be told apart",
        "Give each variant a SKU of its own in the main store.",
    ),
    "match_split": Meaning(
        ERROR,
        "The variants of the {one} {id} do not belong together at the dependent store",
        "Bring the variants together in one product of the dependent store, or map the product by hand.",
    ),
    "no_match": Meaning(
        INFO,
        "The dependent store has nothing with the SKU of the {one} {id}",
        "Nothing must be done. To have it there, let the link create products, or map it by hand.",
    ),
    "unmapped_by_hand": Meaning(
        INFO,
        "Somebody said that the {one} {id} is none of the dependent store's",
        "Nothing must be done. Map it by hand to have it synced again.",
    ),
    # --- what the dependent store wants ----------------------------------------------------------------
    "preferences_off": Meaning(
        INFO,
        "The dependent store wants nothing of this: the {one} {id} was left alone",
        "Nothing must be done. What a dependent store receives is set in its link's preferences.",
    ),
    "filtered_out": Meaning(
        INFO,
        "The {one} {id} is not among those that the dependent store chose by tag, vendor or category",
        "Nothing must be done. The choice is in the link's preferences, under include and exclude.",
    ),
    "not_published": Meaning(
        INFO,
        "The {one} {id} is not on sale at the main store",
        "Nothing to do: it is synced once the main store publishes it.",
    ),
    "left_as_it_is": Meaning(
        INFO,
        "The {one} {id} went off sale at the main store, and the dependent store keeps it as it is",
        "Nothing must be done. The link's preference gone says what becomes of such products.",
    ),
    # --- prices, units, places in the plan -------------------------------------------------------------
    "tax_rate_missing": Meaning(
        ERROR,
        "The prices of the {one} {id} hold tax at one store and not at the other",
        "Set the tax rate, in per cent, in the link's price rule.",
    ),
    "location_not_mapped": Meaning(
        INFO,
        "The units of {id} lie where the link leads to no location of the dependent store",
        "Nothing must be done. To tell them, map the location in the link's stock rule, or set a default.",
    ),
    "untracked": Meaning(INFO, "The main store does not count the units of {id}"),
    "plan_full": Meaning(
        INFO,
        "The dependent store's plan is full, so new {kind} wait while those that are linked go on",
        "Nothing must be done. A larger plan, or fewer linked products, makes room; the rest follows by itself.",
    ),
}
"""Code → meaning; a part of severity.MEANINGS."""
