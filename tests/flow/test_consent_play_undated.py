"""The same random acts at a shop that does not date a withdrawal: withdrawals win wherever it cannot be told."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from flow.test_consent_play import OFF, PLAYS, SHOP, Play, play
from hypothesis import Phase
from sandbox.hamlet import Hamlet
from sandbox.origins import PrestaShop

MANY = 300
LEFT = ("UNSUBSCRIBED", "subscribed")
OPTED = datetime(2026, 1, 2, 1, tzinfo=ZoneInfo("Europe/Paris")).astimezone(UTC)
"""When the origin's customers opted in."""


class Undated(Play):
    """PrestaShop: 0 or 1, the date of the first opt-in, and a date that moves with any change.

    Who begins subscribed in the audience and withdrawn at the shop is left so by the first sync (A-3, A-10). As long as
    nobody acts in the audience and no look finds the box ticked, ticking it and unticking it is not told from not ticking
    it at checkout, which leaves them subscribed (A-5).
    """

    left = None
    """Who was left so, and when they had opted in; nobody any more once somebody acts where it is seen."""

    def __init__(self, double_optin):
        super().__init__(double_optin)
        self.left = self._opt_in(self._email(len(SHOP) - 1))

    def _opened(self, account, clock):
        origin = PrestaShop(clock)
        origin.fill({"customers": len(SHOP)})
        for place, state in enumerate(SHOP):
            origin.consent_was(place, state, f"person{place}@example.com")
        return Hamlet(origin.shop, account, clock, origin=origin)

    def _people(self):
        return [row for _, row in self.here.shop.state.customers]

    def _opted_at(self, place):
        return OPTED

    def _held(self, person):
        if int(person["newsletter"]):
            return "SUBSCRIBED"
        never = (person["newsletter_date_add"] or "0000").startswith("0000")
        return "NOT_SUBSCRIBED" if never else "UNSUBSCRIBED"

    def _stands(self, place, yes):
        return bool(int(self._people()[place]["newsletter"])) is yes

    def _sets(self, place, yes):
        self.here.shop.acts.newsletter(place + 1, yes)

    def _change(self, place, **changes):
        customers = self.here.shop.state.customers
        customers.update(place + 1, **changes, date_upd=self.here.shop.state.now())

    def _moves(self, place, new):
        self._change(place, email=new)

    def _renames(self, place, name):
        self._change(place, lastname="".join(chr(ord("a") + int(d)) for d in name if d.isdigit()))

    def _untold(self):
        return False

    def _opt_in(self, email):
        opted = [each.timestamp_opt for each in self.audience.members.values() if each.email == email]
        return email, *opted

    def _syncs(self, kind, scope):
        if self.left and (self._shop_says(self.left[0]), self.audience.status(self.left[0])) != LEFT:
            self.left = None
        super()._syncs(kind, scope)

    def _both_agree(self):
        """A withdrawal always arrives; an opt-in arrives on both sides, or, where nobody can show it to be newer than a
        withdrawal, on none."""
        for email, (shop, audience) in self._sides().items():
            acts = [act for act in self.acts[email] if act[0] >= self.since.get(email, self.synced)]
            untold = self._opt_in(email) == self.left
            if shop == "absent" or not acts or email in self.never or untold:
                continue
            told = (email, shop, audience, self.acts[email])
            assert (audience in {"subscribed", "pending"}) == (shop == "SUBSCRIBED"), told
            assert audience in OFF or max(acts)[1], told


@pytest.mark.parametrize("double_optin", [False, True], ids=["single", "double"])
def test_nobody_is_subscribed_who_left_where_withdrawals_bear_no_date(double_optin):
    play(Undated, double_optin, max_examples=PLAYS, derandomize=True, phases=[Phase.generate])


@pytest.mark.long
@pytest.mark.timeout(1500)
@pytest.mark.parametrize("double_optin", [False, True], ids=["single", "double"])
def test_a_long_play_without_dates_finds_nobody_either(double_optin):
    play(Undated, double_optin, max_examples=MANY, print_blob=True)
