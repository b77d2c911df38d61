"""What the river expects of a connector, whatever the platform: every verb of every kind that it offers."""

import logging
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from conformance.stand import Stand, stand_of
from passerelle.model import Kind
from passerelle.port import (
    Action,
    Change,
    CredentialsRefused,
    Outcome,
    Pulled,
    Result,
    Selection,
    SignatureRefused,
    Throttled,
    Unavailable,
    Verb,
)
from passerelle.runtime import platform, platforms
from sandbox.moods import FOREVER, Mood

METHODS = {
    Verb.INDEX: "index",
    Verb.COUNT: "count",
    Verb.PULL: "pull",
    Verb.PUSH: "push",
    Verb.FIND: "find",
    Verb.EXPORT: "export",
    Verb.HEAR: "hear",
    Verb.CONSENT: "push_consent",
    Verb.FORGET: "forget",
    Verb.TERMS: "terms",
}
OFFERED = [
    (name, kind, verb)
    for name in platforms()
    for kind, verbs in platform(name).OFFERS.items()
    for verb in sorted(verbs)
]
DONE = frozenset({Result.UNCHANGED, Result.UPDATED, Result.CREATED})
URL = "https://api.passerelle.example/hooks/hk_conformance"
UNTOUCHED = DONE | {Result.EXISTS}


def offering(*verbs: Verb) -> list[tuple[str, Kind]]:
    """(platform, kind) of all that offer these verbs."""
    return [
        (name, kind)
        for name in platforms()
        for kind, offered in platform(name).OFFERS.items()
        if set(verbs) <= set(offered)
    ]


def ids(stand: Stand, kind: Kind) -> list[str]:
    """All that a new worker lists."""
    return [entry for page in pages(stand, kind) for entry in page]


def pages(stand: Stand, kind: Kind) -> Iterator[list[str]]:
    """Page by page, each read by another worker, who knows the cursor only."""
    after: str | None = None
    while True:
        page = stand.connector().index(kind, Selection(), after)
        yield [entry.id for entry in page.entries]
        after = page.after
        if after is None:
            return


def pushed_again(stand: Stand, kind: Kind, changes: Sequence[Change]) -> list[Outcome]:
    """The same changes once more, by a worker who knows nothing of the first time."""
    connector = stand.connector()
    known: set[str] = set()
    if kind in stand.keyless:
        known = {match.key for match in connector.find(kind, [stand.key_of(kind, each) for each in changes])}
    left = [each for each in changes if stand.key_of(kind, each) not in known] if known else changes
    outcomes: list[Outcome] = connector.push(kind, left)
    assert [each.id for each in outcomes] == [each.id for each in left]
    return outcomes


@pytest.fixture
def stand(name: str) -> Stand:
    return stand_of(name)


@pytest.mark.parametrize(("name", "kind", "verb"), OFFERED)
def test_what_is_offered_is_there(name: str, kind: Kind, verb: Verb) -> None:
    assert callable(getattr(platform(name).Connector, METHODS[verb])), kind


@pytest.mark.parametrize(("name", "kind"), offering(Verb.INDEX, Verb.COUNT))
def test_as_many_are_listed_as_are_counted_and_each_once(stand: Stand, kind: Kind) -> None:  # B-3
    listed = ids(stand, kind)
    assert len(set(listed)) == len(listed) == stand.connector().count(kind, Selection()).objects > 0


@pytest.mark.parametrize("name", platforms())
def test_another_worker_goes_on_where_a_page_ended_and_edits_lose_nobody(stand: Stand) -> None:  # B-15
    stand.crowded()
    before = ids(stand, stand.crowd)
    seen: list[str] = []
    reading = pages(stand, stand.crowd)
    seen += next(reading)
    assert 0 < len(set(seen)) < len(set(before)), "the crowd fits a page"
    gone = seen[0]
    stand.drop(gone)
    joined = stand.join()
    seen += [entry for page in reading for entry in page]
    assert set(before) - {gone} <= set(seen) <= {*before, joined}


@pytest.mark.parametrize(("name", "kind"), offering(Verb.INDEX, Verb.PULL))
def test_each_id_is_pulled_or_told_to_be_missing_or_unreadable(stand: Stand, kind: Kind) -> None:  # B-12
    listed = ids(stand, kind)
    nobody = _unknown(listed)
    pulled: Pulled = stand.connector().pull(kind, [*listed, nobody])
    told = [*(each.id for each in pulled.objects), *pulled.missing, *(each.id for each in pulled.unreadable)]
    assert sorted(told) == sorted([*listed, nobody])
    assert nobody in pulled.missing
    assert pulled.objects


