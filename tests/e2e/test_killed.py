"""A worker that is killed while it works: the machine starts another, which ends where the first would have."""

import pytest
from e2e.town import FIGURES, Business, Town, until
from sandbox.moods import Mood


@pytest.fixture(scope="module")
def lumiere(town: Town) -> Business:
    merchant, _ = town.shops.merchants
    return town.settle_in(merchant, town.spare_audience(0))


@pytest.fixture(scope="module")
def undisturbed(town: Town, lumiere: Business) -> Business:
    """The same shop, linked to another audience, whose workers live long and happily."""
    ends = {"source": lumiere.shop["id"], "destination": lumiere.account["id"]}
    link = lumiere.app.post("/links", 201, **ends, audience=town.spare_audience(1))
    return Business(lumiere.app, lumiere.merchant, lumiere.shop, lumiere.account, link)


PRODUCTS = r"(POST|PUT|PATCH) /3.0/(batches|ecommerce/stores/[^/]+/products)"


@pytest.mark.parametrize(
    ("kind", "match"),
    [
        ("products", PRODUCTS),
        ("customers", "POST /3.0/lists/"),
    ],
)
def test_a_worker_killed_in_the_middle_of_a_write_loses_and_doubles_nothing(  # B-7
    town: Town, lumiere: Business, undisturbed: Business, kind: str, match: str
) -> None:
    account = town.shops.account
    lumiere.app.patch(f"/feeds/{lumiere.feed(kind)}", batch_size=5)
    account.moods.add(Mood.SLOW, match, after=1, seconds=15.0)
    run_id = lumiere.start(kind)
    until(lambda: [call for call in account.calls if call.mood == Mood.SLOW])
    assert town.kill("CarryFunction"), "no worker of Carry was found"
    run = lumiere.app.finished(run_id)
    account.moods.clear()
    account.calls.clear()
    assert run["outcome"] == "completed"
    assert run["expected"] == sum(run["counts"][figure] for figure in FIGURES)
    assert undisturbed.sync(kind)["outcome"] == "completed"
    assert holds(town, lumiere, kind) == holds(town, undisturbed, kind)
    again = lumiere.sync(kind)
    assert again["counts"]["created"] + again["counts"]["updated"] == 0


def holds(town: Town, business: Business, kind: str) -> object:
    """What the destination holds of a link, without what differs by link or by the hour."""
    account = town.shops.account
    if kind == "products":
        return dict(account.stores[business.store_id].products)
    members = account.audiences[business.link["audience"]].members
    return {id: (member.status, member.merge_fields, member.language) for id, member in members.items()}
