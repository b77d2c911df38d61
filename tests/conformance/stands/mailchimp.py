"""Mailchimp's stand: an account with one audience, some members, and a store that is being filled."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from conformance.stand import Clock, Stand
from passerelle.connectors.mailchimp import Connector, Credentials, Settings
from passerelle.http import Client
from passerelle.model import (
    AudienceStatus,
    Consent,
    ConsentState,
    Customer,
    CustomerEvent,
    Kind,
    PromoCode,
    PromoTarget,
    PromoType,
)
from passerelle.port import Action, Change
from sandbox.mailchimp import Account, Audience, Member
from sandbox.mailchimp.batches import RESULTS

from tests.unit.connectors.mailchimp import samples

KEY = "0123456789abcdef0123456789abcdef-us7"
VOLATILE = {"created_at", "updated_at", "created_at_foreign", "last_changed"}


def make(clock: Clock) -> Stand:
    """A newly opened account."""
    account = Account(KEY, [Audience()], clock=clock.time)
    origins = {"https://us7.api.mailchimp.com": account, RESULTS: account}
    place = {"audience_id": account.audience.id, "store_id": "shop-1", "shop_url": "https://shop.example"}

    def open(client: Client) -> Connector:
        return Connector(Credentials(api_key=KEY), Settings(**place), client, clock=clock.epoch)

    members = [_member(clock, number) for number in range(4)]
    account.audience.seed(*members)
    stand = Stand(
        platform="mailchimp",
        clock=clock,
        origins=origins,
        open=open,
        moods=account.moods,
        held=lambda: _held(account),
        secrets=(KEY, KEY.partition("-")[0]),
        crowd=Kind.CONTACTS,
        crowded=lambda: account.audience.seed(*(_member(clock, number) for number in range(1_020))),
        drop=lambda id: _drop(account.audience, id),
        join=lambda: _join(account.audience, _member(clock, 5_000)),
        makes=_makes(clock, members[0]),
        key_of=_key,
        meddles={Kind.CUSTOMERS: lambda id: _meddle(account, id)},
        deliver=lambda: _deliver(account, members[0]),
        keyless=frozenset({Kind.EVENTS}),
    )
    stand.connector().open_backfill()
    return stand


def _member(clock: Clock, number: int) -> Member:
    changed = clock.now - timedelta(days=10) + timedelta(seconds=number)
    return Member(f"member{number}@shop.example", last_changed=changed, timestamp_opt=changed)


def _drop(audience: Audience, id: str) -> None:
    del audience.members[id]
    audience.changes += 1


def _join(audience: Audience, member: Member) -> str:
    audience.seed(member)
    return member.id


def _makes(clock: Clock, known: Member) -> dict[Kind, Callable[[int], Change]]:
    def customer(number: int) -> Change:
        person = Customer(str(number), f"new{number}@shop.example", Consent(ConsentState.SUBSCRIBED), "Ada")
        return Change(person.id, Action.CREATE, person, status=AudienceStatus.SUBSCRIBED)

    def event(number: int) -> Change:
        told = CustomerEvent(f"e{number}", "page_viewed", clock.now, (("event_id", f"e{number}"),))
        return Change(told.id, Action.CREATE, told, destination_id=known.id)

    return {
        Kind.CUSTOMERS: customer,
        Kind.PRODUCTS: lambda number: samples.made(samples.product(str(number))),
        Kind.ORDERS: lambda number: samples.made(samples.order(str(number))),
        Kind.CARTS: lambda number: samples.made(samples.cart(str(number))),
        Kind.PROMO_CODES: lambda number: samples.made(_promo(number)),
        Kind.EVENTS: event,
    }


def _promo(number: int) -> PromoCode:
    shape = {"type": PromoType.PERCENTAGE, "target": PromoTarget.TOTAL}
    return PromoCode(str(number), "7", f"CODE{number}", "Ten percent", Decimal("0.1"), **shape)


def _key(kind: Kind, change: Change) -> str:
    if kind is Kind.EVENTS:
        return f"{change.destination_id}/{change.id}"
    assert isinstance(change.object, Customer)
    return change.object.email


def _held(account: Account) -> Any:
    store = account.stores["shop-1"]
    members = {
        each.email: (
            each.status,
            each.merge_fields,
            sorted(each.tags),
            [_still(event) for event in each.events],
        )
        for each in account.audience.members.values()
    }
    goods = (store.products, store.orders, store.promo_rules, store.promo_codes)
    return members, [_still(each) for each in goods], {id: _cart(cart) for id, cart in store.carts.items()}


def _cart(cart: Any) -> Any:
    """A cart without the ids of its lines: only the call that makes one takes them."""
    lines = [{name: value for name, value in line.items() if name != "id"} for line in cart["lines"]]
    return _still({**cart, "lines": lines})


def _still(thing: Any) -> Any:
    """The thing without the instants at which it was processed, and apart from what may still change in place."""
    if isinstance(thing, dict):
        return {name: _still(value) for name, value in thing.items() if name not in VOLATILE}
    return [_still(each) for each in thing] if isinstance(thing, list) else thing


def _meddle(account: Account, id: str) -> Callable[[], Any]:
    member = account.audience.members[id]
    member.tags.add("met at the fair")
    member.merge_fields["PHONE"] = "+33 1 00 00 00 00"
    return lambda: (sorted(member.tags), member.merge_fields["PHONE"], member.status)


def _deliver(account: Account, member: Member) -> tuple[Mapping[str, str], bytes]:
    account.audience.person_unsubscribes(member.email)
    delivery = account.hooks.sent[-1]
    return delivery.headers, delivery.body
