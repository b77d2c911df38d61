"""What a PrestaShop shop sells by: promo codes, carts as they change, orders by period and status."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from passerelle.memory import RunOutcome, Scope
from passerelle.model import Kind

CODES, CARTS, ORDERS = Kind.PROMO_CODES, Kind.CARTS, Kind.ORDERS


def _shop(scene, **counts):
    return scene(**counts, platform="prestashop")


def _synced(scene, *kinds, **counts):
    here = _shop(scene, **counts)
    for kind in kinds:
        run = here.world.sync(kind)
        assert run.outcome is RunOutcome.COMPLETED, run.why
    here.clock.sleep(600)
    return here


def _tick(here, kind):
    """The feed's schedule starts a run; answers it as it ended."""
    name = f"tick-{here.clock().timestamp()}"
    feed = here.world.feed(kind)
    here.world.machine({"tenant": here.world.tenant, "feed": feed, "trigger": "schedule", "execution": name})
    return here.world.memory.runs.get(name)


# --- promo codes ---------------------------------------------------------------------------------------------


def _held(here):
    return sorted(code["code"] for rule in here.store.promo_codes.values() for code in rule.values())


def test_thousands_of_codes_are_read_to_the_end_and_not_written_twice(scene):  # A-21, B-8
    here = _synced(scene, CODES, promo_codes=2_500)
    assert _held(here) == sorted(f"CODE{number}" for number in range(2_500))
    here.account.calls.clear()
    again = here.world.sync(CODES)
    assert (again.outcome, again.expected, again.counts.unchanged) == (RunOutcome.COMPLETED, 2_500, 2_500)
    assert here.account.calls.writes == []


def test_a_code_changed_or_deleted_is_found_by_the_clock_every_four_hours(scene):  # B-16
    here = _synced(scene, CODES, promo_codes=4)
    first, second, *_ = here.shop.state.cart_rules.ids()
    here.shop.state.cart_rules.update(first, active=0, date_upd=here.shop.state.now())
    here.shop.state.cart_rules.remove(second)
    here.clock.sleep(4 * 3_600)
    run = _tick(here, CODES)
    assert (run.outcome, run.scope, run.expected) == (RunOutcome.COMPLETED, Scope.FULL, 3), run.why
    assert run.counts.updated == 1
    assert here.store.promo_codes[str(first)][str(first)]["enabled"] is False
    assert _held(here) == ["CODE0", "CODE2", "CODE3"]
    assert str(second) not in here.store.promo_rules, "a rule goes with its last code"


def test_a_rule_that_loses_its_code_is_no_promo_code_any_more(scene):  # A-21, B-16
    here = _synced(scene, CODES, promo_codes=3)
    first = here.shop.state.cart_rules.ids()[0]
    here.shop.state.cart_rules.update(first, code="")
    run = here.world.sync(CODES)
    assert (run.outcome, run.expected) == (RunOutcome.COMPLETED, 2), run.why
    assert _held(here) == ["CODE1", "CODE2"]
    assert len(here.store.promo_rules) == 2


# --- carts ---------------------------------------------------------------------------------------------------


def _total(here, cart):
    return here.store.carts[str(cart)]["order_total"]


def _new_cart(here):
    """Somebody fills a cart as another one is."""
    carts = here.shop.state.carts
    return carts.insert(
        {
            **carts.rows[carts.ids()[0]],
            "date_add": here.shop.state.now(),
            "date_upd": here.shop.state.now(),
        }
    )


def _doubled(here, cart):
    """Twice as many of each thing in a cart."""
    rows = here.shop.state.carts.rows[cart]["*cart_rows"]
    more = [{**row, "quantity": str(2 * int(row["quantity"]))} for row in rows]
    here.shop.state.carts.update(cart, **{"*cart_rows": more}, date_upd=here.shop.state.now())


def _bought(here, cart):
    """An order is made of a cart; the cart's date stays."""
    held = here.shop.state.carts.rows[cart]
    now = here.shop.state.now()
    here.shop.state.orders.insert(
        {
            "id_cart": cart,
            "id_customer": held["id_customer"],
            "id_currency": 1,
            "current_state": 2,
            "reference": "ABCDEFGHI",
            "date_add": now,
            "date_upd": now,
        }
    )


