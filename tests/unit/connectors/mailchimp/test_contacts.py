"""Writing contacts: consent is never changed by accident, refusals have stable codes."""

import pytest
from passerelle.model import Address, AudienceStatus, Kind
from passerelle.port import Action, Change, Result
from sandbox.mailchimp import Member, hashed

from .samples import HOME, create, customer, made, order, product, update

SUBSCRIBED, UNSUBSCRIBED = AudienceStatus.SUBSCRIBED, AudienceStatus.UNSUBSCRIBED
PENDING, TRANSACTIONAL = AudienceStatus.PENDING, AudienceStatus.TRANSACTIONAL


def push(connector, *changes):
    return connector.push(Kind.CUSTOMERS, changes)


def test_a_new_customer_becomes_a_contact_of_the_status_asked_for(world, connector) -> None:
    outcomes = push(
        connector,
        create(customer("1", "ada@shop.example", last_name="Byron", phone="+331", address=HOME)),
        create(customer("2", "bob@shop.example"), TRANSACTIONAL),
        create(customer("3", "cyd@shop.example"), PENDING),
    )
    assert [o.result for o in outcomes] == [Result.CREATED] * 3
    assert [world.audience.status(f"{n}@shop.example") for n in ("ada", "bob", "cyd")] == [
        "subscribed",
        "transactional",
        "pending",
    ]
    ada = world.audience.members[hashed("ada@shop.example")]
    assert outcomes[0].destination_id == ada.id == connector.contact_id("ADA@shop.example ")
    assert ada.merge_fields == {
        "FNAME": "Ada",
        "LNAME": "Byron",
        "PHONE": "+331",
        "ADDRESS": {"addr1": "1 rue Haute", "city": "Lyon", "zip": "69001", "country": "FR"},
    }


@pytest.mark.parametrize("status", ["subscribed", "unsubscribed", "cleaned", "pending", "transactional"])
def test_a_create_never_changes_a_person_who_is_there(world, connector, status: str) -> None:
    world.audience.seed(Member("ada@shop.example", status, {"FNAME": "Augusta"}))
    (outcome,) = push(connector, create(customer()))
    assert outcome.result is Result.EXISTS
    assert world.audience.status("ada@shop.example") == status
    assert world.audience.members[hashed("ada@shop.example")].merge_fields == {"FNAME": "Augusta"}


def test_creates_go_500_to_a_call(world, connector) -> None:
    outcomes = push(connector, *(create(customer(str(n), f"p{n}@shop.example")) for n in range(1001)))
    assert {o.result for o in outcomes} == {Result.CREATED}
    assert len(world.account.calls) == 3
    assert len(world.audience.members) == 1001


def test_creating_twice_changes_nothing(world, connector) -> None:
    people = [create(customer(str(n), f"p{n}@shop.example")) for n in range(20)]
    push(connector, *people)
    before = [(m.status, m.last_changed) for m in world.audience.members.values()]
    assert {o.result for o in push(connector, *people)} == {Result.EXISTS}
    assert [(m.status, m.last_changed) for m in world.audience.members.values()] == before


def test_one_address_twice_in_a_push_is_one_contact(world, connector) -> None:
    outcomes = push(connector, create(customer("1")), create(customer("2", "ADA@shop.example")))
    assert [o.result for o in outcomes] == [Result.CREATED, Result.EXISTS]
    assert len(world.audience.members) == 1


def test_an_update_without_status_leaves_every_status_alone(world, connector) -> None:
    statuses = ["subscribed", "unsubscribed", "pending", "transactional", "archived"]
    world.audience.seed(*(Member(f"{s}@shop.example", s) for s in statuses))
    outcomes = push(
        connector, *(update(customer(s, f"{s}@shop.example", first_name="New")) for s in statuses)
    )
    assert {o.result for o in outcomes} == {Result.UPDATED}
    for status in statuses:
        member = world.audience.members[hashed(f"{status}@shop.example")]
        assert (member.status, member.merge_fields["FNAME"]) == (status, "New")


def test_an_update_of_somebody_who_is_not_there_makes_nobody(world, connector) -> None:
    (outcome,) = push(connector, update(customer()))
    assert (outcome.result, outcome.code) == (Result.REFUSED, "contact_gone")
    assert world.audience.members == {}


