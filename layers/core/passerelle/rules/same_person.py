"""Which of several customers with one e-mail decides for the contact."""

from collections.abc import Iterable
from datetime import UTC, datetime

from passerelle.model import Consent, ConsentState, Customer

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def folded(email: str) -> str:
    """The key under which addresses are one contact: spaces around it and case do not count (A-15)."""
    return email.strip().casefold()


def deciding(consents: Iterable[Consent]) -> Consent:
    """The consent of one person told by several customers (A-15): the most recent explicit act decides.

    A withdrawal wins ties, and wins where its or the opt-in's instant is unknown. Where nobody acted, pending
    comes before not_subscribed, before none. Raises ValueError for no consents.
    """
    told = list(consents)
    if not told:
        raise ValueError("no consent to choose from")
    outs = [consent for consent in told if consent.state is ConsentState.UNSUBSCRIBED]
    ins = [consent for consent in told if consent.state is ConsentState.SUBSCRIBED]
    if outs and not (ins and _newer(_last(ins), outs)):
        return _last(outs)
    if ins:
        return _last(ins)
    quiet = (ConsentState.PENDING, ConsentState.NOT_SUBSCRIBED, ConsentState.NONE)
    return _last([min(told, key=lambda consent: quiet.index(consent.state))])


def gathered(customers: Iterable[Customer]) -> dict[str, tuple[Customer, ...]]:
    """The customers by folded e-mail, each group in the order given; those without an e-mail are left out."""
    groups: dict[str, list[Customer]] = {}
    for customer in customers:
        if key := folded(customer.email):
            groups.setdefault(key, []).append(customer)
    return {key: tuple(group) for key, group in groups.items()}


def _last(consents: list[Consent]) -> Consent:
    return max(consents, key=lambda consent: consent.no_earlier_than or _LONG_AGO)


def _newer(opt_in: Consent, outs: list[Consent]) -> bool:
    at = opt_in.no_earlier_than
    return at is not None and all(out.changed_at is not None and at > out.changed_at for out in outs)
