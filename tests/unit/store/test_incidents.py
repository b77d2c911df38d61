"""Incidents and activity: one cause is one incident, and nobody's address is in it."""

from datetime import timedelta
from typing import Any

import pytest
from passerelle.memory import Act, Incident
from passerelle.model import Kind, Severity
from passerelle.store.records import IncidentStatus
from passerelle.store.repositories import Repositories, Storage
from unit.store.conftest import Clock


def incident(cause: str = "lnk_1:products:unreadable:42", **fields: Any) -> Incident:
    told: dict[str, Any] = {
        "severity": Severity.ERROR,
        "title": "Product 42 has no price",
        "remedy": "Give it one.",
    }
    return Incident(cause=cause, **told | fields)


def test_one_cause_is_one_incident_with_a_count(mine: Repositories, clock: Clock) -> None:  # E-7
    mine.incidents.open([incident()])
    clock.forward(60)
    mine.incidents.open([incident(title="Product 42 still has no price"), incident()])
    (found,) = mine.incidents.list().items
    assert (found.count, found.title) == (3, "Product 42 has no price")
    assert found.last_at - found.first_at == timedelta(seconds=60)
    assert mine.incidents.get(found.id) == found


def test_many_causes_are_opened_and_counted_in_one_go(mine: Repositories) -> None:  # E-7
    many = [incident(f"lnk_1:products:unreadable:{number}") for number in range(130)]
    mine.incidents.open(many[:60])
    mine.incidents.open(many)
    counts = {found.cause: found.count for found in walk(mine)}
    assert counts == {each.cause: 2 if number < 60 else 1 for number, each in enumerate(many)}


def test_many_causes_are_resolved_in_one_go(mine: Repositories) -> None:  # E-8
    many = [incident(f"lnk_1:products:unreadable:{number}") for number in range(55)]
    mine.incidents.open(many)
    mine.incidents.resolve([each.cause for each in many[1:]])
    assert [found.cause for found in walk(mine)] == [many[0].cause]


def test_resolving_leaves_alone_what_was_opened_anew_meanwhile(
    mine: Repositories, clock: Clock
) -> None:  # E-8
    mine.incidents.open([incident(), incident("other")])
    stale = list(
        mine.incidents._read([mine.incidents.id_of(incident().cause), mine.incidents.id_of("other")]).values()
    )
    mine.incidents.resolve([incident().cause])
    clock.forward(1)
    mine.incidents.open([incident()])
    for item in stale:
        mine.incidents._end_one(item, IncidentStatus.RESOLVED)
    assert [found.cause for found in walk(mine)] == [incident().cause]


def walk(mine: Repositories, limit: int = 40) -> list[Any]:
    found, cursor = [], None
    while True:
        page = mine.incidents.list(limit=limit, cursor=cursor)
        found += page.items
        cursor = page.cursor
        if cursor is None:
            return found


def test_open_incidents_are_listed_newest_first_and_filtered(mine: Repositories, clock: Clock) -> None:  # H-5
    for number in range(6):
        mine.incidents.open(
            [incident(f"cause {number}", link=f"lnk_{number % 2}", severity=list(Severity)[number % 3])]
        )
        clock.forward(1)
    assert [found.cause for found in walk(mine, 4)] == [f"cause {number}" for number in (5, 4, 3, 2, 1, 0)]
    of_link = mine.incidents.list(link="lnk_0", limit=2)
    assert [found.cause for found in of_link.items] == ["cause 4", "cause 2"]
    errors = mine.incidents.list(severity=Severity.ERROR)
    assert [found.cause for found in errors.items] == ["cause 5", "cause 2"]


def test_an_incident_whose_cause_is_gone_is_resolved_and_opens_anew(
    mine: Repositories, clock: Clock
) -> None:  # E-8
    mine.incidents.open([incident(), incident("other")])
    mine.incidents.resolve([incident().cause, "never opened"])
    assert [found.cause for found in mine.incidents.list().items] == ["other"]
    resolved = mine.incidents.get(mine.incidents.id_of(incident().cause))
    assert resolved.status is IncidentStatus.RESOLVED
    clock.forward(60)
    mine.incidents.open([incident()])
    again = mine.incidents.get(resolved.id)
    assert (again.status, again.count, again.first_at) == (IncidentStatus.OPEN, 1, clock.at)
    assert len(mine.incidents.list().items) == 2