def test_many_updates_go_as_one_batch_and_each_is_answered(world, connector) -> None:
    world.audience.seed(*(Member(f"p{n}@shop.example", "unsubscribed") for n in range(30)))
    world.audience.seed(Member("gone@shop.example", "cleaned"))
    people = [update(customer(str(n), f"p{n}@shop.example", first_name=f"N{n}")) for n in range(30)]
    outcomes = push(
        connector, *people, update(customer("x", "gone@shop.example")), update(customer("y", "no@a.example"))
    )
    assert [o.result for o in outcomes] == [Result.UPDATED] * 30 + [Result.REFUSED] * 2
    assert [o.code for o in outcomes[-2:]] == ["cleaned", "contact_gone"]
    assert all(
        world.audience.members[hashed(f"p{n}@shop.example")].merge_fields["FNAME"] == f"N{n}"
        for n in range(30)
    )
    assert world.audience.status("p7@shop.example") == "unsubscribed"
    assert len(world.account.calls.matching("PATCH")) == 0


def test_an_empty_field_clears_nothing(world, connector) -> None:
    world.audience.seed(Member("ada@shop.example", merge_fields={"FNAME": "Augusta", "PHONE": "+331"}))
    push(connector, update(customer(first_name="", last_name="Byron")))
    member = world.audience.members[hashed("ada@shop.example")]
    assert member.merge_fields == {"FNAME": "Augusta", "PHONE": "+331", "LNAME": "Byron"}


def test_an_incomplete_address_is_not_sent(world, connector) -> None:
    world.audience.seed(Member("ada@shop.example"))
    (outcome,) = push(connector, update(customer(address=Address(line1="1 rue Haute", country="FR"))))
    assert outcome.result is Result.UPDATED
    assert "ADDRESS" not in world.audience.members[hashed("ada@shop.example")].merge_fields


def test_nothing_to_say_is_no_call(world, connector) -> None:
    (outcome,) = push(connector, update(customer(first_name="")))
    assert outcome.result is Result.UNCHANGED
    assert len(world.account.calls) == 0


@pytest.mark.parametrize("status", [SUBSCRIBED, UNSUBSCRIBED, PENDING, TRANSACTIONAL])
def test_an_update_with_a_status_writes_it(world, connector, status) -> None:
    before = "transactional" if status is SUBSCRIBED else "subscribed"
    world.audience.seed(Member("ada@shop.example", before))
    (outcome,) = push(connector, update(customer(), status))
    assert (outcome.result, outcome.code) == (Result.UPDATED, "")
    assert world.audience.status("ada@shop.example") == status
    (read,) = connector.pull(Kind.CONTACTS, [hashed("ada@shop.example")]).objects
    assert outcome.consent_at == (read.status_changed_at or read.changed_at)


def test_who_left_is_asked_to_confirm_once(world, connector) -> None:
    world.audience.seed(Member("ada@shop.example"))
    world.audience.person_unsubscribes("ada@shop.example")
    for _ in range(3):
        (outcome,) = push(connector, update(customer(), SUBSCRIBED))
        assert (outcome.result, outcome.code) == (Result.UPDATED, "compliance_state")
    assert world.audience.status("ada@shop.example") == "pending"
    assert world.audience.confirmations == ["ada@shop.example"]


def test_a_cleaned_contact_is_never_subscribed_again_nor_asked(world, connector) -> None:
    world.audience.seed(Member("ada@shop.example"))
    world.audience.mail_bounces("ada@shop.example")
    (outcome,) = push(connector, update(customer(), SUBSCRIBED))
    assert (outcome.result, outcome.code) == (Result.REFUSED, "cleaned")
    assert world.audience.status("ada@shop.example") == "cleaned"
    assert world.audience.confirmations == []


def test_a_forgotten_contact_is_not_made_again(world, connector) -> None:
    world.audience.seed(Member("ada@shop.example"))
    world.audience.admin_deletes_permanently("ada@shop.example")
    assert connector.find(Kind.CUSTOMERS, ["ada@shop.example"]) == []
    (outcome,) = push(connector, create(customer(), TRANSACTIONAL))
    assert (outcome.result, outcome.code) == (Result.REFUSED, "forgotten")
    assert world.audience.status("ada@shop.example") == "forgotten"


def test_a_withdrawal_is_written_even_if_the_profile_is_refused(world, connector) -> None:
    world.audience.seed(Member("ada@shop.example"))
    member = world.audience.members[hashed("ada@shop.example")]
    member.merge_fields = {"ADDRESS": {"addr1": "an old one, never whole"}}
    (outcome,) = push(connector, update(customer(birthday="31 May"), UNSUBSCRIBED))
    assert outcome.result is Result.UPDATED
    assert world.audience.status("ada@shop.example") == "unsubscribed"


