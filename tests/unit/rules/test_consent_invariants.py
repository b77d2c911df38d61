"""What must hold of the consent rules in every situation there is: nothing here is sampled."""

from collections.abc import Iterator
from itertools import product

import pytest
from passerelle.model import AudienceStatus, ConsentState
from passerelle.rules.consent import Agreed, Direction, InitialPolicy, Phase, Side, Situation, Verdict, decide
from passerelle.rules.consent_facts import latest
from unit.rules.consent_space import STAMPS, Choices, Instant, Some, Then, carried_out, paths

UNTOUCHABLE = {AudienceStatus.CLEANED, AudienceStatus.ARCHIVED, AudienceStatus.FORGOTTEN}
WITHDRAWN = {AudienceStatus.UNSUBSCRIBED, AudienceStatus.CLEANED}
OPTED_IN = {AudienceStatus.SUBSCRIBED, AudienceStatus.PENDING}
ABSENCES = {ConsentState.NOT_SUBSCRIBED, ConsentState.NONE}


def remembered(situation: Situation) -> Agreed | None:
    """What was agreed, if it was an opt-out."""
    agreed = situation.agreed
    return agreed if agreed and agreed.state is ConsentState.UNSUBSCRIBED else None


def against_the_store(situation: Situation) -> Iterator[Instant | None]:
    """The instant of every opt-out that an opt-in at the store must outweigh; None where it is unknown."""
    agreed, seen_out = remembered(situation), situation.store.since is not None
    if situation.audience in WITHDRAWN:
        at = situation.status_changed_at
        untouched = agreed and agreed.origin is Side.STORE and at and at == agreed.copied_at
        if not untouched:
            yield at
    if agreed and not seen_out:
        # What nobody dated is no later than our look, or our copy of it.
        yield latest(agreed.at, agreed.by) or agreed.copied_at
    elif agreed and not (agreed.origin is Side.STORE and agreed.at is None):
        # What the store itself had withdrawn was over when it opted in: we had seen it.
        yield agreed.at or agreed.by or agreed.copied_at


def against_the_audience(situation: Situation) -> Iterator[Instant | None]:
    """The instant of every opt-out that an opt-in in the audience must outweigh; None where it is unknown."""
    agreed, store = remembered(situation), situation.store
    if store.state is ConsentState.UNSUBSCRIBED:
        left = None
        if agreed and agreed.origin is Side.AUDIENCE:
            left = agreed.copied_at
        elif agreed and store.changed_at is None:
            left = agreed.seen_at
        if not (left and left == store.shown_at):
            yield store.changed_at
    if agreed:
        yield latest(agreed.at, agreed.by) or agreed.copied_at


def justified(opted_in: bool, at: Instant | None, situation: Situation, outs) -> bool:
    """An opt-in is recorded, and it is newer than every opt-out (and so is the event that carries it)."""
    if not opted_in:
        return False
    event = situation.occurred_at
    return all(
        at is not None and out is not None and at > out and (event is None or event > out)
        for out in outs(situation)
    )


