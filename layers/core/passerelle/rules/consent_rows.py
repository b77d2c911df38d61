"""The consent table as data: each row with the id of its statement; the first row that matches decides."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from passerelle.model import AudienceStatus, ConsentState
from passerelle.rules.consent_facts import Facts
from passerelle.rules.situation import Phase

type Test = Callable[[Facts], bool]


class Then(StrEnum):
    """What a row asks for, in the words of the printed table."""

    CREATE_OPTED_IN = "create the contact subscribed (pending if the audience asks double opt-in)"
    CREATE_BY_POLICY = "create the contact transactional or unsubscribed, by policy"
    CREATE_TRANSACTIONAL = "create the contact transactional"
    CREATE_AND_CORRECT = "create the contact transactional, set the customer to unsubscribed"
    AUDIENCE_OPTED_IN = "set the contact to subscribed (pending if the audience asks double opt-in)"
    AUDIENCE_UNSUBSCRIBED = "set the contact to unsubscribed"
    STORE_SUBSCRIBED = "set the customer to subscribed"
    STORE_UNSUBSCRIBED = "set the customer to unsubscribed"
    STORE_PENDING = "set the customer to pending"
    AGREE = "nothing: both sides say the same"
    SETTLE_WITHDRAWN = "no status is written; the audience's opt-out is remembered"
    SET_ASIDE = "no consent is written; the store's opt-out is remembered"
    STILL_ASIDE = "no consent is written; what the store shows is remembered"
    NOTHING = "no consent is written"


@dataclass(frozen=True, slots=True)
class Row:
    """One rule: where it applies, what must be true, what follows and why."""

    rule: str
    phases: frozenset[Phase]
    audience: frozenset[AudienceStatus]
    store: frozenset[ConsentState]
    when: tuple[Test, ...]
    then: Then
    reason: str
    skip: str | None = None
    profile: bool = True


_INITIAL, _ONGOING, _BOTH = frozenset({Phase.INITIAL}), frozenset({Phase.ONGOING}), frozenset(Phase)


def _in(*statuses: AudienceStatus) -> frozenset[AudienceStatus]:
    return frozenset(statuses)


_MC = AudienceStatus
_YES = frozenset({ConsentState.SUBSCRIBED})
_NO = frozenset({ConsentState.UNSUBSCRIBED})
_WAITING = frozenset({ConsentState.PENDING})
_ABSENCE = frozenset({ConsentState.NOT_SUBSCRIBED, ConsentState.NONE})
_ANY = frozenset(ConsentState)

_FORGOTTEN = (
    Row("A-4", _BOTH, _in(_MC.FORGOTTEN), _ANY, (), Then.NOTHING,
        "The contact was permanently deleted in the audience and is never created again.",
        skip="forgotten", profile=False),
)  # fmt: skip

_ABSENT = (
    Row("A-9", _BOTH, _in(_MC.ABSENT), _ANY, (Facts.only_the_audience_spoke,), Then.NOTHING,
        "The contact is gone from the audience; the store's customer stays as they are.",
        skip="absent", profile=False),
    Row("A-1", _INITIAL, _in(_MC.ABSENT), _YES, (Facts.store_opt_in_stands,), Then.CREATE_OPTED_IN,
        "The customer opted in at the store and is new to the audience."),
    Row("A-9", _ONGOING, _in(_MC.ABSENT), _YES, (Facts.store_opt_in_stands,), Then.CREATE_OPTED_IN,
        "A new customer opted in at the store."),
    Row("A-10", _ONGOING, _in(_MC.ABSENT), _YES, (Facts.store_came_back,), Then.CREATE_AND_CORRECT,
        "The customer opted in at the store, and a recorded opt-out may be newer: the opt-out wins."),
    Row("A-10", _BOTH, _in(_MC.ABSENT), _YES, (), Then.CREATE_TRANSACTIONAL,
        "An opt-out is recorded and the store's opt-in is not known to be newer.",),
    Row("A-2", _BOTH, _in(_MC.ABSENT), _NO, (), Then.CREATE_BY_POLICY,
        "The customer withdrew at the store."),
    Row("A-2", _INITIAL, _in(_MC.ABSENT), _ABSENCE | _WAITING, (), Then.CREATE_TRANSACTIONAL,
        "The customer has not opted in."),
    Row("A-9", _ONGOING, _in(_MC.ABSENT), _ABSENCE | _WAITING, (), Then.CREATE_TRANSACTIONAL,
        "A new customer has not opted in; without evidence of an opt-in nobody is subscribed."),
)  # fmt: skip

_NEVER_WRITTEN = (
    Row("A-4", _INITIAL, _in(_MC.CLEANED, _MC.ARCHIVED), _YES | _WAITING,
        (Facts.store_is_corrected, Facts.audience_acted), Then.STORE_UNSUBSCRIBED,
        "The audience no longer mails this contact; the store is told."),
    Row("A-14", _ONGOING, _in(_MC.CLEANED), _YES | _WAITING,
        (Facts.store_is_corrected, Facts.audience_acted), Then.STORE_UNSUBSCRIBED,
        "The address bounced and was cleaned; the store is told."),
    Row("A-14", _BOTH, _in(_MC.CLEANED), _NO, (), Then.AGREE,
        "The address bounced, and the customer withdrew at the store.", skip="cleaned"),
    Row("A-14", _BOTH, _in(_MC.CLEANED), _ANY, (), Then.NOTHING,
        "A cleaned contact is never subscribed again.", skip="cleaned"),
    Row("A-4", _BOTH, _in(_MC.ARCHIVED), _ANY, (), Then.NOTHING,
        "The contact is archived in the audience; its status is not touched.", skip="archived"),
)  # fmt: skip

_SAME = (
    Row("A-11", _BOTH, _in(_MC.SUBSCRIBED), _YES, (), Then.AGREE, "Both sides say subscribed."),
    Row("A-11", _BOTH, _in(_MC.UNSUBSCRIBED), _NO, (), Then.AGREE, "Both sides say unsubscribed."),
    Row("A-11", _BOTH, _in(_MC.PENDING), _WAITING, (), Then.AGREE, "Both sides wait for a confirmation."),
)  # fmt: skip

_UNSUBSCRIBED = (
    Row("A-4", _INITIAL, _in(_MC.UNSUBSCRIBED), _YES | _WAITING,
        (Facts.store_is_corrected, Facts.audience_acted), Then.STORE_UNSUBSCRIBED,
        "The contact withdrew in the audience; the store is corrected."),
    Row("A-4", _INITIAL, _in(_MC.UNSUBSCRIBED), _ANY, (), Then.SETTLE_WITHDRAWN,
        "The contact withdrew in the audience; the initial sync leaves that as it is.", skip="unsubscribed"),
    Row("A-8", _ONGOING, _in(_MC.UNSUBSCRIBED), _YES,
        (Facts.audience_may_gain, Facts.store_acted, Facts.store_opt_in_stands), Then.AUDIENCE_OPTED_IN,
        "The customer opted in at the store after the opt-out."),
    Row("A-6", _ONGOING, _in(_MC.UNSUBSCRIBED), _YES | _WAITING | _ABSENCE,
        (Facts.audience_acted, Facts.audience_opt_out_prevails), Then.STORE_UNSUBSCRIBED,
        "The contact withdrew in the audience."),
    Row("A-10", _ONGOING, _in(_MC.UNSUBSCRIBED), _YES, (Facts.audience_may_gain, Facts.store_came_back),
        Then.STORE_UNSUBSCRIBED,
        "The customer opted in at the store, and a recorded opt-out may be newer: the opt-out wins."),
    Row("A-10", _ONGOING, _in(_MC.UNSUBSCRIBED), _YES, (), Then.NOTHING,
        "The contact withdrew and no newer opt-in has come from the store.", skip="opt_out_newer"),
    Row("A-23", _ONGOING, _in(_MC.UNSUBSCRIBED), _WAITING | _ABSENCE, (), Then.NOTHING,
        "The opt-out is known already.", skip="unsubscribed"),
)  # fmt: skip

_SUBSCRIBED = (
    Row("A-3", _INITIAL, _in(_MC.SUBSCRIBED), _NO, (Facts.store_unsubscribe_wins, Facts.store_acted),
        Then.AUDIENCE_UNSUBSCRIBED, "The customer withdrew at the store, and the policy lets that win."),
    Row("A-3", _INITIAL, _in(_MC.SUBSCRIBED), _ABSENCE | _WAITING | _NO,
        (Facts.audience_acted, Facts.audience_opt_in_stands), Then.STORE_SUBSCRIBED,
        "The contact is subscribed in the audience, which wins at the initial sync."),
    Row("A-10", _INITIAL, _in(_MC.SUBSCRIBED), _NO, (), Then.SET_ASIDE,
        "The customer withdrew at the store, and the audience's opt-in is not known to be newer.",
        skip="sides_differ"),
    Row("A-3", _INITIAL, _in(_MC.SUBSCRIBED), _ABSENCE | _WAITING, (), Then.NOTHING,
        "The contact is subscribed in the audience and stays so."),
    Row("A-3", _ONGOING, _in(_MC.SUBSCRIBED), _NO, (Facts.left_as_they_were,), Then.STILL_ASIDE,
        "The first sync left both as they were, and nobody has acted in the audience since.",
        skip="sides_differ"),
    Row("A-6", _ONGOING, _in(_MC.SUBSCRIBED), _NO, (Facts.store_acted, Facts.store_opt_out_prevails),
        Then.AUDIENCE_UNSUBSCRIBED, "The customer withdrew at the store."),
    Row("A-6", _ONGOING, _in(_MC.SUBSCRIBED), _ABSENCE | _WAITING | _NO,
        (Facts.store_may_gain, Facts.audience_acted, Facts.audience_opt_in_stands), Then.STORE_SUBSCRIBED,
        "The contact subscribed in the audience."),
    Row("A-5", _ONGOING, _in(_MC.SUBSCRIBED), _ABSENCE | _WAITING, (), Then.NOTHING,
        "Declining or ignoring marketing at the store is no withdrawal; the contact stays subscribed."),
    Row("A-10", _ONGOING, _in(_MC.SUBSCRIBED), _NO, (), Then.NOTHING,
        "The store's opt-out is known already or older than the audience's opt-in.", skip="sides_differ"),
)  # fmt: skip

_TRANSACTIONAL = (
    Row("A-7", _BOTH, _in(_MC.TRANSACTIONAL), _YES,
        (Facts.audience_may_gain, Facts.store_acted, Facts.store_opt_in_stands), Then.AUDIENCE_OPTED_IN,
        "The customer opted in at the store and never withdrew since."),
    Row("A-10", _ONGOING, _in(_MC.TRANSACTIONAL), _YES, (Facts.audience_may_gain, Facts.store_came_back),
        Then.STORE_UNSUBSCRIBED,
        "The customer opted in at the store, and a recorded opt-out may be newer: the opt-out wins."),
    Row("A-10", _BOTH, _in(_MC.TRANSACTIONAL), _YES, (), Then.NOTHING,
        "No new opt-in has come from the store, or a recorded opt-out is newer.", skip="opt_out_newer"),
    Row("A-2", _INITIAL, _in(_MC.TRANSACTIONAL), _NO, (Facts.unsubscribed_is_kept, Facts.store_acted),
        Then.AUDIENCE_UNSUBSCRIBED, "The customer withdrew at the store, and the policy writes that down."),
    Row("A-2", _INITIAL, _in(_MC.TRANSACTIONAL), _NO, (), Then.SET_ASIDE,
        "The customer withdrew at the store; a transactional contact gets no marketing."),
    Row("A-6", _ONGOING, _in(_MC.TRANSACTIONAL), _NO, (Facts.store_acted,), Then.AUDIENCE_UNSUBSCRIBED,
        "The customer withdrew at the store."),
    Row("A-23", _ONGOING, _in(_MC.TRANSACTIONAL), _NO, (), Then.NOTHING, "The opt-out is known already."),
    Row("A-9", _BOTH, _in(_MC.TRANSACTIONAL), _ABSENCE | _WAITING, (), Then.NOTHING,
        "Nobody has opted in."),
)  # fmt: skip

_PENDING = (
    Row("A-4", _INITIAL, _in(_MC.PENDING), _YES, (Facts.store_is_corrected, Facts.audience_acted),
        Then.STORE_PENDING, "The contact has not confirmed yet; the store is corrected."),
    Row("A-6", _ONGOING, _in(_MC.PENDING), _NO, (Facts.store_acted, Facts.store_opt_out_prevails),
        Then.AUDIENCE_UNSUBSCRIBED, "The customer withdrew at the store before confirming."),
    Row("A-4", _INITIAL, _in(_MC.PENDING), _NO, (), Then.SET_ASIDE,
        "The contact has not confirmed yet, and the customer withdrew at the store.", skip="pending"),
    Row("A-4", _INITIAL, _in(_MC.PENDING), _ANY, (), Then.NOTHING,
        "The contact has not confirmed yet; the initial sync leaves that as it is.", skip="pending"),
    Row("A-8", _ONGOING, _in(_MC.PENDING), _ANY, (), Then.NOTHING,
        "A confirmation mail is out; only the person can answer it.", skip="pending"),
)  # fmt: skip

ROWS: tuple[Row, ...] = (
    *_FORGOTTEN, *_ABSENT, *_NEVER_WRITTEN, *_SAME, *_UNSUBSCRIBED, *_SUBSCRIBED, *_TRANSACTIONAL, *_PENDING,
)  # fmt: skip
