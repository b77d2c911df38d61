"""Mailchimp's refusals as stable codes with a remedy; never with its own words where they quote an address.

Source: https://mailchimp.com/developer/marketing/docs/errors/
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something is not written: `code` is stable, `why` and `remedy` are for a person.

    `fields` are those whose values were refused.
    """

    code: str
    why: str
    remedy: str = "Nothing to do."
    fields: tuple[str, ...] = ()


FIELD_REFUSED = "field_refused"
COMPLIANCE = Refusal(
    "compliance_state",
    "The person left the audience themselves, so only they can come back.",
    "A confirmation mail lets them do so; nothing else can.",
)
CLEANED = Refusal(
    "cleaned", "The address bounced and was cleaned from the audience; it is never written again."
)
GONE = Refusal(
    "contact_gone",
    "The contact is not in the audience any more.",
    "Nothing to do: the next full sync looks at it again.",
)
NO_EMAIL = Refusal("no_email", "There is no e-mail address, and Mailchimp knows people by nothing else.")
_SAID: tuple[tuple[str, Refusal], ...] = (
    ("compliance state", COMPLIANCE),
    (
        "permanently deleted|forgotten email",
        Refusal(
            "forgotten", "The contact was permanently deleted; only the person can come back, by a form."
        ),
    ),
    ("has been cleaned|is cleaned", CLEANED),
    (
        "looks fake or invalid",
        Refusal(
            "fake_address",
            "Mailchimp takes the e-mail address for an invented one.",
            "Correct the address in the store.",
        ),
    ),
    (
        "signed up to a lot of lists",
        Refusal(
            "too_many_lists",
            "The address has joined many audiences lately, and Mailchimp makes it wait.",
            "Try this customer again tomorrow.",
        ),
    ),
    (
        "valid email",
        Refusal("invalid_email", "The e-mail address is not valid.", "Correct the address in the store."),
    ),
)


def refusal(problem: Mapping[str, Any]) -> Refusal:
    """Read a problem document, or one of the errors of a batch of members."""
    said = " ".join(str(problem.get(part, "")) for part in ("title", "detail", "error", "field_message"))
    for pattern, known in _SAID:
        if re.search(pattern, said, re.IGNORECASE):
            return known
    fields = _fields(problem)
    if not fields:
        return Refusal("rejected", f"Mailchimp refuses it: {_plain(said)}", "Correct it in the store.")
    if any(_empty(message) for message in fields.values()):
        return Refusal(
            "merge_field_required",
            f"The audience requires a field that is empty: {', '.join(fields)}.",
            "Make the field optional in the audience's settings, or fill it in at the store.",
        )
    return Refusal(
        FIELD_REFUSED,
        f"Mailchimp refuses the value of: {', '.join(fields)}.",
        "Correct the value in the store.",
        tuple(fields),
    )


def in_compliance_state(problem: Mapping[str, Any]) -> bool:
    """Whether the refusal is the one that a confirmation mail can lift."""
    return refusal(problem) is COMPLIANCE


def _fields(problem: Mapping[str, Any]) -> dict[str, str]:
    fields = {
        str(error.get("field", "")): str(error.get("message", "")) for error in problem.get("errors") or ()
    }
    if problem.get("field"):
        fields[str(problem["field"])] = str(problem.get("field_message", ""))
    return {name: message for name, message in fields.items() if name}


def _empty(message: str) -> bool:
    return "blank" in message or "enter a value" in message


def _plain(said: str) -> str:
    """Mailchimp's words without addresses: they quote the contact."""
    return re.sub(r"\S+@\S+", "(address)", said).strip()[:200] or "without a reason"
