"""Every code says what it asks of a person."""

import string

import pytest
from passerelle.model import Kind, Severity
from passerelle.rules import selection
from passerelle.rules.consent_rows import ROWS
from passerelle.rules.severity import ALIASES, MEANINGS, describe, meaning

ASKED_FOR = (
    "unreadable",
    "missing",
    "compliance_state",
    "forgotten",
    "fake_address",
    "too_many_lists",
    "merge_field_required",
    "invalid_email",
    "cleaned",
    "quarantined",
    "credentials_refused",
    "permission_missing",
    "stale_run",
    "disappeared_many",
    "truncated",
    "lost_slice",
    "subscription_restored",
    "unmapped_product",
    "status_left_selection",
)


@pytest.mark.parametrize("code", ASKED_FOR)
def test_every_cause_we_know_has_its_own_words(code):  # E-7 A-17
    assert code in MEANINGS


def test_every_reason_for_passing_over_an_object_has_its_own_words():  # A-4 B-5 B-6 B-12
    skips = {row.skip for row in ROWS if row.skip} | {
        selection.ALREADY_MAPPED,
        selection.NOT_MAPPED,
        selection.STATUS_LEFT_SELECTION,
        selection.OUTSIDE_PERIOD,
    }
    assert skips <= MEANINGS.keys()


@pytest.mark.parametrize("code", MEANINGS)
def test_an_error_tells_what_to_do_and_an_info_that_nothing_is(code):  # E-7
    found = MEANINGS[code]
    assert found.remedy.endswith(".")
    if found.severity is Severity.ERROR:
        assert not found.remedy.startswith("Nothing to do.")
    else:
        assert "retry" not in found.remedy
    if found.severity is Severity.INFO:
        assert found.remedy.startswith(("Nothing to do", "Nothing must be done"))


@pytest.mark.parametrize("code", MEANINGS)
@pytest.mark.parametrize("kind", [*Kind, ""])
def test_titles_and_remedies_fill_in_for_every_kind(code, kind):  # E-7
    told = describe(code, kind=kind, object_id="42")
    assert not set(told.title + told.remedy) & set("{}")
    assert "_" not in told.title.replace("42", "")


def test_templates_name_only_what_is_given_to_them():  # G-7
    for found in MEANINGS.values():
        names = {name for _, name, _, _ in string.Formatter().parse(found.title + found.remedy) if name}
        assert names <= {"kind", "one", "id"}


def test_a_platforms_own_reason_and_remedy_are_told():  # E-7
    told = describe(
        "unreadable", kind="products", object_id="7", why="the price is no number", remedy="Set it."
    )
    assert told.title == "The store's product 7 cannot be read: the price is no number"
    assert told.remedy == "Set it."
    assert told.severity is Severity.ERROR


def test_braces_in_a_platforms_words_do_no_harm():
    assert describe("rejected", why="{id} {0} {", object_id="{x}").title.endswith("{id} {0} {")


def test_an_unknown_code_is_an_error_and_never_silence():  # E-7
    assert meaning("something_new").severity is Severity.ERROR
    assert "order 9" in describe("something_new", kind="orders", object_id="9").title


@pytest.mark.parametrize("alias", ALIASES)
def test_platform_words_lead_to_a_meaning(alias):
    assert ALIASES[alias] in MEANINGS
    assert alias not in MEANINGS


@pytest.mark.parametrize("code", ["forgotten", "cleaned", "compliance_state", "status_left_selection"])
def test_a_business_rule_asks_nothing_of_a_person(code):  # E-7 A-4 A-8 A-14 B-6
    assert meaning(code).severity is Severity.INFO


@pytest.mark.parametrize(
    ("code", "severity"),
    [
        ("sku_ambiguous", Severity.ERROR),
        ("sku_missing", Severity.ERROR),
        ("sku_repeated", Severity.ERROR),
        ("match_split", Severity.ERROR),
        ("currency_differs", Severity.ERROR),
        ("tax_rate_missing", Severity.ERROR),
        ("plan_full", Severity.INFO),
        ("no_match", Severity.INFO),
        ("filtered_out", Severity.INFO),
        ("not_published", Severity.INFO),
        ("preferences_off", Severity.INFO),
        ("left_as_it_is", Severity.INFO),
        ("unmapped_by_hand", Severity.INFO),
        ("location_not_mapped", Severity.INFO),
    ],
)
def test_what_a_catalogue_passes_over_has_words_and_only_a_doubt_asks_for_a_person(
    code, severity
):  # C-5 C-13
    assert code in MEANINGS
    assert meaning(code).severity is severity