def test_a_person_closes_an_incident_by_its_id(mine: Repositories) -> None:  # E-7
    mine.incidents.open([incident()])
    (found,) = mine.incidents.list().items
    assert mine.incidents.close(found.id).status is IncidentStatus.CLOSED
    assert mine.incidents.close(found.id).status is IncidentStatus.CLOSED
    assert mine.incidents.list().items == ()


def test_a_race_to_open_the_same_causes_loses_no_count(mine: Repositories) -> None:  # E-7
    race = [incident(f"race {number}") for number in range(3)]
    counts = {mine.incidents.id_of(each.cause): 1 for each in race}
    mine.incidents.open(race[:1])
    mine.incidents._begin(race, counts)
    assert {found.cause: found.count for found in mine.incidents.list().items} == {
        "race 0": 2,
        "race 1": 1,
        "race 2": 1,
    }


@pytest.mark.parametrize("word", ["cause", "title", "remedy", "object_id"])
def test_words_that_hold_an_address_are_refused_before_anything_is_written(  # G-7
    mine: Repositories, word: str
) -> None:
    leaky = (
        incident(**{word: "write to jane.o'hara+shop@mail.example.org, please"} | {})
        if word != "cause"
        else None
    )
    leaky = leaky or incident("lnk_1:customers:jane@example.org")
    with pytest.raises(ValueError, match="must not hold"):
        mine.incidents.open([incident("clean"), leaky])
    assert mine.incidents.list().items == ()


def test_another_tenants_incidents_are_not_found(mine: Repositories, theirs: Repositories) -> None:  # G-4
    mine.incidents.open([incident()])
    (found,) = mine.incidents.list().items
    for ask in (theirs.incidents.get, theirs.incidents.close):
        with pytest.raises(KeyError):
            ask(found.id)
    theirs.incidents.resolve([incident().cause])
    assert theirs.incidents.list().items == ()
    assert mine.incidents.get(found.id).status is IncidentStatus.OPEN


def test_only_what_no_longer_asks_for_anything_expires(
    mine: Repositories, storage: Storage, clock: Clock
) -> None:
    mine.incidents.open([incident()])
    key = mine.incidents._key(mine.incidents.id_of(incident().cause))
    assert "ttl" not in (storage.state.get(*key) or {})
    mine.incidents.resolve([incident().cause])
    assert (storage.state.get(*key) or {})["ttl"] == int((clock.at + timedelta(days=90)).timestamp())
    mine.incidents.open([incident()])
    assert "ttl" not in (storage.state.get(*key) or {})


def act(object_id: str, action: str = "updated") -> Act:
    return Act(
        kind=Kind.CUSTOMERS,
        object_id=object_id,
        link="lnk_1",
        direction="to_destination",
        action=action,
        field="status",
        before="transactional",
        after="subscribed",
        run="run_1",
    )


def test_an_objects_activity_is_read_newest_first(
    mine: Repositories, theirs: Repositories, clock: Clock
) -> None:
    mine.activities.record([act("7", "created"), act("7", "status_written"), act("8")])
    clock.forward(1)
    mine.activities.record([act("7", "updated")])
    mine.activities.record([])
    page = mine.activities.list(Kind.CUSTOMERS, "7", limit=2)
    assert [line.action for line in page.items] == ["updated", "status_written"]
    newest = page.items[0]
    assert (newest.at, newest.before, newest.after, newest.run) == (
        clock.at,
        "transactional",
        "subscribed",
        "run_1",
    )
    rest = mine.activities.list(Kind.CUSTOMERS, "7", cursor=page.cursor)
    assert [line.action for line in rest.items] == ["created"]
    assert theirs.activities.list(Kind.CUSTOMERS, "7").items == ()


def test_activity_expires_after_400_days(mine: Repositories, storage: Storage, clock: Clock) -> None:  # G-8
    mine.activities.record([act("7")])
    (line,) = storage.state.stream(f"T#{mine.tenant}#ACTS#customers#7")
    assert line["ttl"] == int((clock.at + timedelta(days=400)).timestamp())
