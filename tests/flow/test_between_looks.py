"""Acts between two looks: whoever acts twice on one side, and ends where we left it, has acted all the same."""

import pytest
from passerelle.memory import RunOutcome, Scope
from passerelle.model import Kind
from sandbox.hamlet import hamlet_of

PERSON = "ada.between@example.com"


def _hamlet(state, platform="shopify"):
    """One customer with a consent since January, synced."""
    here = hamlet_of(platform, {"customers": 1})
    here.origin.consent_was(0, state, PERSON)
    _sync(here, Scope.FULL)
    return here


def _sync(here, scope=Scope.INCREMENTAL):
    here.clock.sleep(90)
    for kind in (Kind.CUSTOMERS, Kind.CONTACTS, Kind.CUSTOMERS):
        run = here.sync(kind, scope=scope)
        assert run.outcome is RunOutcome.COMPLETED, run.why
    here.clock.sleep(90)


def _decides(here, *wishes):
    """Ticks and unticks the box at the shop."""
    for wish in wishes:
        (id,) = here.shop.state.shelf("Customer").things
        here.shop.life.consent(f"gid://shopify/Customer/{id}", "SUBSCRIBED" if wish else "UNSUBSCRIBED")
        here.clock.sleep(90)


def _fills_in_the_form(here):
    here.account.audience.person_subscribes(PERSON)
    here.clock.sleep(90)


def _follows_the_link(here):
    here.account.audience.person_unsubscribes(PERSON)
    here.clock.sleep(90)


def _sides(here):
    ((_, person),) = here.shop.state.shelf("Customer").things.items()
    return person["defaultEmailAddress"]["marketingState"], here.account.audience.status(PERSON)


OUT, IN = ("UNSUBSCRIBED", "unsubscribed"), ("SUBSCRIBED", "subscribed")


def test_a_withdrawal_made_again_at_the_shop_counts_though_we_wrote_one_there():
    here = _hamlet("SUBSCRIBED")
    _follows_the_link(here)
    _sync(here)
    assert _sides(here) == OUT
    _fills_in_the_form(here)
    _decides(here, True, False)
    _sync(here)
    assert _sides(here) == OUT


def test_a_withdrawal_made_again_at_the_shop_and_then_the_form_is_an_opt_in():
    here = _hamlet("SUBSCRIBED")
    _follows_the_link(here)
    _sync(here)
    _decides(here, True, False)
    _fills_in_the_form(here)
    _sync(here)
    assert _sides(here) == IN


def test_a_withdrawal_made_again_in_the_audience_counts_though_we_wrote_one_there():
    here = _hamlet("SUBSCRIBED")
    _decides(here, False)
    _sync(here)
    assert _sides(here) == OUT
    _decides(here, True)
    _fills_in_the_form(here)
    _follows_the_link(here)
    _sync(here)
    assert _sides(here) == OUT


def test_an_opt_in_made_again_in_the_audience_counts_though_we_wrote_one_there():
    here = _hamlet("SUBSCRIBED")
    assert _sides(here) == IN
    _decides(here, False)
    _follows_the_link(here)
    _fills_in_the_form(here)
    _sync(here)
    assert _sides(here) == IN


def test_an_opt_in_made_again_at_the_shop_counts_though_we_wrote_one_there():
    here = _hamlet("NOT_SUBSCRIBED")
    _fills_in_the_form(here)
    _sync(here)
    assert _sides(here) == IN
    _follows_the_link(here)
    _decides(here, False, True)
    here.account.audience.resubscribes = True
    here.account.audience.members[next(iter(here.account.audience.members))].compliance = False
    _sync(here)
    assert _sides(here) == IN


def test_what_we_wrote_ourselves_is_still_no_act_when_nobody_acted():
    here = _hamlet("SUBSCRIBED")
    _follows_the_link(here)
    _sync(here)
    here.shop.calls.clear()
    here.account.calls.clear()
    _sync(here, Scope.FULL)
    assert here.shop.calls.writes == []
    assert [call for call in here.account.calls.writes if "/members" in call.path] == []


