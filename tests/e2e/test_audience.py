"""What is peculiar to an audience, through the stack: the guard and the undo, visitors' events."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from e2e.town import Business, Town, until
from sandbox.mailchimp.audience import Audience, Member

ORIGIN = "https://www.atelier-nord.example"


@pytest.fixture(scope="module")
def nord(guarded: Town, synced: dict[str, Business]) -> Business:
    """The Shopify merchant, with everything synced."""
    return synced["shopify"]


def _audience(town: Town, business: Business) -> Audience:
    return town.shops.account.audiences[str(business.link["audience"])]


def test_a_run_above_the_guard_waits_goes_on_and_is_undone(
    guarded: Town, nord: Business
) -> None:  # A-12 A-13
    business = guarded.settle_in(nord.merchant, guarded.spare_audience(3))
    business.app.patch(f"/links/{business.link['id']}", policy={"guard": {"most": 1, "share": 0}})
    audience = _audience(guarded, business)
    known = [each.email for each in _audience(guarded, nord).members.values() if each.status == "subscribed"]
    before = datetime.now(UTC) - timedelta(days=200)
    audience.seed(*(Member(email, "transactional", last_changed=before) for email in known))
    begun = business.start("customers")
    waiting = until(
        lambda: business.app.run(begun), lambda run: run["status"] in {"awaiting_approval", "finished"}
    )
    assert waiting["status"] == "awaiting_approval"
    listed = business.app.get(f"/runs/{waiting['id']}/raises")["items"]
    raised = {each["contact"] for each in listed}
    assert len(raised) == waiting["raises"] > 1
    assert _subscribed(audience) == 0
    business.app.post(f"/runs/{waiting['id']}/approve", 202)
    done = business.app.finished(waiting["id"])
    assert (done["outcome"], _subscribed(audience)) == ("completed", len(raised))
    business.app.post(f"/runs/{waiting['id']}/approve", 409)
    undoing = business.app.post(f"/runs/{waiting['id']}/undo", 202)
    undone = business.app.finished(undoing["id"])
    assert (undone["outcome"], _subscribed(audience)) == ("completed", 0)
    # The shop goes on telling those whom it is connected to.
    business.app.ask("DELETE", f"/links/{business.link['id']}", 204)
    business.app.ask("DELETE", f"/stores/{business.shop['id']}", 204)


def _subscribed(audience: Audience) -> int:
    return sum(each.status == "subscribed" for each in audience.members.values())


def test_what_a_visitor_does_becomes_an_event_of_the_contact(guarded: Town, nord: Business) -> None:
    audience = _audience(guarded, nord)
    member = next(each for each in audience.members.values() if each.status == "subscribed")
    pixel = nord.app.post(f"/stores/{nord.shop['id']}/pixel", 201, allowed_origins=[ORIGIN])
    told = [
        _event("e2e-1", member.email),
        _event("e2e-1", member.email),
        _event("e2e-2", member.email, sale=False),
    ]
    assert _tell(guarded, pixel, "https://elsewhere.example", told)[0] == 403
    assert _tell(guarded, pixel, ORIGIN, [{**told[0], "name": "page_scrolled"}])[0] == 422
    status, counted = _tell(guarded, pixel, ORIGIN, told)
    assert (status, counted) == (202, {"accepted": 1, "duplicates": 1, "denied": 1, "off": 0})

    def days() -> Any:
        return nord.app.get(f"/links/{nord.link['id']}/customer-events")["days"]

    # The batch with an unknown name was refused at the door, and counted.
    (day,) = until(days, lambda seen: seen and seen[0]["sent"])
    assert (day["accepted"], day["sent"], day["kept"], day["refused"]) == (1, 1, 0, 1)
    assert [event["name"] for event in member.events] == ["product_viewed"]


def _event(id: str, email: str, *, sale: bool = True) -> dict[str, Any]:
    return {
        "id": id,
        "name": "product_viewed",
        "timestamp": datetime.now(UTC).isoformat(timespec="seconds"),
        "email": email,
        "privacy": {"analytics": True, "marketing": True, "sale_of_data": sale},
        "data": {"product_id": "1"},
    }


def _tell(town: Town, pixel: dict[str, Any], origin: str, events: list[dict[str, Any]]) -> tuple[int, Any]:
    answer = town.stack.http().post(
        f"/pixel/{pixel['key']}", json={"events": events}, headers={"Origin": origin}
    )
    return answer.status_code, answer.json()
