"""Brings what both sides have to tell to our door, and works the queue: on time, late, twice, in disorder, or never."""

from typing import Any

from passerelle.subscriptions import subscribe


def listen(here: Any) -> None:
    """Subscribe to everything that the shop and the audience of a scene tell."""
    for store in list(here.world.stores.values()):
        subscribe(here.world.runtime, here.world.tenant, here.world.memory.stores.get(store.id))


def told_by_shop(here: Any, **how: Any) -> list[int]:
    """Deliver what the shop has to tell (twice, shuffled: see its `deliveries`); answers the door's statuses."""
    store = here.world.stores["shopify"]
    return [here.world.knock(store, d.headers, d.body) for d in here.shop.deliveries(**how)]


def told_by_audience(here: Any) -> list[int]:
    """Deliver what the audience has to tell; answers the door's statuses."""
    store = here.world.stores["mailchimp"]
    sent, here.account.hooks.sent = here.account.hooks.sent, []
    return [here.world.knock(store, d.headers, d.body) for d in sent]


def lost(here: Any) -> None:
    """What both sides have told and nobody has fetched never arrives."""
    here.shop.state.events.clear()
    here.account.hooks.sent.clear()


def quiet(here: Any) -> None:
    """Deliver and follow until nobody has anything to tell any more."""
    for _ in range(10):
        told = [*told_by_shop(here), *told_by_audience(here)]
        if set(told) - {200}:
            raise AssertionError(f"the door refuses what it is told: {told}")
        if not told and not here.world.follow_all():
            return
        here.world.follow_all()
    raise AssertionError("the two sides tell each other the same thing for ever")
