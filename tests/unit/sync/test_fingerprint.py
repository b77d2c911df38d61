"""What a customer is remembered by: the profile, and the consent with its instant, unless we wrote it ourselves."""

from dataclasses import replace
from datetime import UTC, datetime

from passerelle.memory import Entry, EntryState
from passerelle.model import Consent, ConsentState, Customer
from passerelle.sync.fingerprint import after_a_look, dated, fingerprint, same, same_profile, written_back

AT = datetime(2026, 6, 1, tzinfo=UTC)
LATER = datetime(2026, 6, 2, tzinfo=UTC)
ADA = Customer("1", "ada@shop.example", Consent(ConsentState.NOT_SUBSCRIBED, AT), "Ada")


def entry(hash: str) -> Entry:
    return Entry("1", EntryState.MAPPED, hash=hash)


def consenting(state: ConsentState, at: datetime | None) -> str:
    return fingerprint(replace(ADA, consent=Consent(state, at)), "salt")


def test_a_consent_at_another_instant_is_another_act() -> None:
    seen = entry(consenting(ConsentState.SUBSCRIBED, AT))
    assert same(seen, consenting(ConsentState.SUBSCRIBED, AT))
    assert not same(seen, consenting(ConsentState.SUBSCRIBED, LATER))


def test_a_consent_that_we_wrote_is_ours_however_the_store_dates_it() -> None:
    ours = entry(written_back(ADA, "salt", ConsentState.UNSUBSCRIBED))
    assert all(same(ours, consenting(ConsentState.UNSUBSCRIBED, at)) for at in (AT, LATER, None))
    assert not same(ours, consenting(ConsentState.SUBSCRIBED, LATER))


def test_a_changed_profile_is_no_echo() -> None:
    ours = entry(written_back(ADA, "salt", ConsentState.UNSUBSCRIBED))
    renamed = fingerprint(
        replace(ADA, first_name="Augusta", consent=Consent(ConsentState.UNSUBSCRIBED)), "salt"
    )
    assert not same(ours, renamed)
    assert not same_profile(ours, renamed)
    assert same_profile(ours, consenting(ConsentState.SUBSCRIBED, AT))


def test_a_consent_that_we_wrote_is_another_act_at_another_instant_once_the_store_told_its_own() -> (
    None
):
    ours = entry(dated(written_back(ADA, "salt", ConsentState.UNSUBSCRIBED), AT))
    assert same(ours, consenting(ConsentState.UNSUBSCRIBED, AT))
    assert not same(ours, consenting(ConsentState.UNSUBSCRIBED, LATER))


def test_a_store_that_dates_no_withdrawal_is_known_by_what_every_act_moves() -> None:
    touched = [replace(ADA, consent=Consent(ConsentState.UNSUBSCRIBED, None, at)) for at in (AT, LATER)]
    seen, again = (fingerprint(person, "salt") for person in touched)
    assert not same(entry(seen), again)
    assert same(entry(dated(written_back(ADA, "salt", ConsentState.UNSUBSCRIBED), AT)), seen)


def test_an_opt_in_after_a_withdrawal_that_was_seen_is_later_than_what_was_shown_then() -> None:
    old = Consent(ConsentState.SUBSCRIBED, AT)
    assert after_a_look(old, entry(consenting(ConsentState.UNSUBSCRIBED, LATER))).since == LATER
    assert (
        after_a_look(old, entry(dated(written_back(ADA, "s", ConsentState.UNSUBSCRIBED), LATER))).since
        == LATER
    )


def test_without_an_instant_or_a_withdrawal_a_look_dates_nothing() -> None:
    old, out = Consent(ConsentState.SUBSCRIBED, AT), Consent(ConsentState.UNSUBSCRIBED)
    ours = entry(written_back(ADA, "salt", ConsentState.UNSUBSCRIBED))
    for seen in (None, ours, entry(consenting(ConsentState.UNSUBSCRIBED, None))):
        assert after_a_look(old, seen).since is None
    assert after_a_look(old, entry(consenting(ConsentState.SUBSCRIBED, LATER))).since is None
    assert after_a_look(out, entry(consenting(ConsentState.UNSUBSCRIBED, LATER))).since is None
