"""The table of feeds: what flows over each kind of link, in which order, how often and by whose decision."""

from collections.abc import Mapping
from dataclasses import dataclass

from passerelle.model import Kind
from passerelle.port import Verb
from passerelle.sync import catalogue, contacts, customers, engagement, goods, levels
from passerelle.sync.decision import Decide
from passerelle.sync.flow import CATALOGUE_LINK, Flow


@dataclass(frozen=True, slots=True)
class FeedSpec:
    """How one kind flows over a kind of link. `first`: its full sync settles before those that are not (B-2)."""

    kind: Kind
    decide: Decide
    first: bool
    batch_size: int
    schedule: str
    """The default schedule of the incremental runs."""
    census: bool = False
    """Whether the first full sync begins by reading what the destination already holds."""
    back: bool = False
    """Whether it flows from the link's destination to its source. Such a feed takes up where the customers' first full
    sync began to read, and is no part of a sync-all."""
    whole: bool = False
    """Whether every run reads everything, as nothing tells what changed since the last."""
    reads: Verb = Verb.PULL
    writes: Verb = Verb.PUSH
    """What its two ends must offer for it to flow."""
    happenings: bool = False
    """Whether it tells what happened, not what there is: nothing of it disappears, and while it is switched off
    nothing of it is read, by hand neither."""
    becomes: Kind | None = None
    """What is written at the other end, where that is another kind."""

    @property
    def written(self) -> Kind:
        """The kind that is written."""
        return self.becomes or self.kind


type Feeds = Mapping[Kind, FeedSpec]

AUDIENCE: Feeds = {
    spec.kind: spec
    for spec in (
        FeedSpec(Kind.PRODUCTS, goods.decide, True, 500, "rate(15 minutes)"),
        FeedSpec(Kind.CUSTOMERS, customers.decide, True, 500, "rate(5 minutes)", census=True),
        FeedSpec(Kind.ORDERS, goods.decide, False, 500, "rate(15 minutes)"),
        FeedSpec(Kind.CARTS, goods.decide, False, 500, "rate(15 minutes)"),
        FeedSpec(Kind.PROMO_CODES, goods.decide, False, 500, "rate(4 hours)", whole=True),
        FeedSpec(
            Kind.CONTACTS,
            contacts.decide,
            False,
            500,
            "rate(30 minutes)",
            back=True,
            writes=Verb.CONSENT,
            becomes=Kind.CUSTOMERS,
        ),
        FeedSpec(
            Kind.ENGAGEMENT,
            engagement.decide,
            False,
            500,
            "rate(1 hour)",
            back=True,
            reads=Verb.EXPORT,
            happenings=True,
        ),
    )
}

CATALOGUE: Feeds = {
    spec.kind: spec
    for spec in (
        FeedSpec(Kind.PRODUCTS, catalogue.decide, True, 100, "rate(15 minutes)"),
        FeedSpec(Kind.STOCK, levels.decide, False, 500, "rate(5 minutes)", whole=True),
    )
}

LINKS: Mapping[str, Feeds] = {"audience": AUDIENCE, CATALOGUE_LINK: CATALOGUE}
"""Kind of link → its feeds."""


def spec_of(flow: Flow) -> FeedSpec:
    """The row of the table for a flow. Raises KeyError where the kind does not flow over such a link."""
    return LINKS[flow.link_kind][flow.kind]
