"""What must hold of the consent rules in every situation there is: nothing here is sampled."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest
from passerelle.model import AudienceStatus, ConsentState
from passerelle.rules.consent import Direction, Phase, Side, Situation, Verdict, decide
from unit.rules.consent_space import carried_out, with_history, without_history

UNTOUCHABLE = {AudienceStatus.CLEANED, AudienceStatus.ARCHIVED, AudienceStatus.FORGOTTEN}
WITHDRAWN = {AudienceStatus.UNSUBSCRIBED, AudienceStatus.CLEANED}
OPTED_IN = {AudienceStatus.SUBSCRIBED, AudienceStatus.PENDING}
ABSENCES = {ConsentState.NOT_SUBSCRIBED, ConsentState.NONE}


def opt_outs(situation: Situation) -> list[datetime | None]:
    """The instant of every recorded opt-out; None where it is unknown. An untouched copy is no opt-out of its own."""
    found = []
    agreed = (
        situation.agreed if situation.agreed and situation.agreed.state is ConsentState.UNSUBSCRIBED else None
    )
    ours, left = (agreed.origin, agreed.copied_at) if agreed else (None, None)
    if situation.audience in WITHDRAWN:
        at = situation.status_changed_at
        if not (ours is Side.STORE and at and at == left):
            found.append(at)
    if situation.store.state is ConsentState.UNSUBSCRIBED:
        shown, at = situation.store.shown_at, situation.store.changed_at
        undated = at is None and agreed is not None and ours is not Side.AUDIENCE
        left = agreed.seen_at if agreed and undated else left if ours is Side.AUDIENCE else None
        if not (shown and shown == left):
            found.append(at)
    if agreed:
        # What nobody dated is no later than our copy of it.
        found.append(agreed.at or agreed.copied_at)
    return found


def justified(
    opted_in: bool, at: datetime | None, event: datetime | None, outs: list[datetime | None]
) -> bool:
    """An opt-in is recorded, and it is newer than every opt-out (and so is the event that carries it)."""
    if not opted_in:
        return False
    return all(
        at is not None and out is not None and at > out and (event is None or event > out) for out in outs
    )


def broken_promises(situation: Situation, verdict: Verdict) -> Iterator[str]:
    outs = opt_outs(situation)
    written = verdict.create or verdict.write_audience
    if written in OPTED_IN and not justified(
        situation.store.state is ConsentState.SUBSCRIBED,
        situation.store.changed_at,
        situation.occurred_at,
        outs,
    ):
        yield "A-9, A-10: subscribed in the audience without a newer opt-in at the store"
    if verdict.write_store is ConsentState.SUBSCRIBED and not justified(
        situation.audience is AudienceStatus.SUBSCRIBED,
        situation.status_changed_at,
        situation.occurred_at,
        outs,
    ):
        yield "A-9, A-10: subscribed at the store without a newer opt-in in the audience"
    if situation.audience in UNTOUCHABLE and written:
        yield "A-4, A-14: a status was written where none may be"
    if situation.store.state in ABSENCES and verdict.write_audience is AudienceStatus.UNSUBSCRIBED:
        yield "A-5: an absence of consent was propagated as a withdrawal"
    if situation.store.state in ABSENCES and verdict.create is AudienceStatus.UNSUBSCRIBED:
        yield "A-2: an absence of consent was created as a withdrawal"
    if verdict.create and situation.audience is not AudienceStatus.ABSENT:
        yield "a contact that exists was created"
    if verdict.write_audience and situation.audience is AudienceStatus.ABSENT:
        yield "a contact that does not exist was written"
    if written in OPTED_IN and (written is AudienceStatus.PENDING) is not situation.double_opt_in:
        yield "A-1: double opt-in was not asked for, or asked for without need"
    if situation.double_opt_in and written is AudienceStatus.SUBSCRIBED:
        yield "A-1: subscribed without the confirmation the audience asks"
    if situation.audience is AudienceStatus.SUBSCRIBED and written is AudienceStatus.PENDING:
        yield "a subscribed contact was asked to confirm"


@pytest.fixture(scope="module", params=AudienceStatus)
def decided(request) -> list[tuple[Situation, Verdict]]:
    """Every situation of one status with its verdict."""
    situations = (*without_history(request.param), *with_history(request.param))
    return [(situation, decide(situation)) for situation in situations]


def test_nobody_becomes_subscribed_without_an_opt_in_newer_than_every_opt_out(
    decided,
):  # A-2 A-4 A-5 A-9 A-10 A-14
    assert len(decided) == 523_200
    for situation, verdict in decided:
        broken = list(broken_promises(situation, verdict))
        assert not broken, (broken, situation)


def test_every_decision_names_its_rule_and_its_reason_in_words(decided):
    assert all(verdict.rule.startswith("A-") and verdict.reason.endswith(".") for _, verdict in decided)


def test_deciding_again_after_the_verdict_was_carried_out_writes_nothing(decided):  # A-11 A-23 B-8
    for situation, verdict in decided:
        for after in aftermaths(situation, verdict):
            again = decide(after)
            assert quiet(again, after), (situation, verdict, again)


def test_the_first_ongoing_pass_after_the_initial_sync_writes_nothing(decided):
    for situation, verdict in decided:
        if situation.phase is Phase.INITIAL and situation.direction is Direction.FULL:
            for after in aftermaths(situation, verdict):
                again = decide(replace(after, phase=Phase.ONGOING))
                assert quiet(again, after), (situation, verdict, again)


def test_a_copy_that_no_longer_bears_the_instant_we_left_it_with_is_an_act_of_that_side(decided):  # A-6 A-10
    touched = 0
    for situation, verdict in decided:
        if not withdrawn_again(situation):
            continue
        touched += 1
        raised = verdict.write_store is ConsentState.SUBSCRIBED or verdict.write_audience in OPTED_IN
        assert not raised, situation
        if situation.phase is Phase.ONGOING:
            assert verdict.write_audience is AudienceStatus.UNSUBSCRIBED, situation
    assert touched or decided[0][0].audience is not AudienceStatus.SUBSCRIBED


def withdrawn_again(situation: Situation) -> bool:
    """The withdrawal that we wrote at the store was made again there, after an opt-in in the audience."""
    agreed, yes, no = situation.agreed, situation.status_changed_at, situation.store.shown_at
    touched = (
        agreed and agreed.origin is Side.AUDIENCE and agreed.copied_at and no not in (None, agreed.copied_at)
    )
    sides = (
        situation.audience is AudienceStatus.SUBSCRIBED and situation.store.state is ConsentState.UNSUBSCRIBED
    )
    same = bool(agreed) and agreed.state is ConsentState.UNSUBSCRIBED
    return bool(touched and sides and same and yes and no and yes <= no)


def aftermaths(situation: Situation, verdict: Verdict) -> list[Situation]:
    """How both sides may look afterwards: what was written bears the act's instant, its own, or none."""
    wrote = verdict.create or verdict.write_audience or verdict.write_store
    stamps = ("act", "own", "none", "act told", "own told", "none told") if wrote else ("act",)
    return [carried_out(situation, verdict, stamp) for stamp in stamps]


def quiet(again: Verdict, before: Situation) -> bool:
    """Nothing is written at either side, nor in the ledger."""
    wrote = again.create or again.write_audience or again.write_store
    return not wrote and again.agreed_after == before.agreed
