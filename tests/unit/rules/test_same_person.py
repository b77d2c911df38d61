"""Several customers with one e-mail are one contact."""

from itertools import permutations, product

import pytest
from passerelle.model import Consent, ConsentState, Customer
from passerelle.rules.same_person import deciding, folded, gathered
from unit.rules.consent_space import T

ST = ConsentState


def test_case_and_spaces_do_not_make_another_contact():
    assert folded("  Ada@Example.COM ") == folded("ada@example.com")


def test_customers_are_gathered_by_address_and_those_without_one_left_out():
    ada, twin, nobody = (
        Customer(id, email, Consent(ST.NONE))
        for id, email in (("1", "Ada@x.fr"), ("2", " ada@X.fr"), ("3", " "))
    )
    assert gathered([ada, twin, nobody]) == {"ada@x.fr": (ada, twin)}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ([Consent(ST.SUBSCRIBED, T[1]), Consent(ST.UNSUBSCRIBED, T[0])], ST.SUBSCRIBED),
        ([Consent(ST.SUBSCRIBED, T[0]), Consent(ST.UNSUBSCRIBED, T[1])], ST.UNSUBSCRIBED),
        ([Consent(ST.SUBSCRIBED, T[0]), Consent(ST.UNSUBSCRIBED, T[0])], ST.UNSUBSCRIBED),
        ([Consent(ST.SUBSCRIBED, T[0]), Consent(ST.UNSUBSCRIBED)], ST.UNSUBSCRIBED),
        ([Consent(ST.SUBSCRIBED), Consent(ST.UNSUBSCRIBED, T[0])], ST.UNSUBSCRIBED),
        ([Consent(ST.SUBSCRIBED), Consent(ST.NOT_SUBSCRIBED, T[3])], ST.SUBSCRIBED),
        ([Consent(ST.PENDING), Consent(ST.NOT_SUBSCRIBED), Consent(ST.NONE)], ST.PENDING),
    ],
)
def test_the_most_recent_explicit_act_decides_and_withdrawals_win_ties(told, expected):
    assert {deciding(order).state for order in permutations(told)} == {expected}


def test_one_customer_more_never_turns_a_standing_withdrawal_into_an_opt_in():  # A-10 A-15
    every = [Consent(state, at) for state, at in product(ST, (None, *T[:3]))]
    for first, second in product(every, every):
        if deciding([first, second]).state is ST.SUBSCRIBED and ST.UNSUBSCRIBED in (
            first.state,
            second.state,
        ):
            opt_in, out = (first, second) if first.state is ST.SUBSCRIBED else (second, first)
            assert opt_in.changed_at > out.changed_at


def test_no_consent_at_all_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="no consent"):
        deciding([])


def test_the_customer_who_came_back_last_decides_though_the_store_keeps_first_dates():
    stayed, returned = Consent(ST.SUBSCRIBED, T[1]), Consent(ST.SUBSCRIBED, T[0], since=T[2])
    assert deciding([stayed, returned]) is returned
    assert deciding([returned, stayed]) is returned
