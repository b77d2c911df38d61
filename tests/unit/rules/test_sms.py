"""Which consents to text messages go to the audience."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from passerelle.model import Consent, ConsentState
from passerelle.rules.sms import E164, LEEWAY, Programme, SmsReason, decide, e164

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
SINCE = datetime(2026, 3, 1, tzinfo=UTC)
PHONE = "+33612345678"
ON = Programme(chosen=True, running=True, since=SINCE, settled=True)
YES = Consent(ConsentState.SUBSCRIBED, datetime(2026, 4, 1, tzinfo=UTC))


def given_at(instant: datetime | None) -> Consent:
    return Consent(ConsentState.SUBSCRIBED, instant)


@pytest.mark.parametrize(
    ("consent", "programme", "phone", "reason"),
    [
        (YES, ON, PHONE, None),
        (given_at(SINCE), ON, PHONE, None),
        (given_at(SINCE - timedelta(microseconds=1)), ON, PHONE, SmsReason.EARLIER),
        (given_at(None), ON, PHONE, SmsReason.UNDATED),
        (given_at(NOW + timedelta(days=1)), ON, PHONE, SmsReason.FUTURE),
        (YES, Programme(), PHONE, SmsReason.OFF),
        (YES, Programme(chosen=True, running=True, settled=True), PHONE, SmsReason.OFF),
        (YES, Programme(True, False, SINCE, True), PHONE, SmsReason.PROGRAMME_OFF),
        (YES, Programme(True, True, SINCE, False), PHONE, SmsReason.FIRST_SYNC),
        (None, ON, PHONE, SmsReason.NO_CONSENT),
        (Consent(ConsentState.NONE), ON, PHONE, SmsReason.NO_CONSENT),
        (Consent(ConsentState.NOT_SUBSCRIBED, NOW), ON, PHONE, SmsReason.NO_CONSENT),
        (Consent(ConsentState.PENDING, NOW), ON, PHONE, SmsReason.NO_CONSENT),
        (Consent(ConsentState.UNSUBSCRIBED, NOW), ON, PHONE, SmsReason.WITHDRAWN),
        (YES, ON, "", SmsReason.NO_PHONE),
        (YES, ON, "  ", SmsReason.NO_PHONE),
        (YES, ON, "06 12 34 56 78", SmsReason.WRONG_PHONE),
        (YES, ON, "+33 call me", SmsReason.WRONG_PHONE),
    ],
)
def test_a_consent_to_texts_is_decided_by_the_table(consent, programme, phone, reason):
    verdict = decide(consent, programme, phone, NOW)
    assert verdict.reason is reason
    assert verdict.write is (reason is None)


def test_the_instant_and_the_international_number_go_with_it():
    verdict = decide(YES, ON, "+33 (6) 12-34.56 78", NOW)
    assert (verdict.phone, verdict.captured_at) == ("+33612345678", YES.changed_at)


INSTANTS = st.integers(-800, 400).map(lambda days: NOW + timedelta(days=days, seconds=days))
CONSENTS = st.none() | st.builds(Consent, st.sampled_from(ConsentState), st.none() | INSTANTS)
PROGRAMMES = st.builds(Programme, st.booleans(), st.booleans(), st.none() | INSTANTS, st.booleans())
PHONES = st.text(max_size=20) | st.from_regex(E164, fullmatch=True)


@given(CONSENTS, PROGRAMMES, PHONES, INSTANTS)
def test_nothing_is_written_without_a_dated_consent_after_the_start_and_a_running_programme(
    consent, programme, phone, now
):
    verdict = decide(consent, programme, phone, now)
    if not verdict.write:
        assert (verdict.phone, verdict.captured_at) == ("", None)
        return
    assert consent is not None
    assert consent.state is ConsentState.SUBSCRIBED
    assert (programme.chosen, programme.running, programme.settled) == (True, True, True)
    assert programme.since <= verdict.captured_at <= now + LEEWAY
    assert verdict.captured_at == consent.changed_at
    assert E164.fullmatch(verdict.phone)


@given(PHONES)
def test_an_international_number_stays_what_it_is(phone):
    assert e164(e164(phone)) == e164(phone)
