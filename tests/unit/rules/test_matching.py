"""Which product is which: no match, one, several at either side, by SKU and by barcode, in any order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from passerelle.model import Money, Product, Variant
from passerelle.rules.matching import Known, Matched, Unmatched, key_of, match

FREE = Money.parse(0, "EUR")


def product(*skus, barcodes=(), id="p"):
    codes = [*barcodes, *[""] * len(skus)]
    return Product(
        id, "T", tuple(Variant(f"v{n}", FREE, sku, codes[n - 1]) for n, sku in enumerate(skus, start=1))
    )


def holds(**found):
    """Key → what holds it, written `product/variant`."""
    return {
        key_of(key): frozenset(tuple(each.split("/")) for each in them.split()) for key, them in found.items()
    }


TWICE = "sku_ambiguous"


@pytest.mark.parametrize(
    ("skus", "there", "found"),
    [
        (("A",), {}, Unmatched()),
        (("A",), {"b": "d/1"}, Unmatched()),
        (("A",), {"a": "d/1"}, Matched("d", {"v1": "1"})),
        (("A",), {"a": "d/"}, Matched("d", {"v1": ""})),
        ((" a\t",), {"A": "d/1"}, Matched("d", {"v1": "1"})),
        (("A", "B"), {"a": "d/1", "b": "d/2"}, Matched("d", {"v1": "1", "v2": "2"})),
        (("A", "B", "C"), {"b": "d/2"}, Matched("d", {"v2": "2"}, ("v1", "v3"))),
        (("A",), {"a": "d/1 e/1"}, TWICE),
        (("A",), {"a": "d/1 d/2"}, TWICE),
        (("A", "B"), {"a": "d/1", "b": "e/2"}, "match_split"),
        (("A", "B"), {"a": "d/1", "b": "d/1"}, "match_split"),
        (("A", "B"), {"a": "d/", "b": "d/"}, "match_split"),
        (("",), {}, "sku_missing"),
        (("A", " "), {"a": "d/1"}, "sku_missing"),
        (("\ufeff\u200b",), {}, "sku_missing"),
        (("A", "a "), {"a": "d/1"}, "sku_repeated"),
        ((), {}, Unmatched()),
    ],
)
def test_a_product_is_found_by_the_skus_of_its_variants(skus, there, found):  # C-5 C-6
    told = match(product(*skus), Known(dependent=holds(**there)))
    assert (told.code if isinstance(found, str) else told) == found


def test_an_empty_sku_finds_nothing_even_where_a_shop_answers_it():  # C-5
    known = Known(dependent={"": frozenset({("d", "1")})}, main={"": frozenset({("p", "v1"), ("q", "v9")})})
    assert match(product(""), known).code == "sku_missing"
    by_barcode = Known(known.main, known.dependent, holds(e1="e/9"))
    assert match(product("", barcodes=("E1",)), by_barcode) == Matched("e", {"v1": "9"})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("abc", "ABC"),
        (" abc", "abc \t\n"),
        ("abc\u00a0", "abc"),
        ("\ufeffabc", "abc"),
        ("abc \u200b", "\u200e abc"),
        ("É-1", "e\u0301-1"),
        ("straße", "STRASSE"),
        ("ΣΑΣ", "σας"),
        ("x" * 5000, "X" * 5000 + " "),
    ],
)
def test_two_ways_to_write_a_sku(one, other):  # C-5
    assert key_of(one) == key_of(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a b", "ab"),
        ("a b", "a  b"),
        ("a-1", "a1"),
        ("e1", "é1"),
        ("A1", "А1"),  # the second is Cyrillic
        ("a\u200b1", "a1"),
        ("1", "01"),
        ("１", "1"),  # full width
        ("x" * 5000, "x" * 4999 + "y"),
    ],
)
def test_skus_that_only_look_alike_are_two(one, other):  # C-5
    assert key_of(one) != key_of(other)


@given(st.text(max_size=20))
def test_a_key_is_its_own_key(text):  # C-5
    assert key_of(key_of(text)) == key_of(text)
    assert key_of(f" \ufeff{text}\t") == key_of(text)


@pytest.mark.parametrize(
    ("main", "code", "objects"),
    [
        ({"a": "p/v1 q/v7"}, TWICE, ("p", "q")),
        ({"a": "p/v1 q/v7 r/v8"}, TWICE, ("p", "q", "r")),
        ({"a": "q/v7"}, TWICE, ("p", "q")),
        ({"a": "p/v1 p/v9"}, "sku_repeated", ("p", "v1", "v9")),
        ({"a": "p/v1"}, None, ()),
    ],
)
def test_a_sku_that_the_main_store_has_twice_is_no_proof(main, code, objects):  # C-5
    told = match(product("A"), Known(holds(**main), holds(a="d/1")))
    if code is None:
        assert told == Matched("d", {"v1": "1"})
    else:
        assert (told.code, told.objects) == (code, objects)
        assert all(each in told.why for each in objects[1:] if code == TWICE)


@pytest.mark.parametrize("there", ["d/1 e/2", "d/1 e/2 f/3"])
def test_a_sku_that_the_dependent_store_has_twice_names_the_products(there):  # C-5
    told = match(product("A"), Known(dependent=holds(a=there)))
    named = tuple(each.split("/")[0] for each in there.split())
    assert told.objects == ("p", *named)
    assert all(each in told.why for each in there.replace("/", " variant ").split())


def test_two_variants_of_one_product_with_one_sku_are_both_named():  # C-5
    told = match(product("A"), Known(dependent=holds(a="d/1 d/2")))
    assert "d variant 1, d variant 2" in told.why


def test_variants_over_several_products_name_them_all():  # C-5 C-6
    told = match(product("A", "B", "C"), Known(dependent=holds(a="e/1", b="d/2", c="e/3")))
    assert (told.code, told.objects) == ("match_split", ("p", "d", "e"))
    assert "d, e" in told.why


BARCODE = {"barcodes": ("E1", "E2")}


@pytest.mark.parametrize(
    ("skus", "dependent", "barcodes", "main", "found"),
    [
        # found by its SKU: the barcode is not looked at
        (("A",), {"a": "d/1"}, {"e1": "e/9"}, {}, Matched("d", {"v1": "1"})),
        (("A",), {}, {"e1": "e/9"}, {}, Matched("e", {"v1": "9"})),
        (("",), {}, {"e1": "e/9"}, {}, Matched("e", {"v1": "9"})),
        (("",), {}, {}, {}, "sku_missing"),
        (("",), {}, {"e1": "e/9"}, {"e1": "p/v1 q/v5"}, "sku_missing"),
        (("A",), {}, {"e1": "e/9 f/8"}, {}, TWICE),
        (("A",), {}, {"e1": "e/9"}, {"e1": "p/v1 q/v5"}, TWICE),
        (("A",), {}, {}, {"e1": "p/v1 q/v5"}, Unmatched()),
        (("A", "B"), {"a": "d/1"}, {"e2": "d/2"}, {}, Matched("d", {"v1": "1", "v2": "2"})),
        (("A", "B"), {"a": "d/1"}, {"e2": "e/2"}, {}, "match_split"),
        # the SKU says that d/1 is the other variant, so it is not this one
        (("A", "B"), {"a": "d/1"}, {"e2": "d/1"}, {}, Matched("d", {"v1": "1"}, ("v2",))),
        (("B", "A"), {"a": "d/1"}, {"e1": "d/1"}, {}, Matched("d", {"v2": "1"}, ("v1",))),
        (("A", "B"), {}, {"e1": "d/1", "e2": "d/1"}, {}, "match_split"),
    ],
)
def test_a_barcode_is_the_second_key_where_a_sku_finds_nothing(skus, dependent, barcodes, main, found):
    # C-5 C-6
    known = Known({}, holds(**dependent), holds(**barcodes), holds(**main))
    told = match(product(*skus, **BARCODE), known)
    assert (told.code if isinstance(found, str) else told) == found


@pytest.mark.parametrize(("sku", "found"), [("A", "Unmatched"), ("", "Ambiguous")])
def test_a_barcode_that_is_not_wanted_finds_nothing(sku, found):  # C-5
    told = match(product(sku, **BARCODE), Known(main_barcodes=holds(e1="p/v1")))
    assert type(told).__name__ == found


def test_one_barcode_on_two_variants_says_nothing_of_either():  # C-5
    twins = product("", "", barcodes=("E", "e "))
    known = Known(barcodes=holds(e="d/1"), main_barcodes=holds(e="p/v1 p/v2"))
    assert match(twins, known).code == TWICE
    sized = product("A", "B", barcodes=("E", "E"))
    by_sku = Known(dependent=holds(a="d/1"), barcodes=holds(e="d/1 d/2"), main_barcodes=holds(e="p/v1 p/v2"))
    assert match(sized, by_sku) == Matched("d", {"v1": "1", "v2": "2"})


KEYS = st.sampled_from(["", " ", "A", "a", "b", "ß", "SS", "c\u200b"])
HELD = st.dictionaries(
    KEYS.map(key_of),
    st.frozensets(st.tuples(st.sampled_from("de"), st.sampled_from(["", "1", "2"])), max_size=3),
)
OURS = st.dictionaries(
    KEYS.map(key_of),
    st.frozensets(st.tuples(st.sampled_from("pq"), st.sampled_from(["v1", "v2"])), max_size=3),
)


@given(st.lists(st.tuples(KEYS, KEYS), max_size=4), OURS, HELD, HELD, OURS, st.randoms())
def test_no_order_makes_a_difference_and_nothing_is_guessed(codes, main, dependent, barcodes, owners, random):
    # C-5 C-6
    known = Known(main, dependent, barcodes, owners)
    variants = [Variant(f"v{n}", FREE, sku, code) for n, (sku, code) in enumerate(codes, start=1)]
    told = match(Product("p", "", tuple(variants)), known)
    random.shuffle(variants)
    mixed = [
        dict(random.sample(list(each.items()), len(each))) for each in (main, dependent, barcodes, owners)
    ]
    again = match(Product("p", "", tuple(variants)), Known(*mixed))
    if not isinstance(told, Matched):
        assert again == told
        return
    assert (again.product, again.variants, set(again.unmatched)) == (
        told.product,
        told.variants,
        set(told.unmatched),
    )
    by_id = {variant.id: variant for variant in variants}
    assert told.variants
    assert len(set(told.variants.values())) == len(told.variants)
    assert {*told.variants, *told.unmatched} == set(by_id)
    for id, there in told.variants.items():
        sku = key_of(by_id[id].sku)
        held = dependent.get(sku) if sku else None
        assert (held or barcodes[key_of(by_id[id].barcode)]) >= {(told.product, there)}
        assert {owner for owner, _ in main.get(sku, ())} <= {"p"} or not sku
    assert all(not dependent.get(key_of(by_id[id].sku)) for id in told.unmatched if key_of(by_id[id].sku))
