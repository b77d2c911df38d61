"""Who is kept out of a link."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from passerelle.rules.exclusion import Exclusion, exclusion_of, why_excluded

ALL = {"exclude": {"domains": ["spam.example", "@Corp.Example"], "tags": ["Wholesale"], "marketplaces": True}}
LABEL = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=8)
HOST = st.lists(LABEL, min_size=2, max_size=4).map(".".join)
TAGS = st.lists(st.text(max_size=10), max_size=4)


@pytest.mark.parametrize(
    ("email", "tags", "why"),
    [
        ("a@spam.example", (), "domain"),
        ("a@mail.spam.example", (), "domain"),
        ("A@SPAM.Example", (), "domain"),
        ("a@corp.example", (), "domain"),
        ("a@notspam.example", (), None),
        ("a@spam.example.org", (), None),
        ("spam.example@shop.example", (), None),
        ("a@shop.example", ("wholesale",), "tag"),
        ("a@shop.example", (" WHOLESALE ",), "tag"),
        ("a@shop.example", ("wholesaler",), None),
        ("", ("Wholesale",), "tag"),
        ("", (), None),
        ("x1y2@marketplace.amazon.de", (), "marketplace"),
        ("x1y2@marketplace.amazon.co.uk", (), "marketplace"),
        ("x1y2@marketplace.amazon.com.br", (), "marketplace"),
        ("x1y2@m.marketplace.amazon.it", (), "marketplace"),
        ("name@members.ebay.com", (), "marketplace"),
        ("name@members.ebay.co.uk", (), "marketplace"),
        ("name@amazon.com", (), None),
        ("name@ebay.com", (), None),
        ("name@marketplace.amazon.evil-shop.example", (), None),
        ("name@notmembers.ebay.com", (), None),
    ],
)
def test_who_is_kept_out_and_by_which_rule(email, tags, why):
    assert why_excluded(exclusion_of(ALL), email, tags) == why


@given(email=st.builds("{}@{}".format, LABEL, HOST), tags=TAGS)
def test_without_rules_nobody_is_kept_out(email, tags):
    assert exclusion_of({}).idle
    assert why_excluded(exclusion_of({}), email, tags) is None


@given(name=LABEL, host=HOST, below=LABEL)
def test_a_domain_keeps_out_itself_and_all_below_it_and_nothing_beside_it(name, host, below):
    rules = exclusion_of({"exclude": {"domains": [host]}})
    assert why_excluded(rules, f"{name}@{host}") == "domain"
    assert why_excluded(rules, f"{name}@{below}.{host}".upper()) == "domain"
    assert why_excluded(rules, f"{name}@{below}{host}") is None


@given(email=st.builds("{}@{}".format, LABEL, HOST), tags=TAGS, more=st.sets(HOST))
def test_more_rules_never_let_somebody_in(email, tags, more):
    few = Exclusion(frozenset({email.partition("@")[2]}))
    many = Exclusion(few.domains | more, frozenset({"vip"}), marketplaces=True)
    assert why_excluded(few, email, tags) is not None
    assert why_excluded(many, email, tags) is not None


@pytest.mark.parametrize("nonsense", [{"exclude": ["x"]}, {"exclude": {"domains": "a.example"}}])
def test_rules_that_make_no_sense_are_refused(nonsense):
    with pytest.raises(ValueError, match=r"told by|lists"):
        exclusion_of(nonsense)
