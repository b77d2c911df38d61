"""The census: a million contacts in a few bytes each, found again, the latest word on each."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from passerelle.model import AudienceStatus
from passerelle.port import Indexed
from passerelle.sync.census import Census, pack

INSTANTS = st.none() | st.integers(0, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
STATUSES = st.sampled_from(list(AudienceStatus))
IDS = st.text("abcdef0123456789", min_size=1, max_size=8)


def indexed(id, status, at):
    return Indexed(id, f"{status}|{at.isoformat() if at else ''}|")


@given(st.lists(st.tuples(IDS, STATUSES, INSTANTS)))
def test_each_contact_is_found_as_it_was_told_last(told):
    census = Census(pack(indexed(*one) for one in told))
    latest = {id: (status, at) for id, status, at in told}
    assert len(census) == len(latest)
    for id, (status, at) in latest.items():
        contact = census.find(id, "someone@shop.example")
        assert (contact.id, contact.status, contact.status_changed_at) == (id, status, at)


@given(st.sets(IDS, min_size=1), IDS)
def test_nobody_is_found_who_was_not_told(ids, other):
    census = Census(pack(indexed(id, AudienceStatus.SUBSCRIBED, None) for id in ids))
    assert (census.find(other, "") is not None) == (other in ids)


def test_a_contact_takes_twenty_five_bytes():
    assert len(pack(indexed(str(n), AudienceStatus.PENDING, None) for n in range(1000))) == 25_000