# --- a shop that does not date a withdrawal --------------------------------------------------------------------


def _newsletter(here, *wishes):
    for wish in wishes:
        here.shop.acts.newsletter(1, wish)
        here.clock.sleep(90)


def _ends(here):
    return int(here.shop.state.customers.rows[1]["newsletter"]), here.account.audience.status(PERSON)


def _withdrawn(at_the_shop):
    """A PrestaShop customer who withdrew on one side, which the other side knows."""
    here = _hamlet("SUBSCRIBED", "prestashop")
    if at_the_shop:
        _newsletter(here, False)
    else:
        _follows_the_link(here)
    _sync(here)
    assert _ends(here) == (0, "unsubscribed")
    return here


@pytest.mark.parametrize("at_the_shop", [True, False], ids=["at the shop", "in the audience"])
def test_who_withdrew_anywhere_may_come_back_by_the_form_though_the_shop_dates_nothing(at_the_shop):
    here = _withdrawn(at_the_shop)
    _fills_in_the_form(here)
    _sync(here)
    assert _ends(here) == (1, "subscribed")


@pytest.mark.parametrize("at_the_shop", [True, False], ids=["at the shop", "in the audience"])
def test_a_withdrawal_made_again_at_a_shop_without_dates_counts(at_the_shop):
    here = _withdrawn(at_the_shop)
    _fills_in_the_form(here)
    _newsletter(here, True, False)
    _sync(here)
    assert _ends(here) == (0, "unsubscribed")


@pytest.mark.parametrize("at_the_shop", [True, False], ids=["at the shop", "in the audience"])
def test_who_withdrew_anywhere_may_come_back_at_a_shop_that_keeps_the_first_date(at_the_shop):
    here = _withdrawn(at_the_shop)
    here.account.audience.resubscribes = True
    here.account.audience.members[next(iter(here.account.audience.members))].compliance = False
    _newsletter(here, True)
    _sync(here)
    assert _ends(here) == (1, "subscribed")
    _quiet(here)


def test_where_a_withdrawal_in_the_audience_may_be_newer_than_the_opt_in_at_the_shop_it_wins():
    here = _withdrawn(at_the_shop=False)
    _newsletter(here, True)
    _fills_in_the_form(here)
    _follows_the_link(here)
    _sync(here)
    assert _ends(here) == (0, "unsubscribed")
    _quiet(here)


def test_who_was_left_subscribed_beside_a_withdrawal_comes_back_by_a_later_form():
    here = _left_aside()
    _follows_the_link(here)
    _fills_in_the_form(here)
    _sync(here)
    assert _ends(here) == (1, "subscribed")
    _quiet(here)


def test_what_the_merchant_edits_ends_no_opt_in_that_the_first_sync_left():
    here = _left_aside()
    here.origin.edit(Kind.CUSTOMERS, 0)
    _sync(here)
    assert _ends(here) == (0, "subscribed")
    _follows_the_link(here)
    _fills_in_the_form(here)
    _sync(here)
    assert _ends(here) == (1, "subscribed")


def _left_aside():
    """Subscribed in the audience, withdrawn at the shop at nobody knows when; the first sync leaves both."""
    here = hamlet_of("prestashop", {"customers": 1})
    here.origin.consent_was(0, "UNSUBSCRIBED", PERSON)
    here.account.audience.person_subscribes(PERSON)
    _sync(here, Scope.FULL)
    assert _ends(here) == (0, "subscribed")
    return here


def _quiet(here):
    """Another full sync changes nothing."""
    before = here.behind()
    here.shop.calls.clear()
    _sync(here, Scope.FULL)
    assert here.shop.calls.writes == []
    assert here.behind() == before


@pytest.mark.parametrize("at_the_shop", [True, False], ids=["at the shop", "in the audience"])
def test_what_the_merchant_changed_before_a_look_holds_no_later_form_back(at_the_shop):
    here = _withdrawn(at_the_shop)
    here.origin.edit(Kind.CUSTOMERS, 0)
    _sync(here)
    _fills_in_the_form(here)
    _sync(here)
    assert _ends(here) == (1, "subscribed")
