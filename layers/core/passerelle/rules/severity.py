"""What an incident's code asks of a person: severity, title and remedy in words (E-7)."""

from dataclasses import dataclass

from passerelle.model.severity import Severity
from passerelle.rules.catalogue_words import CATALOGUE
from passerelle.rules.goods_words import GOODS
from passerelle.rules.meaning import ERROR, INFO, RETRY, Meaning


@dataclass(frozen=True, slots=True)
class Told:
    """An incident as a person reads it."""

    severity: Severity
    title: str
    remedy: str


MEANINGS: dict[str, Meaning] = {
    # --- the object itself -----------------------------------------------------------------------------
    "unreadable": Meaning(
        ERROR, "The store's {one} {id} cannot be read", "Correct the {one} in the store, then sync it again."
    ),
    "missing": Meaning(
        INFO, "The {one} {id} is no longer in the store", "Nothing to do: the next full sync confirms it."
    ),
    "gone_since_planned": Meaning(INFO, "The {one} {id} left the store while the sync was running"),
    "disappeared": Meaning(INFO, "The {one} {id} was deleted in the store"),
    "restless": Meaning(
        RETRY,
        "The {one} {id} is said to exist at the destination, and then not to",
        "Nothing to do: the next run looks again.",
    ),
    "quarantined": Meaning(
        ERROR,
        "The {one} {id} fails each time it is synced, while others go through",
        "Look at the {one} in the store, correct what is unusual about it, then sync it again.",
    ),
    "refused_before": Meaning(
        ERROR,
        "The {one} {id} was refused before and has not changed since",
        "Correct the {one} in the store, or retry it here once the cause is gone.",
    ),
    "rejected": Meaning(
        ERROR, "The destination refuses the {one} {id}", "Correct the {one} in the store, then sync it again."
    ),
    "duplicate_id": Meaning(
        ERROR,
        "The store gave two different {kind} under the id {id}",
        "Find out in the store which one is right and remove the other.",
    ),
    # --- contacts (A-17) -------------------------------------------------------------------------------
    "compliance_state": Meaning(
        INFO,
        "The contact of customer {id} withdrew once: only a confirmation by mail can subscribe them again",
        "Nothing to do: the confirmation mail has been asked for, once.",
    ),
    "forgotten": Meaning(
        INFO,
        "The contact of customer {id} was permanently deleted in the audience and is not created again",
        "Nothing to do. Only the person can come back, by a sign-up form of the audience.",
    ),
    "cleaned": Meaning(
        INFO,
        "The address of customer {id} bounced and was cleaned in the audience; it is never subscribed again",
        "Nothing to do. If the customer gives another address, it becomes a new contact.",
    ),
    "fake_address": Meaning(
        ERROR,
        "The audience takes the address of customer {id} for a made-up one",
        "Correct the customer's address in the store; it is then synced by itself.",
    ),
    "invalid_email": Meaning(
        ERROR,
        "Customer {id} has no valid e-mail address",
        "Correct the customer's address in the store; it is then synced by itself.",
    ),
    "no_email": Meaning(INFO, "Customer {id} has no e-mail address, so there is no contact to make"),
    "too_many_lists": Meaning(
        ERROR,
        "The address of customer {id} has signed up to many audiences lately, and Mailchimp wants it to wait",
        "Try this customer again tomorrow; nothing is tried before.",
    ),
    "merge_field_required": Meaning(
        ERROR,
        "The audience requires a field that customer {id} leaves empty",
        "Make the field optional in the audience's settings, or fill it in at the store; then retry.",
    ),
    "customer_refused": Meaning(
        ERROR,
        "The store refuses to make a customer of contact {id}",
        "Look at the contact in the audience: its address or name may be none that the store takes. Then retry.",
    ),
    "consent_refused": Meaning(
        ERROR,
        "The store refuses the consent of customer {id}",
        "Set the customer's marketing consent in the store by hand.",
    ),
    "metafield_refused": Meaning(
        ERROR,
        "The store refuses what customer {id} did with mails",
        "Look at the definitions of the app's fields in the store's settings, then retry.",
    ),
    "opt_out_newer": Meaning(
        INFO, "An opt-in of customer {id} was not taken up: an opt-out is recorded that is not older"
    ),
    "sides_differ": Meaning(
        INFO,
        "Store and audience hold different consents of customer {id}; neither was changed",
        "Nothing must be done. The link's policy store_unsubscribe_wins lets the store's withdrawals win.",
    ),
    "consent_state_unwritable": Meaning(
        INFO,
        "The store has no such consent to set for customer {id}",
        "Nothing to do: the audience has it right.",
    ),
    "contact_gone": Meaning(
        INFO,
        "The contact of customer {id} left the audience meanwhile",
        "Nothing to do: the next full sync looks at it again.",
    ),
    "field_refused": Meaning(
        ERROR,
        "The audience refuses the value of a field of customer {id}",
        "Correct the value in the store; it is then synced by itself.",
    ),
    "field_left_out": Meaning(
        INFO,
        "A value of customer {id} does not fit the audience's field and was left out",
        "Nothing must be done. To have it there, correct the value in the store, or map another field.",
    ),
    "status_not_writable": Meaning(
        ERROR,
        "Nobody can be given the status that was decided for customer {id}",
        "Look at the contact in the audience, then sync the customer again.",
    ),
    "audience_store_missing": Meaning(
        ERROR,
        "The shop is not known at Mailchimp, so the {one} {id} has no place there",
        "Run a full sync of the products: it makes the shop there.",
    ),
    "store_of_other_audience": Meaning(
        ERROR,
        "The shop at Mailchimp belongs to another audience",
        "Link the store to that audience, or delete the shop at Mailchimp, then sync again.",
    ),
    # --- what rides along with a contact (A-18) ---------------------------------------------------------
    "sms_withdrawn_by_hand": Meaning(
        ERROR,
        "Customer {id} withdrew from texts in the store, and Mailchimp takes no withdrawal from outside",
        "Unsubscribe the contact from texts in Mailchimp by hand.",
    ),
    "sms_refused": Meaning(
        ERROR,
        "The audience refuses the consent to texts of customer {id}",
        "Look whether the audience's programme of texts is on, then sync the customer again.",
    ),
    "tags_refused": Meaning(
        ERROR,
        "The audience refuses a tag of customer {id}",
        "Shorten or rename the tag in the store; it is then synced by itself.",
    ),
    "sms_consent_written": Meaning(INFO, "The consent to texts of customer {id} was written"),
    "sms_opt_out_newer": Meaning(
        INFO, "Customer {id} left the texts after they had consented in the store; that stays"
    ),
    "sms_before_start": Meaning(
        INFO, "Customer {id} consented to texts before the chosen start and is left as they are"
    ),
    "sms_undated": Meaning(INFO, "The store does not tell when customer {id} consented to texts"),
    "sms_in_the_future": Meaning(INFO, "The consent to texts of customer {id} bears an instant to come"),
    "sms_no_phone": Meaning(INFO, "Customer {id} consented to texts and has no telephone"),
    "sms_phone_not_international": Meaning(
        INFO,
        "The telephone of customer {id} has no country, so no text can be sent",
        "Nothing must be done. For texts, write it in the store with + and the country's code.",
    ),
    "tags_added": Meaning(INFO, "Tags were added to the contact of customer {id}"),
    "same_contact_as_another_customer": Meaning(
        INFO, "Customer {id} has the e-mail address of another customer: the two are one contact"
    ),
    "absent": Meaning(INFO, "Customer {id} has no contact in the audience"),
    "unsubscribed": Meaning(
        INFO, "The contact of customer {id} withdrew in the audience; that stays as it is"
    ),
    "pending": Meaning(INFO, "The contact of customer {id} has yet to answer the confirmation mail"),
    "archived": Meaning(
        INFO, "The contact of customer {id} is archived in the audience; that stays as it is"
    ),
    "excluded_domain": Meaning(INFO, "The link keeps out the e-mail domain behind the {one} {id}"),
    "excluded_tag": Meaning(INFO, "The link keeps out a tag or group of the person behind the {one} {id}"),
    "excluded_marketplace": Meaning(
        INFO, "The {one} {id} bears an address that a marketplace made up for one sale"
    ),
    # --- what a run takes ------------------------------------------------------------------------------
    "already_mapped": Meaning(INFO, "The {one} {id} is known already; this run took only new ones"),
    "not_mapped": Meaning(INFO, "The {one} {id} is new; this run took only known ones"),
    # --- orders ----------------------------------------------------------------------------------------
    "status_left_selection": Meaning(
        INFO, "Order {id} changed its status and is no longer among the chosen ones"
    ),
    "outside_period": Meaning(INFO, "Order {id} is outside the chosen period"),
    "unmapped_product": Meaning(
        RETRY,
        "A line of {one} {id} has a product that is not at the destination yet",
        "Sync the products; the {one} is tried again by itself.",
    ),
    "total_differs": Meaning(
        INFO, "The {one} {id} costs otherwise at the other store, which calculates its own prices"
    ),
    # --- a store or a run ------------------------------------------------------------------------------
    "credentials_refused": Meaning(
        ERROR,
        "The credentials are no longer accepted; the schedules are paused",
        "Authorise the store again in its settings.",
    ),
    "permission_missing": Meaning(
        ERROR,
        "The credentials lack a permission",
        "Grant the permission that is named at the platform, then authorise the store again.",
    ),
    "address_refused": Meaning(
        ERROR,
        "The store's address leads into a private network and is not called",
        "Correct the store's address, or its DNS entry.",
    ),
    "moved": Meaning(
        ERROR,
        "The store's address leads on to another one, and nothing is sent there",
        "Open the shop in a browser, and connect the store again with the address that the browser ends at.",
    ),
    "shop_down": Meaning(
        RETRY,
        "The shop does not answer",
        "Nothing to do: the sync is tried again. If it lasts, look at the shop.",
    ),
    "throttled": Meaning(
        RETRY, "The platform asks us to slow down", "Nothing to do: the sync waits and goes on."
    ),
    "raise_guard": Meaning(
        ERROR,
        "A run of {kind} waits: it would subscribe more people than its guard lets through",
        "Look at who they are (GET /v1/runs/<run>/raises), then approve or discard the run.",
    ),
    "stale_run": Meaning(
        ERROR,
        "A run of {kind} has not moved for a while",
        "Cancel the run and start it again; it goes on where it was.",
    ),
    "run_failed": Meaning(
        ERROR, "A run of {kind} failed", "Read the run's reason, remove the cause, and resume the run."
    ),
    "truncated": Meaning(
        ERROR,
        "A run of {kind} reached a limit before its end",
        "Resume the run: it goes on where it stopped.",
    ),
    "lost_slice": Meaning(
        ERROR, "A part of a run of {kind} was given up", "Resume the run: only what is missing is done."
    ),
    "incomplete": Meaning(
        RETRY,
        "The store's list of {kind} contradicts its own count",
        "Nothing to do: the list is read again. If it lasts, look for an extension that filters it.",
    ),
    "disappeared_many": Meaning(
        ERROR,
        "Many {kind} are missing in the store at once; nothing was deleted",
        "Look whether the shop shows them. If they are really gone, confirm it on the run's page.",
    ),
    "overlapped": Meaning(
        INFO, "A scheduled run of {kind} was passed over: the one before was still running"
    ),
    "subscription_restored": Meaning(
        INFO, "A webhook was missing at the platform and was restored; what it missed is read again"
    ),
    "subscription_refused": Meaning(
        ERROR,
        "The platform refuses a webhook that is needed",
        "Grant the permission that is named, or authorise the store again.",
    ),
    "topic_unknown": Meaning(INFO, "A webhook of a topic that is not handled was put aside"),
    **GOODS,
    **CATALOGUE,
}
"""Code → meaning; another word for the same code is in ALIASES."""

ALIASES: dict[str, str] = {"member_in_compliance_state": "compliance_state", "customer_gone": "missing"}

_SINGULAR = {
    "products": "product",
    "customers": "customer",
    "orders": "order",
    "carts": "cart",
    "stock": "stock level",
    "promo_codes": "promo code",
    "fulfilments": "fulfilment",
    "contacts": "contact",
    "engagement": "customer",
}


def meaning(code: str) -> Meaning:
    """What a code means; one that is not known is an error to look at, never silence."""
    return MEANINGS.get(ALIASES.get(code, code)) or MEANINGS["rejected"]


def describe(code: str, *, kind: str = "", object_id: str = "", why: str = "", remedy: str = "") -> Told:
    """An incident in words. `why` is put behind the title; a remedy of the platform's own comes first."""
    found = meaning(code)
    words = {
        "kind": kind.replace("_", " ") or "objects",
        "one": _SINGULAR.get(kind, "object"),
        "id": object_id or "(unknown)",
    }
    title = found.title.format_map(words)
    return Told(
        found.severity,
        f"{title}: {why}" if why else title,
        remedy or found.remedy.format_map(words),
    )
