"""Which orders are sent: those of the chosen period whose status is now among the chosen ones."""

from datetime import datetime

from passerelle.memory import RunOutcome
from passerelle.model import Kind

CHOSEN = {"placed_from": "2026-01-01T10:00:00+00:00", "placed_until": "2026-01-02T10:00:00+00:00"}


def _chosen(here, statuses):
    early, late = (datetime.fromisoformat(CHOSEN[end]) for end in ("placed_from", "placed_until"))
    for order in here.shop.state.shelf("Order").things.values():
        status = (
            "cancelled" if order["cancelledAt"] else (order["displayFinancialStatus"] or "pending").lower()
        )
        if status in statuses and early <= datetime.fromisoformat(order["processedAt"]) <= late:
            yield order["legacyResourceId"]


def test_orders_of_the_chosen_period_with_a_chosen_status_are_sent_and_no_others(scene):  # A-24, B-6
    here = scene(products=3, customers=5, orders=60)
    here.world.sync(Kind.PRODUCTS)
    here.world.memory.feeds.change(here.world.feed(Kind.ORDERS), settings={**CHOSEN, "statuses": ["paid"]})
    run = here.world.sync(Kind.ORDERS)
    assert run.outcome is RunOutcome.COMPLETED, run.why
    expected = set(_chosen(here, {"paid"}))
    assert set(here.store.orders) == expected
    assert 0 < len(expected) < 60