def test_refusals_have_stable_codes_and_name_nobody(world, connector) -> None:
    world.audience.merge_fields["LNAME"]["required"] = True
    world.audience.on_many_lists.add("busy@shop.example")
    named = {"last_name": "Byron"}
    outcomes = push(
        connector,
        create(customer("1", "fake@shop.example", **named)),
        create(customer("2", "busy@shop.example", **named)),
        create(customer("3", "not-an-address", **named)),
        create(customer("4", "nameless@shop.example")),
        create(customer("6", "", **named)),
        create(customer("7", "good@shop.example", **named)),
    )
    assert [o.code for o in outcomes] == [
        "fake_address",
        "too_many_lists",
        "invalid_email",
        "merge_field_required",
        "no_email",
        "",
    ]
    assert outcomes[-1].result is Result.CREATED
    assert all(o.why and o.remedy for o in outcomes[:-1])
    assert not any("@" in o.why + o.remedy for o in outcomes)
    assert "LNAME" in outcomes[3].why


@pytest.mark.parametrize("there", [True, False])
def test_a_value_that_mailchimp_refuses_is_left_out_and_said(world, connector, there: bool) -> None:
    world.audience.seed(*(Member(f"p{n}@shop.example") for n in range(30 if there else 0)))
    people = [customer(str(n), f"p{n}@shop.example", birthday="May" if n % 2 else "") for n in range(30)]
    outcomes = push(connector, *(update(p) if there else create(p) for p in people))
    assert {o.result for o in outcomes} == {Result.UPDATED if there else Result.CREATED}
    assert [o.code for o in outcomes] == ["", "field_left_out"] * 15
    assert "BIRTHDAY" in outcomes[1].why
    assert "May" not in outcomes[1].why
    assert all(member.merge_fields == {"FNAME": "Ada"} for member in world.audience.members.values())


def test_an_opt_in_is_written_without_a_value_that_is_refused(world, connector) -> None:
    world.audience.seed(Member("ada@shop.example", "transactional"))
    (outcome,) = push(connector, update(customer(birthday="May"), SUBSCRIBED))
    assert (outcome.result, outcome.code) == (Result.UPDATED, "field_left_out")
    assert world.audience.status("ada@shop.example") == "subscribed"


def test_a_required_field_that_was_empty_before_does_not_hold_an_update_back(world, connector) -> None:
    world.audience.seed(Member("ada@shop.example"))
    world.audience.merge_fields["LNAME"]["required"] = True
    (outcome,) = push(connector, update(customer(), UNSUBSCRIBED))
    assert outcome.result is Result.UPDATED
    assert world.audience.status("ada@shop.example") == "unsubscribed"


def test_one_member_that_breaks_the_whole_call_is_found_and_the_rest_go_on(world, connector) -> None:  # B-4
    people = [create(customer(str(n), f"p{n}@shop.example")) for n in range(16)]
    people[5] = create(customer("5", "p5@shop.example", language=7))
    outcomes = push(connector, *people)
    assert [o.result for o in outcomes].count(Result.CREATED) == 15
    assert (outcomes[5].result, outcomes[5].code) == (Result.REFUSED, "field_refused")


def test_a_contact_is_archived_once(world, connector) -> None:
    world.audience.seed(Member("ada@shop.example"))
    leave = Change("1", Action.DELETE, customer())
    assert [push(connector, leave)[0].result for _ in range(2)] == [Result.DELETED, Result.UNCHANGED]
    assert world.audience.status("ada@shop.example") == "archived"


def test_forgotten_cannot_be_written(connector) -> None:
    (outcome,) = push(connector, update(customer(), AudienceStatus.FORGOTTEN))
    assert (outcome.result, outcome.code) == (Result.REFUSED, "status_not_writable")


def test_only_mapped_fields_are_sent(world) -> None:
    connector = world.connect(merge_fields={"first_name": "PRENOM"}, language="fr")
    world.audience.merge_fields["PRENOM"] = {"tag": "PRENOM", "type": "text", "required": False}
    push(connector, create(customer(last_name="Byron")))
    member = world.audience.members[hashed("ada@shop.example")]
    assert (member.merge_fields, member.language) == ({"PRENOM": "Ada"}, "fr")


def test_the_order_history_follows_a_changed_email(world, connector) -> None:
    push(connector, create(customer("1", "ada@shop.example")))
    connector.push(Kind.PRODUCTS, [made(product())])
    connector.push(Kind.ORDERS, [made(order(customer_id="1"))])
    before = connector.contact_id("ada@shop.example")
    moved = customer("1", "lady@shop.example")
    (outcome,) = push(connector, Change("1", Action.CREATE, moved, before, status=PENDING))
    assert (outcome.result, outcome.destination_id) == (Result.CREATED, hashed("lady@shop.example"))
    assert world.audience.status("ada@shop.example") == "subscribed"
    assert world.audience.status("lady@shop.example") == "pending"
    assert world.store.customers["1"]["email_address"] == "lady@shop.example"
    assert world.store.customers["1"]["opt_in_status"] is False