def _unknown(listed: list[str]) -> str:
    """An id of the same form that nothing has."""
    last = max(listed, key=lambda each: (len(each), each))
    return "9" + "".join("9" if sign.isdigit() else sign for sign in last)


@pytest.mark.parametrize(("name", "kind"), offering(Verb.INDEX, Verb.PULL))
@pytest.mark.parametrize(
    ("mood", "raised"),
    [
        (Mood.THROTTLED, Throttled),
        (Mood.UNAVAILABLE, Unavailable),
        (Mood.DROPPED, Unavailable),
        (Mood.EXPIRED_CREDENTIALS, CredentialsRefused),
    ],
)
def test_reading_tells_a_throttle_a_breakdown_and_a_refusal_apart(  # B-14, G-1, G-5
    stand: Stand, kind: Kind, mood: Mood, raised: type[Exception]
) -> None:
    first = ids(stand, kind)[0]
    stand.moods.add(mood, times=FOREVER)
    with pytest.raises(raised):
        stand.connector().index(kind, Selection(), None)
    with pytest.raises(raised):
        stand.connector().pull(kind, [first])
    stand.moods.clear()
    assert first in ids(stand, kind)


@pytest.mark.parametrize(("name", "kind"), offering(Verb.PUSH))
@pytest.mark.parametrize(
    ("mood", "raised"),
    [
        (Mood.THROTTLED, Throttled),
        (Mood.UNAVAILABLE, Unavailable),
        (Mood.EXPIRED_CREDENTIALS, CredentialsRefused),
    ],
)
def test_writing_tells_them_apart_and_writes_nothing(  # B-12, G-5
    stand: Stand, kind: Kind, mood: Mood, raised: type[Exception]
) -> None:
    before, change = stand.held(), stand.makes[kind](1)
    stand.moods.add(mood, times=FOREVER)
    try:
        outcomes = stand.connector().push(kind, [change])
    except raised:
        pass
    else:
        # Told of each change by itself: come again with it.
        assert {each.result for each in outcomes} == {Result.THROTTLED}
        assert raised is not CredentialsRefused
    assert stand.held() == before


@pytest.mark.parametrize(("name", "kind"), offering(Verb.PUSH))
def test_pushing_twice_changes_nothing(stand: Stand, kind: Kind) -> None:  # B-8
    empty, changes = stand.held(), [stand.makes[kind](number) for number in (1, 2, 3)]
    first = stand.connector().push(kind, changes)
    assert [each.id for each in first] == [each.id for each in changes]
    assert {each.result for each in first} <= {Result.CREATED, Result.UPDATED}
    once = stand.held()
    assert once != empty
    assert {each.result for each in pushed_again(stand, kind, changes)} <= UNTOUCHED
    assert stand.held() == once


@pytest.mark.parametrize(("name", "kind"), offering(Verb.PUSH, Verb.FIND))
def test_what_was_pushed_is_found(stand: Stand, kind: Kind) -> None:  # B-7
    changes = [stand.makes[kind](number) for number in (1, 2)]
    keys = [stand.key_of(kind, change) for change in changes]
    made = {change.action for change in changes} == {Action.CREATE}
    assert len(stand.connector().find(kind, keys)) == (0 if made else len(keys))
    pushed = stand.connector().push(kind, changes)
    found = stand.connector().find(
        kind, [*keys, *([stand.key_of(kind, stand.makes[kind](3))] if made else [])]
    )
    assert {(each.key, each.destination_id) for each in found} == {
        (key, each.destination_id) for key, each in zip(keys, pushed, strict=True)
    }


@pytest.mark.parametrize(("name", "kind"), offering(Verb.PUSH))
def test_a_lost_answer_is_told_and_the_next_push_doubles_nothing(stand: Stand, kind: Kind) -> None:  # B-7
    undisturbed = stand_of(stand.platform)
    undisturbed.connector().push(kind, [undisturbed.makes[kind](1)])
    stand.moods.add(Mood.LOST_ANSWER, "(POST|PUT|PATCH) ", times=1)
    change = stand.makes[kind](1)
    try:
        outcomes = stand.connector().push(kind, [change])
    except Unavailable:
        outcomes = []
    if not {each.result for each in outcomes} & DONE:
        outcomes = pushed_again(stand, kind, [change])
    assert {each.result for each in outcomes} <= UNTOUCHED
    assert stand.held() == undisturbed.held()


@pytest.mark.parametrize(("name", "kind"), offering(Verb.CONSENT))
def test_a_consent_is_written_and_nothing_else_of_the_customer(stand: Stand, kind: Kind) -> None:  # C-10
    assert stand.consents
    change, others, meanwhile = stand.consents()
    connector = stand.connector()
    connector.pull(kind, [change.id])
    meanwhile()
    before = others()
    assert [each.result for each in connector.push_consent([change])] == [Result.UPDATED]
    assert others() == before
    (customer,) = stand.connector().pull(kind, [change.id]).objects
    assert customer.consent.state is change.consent.state
    (again,) = stand.connector().push_consent([change])
    assert again.result in UNTOUCHED
    assert others() == before


