"""Credentials that end while a run goes on: one incident, no more schedules, and all comes back with new ones."""

import pytest
from e2e.town import Business, Town
from sandbox.moods import Mood
from sandbox.prestashop.sample import SAMPLE_KEY, catalogue
from sandbox.server import serve


@pytest.fixture(scope="module")
def lumiere(town: Town) -> Business:
    merchant, _ = town.shops.merchants
    return town.settle_in(merchant)


def test_refused_midway_then_authorised_again(town: Town, lumiere: Business) -> None:  # B-12 G-5
    app, link, moods = lumiere.app, str(lumiere.link["id"]), lumiere.merchant.shop.moods
    # What a PrestaShop cannot hold has a feed that is off, and no schedule.
    feeds = set(lumiere.link["feeds"]) - {lumiere.feed("engagement")}
    assert town.schedules(link).keys() == feeds
    app.patch(f"/feeds/{lumiere.feed('customers')}", batch_size=1)
    moods.add(Mood.EXPIRED_CREDENTIALS, "GET /api/", after=8)

    run = lumiere.sync("customers")
    assert (run["outcome"], run["counts"]["failed"]) == ("failed", 0)
    assert run["why"]
    assert app.get(f"/stores/{lumiere.shop['id']}")["status"] == "needs_reauth"
    assert town.schedules(link) == {}
    told = [each for each in lumiere.incidents() if "credentials" in each["title"].lower()]
    assert [(each["severity"], each["count"] >= 1) for each in told] == [("error", True)]
    refused = app.post(f"/feeds/{lumiere.feed('customers')}/runs", 409)
    assert (refused["code"], lumiere.shop["id"] in refused["remedy"]) == ("needs_reauth", True)

    moods.clear()
    path = f"/stores/{lumiere.shop['id']}/authorize"
    assert app.post(path, 200, credentials=dict(lumiere.merchant.credentials))["status"] == "connected"
    assert town.schedules(link).keys() == feeds
    assert lumiere.sync("customers")["outcome"] == "completed"
    assert lumiere.incidents() == []


def test_another_shops_credentials_are_refused(town: Town) -> None:  # G-5
    merchant, _ = town.shops.merchants
    app = town.tenant("Two shops")
    store = app.post("/stores", 201, platform="prestashop", credentials=dict(merchant.credentials))
    with serve(catalogue(1, 1, 1)) as other:
        refused = app.post(
            f"/stores/{store['id']}/authorize", 409, credentials={"url": other.url, "key": SAMPLE_KEY}
        )
    assert refused["code"] == "another_shop"
    assert app.get(f"/stores/{store['id']}")["url"] == store["url"]