def test_a_new_and_a_changed_cart_are_found_by_the_clock(scene):  # A-24, B-13
    here = _synced(scene, Kind.PRODUCTS, CARTS, carts=3)
    first = here.shop.state.carts.ids()[0]
    before = _total(here, first)
    new = _new_cart(here)
    _doubled(here, first)
    run = _tick(here, CARTS)
    assert (run.outcome, run.scope) == (RunOutcome.COMPLETED, Scope.INCREMENTAL), run.why
    assert (run.expected, run.counts.created, run.counts.updated) == (2, 1, 1)
    assert _total(here, first) == pytest.approx(2 * before)
    assert _total(here, new) == pytest.approx(before)


def test_the_shops_app_tells_of_a_cart_at_once(scene):  # A-24, F-11
    here = _synced(scene, Kind.PRODUCTS, CARTS, carts=2)
    new = _new_cart(here)
    here.world.river._enqueue([(here.world.feed(CARTS), str(new))])
    assert here.world.follow_all() == ["carried"]
    assert _total(here, new) > 0


@pytest.mark.parametrize("how", ["told", "found"])
@pytest.mark.parametrize("end", ["bought", "deleted", "emptied"])
def test_a_cart_that_ended_is_taken_away_and_that_is_no_error(scene, end, how):  # A-24, B-16
    here = _synced(scene, Kind.PRODUCTS, CARTS, carts=2)
    first, second = here.shop.state.carts.ids()
    if end == "bought":
        _bought(here, first)
    elif end == "deleted":
        here.shop.state.carts.remove(first)
    else:
        here.shop.state.carts.update(first, **{"*cart_rows": []}, date_upd=here.shop.state.now())
    if how == "told":
        here.world.river._enqueue([(here.world.feed(CARTS), str(first))])
        assert here.world.follow_all() == ["gone"]
    else:
        here.clock.sleep(25 * 3_600)
        run = _tick(here, CARTS)
        assert (run.outcome, run.counts.failed) == (RunOutcome.COMPLETED, 0), run.why
    assert sorted(here.store.carts) == [str(second)]
    assert here.incidents() == []


# --- orders --------------------------------------------------------------------------------------------------


def _chosen(here, states, start, end):
    paris = ZoneInfo("Europe/Paris")
    for id, row in here.shop.state.orders:
        placed = datetime.fromisoformat(row["date_add"]).replace(tzinfo=paris).astimezone(UTC)
        if row["current_state"] in states and start <= placed <= end:
            yield str(id)


def _choosing(scene):
    here = _synced(scene, Kind.PRODUCTS, products=3, customers=5, orders=60)
    end = here.clock() - timedelta(days=30)
    start = end - timedelta(days=400)
    settings = {
        "placed_from": start.isoformat(),
        "placed_until": end.isoformat(),
        "statuses": ["2", "4"],
    }
    here.world.memory.feeds.change(here.world.feed(ORDERS), settings=settings)
    return here, set(_chosen(here, {"2", "4"}, start, end))


def test_orders_of_the_period_in_a_chosen_state_are_sent_and_no_others(scene):  # A-24, B-6
    here, expected = _choosing(scene)
    run = here.world.sync(ORDERS)
    assert run.outcome is RunOutcome.COMPLETED, run.why
    assert set(here.store.orders) == expected
    assert 0 < len(expected) < 60
    assert run.expected == len(expected)


def test_an_order_whose_state_changes_before_its_batch_is_left_out_and_told(scene):  # B-6
    here, expected = _choosing(scene)
    left = min(expected, key=int)
    run = here.world.start(ORDERS)
    reads = "GET /api/orders"
    here.shop.moods.on_call(3, lambda: here.shop.acts.turn_order(int(left), 6), reads)
    here.world.machine({"tenant": here.world.tenant, "run": run.id})
    ended = here.world.memory.runs.get(run.id)
    assert ended.outcome is RunOutcome.COMPLETED, ended.why
    assert ended.reasons(here.world.memory.runs.slices(run.id)) == {"status_left_selection": 1}
    assert set(here.store.orders) == expected - {left}


def test_an_order_that_enters_the_selection_is_found_by_the_clock(scene):  # A-24, B-13
    here, expected = _choosing(scene)
    here.world.sync(ORDERS)
    here.clock.sleep(600)
    end = here.clock() - timedelta(days=30, minutes=10)
    waiting = sorted(set(_chosen(here, {"1", "8"}, end - timedelta(days=390), end)))
    here.shop.acts.turn_order(int(waiting[0]), 2)
    run = _tick(here, ORDERS)
    assert (run.scope, run.counts.created) == (Scope.INCREMENTAL, 1)
    assert set(here.store.orders) == expected | {waiting[0]}
