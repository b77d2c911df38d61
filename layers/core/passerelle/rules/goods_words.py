"""What the codes of writing goods mean: what a shop refuses of a product or its units, and what it cannot hold."""

from passerelle.rules.meaning import ERROR, INFO, Meaning

_NOT_HELD = {
    "alt": "the descriptions of the pictures",
    "archive": "the archived state",
    "barcode": "a barcode",
    "categories": "a category",
    "description": "a part of the description",
    "handle": "the address",
    "images": "a picture",
    "options": "some options",
    "product_type": "the type",
    "sku": "a SKU",
    "status": "the status",
    "tags": "a tag",
    "title": "the whole title",
    "untracked": "that nobody counts the units",
    "variant": "a variant",
    "vendor": "the brand",
    "weight": "the weight",
}

GOODS: dict[str, Meaning] = {
    # --- prices ----------------------------------------------------------------------------------------
    "currency_differs": Meaning(
        ERROR,
        "The {one} {id} is priced in a currency that the destination does not sell in",
        "Link stores of one currency, set an exchange rate in the link's price rule, or leave the {one} out.",
    ),
    "tax_differs": Meaning(
        ERROR,
        "The prices of the {one} {id} hold tax where the destination's do not, or the other way",
        "Choose at the destination how prices are entered, with tax or without, as the source does.",
    ),
    "price_not_held": Meaning(
        ERROR,
        "The price of the {one} {id} was not written at the destination",
        "Set the price there by hand, or remove what stands in its way.",
    ),
    "price_reduced_there": Meaning(
        INFO,
        "The destination has a promotion of its own on the {one} {id}, so buyers pay another price",
        "Nothing must be done. To have the main store's price, end the promotion there.",
    ),
    # --- what it is ------------------------------------------------------------------------------------
    "product_refused": Meaning(
        ERROR, "The destination refuses the {one} {id}", "Correct the {one} where it comes from."
    ),
    "sku_taken": Meaning(
        ERROR,
        "The SKU of the {one} {id} belongs to something else at the destination",
        "Give one of the two another SKU, or map them to each other; then sync the {one} again.",
    ),
    "sku_too_long": Meaning(
        ERROR, "A SKU of the {one} {id} is longer than the destination takes", "Shorten the SKU."
    ),
    "handle_taken": Meaning(
        ERROR,
        "Another product of the destination has the address of the {one} {id}",
        "Change one of the two addresses, or leave the address out of the link's fields.",
    ),
    "title_missing": Meaning(ERROR, "The {one} {id} has no title", "Give it a title where it comes from."),
    "options_repeated": Meaning(
        ERROR,
        "Two variants of the {one} {id} have the same options",
        "Give each variant options of its own where it comes from.",
    ),
    "too_many_variants": Meaning(
        ERROR,
        "The {one} {id} has more variants than the destination holds",
        "Split it where it comes from, or leave it out of the link.",
    ),
    "price_negative": Meaning(ERROR, "A price of the {one} {id} is less than nothing", "Correct the price."),
    "options_differ": Meaning(
        ERROR,
        "The {one} {id} is chosen by other options at the destination, and products keep theirs",
        "Bring the options in line in one of the two stores, or map the {one} to another.",
    ),
    "option_refused": Meaning(
        ERROR,
        "The destination refuses an option of the {one} {id}",
        "Rename the option where it comes from, or make it at the destination by hand.",
    ),
    "variants_missing": Meaning(
        ERROR, "The {one} {id} has no variant that the destination could take", "Look at its variants."
    ),
    # --- units -----------------------------------------------------------------------------------------
    "stock_of_nothing": Meaning(
        ERROR,
        "There is no product at the destination for the stock of {id}",
        "Sync the products first, or look which SKU differs.",
    ),
    "location_unknown": Meaning(
        ERROR,
        "The destination has no such location for the stock of {id}",
        "Map the source's locations to those of the destination in the link's settings.",
    ),
    "stock_refused": Meaning(
        ERROR, "The destination refuses the units of {id}", "Look at the product's stock at the destination."
    ),
    "stock_elsewhere": Meaning(
        ERROR,
        "The units of {id} are kept by another part of the destination",
        "Take the product out of the destination's warehouse management, or keep its stock there.",
    ),
    "stock_not_tracked": Meaning(
        INFO,
        "The destination keeps no count of the units of {id}, and that was left so",
        "Nothing must be done. To have the number there, let the destination track its stock.",
    ),
    # --- what a shop cannot hold -----------------------------------------------------------------------
    **{
        f"{field}_not_held": Meaning(
            INFO,
            f"The destination cannot hold {what} of the {{one}} {{id}}",
            "Nothing must be done: all else of it was written.",
        )
        for field, what in _NOT_HELD.items()
    },
    "image_left_there": Meaning(
        INFO,
        "A picture of the {one} {id} could not be taken away at the destination",
        "Nothing must be done. Delete it there by hand if it disturbs.",
    ),
    "sku_made": Meaning(INFO, "The destination sells nothing without a SKU, so {id} was given one there"),
    "last_variant_kept": Meaning(
        INFO, "The last variant of the {one} {id} was left at the destination: a {one} needs one"
    ),
    "image_left_out": Meaning(
        INFO,
        "A picture of the {one} {id} was left out",
        "Nothing must be done. To have it there, look whether its address opens and is JPEG, PNG or GIF.",
    ),
}
"""Code → meaning; a part of severity.MEANINGS."""
