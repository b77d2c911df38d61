"""Random acts of people, merchants and mailings on both sides: nobody is subscribed who did not ask for it last."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from passerelle.memory import RunOutcome, Scope
from passerelle.model import Kind
from passerelle.rules.newcomers import dated
from sandbox.hamlet import Hamlet
from sandbox.mailchimp import Account, Audience, Member
from sandbox.shopify import Shop, sample
from sandbox.world import Clock

PLAYS, MANY = 25, 300
START = datetime(2026, 6, 1, 12, tzinfo=UTC)
SHOP = ("SUBSCRIBED", "SUBSCRIBED", "NOT_SUBSCRIBED", "NOT_SUBSCRIBED", "UNSUBSCRIBED")
PEOPLE = st.integers(0, len(SHOP) - 1)
OFF = {"unsubscribed", "transactional", "cleaned", "archived", "absent", "forgotten"}


class Play(RuleBasedStateMachine):
    """The model is a list of acts an address: (instant, whether it was a yes)."""

    before = (None, "unsubscribed", "subscribed", None, "subscribed")
    """What the audience says of each customer before the first sync."""

    def __init__(self, double_optin):
        super().__init__()
        clock, audience = Clock(START), Audience(double_optin=double_optin)
        audience.clock = clock
        self.here = self._opened(Account(audiences=[audience], clock=clock), clock)
        self.acts = {}
        self.never, self.since = set(), {}
        self._seed(audience)
        self.seen = self._sides()
        run = self.here.sync(Kind.CUSTOMERS)
        assert run.outcome is RunOutcome.COMPLETED, run.why
        self.synced = self._pass()

    def _seed(self, audience):
        for place, status in enumerate(self.before):
            email, state = self._email(place), SHOP[place]
            acts = self.acts[email] = []
            if state in ("SUBSCRIBED", "UNSUBSCRIBED"):
                acts.append((self._opted_at(place), state == "SUBSCRIBED"))
            if status:
                when = START - timedelta(days=10 - place)
                opted = when if status == "subscribed" else None
                audience.seed(Member(email, status, timestamp_opt=opted, last_changed=when))
                acts.append((when, status == "subscribed"))

    # --- the shop -------------------------------------------------------------------------------------------

    def _opened(self, account, clock):
        shop = Shop(clock=clock.epoch, now=clock)
        shop.load([sample.customer(place, consent=state) for place, state in enumerate(SHOP)])
        return Hamlet(shop, account, clock)

    def _people(self):
        return list(self.here.shop.state.shelf("Customer").things.values())

    def _opted_at(self, place):
        return datetime.fromisoformat(self._people()[place]["defaultEmailAddress"]["marketingUpdatedAt"])

    def _held(self, person):
        return person["defaultEmailAddress"]["marketingState"]

    def _stands(self, place, yes):
        return self._held(self._people()[place]) == ("SUBSCRIBED" if yes else "UNSUBSCRIBED")

    def _sets(self, place, yes):
        self.here.shop.life.consent(self._people()[place]["id"], "SUBSCRIBED" if yes else "UNSUBSCRIBED")

    def _moves(self, place, new):
        person = self._people()[place]
        whole = {**person["defaultEmailAddress"], "emailAddress": new}
        self.here.shop.life.edit(person["id"], email=new, defaultEmailAddress=whole)

    def _renames(self, place, name):
        self.here.shop.life.edit(self._people()[place]["id"], lastName=name)

    def _untold(self):
        return self.here.shop.state.events

    # --- looking --------------------------------------------------------------------------------------------

    @property
    def audience(self):
        return self.here.account.audience

    def _shop_says(self, email):
        for person in self._people():
            if (person["email"] or "").lower() == email:
                return self._held(person)
        return "absent"

    def _sides(self):
        return {email: (self._shop_says(email), self.audience.status(email)) for email in self.acts}

    def _pass(self):
        """Time goes by, so that no two acts have one instant; answers now."""
        self.here.clock.sleep(90)
        return self.here.clock()

    def _email(self, place):
        return self._people()[place]["email"].lower()

    def _act(self, email, yes):
        self.acts.setdefault(email, []).append((self.here.clock(), yes))
        self.seen = self._sides()
        self._pass()

    # --- people ---------------------------------------------------------------------------------------------

    @rule(place=PEOPLE, yes=st.booleans())
    def decides_at_the_shop(self, place, yes):
        if self._stands(place, yes):
            return  # the box is as wanted already, and may be so by us: no act is no new evidence
        self._sets(place, yes)
        self._act(self._email(place), yes)

    @rule(place=PEOPLE)
    def fills_in_the_form(self, place):
        email = self._email(place)
        if self.audience.status(email) == "subscribed":
            return  # they are told that they are subscribed already
        self.audience.person_subscribes(email)
        self.never.discard(email)
        self._act(email, True)

    @rule(place=PEOPLE)
    def follows_the_link_in_a_mail(self, place):
        email = self._email(place)
        if self.audience.status(email) == "subscribed":
            self.audience.person_unsubscribes(email)
            self._act(email, False)
        elif self.audience.status(email) == "pending":
            self.audience.person_subscribes(email)
            self._act(email, True)

    @rule(place=PEOPLE)
    def the_mail_bounces(self, place):
        email = self._email(place)
        if self.audience.status(email) == "subscribed":
            self.audience.mail_bounces(email)
            self.never.add(email)
            self._act(email, False)

    @rule(place=PEOPLE)
    def is_forgotten(self, place):
        email = self._email(place)
        if self.audience.status(email) not in ("absent", "forgotten"):
            self.audience.admin_deletes_permanently(email)
            self.never.add(email)
            self._act(email, False)

    @rule(place=PEOPLE)
    def has_a_new_address(self, place):
        old, new = self._email(place), f"moved{len(self.acts)}.{place}@example.com"
        self._moves(place, new)
        # A bounce or a deletion is of the address; what the person said of mails goes with them.
        self.acts[new] = [act for act in self.acts[old] if old not in self.never or act[1]]
        self.since[new] = self.here.clock()
        self.seen = self._sides()
        self._pass()

    @rule()
    def somebody_new_fills_in_the_form(self):
        email = f"new{len(self.acts)}@example.com"
        self.audience.person_subscribes(email)
        self._act(email, True)

    # --- the merchant ---------------------------------------------------------------------------------------

    @rule(place=PEOPLE)
    def edits_a_customer(self, place):
        self._renames(place, f"Name {self.here.clock():%H%M}")
        self._pass()

    @rule(kind=st.sampled_from([Kind.CUSTOMERS, Kind.CONTACTS]), scope=st.sampled_from(list(Scope)))
    def syncs(self, kind, scope):
        self._syncs(kind, scope)
        self._pass()

    def _syncs(self, kind, scope):
        run = self.here.sync(kind, scope=scope)
        assert run.outcome is RunOutcome.COMPLETED, run.why

    @rule(
        correct=st.booleans(), becomes=st.sampled_from(["transactional", "unsubscribed"]), new=st.booleans()
    )
    def changes_the_policy(self, correct, becomes, new):
        told = {"correct_store": correct, "unsubscribed_becomes": becomes, "new_contacts_to_store": new}
        self.here.policy = dated(told, self.here.policy, self.here.clock())

    # --- the mailings ---------------------------------------------------------------------------------------

    @rule(duplicates=st.integers(0, 1), shuffle=st.integers(0, 3))
    def the_shop_tells(self, duplicates, shuffle):
        self.here.told_by_shop(duplicates=duplicates, shuffle=shuffle)

    @rule()
    def the_audience_tells(self):
        self.here.told_by_audience()

    @rule()
    def what_was_told_is_followed(self):
        self.here.follow_all()
        self._pass()

    @precondition(lambda self: self._untold() or self.here.account.hooks.sent)
    @rule()
    def what_was_told_is_lost(self):
        self.here.lost()

    # --- what always holds ----------------------------------------------------------------------------------

    @invariant()
    def nobody_is_subscribed_who_did_not_ask_last(self):
        now = self._sides()
        for email, (shop, audience) in now.items():
            before = self.seen.get(email, ("", ""))
            raised = [
                side
                for side, was, is_ in (("shop", before[0], shop), ("audience", before[1], audience))
                if is_.lower() == "subscribed" != was.lower()
            ]
            if raised:
                last = max(self.acts[email], default=(None, False))
                assert last[1], f"{email} was subscribed at the {raised}: {self.acts[email]}"
        self.seen = now

    @invariant()
    def a_bounced_or_forgotten_address_stays_so(self):
        for email in self.never:
            assert self.audience.status(email) in ("cleaned", "forgotten"), email

    # --- once all is quiet ----------------------------------------------------------------------------------

    def teardown(self):
        for _ in range(3):
            self.here.quiet()
            for kind in (Kind.CUSTOMERS, Kind.CONTACTS):
                self._syncs(kind, Scope.INCREMENTAL)
            self._pass()
        self.here.quiet()
        self.nobody_is_subscribed_who_did_not_ask_last()
        self._both_agree()
        self._a_full_sync_changes_nothing()

    def _both_agree(self):
        for email, (shop, audience) in self._sides().items():
            acts = [act for act in self.acts[email] if act[0] >= self.since.get(email, self.synced)]
            if shop == "absent" or not acts:
                continue
            if max(acts)[1]:
                asked = {"subscribed", "pending"} | (
                    {"cleaned", "forgotten"} if email in self.never else set()
                )
                assert audience in asked, (email, shop, audience, self.acts[email])
                assert shop == "SUBSCRIBED" or email in self.never, (email, shop, audience, self.acts[email])
            else:
                assert audience in OFF, (email, shop, audience, self.acts[email])
                assert shop != "SUBSCRIBED" or email in self.never, (email, shop, audience, self.acts[email])

    def _a_full_sync_changes_nothing(self):
        self.here.sync(Kind.CUSTOMERS)
        self.here.quiet()
        before = self.here.behind()
        self.here.shop.calls.clear()
        self.here.account.calls.clear()
        run = self.here.sync(Kind.CUSTOMERS)
        assert run.counts.unchanged + run.counts.skipped == run.expected, run.counts
        assert self.here.shop.calls.writes == []
        assert self.here.behind() == before


def play(of, double_optin, **how):
    """Play a machine of this class."""
    told = {"database": None, "deadline": None, "suppress_health_check": list(HealthCheck)}
    run_state_machine_as_test(
        partial(of, double_optin), settings=settings(stateful_step_count=20, **told, **how)
    )


@pytest.mark.parametrize("double_optin", [False, True], ids=["single", "double"])
def test_whatever_people_do_nobody_is_subscribed_who_did_not_ask(
    scene, double_optin
):
    # A failing play is told as it was: to find a shorter one takes minutes, and the long play does.
    play(Play, double_optin, max_examples=PLAYS, derandomize=True, print_blob=False, phases=[Phase.generate])


@pytest.mark.long
@pytest.mark.timeout(1500)
@pytest.mark.parametrize("double_optin", [False, True], ids=["single", "double"])
def test_a_long_play_of_new_acts_each_time_finds_nobody_either(
    scene, double_optin
):
    play(Play, double_optin, max_examples=MANY, print_blob=True)
