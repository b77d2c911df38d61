"""What a shop's products are told in, asked once a worker."""

from passerelle.port import Terms
from passerelle.sync.flow import End, Flow


def terms_of(flow: Flow, end: End) -> Terms:
    """The shop's currency, tax, locations and languages."""
    name = f"terms {end.store}"
    held = flow.shelf.get(name)
    if not isinstance(held, Terms):
        held = flow.shelf[name] = end.connector.terms()
    return held


def default_location(terms: Terms) -> str:
    """The location that gets what no rule sends elsewhere; empty where the shop names none."""
    return next((location.id for location in terms.locations if location.default), "")
