"""Writing contacts. A create can never change a person who is there; an update without a status carries none.

Source: https://mailchimp.com/developer/marketing/api/lists/batch-subscribe-or-unsubscribe/ (creates),
https://mailchimp.com/developer/marketing/api/list-members/update-list-member/ (updates).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import batched
from typing import Any

from passerelle.connectors.mailchimp import bodies
from passerelle.connectors.mailchimp.api import Answer, Api, Operation
from passerelle.connectors.mailchimp.batches import Batches
from passerelle.connectors.mailchimp.census import contact, subscriber_hash
from passerelle.connectors.mailchimp.form import Settings
from passerelle.connectors.mailchimp.refusals import (
    CLEANED,
    COMPLIANCE,
    FIELD_REFUSED,
    GONE,
    NO_EMAIL,
    Refusal,
    in_compliance_state,
    refusal,
)
from passerelle.connectors.mailchimp.riders import Riders
from passerelle.model import AudienceStatus, Customer
from passerelle.port import Action, Change, Outcome, Rejected, Result

type LeftOut = Mapping[str, Sequence[str]]
"""Change → the merge tags whose values Mailchimp refused."""

NOTHING: LeftOut = {}
LENIENT = {"skip_merge_validation": "true"}
"""For people who are there: a required field that was empty before is no reason to refuse what is new."""
MOST = 500
"""Members in one call."""
WRITABLE = frozenset(
    {
        AudienceStatus.SUBSCRIBED,
        AudienceStatus.UNSUBSCRIBED,
        AudienceStatus.PENDING,
        AudienceStatus.TRANSACTIONAL,
        AudienceStatus.CLEANED,
    }
)
ARRIVED = frozenset({Result.CREATED, Result.UPDATED, Result.EXISTS})
NOT_WRITABLE = Refusal("status_not_writable", "Nobody can be given that status.")


def refused(change: Change, told: Refusal) -> Outcome:
    """The outcome of a refusal."""
    return Outcome(change.id, Result.REFUSED, change.destination_id, told.code, told.why, told.remedy)


def later(change: Change) -> Outcome:
    """The outcome of a change that was not worked on, or of which nothing is known; it may be sent again."""
    return Outcome(change.id, Result.THROTTLED, change.destination_id, why="Mailchimp did not get to it.")


class Contacts:
    """Writes customers as members of one audience."""

    def __init__(self, api: Api, batches: Batches, settings: Settings, clock: Callable[[], float]) -> None:
        self._api, self._batches, self._settings = api, batches, settings
        self._riders = Riders(batches, settings, clock)
        self._list = f"/lists/{settings.audience_id}"

    def push(self, changes: Sequence[Change]) -> list[Outcome]:
        """One outcome per change, in order."""
        outcomes: dict[int, Outcome] = {}
        people: list[tuple[int, Change, Customer]] = []
        for place, change in enumerate(changes):
            if not isinstance(change.object, Customer) or not change.object.email:
                outcomes[place] = self._nameless(change)
            else:
                people.append((place, change, change.object))
        for group, write in (
            ([p for p in people if p[1].action is Action.CREATE], self._create),
            ([p for p in people if p[1].action is Action.UPDATE and p[1].status is None], self._update),
            ([p for p in people if p[1].action is Action.UPDATE and p[1].status], self._set_status),
            ([p for p in people if p[1].action is Action.DELETE], self._delete),
        ):
            done = write([(change, person) for _, change, person in group])
            outcomes |= {place: outcome for (place, _, _), outcome in zip(group, done, strict=True)}
        self._move_history([(c, p) for place, c, p in people if outcomes[place].result in ARRIVED])
        after = self._riders.after([(c, p, outcomes[place]) for place, c, p in people])
        return [after.get(outcome.id, outcome) for _, outcome in sorted(outcomes.items())]

    def _nameless(self, change: Change) -> Outcome:
        if change.action is Action.DELETE and change.destination_id:
            return self._archived(change, change.destination_id)
        return refused(change, NO_EMAIL)

    def _move_history(self, people: Sequence[tuple[Change, Customer]]) -> None:
        """Whoever was another contact before changed their e-mail: their orders follow them (A-14).

        A create tells it by the id of the contact before. What fails is mended by their next order.
        """
        moved = [
            (c, p)
            for c, p in people
            if c.action is Action.CREATE and c.destination_id not in {"", subscriber_hash(p.email)}
        ]
        root = f"/ecommerce/stores/{self._settings.store_id}/customers"
        shoppers = [(bodies.key(p.id), bodies.shopper(p)) for _, p in moved if self._settings.store_id]
        self._batches.carry_out([Operation("PUT", f"{root}/{key}", body) for key, body in shoppers])

    # --- creates -------------------------------------------------------------------------------------

    def _create(self, people: Sequence[tuple[Change, Customer]]) -> list[Outcome]:
        """In calls of 500 with `update_existing` off: who is there stays as they are (EXISTS)."""
        first: dict[str, str] = {}
        for change, person in people:
            first.setdefault(subscriber_hash(person.email), change.id)
        sent = [p for p in people if first[subscriber_hash(p[1].email)] == p[0].id]
        done: dict[str, Outcome] = {}
        for part in batched(sent, MOST, strict=False):
            done |= {outcome.id: outcome for outcome in self._create_part(part)}
        return [
            done.get(change.id)
            or Outcome(
                change.id, Result.EXISTS, subscriber_hash(person.email), why="It came twice in one call."
            )
            for change, person in people
        ]

    def _create_part(
        self, people: Sequence[tuple[Change, Customer]], left_out: LeftOut = NOTHING
    ) -> list[Outcome]:
        members = [
            {
                "email_address": person.email,
                "status": (change.status or AudienceStatus.TRANSACTIONAL).value,
                **_without(bodies.profile(person, self._settings), left_out.get(change.id, ())),
            }
            for change, person in people
        ]
        body = {"members": members, "update_existing": False}
        try:
            answer = self._api.need("POST", self._list, body=body)
        except Rejected as refusal_of_all:
            return self._isolate(people, refusal_of_all)
        outcomes = self._created(people, members, answer, left_out)
        return self._create_without_refused(people, outcomes, left_out)

    def _create_without_refused(
        self, people: Sequence[tuple[Change, Customer]], outcomes: list[Outcome | Refusal], left_out: LeftOut
    ) -> list[Outcome]:
        """A value that Mailchimp refuses (an address of another country's form) is no reason to lose a person."""
        pairs = list(zip(people, outcomes, strict=True))
        more = {c.id: (*left_out.get(c.id, ()), *o.fields) for (c, _), o in pairs if isinstance(o, Refusal)}
        again = [person for person, outcome in pairs if isinstance(outcome, Refusal)]
        second = {o.id: o for o in self._create_part(again, {**left_out, **more})} if again else {}
        return [second[c.id] if isinstance(o, Refusal) else o for (c, _), o in pairs]

    def _isolate(self, people: Sequence[tuple[Change, Customer]], error: Rejected) -> list[Outcome]:
        """A whole call is refused for one member: halve it until it is alone."""
        if error.status != 400:
            raise error
        if len(people) == 1:
            return [refused(people[0][0], Refusal(error.code, error.why, error.remedy))]
        middle = len(people) // 2
        return self._create_part(people[:middle]) + self._create_part(people[middle:])

    def _created(
        self,
        people: Sequence[tuple[Change, Customer]],
        members: Sequence[Mapping[str, Any]],
        answer: Mapping[str, Any],
        left_out: LeftOut,
    ) -> list[Outcome | Refusal]:
        """Outcomes; a Refusal for who is to be sent again without the fields that it names."""
        errors = {
            subscriber_hash(str(error.get("email_address"))): error for error in answer.get("errors", ())
        }
        made = {str(member["id"]): member for member in answer.get("new_members", ())}
        back = {str(member["id"]): member for member in answer.get("updated_members", ())}
        outcomes: list[Outcome | Refusal] = []
        for (change, person), member in zip(people, members, strict=True):
            key = subscriber_hash(person.email)
            if key in errors:
                told = refusal(errors[key])
                outcomes.append(told if _spared(told, member) else _error(change, key, errors[key]))
            elif key in made or key in back:
                result = Result.CREATED if key in made else Result.UPDATED
                shown = {**back, **made}[key]
                outcomes.append(_arrived(change, result, key, left_out.get(change.id, ()), shown))
            else:
                outcomes.append(later(change))
        return outcomes

    # --- updates -------------------------------------------------------------------------------------

    def _update(self, people: Sequence[tuple[Change, Customer]]) -> list[Outcome]:
        """Profile fields alone, by PATCH: it never makes a member, and without `status` it changes none."""
        sendable = [(c, p, body) for c, p in people if (body := bodies.profile(p, self._settings))]
        done = self._patched(
            [(c, p, Operation("PATCH", self._member(p), b, LENIENT)) for c, p, b in sendable]
        )
        return [
            done.get(c.id) or Outcome(c.id, Result.UNCHANGED, subscriber_hash(p.email)) for c, p in people
        ]

    def _patched(
        self, writes: Sequence[tuple[Change, Customer, Operation]], left_out: LeftOut = NOTHING
    ) -> dict[str, Outcome]:
        """Outcomes by change; what is refused for a value goes again without it."""
        answers = self._batches.carry_out([operation for _, _, operation in writes])
        done: dict[str, Outcome] = {}
        again: list[tuple[Change, Customer, Operation]] = []
        more = dict(left_out)
        for (change, person, operation), answer in zip(writes, answers, strict=True):
            spared = _spared_by(answer, operation)
            if spared:
                again.append((change, person, _lighter(operation, spared)))
                more[change.id] = (*more.get(change.id, ()), *spared)
            else:
                done[change.id] = _written(change, person, answer, more.get(change.id, ()))
        return done | (self._patched(again, more) if again else {})

    def _set_status(self, people: Sequence[tuple[Change, Customer]]) -> list[Outcome]:
        """A status each, with the profile."""
        writable = [(c, p, self._status_write(c, p)) for c, p in people if c.status in WRITABLE]
        answers = self._batches.carry_out([operation for _, _, operation in writable])
        pairs = list(zip(writable, answers, strict=True))
        settled = self._api.together(lambda pair: self._settle(*pair[0], pair[1]), pairs) if pairs else []
        done = {outcome.id: outcome for outcome in settled}
        return [done.get(c.id) or self._other_status(c, p) for c, p in people]

    def _status_write(self, change: Change, person: Customer) -> Operation:
        status = (change.status or AudienceStatus.TRANSACTIONAL).value
        body = {"status": status, **bodies.profile(person, self._settings)}
        if change.status is AudienceStatus.TRANSACTIONAL:
            # PATCH does not know this status.
            body |= {"email_address": person.email, "status_if_new": status}
            return Operation("PUT", self._member(person), body, LENIENT)
        return Operation("PATCH", self._member(person), body, LENIENT)

    def _settle(self, change: Change, person: Customer, operation: Operation, answer: Answer) -> Outcome:
        left_out = _spared_by(answer, operation)
        if left_out:
            answer = self._again(_lighter(operation, left_out))
        if answer.status == 400 and change.status is AudienceStatus.UNSUBSCRIBED:
            # A withdrawal waits for nothing.
            answer = self._again(replace(operation, body={"status": change.status.value}))
        lifted = change.status is AudienceStatus.SUBSCRIBED and answer.status == 400
        if lifted and in_compliance_state(answer.data):
            return self._ask_to_confirm(change, person)
        return _written(change, person, answer, left_out)

    def _again(self, operation: Operation) -> Answer:
        return self._api.each([operation])[0]

    def _ask_to_confirm(self, change: Change, person: Customer) -> Outcome:
        """The person left, so only a confirmation mail can bring them back: it is asked for once (A-8)."""
        path, key = self._member(person), subscriber_hash(person.email)
        now = self._api.call("GET", path, params={"fields": "status"})
        status = now.data.get("status")
        if status == AudienceStatus.CLEANED:
            return refused(change, CLEANED)
        if status != AudienceStatus.PENDING:
            body = {"status": AudienceStatus.PENDING.value, **bodies.profile(person, self._settings)}
            answer = self._api.call("PATCH", path, body=body, params=LENIENT)
            if not answer.ok:
                return _written(change, person, answer)
        return Outcome(
            change.id,
            Result.UPDATED,
            key,
            COMPLIANCE.code,
            "The person left the audience before: a confirmation mail was asked for, once.",
        )

    def _other_status(self, change: Change, person: Customer) -> Outcome:
        if change.status is AudienceStatus.ARCHIVED:
            return self._archived(change, subscriber_hash(person.email))
        return refused(change, NOT_WRITABLE)

    def _delete(self, people: Sequence[tuple[Change, Customer]]) -> list[Outcome]:
        return [self._archived(c, c.destination_id or subscriber_hash(p.email)) for c, p in people]

    def _archived(self, change: Change, key: str) -> Outcome:
        """Taken out, and able to come back; one who is out already (404, 405) stays out."""
        answer = self._api.call("DELETE", f"{self._list}/members/{key}")
        if answer.status in {404, 405}:
            return Outcome(change.id, Result.UNCHANGED, key)
        return Outcome(change.id, Result.DELETED, key) if answer.ok else refused(change, refusal(answer.data))

    def _member(self, person: Customer) -> str:
        return f"{self._list}/members/{subscriber_hash(person.email)}"


def _error(change: Change, key: str, error: Mapping[str, Any]) -> Outcome:
    if error.get("error_code") == "ERROR_CONTACT_EXISTS":
        return Outcome(change.id, Result.EXISTS, key)
    return refused(change, refusal(error))


def _written(change: Change, person: Customer, answer: Answer, left_out: Sequence[str] = ()) -> Outcome:
    if answer.ok:
        return _arrived(change, Result.UPDATED, subscriber_hash(person.email), left_out, answer.data)
    if answer.unsettled:
        return later(change)
    return refused(change, GONE if answer.status == 404 else refusal(answer.data))


def _arrived(
    change: Change, result: Result, key: str, left_out: Sequence[str], member: Mapping[str, Any]
) -> Outcome:
    """`member`: as the answer shows them."""
    shown = contact(member) if {"id", "status"} <= member.keys() else None
    at = (shown.status_changed_at or shown.changed_at) if shown else None
    if not left_out:
        return Outcome(change.id, result, key, consent_at=at)
    why = f"Mailchimp refuses the value of {', '.join(left_out)}, so it was left out."
    remedy = "Correct the value in the store."
    return Outcome(change.id, result, key, "field_left_out", why, remedy, consent_at=at)


def _spared(told: Refusal, body: Mapping[str, Any]) -> bool:
    """Whether the refusal is of values that we sent and can leave out."""
    sent = body.get("merge_fields", {})
    return told.code == FIELD_REFUSED and bool(told.fields) and all(name in sent for name in told.fields)


def _spared_by(answer: Answer, operation: Operation) -> tuple[str, ...]:
    """The tags to leave out of a write that was refused for their values."""
    if answer.status != 400:
        return ()
    told = refusal(answer.data)
    return told.fields if _spared(told, operation.body or {}) else ()


def _lighter(operation: Operation, fields: Sequence[str]) -> Operation:
    return replace(operation, body=_without(operation.body or {}, fields))


def _without(body: Mapping[str, Any], fields: Sequence[str]) -> dict[str, Any]:
    kept = {tag: value for tag, value in body.get("merge_fields", {}).items() if tag not in fields}
    return {
        **{k: v for k, v in body.items() if k != "merge_fields"},
        **({"merge_fields": kept} if kept else {}),
    }
