"""Of each event only the last instant counts, in whatever order and however often it is told (A-19)."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from passerelle.model import Engagement
from passerelle.rules.engagement import Marks

SECONDS = st.integers(0, 4_000_000_000)
MARKS = st.builds(Marks, SECONDS, SECONDS, SECONDS)
AT = datetime(2026, 6, 1, 12, tzinfo=UTC)


@given(st.lists(MARKS, max_size=6), st.randoms())
def test_order_and_repetition_change_nothing(told, chance):
    def together(marks):
        held = Marks()
        for each in marks:
            held = held.later(each)
        return held

    shuffled = [*told, *told[:2]]
    chance.shuffle(shuffled)
    assert together(shuffled) == together(told)


@given(MARKS)
def test_what_the_ledger_keeps_is_read_back(marks):
    assert Marks.parse(str(marks)) == marks
    assert Marks.of(marks.told("7", "c")) == marks


@given(MARKS, MARKS)
def test_only_what_is_later_is_news(held, told):
    news = told.beyond(held)
    assert held.later(news) == held.later(told)
    assert all(new == 0 or new > old for new, old in zip(news, held, strict=True))


def test_what_never_happened_is_told_of_nobody():
    told = Marks(received=int(AT.timestamp())).told("7", "c")
    assert told == Engagement("7", "c", received_at=AT)
    assert Marks.parse("") == Marks()