def broken_promises(situation: Situation, verdict: Verdict) -> Iterator[str]:
    written = verdict.create or verdict.write_audience
    if written in OPTED_IN and not justified(
        situation.store.state is ConsentState.SUBSCRIBED,
        latest(situation.store.changed_at, situation.store.since),
        situation,
        against_the_store,
    ):
        yield "A-9, A-10: subscribed in the audience without a newer opt-in at the store"
    if verdict.write_store is ConsentState.SUBSCRIBED and not justified(
        situation.audience is AudienceStatus.SUBSCRIBED,
        situation.status_changed_at,
        situation,
        against_the_audience,
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


EVERY = pytest.mark.parametrize("status", AudienceStatus)


def test_a_path_of_choices_meets_every_order_of_instants_once():
    """What the proofs below stand on: three instants, each known or not, lie to each other in 26 ways."""

    def walk(choices: Choices) -> tuple:
        three = [choices.instant() for _ in range(3)]
        return tuple(
            None if one is None or other is None else (one > other) - (one < other)
            for one, other in ((three[0], three[1]), (three[1], three[2]), (three[0], three[2]))
        ), tuple(each is None for each in three)

    found = list(paths(walk))
    assert len(found) == len(set(found)) == 26


def test_a_path_of_choices_meets_every_value_of_what_is_looked_at():
    def walk(choices: Choices) -> tuple:
        one = Some(choices)
        return one.phase, one.direction, one.audience, one.store.state, one.policy.initial, one.double_opt_in

    every = set(product(Phase, Direction, AudienceStatus, ConsentState, InitialPolicy, (False, True)))
    assert set(paths(walk)) == every


@EVERY
def test_nobody_becomes_subscribed_without_an_opt_in_newer_than_every_opt_out(
    status,
):  # A-2 A-4 A-5 A-9 A-10 A-14
    def walk(choices: Choices) -> None:
        situation = Some(choices, audience=status)
        verdict = decide(situation)
        assert verdict.rule.startswith("A-"), situation
        assert verdict.reason.endswith("."), situation
        broken = list(broken_promises(situation, verdict))
        assert not broken, (broken, situation)

    assert sum(1 for _ in paths(walk))


@EVERY
def test_deciding_again_after_the_verdict_was_carried_out_writes_nothing(status):  # A-11 A-23 B-8
    def walk(choices: Choices) -> None:
        situation = Some(choices, audience=status)
        verdict = decide(situation)
        after = aftermath(choices, situation, verdict)
        again = decide(after)
        assert quiet(again, after), (situation, verdict, after, again)

    assert sum(1 for _ in paths(walk))


@EVERY
def test_the_first_ongoing_pass_after_the_initial_sync_writes_nothing(status):
    def walk(choices: Choices) -> None:
        situation = Some(choices, audience=status, phase=Phase.INITIAL, direction=Direction.FULL)
        verdict = decide(situation)
        after = Then(aftermath(choices, situation, verdict), phase=Phase.ONGOING)
        again = decide(after)
        assert quiet(again, after), (situation, verdict, after, again)

    assert sum(1 for _ in paths(walk))


def test_a_copy_that_no_longer_bears_the_instant_we_left_it_with_is_an_act_of_that_side():  # A-6 A-10
    def walk(choices: Choices) -> bool:
        situation = Some(choices, audience=AudienceStatus.SUBSCRIBED)
        if not withdrawn_again(situation):
            return False
        verdict = decide(situation)
        raised = verdict.write_store is ConsentState.SUBSCRIBED or verdict.write_audience in OPTED_IN
        assert not raised, situation
        if situation.phase is Phase.ONGOING:
            assert verdict.write_audience is AudienceStatus.UNSUBSCRIBED, situation
        return True

    assert any(paths(walk))


@pytest.mark.parametrize(
    "status", [AudienceStatus.UNSUBSCRIBED, AudienceStatus.TRANSACTIONAL, AudienceStatus.ABSENT]
)
def test_an_opt_in_at_the_store_after_a_withdrawal_seen_there_leaves_the_sides_as_one(status):  # A-6 A-10
    def walk(choices: Choices) -> bool:
        situation = Some(choices, audience=status, phase=Phase.ONGOING, direction=Direction.FULL)
        store = situation.store
        if store.state is not ConsentState.SUBSCRIBED or store.since is None:
            return False
        verdict = decide(situation)
        raised = (verdict.create or verdict.write_audience) in OPTED_IN
        assert raised is not (verdict.write_store is ConsentState.UNSUBSCRIBED), (situation, verdict)
        return raised

    assert {*paths(walk)} == {True, False}


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


def aftermath(choices: Choices, situation: Situation, verdict: Verdict) -> Situation:
    """How both sides may look afterwards: what was written bears the act's instant, its own, or none."""
    wrote = verdict.create or verdict.write_audience or verdict.write_store
    return carried_out(situation, verdict, choices.choose(STAMPS) if wrote else "act")


def quiet(again: Verdict, before: Situation) -> bool:
    """Nothing is written at either side, nor in the ledger."""
    wrote = again.create or again.write_audience or again.write_store
    return not wrote and (again.agreed_after is before.agreed or again.agreed_after == before.agreed)
