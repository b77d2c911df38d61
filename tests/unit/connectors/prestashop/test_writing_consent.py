"""Consent written to a shop: once, to the right people, and told honestly when the shop stops half way."""

from datetime import UTC, datetime

import pytest
from passerelle.model import Consent, ConsentState, Customer, Kind
from passerelle.port import ConsentChange, PermissionMissing, Result, Unavailable
from sandbox.moods import Mood
from sandbox.prestashop import ALL, METHODS, Shop
from sandbox.prestashop.sample import SAMPLE_KEY

from .connecting import connect, counted

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
YES = Consent(ConsentState.SUBSCRIBED, datetime(2026, 7, 1, 10, 0, tzinfo=UTC))
NO = Consent(ConsentState.UNSUBSCRIBED)


def shop_of(people: int, **values: object) -> Shop:
    shop = Shop({SAMPLE_KEY: ALL}, clock=lambda: NOW)
    for number in range(people):
        row = {"email": f"buyer{number}@example.com", "firstname": "Ana", "lastname": "Lopez", "passwd": "x"}
        shop.state.customers.insert(row | values)
    return shop


def wishes(shop: Shop) -> list[str]:
    return [row["newsletter"] for _, row in shop.state.customers]


def test_consents_are_written_fifty_a_request() -> None:
    shop = shop_of(120)
    outcomes = connect(shop).push_consent([ConsentChange(str(n), YES) for n in range(1, 121)])
    assert {o.result for o in outcomes} == {Result.UPDATED}
    assert set(wishes(shop)) == {"1"}
    assert len(shop.calls.writes) == 3


def test_writing_twice_changes_nothing() -> None:
    shop = shop_of(3)
    changes = [ConsentChange(str(n), YES) for n in range(1, 4)]
    connect(shop).push_consent(changes)
    writes = len(shop.calls.writes)
    assert {o.result for o in connect(shop).push_consent(changes)} == {Result.UNCHANGED}
    assert len(shop.calls.writes) == writes


def test_the_time_of_the_opt_in_is_kept_in_the_shops_own_time() -> None:
    shop = shop_of(1)
    connect(shop).push_consent([ConsentChange("1", YES)])
    assert shop.state.customers.rows[1]["newsletter_date_add"] == "2026-07-01 12:00:00"
    (read,) = connect(shop).pull(Kind.CUSTOMERS, ["1"]).objects
    assert isinstance(read, Customer)
    assert read.consent == YES


def test_an_opt_out_is_read_back_as_one() -> None:
    shop = shop_of(1, newsletter=1, newsletter_date_add="2026-01-01 00:00:00")
    connect(shop).push_consent([ConsentChange("1", NO)])
    (read,) = connect(shop).pull(Kind.CUSTOMERS, ["1"]).objects
    assert isinstance(read, Customer)
    assert read.consent == NO


def test_an_opt_in_and_opt_out_both_written_by_us_end_as_an_opt_out() -> None:
    shop = shop_of(1)
    connector = connect(shop)
    connector.push_consent([ConsentChange("1", Consent(ConsentState.SUBSCRIBED))])
    connector.push_consent([ConsentChange("1", NO)])
    (read,) = connector.pull(Kind.CUSTOMERS, ["1"]).objects
    assert isinstance(read, Customer)
    assert read.consent == NO


def test_nothing_else_of_a_customer_is_touched() -> None:
    shop = shop_of(1, company="Œuvre", birthday="1990-01-01", optin=1)
    before = dict(shop.state.customers.rows[1])
    connect(shop).push_consent([ConsentChange("1", YES)])
    after = shop.state.customers.rows[1]
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"newsletter", "newsletter_date_add", "date_upd"}


def test_one_refused_customer_does_not_stop_those_behind() -> None:
    shop = shop_of(5)
    shop.state.customers.update(3, lastname="Unit 731")
    outcomes = connect(shop).push_consent([ConsentChange(str(n), YES) for n in range(1, 6)])
    assert [o.result for o in outcomes] == [
        Result.UPDATED,
        Result.UPDATED,
        Result.REFUSED,
        Result.UPDATED,
        Result.UPDATED,
    ]
    assert wishes(shop) == ["1", "1", "0", "1", "1"]
    assert "lastname" in outcomes[2].why
    assert "731" not in outcomes[2].why


def test_customers_that_are_gone_and_wishes_a_shop_cannot_hold_are_refused_without_a_call() -> None:
    shop = shop_of(2)
    shop.state.customers.update(2, deleted=1)
    changes = [
        ConsentChange("9", YES),
        ConsentChange("2", YES),
        ConsentChange("1", Consent(ConsentState.PENDING)),
    ]
    outcomes = connect(shop).push_consent(changes)
    assert [o.code for o in outcomes] == ["missing", "missing", "consent_state_unwritable"]
    assert not shop.calls.writes


def test_an_answer_that_is_lost_is_not_taken_for_success_and_the_repeat_finds_it_written() -> None:
    shop = shop_of(2)
    shop.moods.add(Mood.LOST_ANSWER, "PATCH /api/customers")
    connector = connect(shop)
    changes = [ConsentChange("1", YES), ConsentChange("2", YES)]
    with pytest.raises(Unavailable):
        connector.push_consent(changes)
    assert {o.result for o in connector.push_consent(changes)} == {Result.UNCHANGED}
    assert wishes(shop) == ["1", "1"]


def test_a_key_that_may_not_write_names_the_right_it_lacks() -> None:
    key = "READER00000000000000000000000000"
    shop = shop_of(1)
    shop.keys[key] = {"*": METHODS - {"PATCH"}}
    with pytest.raises(PermissionMissing, match="PATCH customers"):
        connect(shop, key).push_consent([ConsentChange("1", YES)])


def test_no_changes_take_no_calls() -> None:
    shop = shop_of(1)
    assert counted(shop, lambda: connect(shop).push_consent([])) == 0


def test_a_withdrawal_tells_what_the_shop_shows_of_it_from_now_on() -> None:
    shop = shop_of(2, newsletter=1, newsletter_date_add="2026-01-01 00:00:00")
    connector = connect(shop)
    no, yes = connector.push_consent([ConsentChange("1", NO), ConsentChange("2", YES)])
    (read,) = connector.pull(Kind.CUSTOMERS, ["1"]).objects
    assert isinstance(read, Customer)
    assert no.consent_at == read.consent.shown_at == NOW
    assert yes.consent_at is None


def test_a_tick_in_the_footer_moves_what_is_shown_though_the_customers_date_stands_still() -> None:
    shop = shop_of(1, newsletter=1, newsletter_date_add="2026-01-01 00:00:00")
    connector = connect(shop)
    (left,) = connector.push_consent([ConsentChange("1", NO)])
    shop.state.customers.update(1, newsletter=0, newsletter_date_add="2026-11-23 10:00:01")
    (read,) = connector.pull(Kind.CUSTOMERS, ["1"]).objects
    assert isinstance(read, Customer)
    assert read.consent.changed_at is None
    assert left.consent_at
    assert read.consent.shown_at
    assert read.consent.shown_at > left.consent_at
