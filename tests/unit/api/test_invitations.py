"""Inviting a store by its address: it waits for its owner, who needs no key."""

from datetime import timedelta
from typing import Any

import pytest
from sandbox.mall import Mall
from sandbox.tenants import Tenant


@pytest.fixture
def sent(brand: Tenant, main: Any, corner: Any) -> Any:
    return brand.post(f"/v1/stores/{main['id']}/invitations", url="https://www.Corner.example/")


def accept(tenant: Tenant, sent: Any, store: Any, **body: Any) -> Any:
    return tenant.client.post(f"/v1/invitations/{sent['id']}/accept", json={"store": store["id"], **body})


def test_an_invitation_waits_until_its_store_accepts_without_a_key(  # C-2
    brand: Tenant, reseller: Tenant, main: Any, corner: Any, sent: Any
) -> None:
    (received,) = reseller.client.get("/v1/invitations").json()["items"]
    assert received == sent
    assert (received["main"], received["status"], received["link"]) == ("brand", "waiting", "")
    assert reseller.memory.links.list() == []
    made = accept(reseller, sent, corner, preferences={"all": True}).json()
    assert made["preferences"]["all"] is True
    assert [each.link for each in brand.memory.dependents.of(main["id"])] == [made["id"]]
    (told,) = brand.client.get(f"/v1/stores/{main['id']}/invitations").json()["items"]
    assert (told["status"], told["link"]) == ("accepted", made["id"])
    assert accept(reseller, sent, corner).json() == made  # C-2


def test_who_is_invited_already_is_not_invited_twice(brand: Tenant, main: Any, sent: Any) -> None:  # C-2
    again = brand.post(f"/v1/stores/{main['id']}/invitations", url="corner.example")
    assert again == sent
    assert sum(line.action == "invitation.sent" for line in brand.memory.audit.list().items) == 1


def test_an_invitation_is_seen_by_its_store_alone(  # C-3 G-4
    mall: Mall, brand: Tenant, reseller: Tenant, corner: Any, sent: Any
) -> None:
    other = mall.merchant("Another")
    kiosk = mall.open(other, "kiosk")
    assert other.client.get("/v1/invitations").json()["items"] == []
    assert accept(other, sent, kiosk).status_code == 404
    assert other.client.post(f"/v1/invitations/{sent['id']}/decline").status_code == 404
    assert brand.client.get("/v1/invitations").json()["items"] == []
    mine = mall.open(reseller, "second")
    assert reseller.client.get("/v1/invitations", params={"store": mine["id"]}).json()["items"] == []
    assert len(reseller.client.get("/v1/invitations", params={"store": corner["id"]}).json()["items"]) == 1
    wrong = accept(reseller, sent, mine)
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "store")
    assert "corner.example" in wrong.json()["errors"][0]["allowed"]


def test_who_else_holds_the_invited_shop_does_not_see_which_link_came_of_it(  # C-3
    mall: Mall, reseller: Tenant, corner: Any, sent: Any
) -> None:
    other = mall.merchant("Another")
    mall.connect(other, "corner")
    made = accept(reseller, sent, corner).json()
    (theirs,) = other.client.get("/v1/invitations").json()["items"]
    assert (theirs["status"], theirs["link"]) == ("accepted", "")
    (own,) = reseller.client.get("/v1/invitations").json()["items"]
    assert own["link"] == made["id"]


def test_a_declined_invitation_is_answered_for_good(  # C-2
    brand: Tenant, reseller: Tenant, main: Any, corner: Any, sent: Any
) -> None:
    path = f"/v1/invitations/{sent['id']}/decline"
    for _ in range(2):
        assert reseller.client.post(path).json()["status"] == "declined"
    refused = accept(reseller, sent, corner)
    assert (refused.status_code, refused.json()["code"]) == (409, "invitation_answered")
    assert "declined" in refused.json()["title"]
    again = brand.post(f"/v1/stores/{main['id']}/invitations", url="corner.example")
    assert again["id"] != sent["id"]
    assert accept(reseller, again, corner).status_code == 201


def test_an_expired_invitation_is_refused_in_words(  # C-2
    mall: Mall, reseller: Tenant, corner: Any, sent: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = mall.door.runtime.storage
    now = storage.clock()
    monkeypatch.setattr(storage, "clock", lambda: now + timedelta(days=31))
    (received,) = reseller.client.get("/v1/invitations").json()["items"]
    assert received["status"] == "expired"
    refused = accept(reseller, sent, corner)
    assert (refused.status_code, refused.json()["code"]) == (409, "invitation_expired")
    assert "invite the store again" in refused.json()["remedy"]
    assert reseller.client.post(f"/v1/invitations/{sent['id']}/decline").status_code == 409


def test_a_withdrawn_invitation_is_not_there_any_more(  # C-2
    brand: Tenant, reseller: Tenant, main: Any, corner: Any, sent: Any
) -> None:
    path = f"/v1/stores/{main['id']}/invitations/{sent['id']}"
    for _ in range(2):
        assert brand.client.delete(path).status_code == 204
    assert reseller.client.get("/v1/invitations").json()["items"] == []
    assert accept(reseller, sent, corner).status_code == 404
    assert "invitation.withdrawn" in {line.action for line in brand.memory.audit.list().items}  # G-11


def test_what_was_accepted_is_not_withdrawn(
    brand: Tenant, reseller: Tenant, main: Any, corner: Any, sent: Any
) -> None:
    accept(reseller, sent, corner)
    answer = brand.client.delete(f"/v1/stores/{main['id']}/invitations/{sent['id']}")
    assert (answer.status_code, answer.json()["code"]) == (409, "invitation_answered")


def test_an_accepted_invitation_takes_a_link_up_again_but_not_one_that_the_main_store_ended(  # C-11 C-2
    brand: Tenant, reseller: Tenant, main: Any, corner: Any, sent: Any
) -> None:
    made = accept(reseller, sent, corner).json()
    reseller.post(f"/v1/catalogue-links/{made['id']}/disconnect")
    assert accept(reseller, sent, corner).json()["id"] == made["id"]
    assert brand.client.delete(f"/v1/stores/{main['id']}/dependents/{made['id']}").status_code == 204
    refused = accept(reseller, sent, corner)
    assert (refused.status_code, refused.json()["code"]) == (409, "invitation_answered")


def test_a_circle_is_not_accepted_and_the_invitation_goes_on_waiting(  # C-12
    mall: Mall, brand: Tenant, reseller: Tenant, main: Any, corner: Any, sent: Any
) -> None:
    back = {"connection_key": mall.key(reseller, corner), "store": main["id"]}
    assert brand.client.post("/v1/catalogue-links", json=back).status_code == 201
    assert accept(reseller, sent, corner).json()["code"] == "cycle"
    assert reseller.client.get("/v1/invitations").json()["items"][0]["status"] == "waiting"


@pytest.mark.parametrize("url", ["", "no dots", "nowhere", "https://", "https://[", "https://brand.example"])
def test_an_address_that_is_none_or_ones_own_is_refused(brand: Tenant, main: Any, url: str) -> None:
    answer = brand.client.post(f"/v1/stores/{main['id']}/invitations", json={"url": url})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "url")