@pytest.mark.parametrize("name", platforms())
@pytest.mark.parametrize("mood", [None, Mood.EXPIRED_CREDENTIALS, Mood.UNAVAILABLE, Mood.LOST_ANSWER])
def test_no_secret_is_shown_or_logged(
    stand: Stand, mood: Mood | None, caplog: pytest.LogCaptureFixture
) -> None:  # G-7
    caplog.set_level(logging.DEBUG, logger="passerelle")
    caplog.set_level(logging.DEBUG, logger="passerelle.http")
    connector = stand.connector()
    if mood:
        stand.moods.add(mood, times=FOREVER)
    told = ""
    try:
        connector.check()
        list(pages(stand, stand.crowd))
    except (CredentialsRefused, Unavailable) as error:
        told = "".join(traceback.format_exception(error)) + repr(error)
    shown = [caplog.text, told, repr(connector), str(connector), repr(vars(connector))]
    assert caplog.text
    assert [secret for secret in stand.secrets for text in shown if secret in text] == []


@pytest.mark.parametrize("name", platforms())
def test_an_update_leaves_what_others_wrote_meanwhile(stand: Stand) -> None:  # C-10
    assert stand.meddles or stand.consents
    for kind, meddle in stand.meddles.items():
        change = stand.makes[kind](1)
        (made,) = stand.connector().push(kind, [change])
        look = meddle(made.destination_id)
        before = look()
        title = {Kind.PRODUCTS: "title", Kind.CUSTOMERS: "last_name"}[kind]
        anew = replace(change.object, **{title: "Renamed"})
        update = replace(
            change, action=Action.UPDATE, object=anew, destination_id=made.destination_id, status=None
        )
        empty = stand.held()
        assert [each.result for each in stand.connector().push(kind, [update])] == [Result.UPDATED]
        assert stand.held() != empty
        assert look() == before


@pytest.mark.parametrize(("name", "kind"), offering(Verb.EXPORT, Verb.PULL))
def test_an_export_brings_what_pulls_bring(stand: Stand, kind: Kind) -> None:  # B-15
    connector = stand.connector()
    export = connector.export(kind, Selection())
    while not export.ready:
        stand.clock.sleep(5)
        export = stand.connector().exported(export)
    exported = {each.id: each for each in stand.connector().read(kind, export)}
    pulled = connector.pull(kind, ids(stand, kind))
    assert exported.keys() == {each.id for each in (*pulled.objects, *pulled.unreadable)} != set()
    assert [each for each in pulled.objects if exported[each.id] != each] == []


HEARING = sorted({name for name, _ in offering(Verb.HEAR)})


@pytest.mark.parametrize("name", HEARING)
def test_subscribing_again_makes_no_second_webhook(stand: Stand) -> None:  # F-6
    wanted = stand.connector().subscribe(URL)
    found = stand.connector().subscriptions()
    assert {each.topic for each in found} == {each.topic for each in wanted} != set()
    again = stand.connector().subscribe(URL)
    assert {each.id for each in again} == {each.id for each in found}
    assert {each.id for each in stand.connector().subscriptions()} == {each.id for each in found}
    stand.connector().unsubscribe(URL)
    assert stand.connector().subscriptions() == []


@pytest.mark.parametrize("name", HEARING)
def test_a_delivery_is_heard_and_a_forged_one_refused(stand: Stand) -> None:  # F-1
    secrets = [each.secret for each in stand.connector().subscribe(URL) if each.secret]
    assert stand.deliver
    headers, body = stand.deliver()
    headers = {name.lower(): value for name, value in headers.items()}
    connector, secrets = stand.connector(), secrets[:1] or [stand.hook_secret]
    (notice, *_) = connector.hear(headers, body, ["of a rotation", *secrets])
    assert notice.kind in stand.module.OFFERS
    assert notice.id in ids(stand, notice.kind)
    forged = bytearray(body)
    forged[len(forged) // 2] ^= 1
    for wrong, by in ((bytes(forged), secrets), (body, ["another"])):
        with pytest.raises(SignatureRefused):
            connector.hear(headers, wrong, by)


@pytest.mark.parametrize(("name", "kind"), offering(Verb.FORGET, Verb.INDEX))
def test_who_is_forgotten_is_gone_and_may_be_forgotten_again(stand: Stand, kind: Kind) -> None:  # F-7
    first, *rest = ids(stand, kind)
    for _ in range(2):
        stand.connector().forget([first])
        assert ids(stand, kind) == rest
