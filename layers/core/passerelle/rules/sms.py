"""Whether a consent to text messages goes from a store to an audience (A-18). E-mail consent has no say in it."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from passerelle.model import Consent, ConsentState

E164 = re.compile(r"\+[1-9]\d{6,14}")
PUNCTUATION = re.compile(r"[\s().\-/]")


class SmsReason(StrEnum):
    """Why nothing is written, as a stable word."""

    OFF = "sms_off"
    PROGRAMME_OFF = "sms_programme_off"
    FIRST_SYNC = "sms_waits_for_first_sync"
    NO_CONSENT = "sms_no_consent"
    WITHDRAWN = "sms_withdrawn"
    UNDATED = "sms_undated"
    EARLIER = "sms_before_start"
    FUTURE = "sms_in_the_future"
    NO_PHONE = "sms_no_phone"
    WRONG_PHONE = "sms_phone_not_international"


LEEWAY = timedelta(minutes=5)
"""How far a store's clock may be ahead of ours."""


@dataclass(frozen=True, slots=True)
class Programme:
    """What a link knows of sending texts: chosen, running at the audience, from when on, first sync done."""

    chosen: bool = False
    running: bool = False
    since: datetime | None = None
    """Aware UTC; consents given before are left where they are. None: no start was chosen, so none is written."""
    settled: bool = False
    """Whether the customers' first full sync has completed."""


@dataclass(frozen=True, slots=True)
class SmsVerdict:
    """Write the consent, given at `captured_at`, with the telephone in E.164; or the reason not to."""

    phone: str = ""
    captured_at: datetime | None = None
    reason: SmsReason | None = None

    @property
    def write(self) -> bool:
        """Whether there is something to write."""
        return self.reason is None


def decide(consent: Consent | None, programme: Programme, phone: str, now: datetime) -> SmsVerdict:
    """One person's verdict; the first reason that applies."""
    reason = _not_now(programme) or _not_given(consent, programme, now)
    if reason:
        return SmsVerdict(reason=reason)
    international = e164(phone)
    if not international:
        return SmsVerdict(reason=SmsReason.WRONG_PHONE if phone.strip() else SmsReason.NO_PHONE)
    return SmsVerdict(international, consent.changed_at if consent else None)


def e164(phone: str) -> str:
    """The telephone in international form; empty where the store's text does not say its country."""
    dialled = PUNCTUATION.sub("", phone.strip())
    return dialled if E164.fullmatch(dialled) else ""


def _not_now(programme: Programme) -> SmsReason | None:
    if not programme.chosen or programme.since is None:
        return SmsReason.OFF
    if not programme.running:
        return SmsReason.PROGRAMME_OFF
    return None if programme.settled else SmsReason.FIRST_SYNC


def _not_given(consent: Consent | None, programme: Programme, now: datetime) -> SmsReason | None:
    if consent is not None and consent.state is ConsentState.UNSUBSCRIBED:
        return SmsReason.WITHDRAWN
    if consent is None or consent.state is not ConsentState.SUBSCRIBED:
        return SmsReason.NO_CONSENT
    given = consent.changed_at
    if given is None:
        return SmsReason.UNDATED
    if given > now + LEEWAY:
        return SmsReason.FUTURE
    return SmsReason.EARLIER if programme.since and given < programme.since else None
