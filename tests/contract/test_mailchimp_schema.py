"""Every body that the connector sends to Mailchimp fits its published description, judged by openapi-core."""

import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from jsonschema import Draft4Validator
from openapi_core import OpenAPI
from openapi_core.testing import MockRequest
from passerelle.connectors.mailchimp import Connector, Credentials, Settings
from passerelle.http import Client
from passerelle.model import Address, AudienceStatus, Consent, ConsentState, Customer, Kind
from passerelle.port import Action, Change, Selection
from sandbox.mailchimp import Account, Audience, Member
from sandbox.mailchimp.batches import RESULTS
from sandbox.mailchimp.contract import description, route
from sandbox.transport import InProcess

from tests.unit.connectors.mailchimp import samples

KEY = "0123456789abcdef0123456789abcdef-us7"
HOST = "https://server.api.mailchimp.com"


class Recorder(httpx.BaseTransport):
    """Keeps every call to the API, those inside batches too, as (method, path, body)."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self.inner = inner
        self.sent: list[tuple[str, str, object]] = []
        self.got: list[tuple[str, str, object]] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host.endswith("api.mailchimp.com"):
            body = json.loads(request.read() or b"null")
            self.sent.append((request.method, request.url.path.removeprefix("/3.0"), body))
            for operation in (body or {}).get("operations", ()):
                inside = json.loads(operation["body"]) if "body" in operation else None
                self.sent.append((operation["method"], operation["path"], inside))
        answer = self.inner.handle_request(request)
        if answer.status_code == 200 and "json" in answer.headers["content-type"]:
            self.got.append((request.method, request.url.path.removeprefix("/3.0"), answer.json()))
        return answer


@pytest.fixture(scope="module")
def recorder() -> Recorder:
    """Everything the connector says while it does everything it can."""
    now = [datetime(2026, 5, 4, tzinfo=UTC)]
    account = Account(KEY, [Audience()], lambda: now[0])
    recorder = Recorder(InProcess({"https://us7.api.mailchimp.com": account, RESULTS: account}))

    def wait(seconds: float) -> None:
        now[0] += timedelta(seconds=seconds)

    connector = Connector(
        Credentials(api_key=KEY),
        Settings(audience_id="a1b2c3d4e5", store_id="shop-1", shop_url="https://shop.example", language="fr"),
        Client(recorder, allow_private=True, sleep=wait),
    )
    _do_everything(account, connector)
    return recorder


@pytest.fixture
def sent(recorder: Recorder) -> list[tuple[str, str, object]]:
    return recorder.sent


def _do_everything(account: Account, connector: Connector) -> None:
    connector.check()
    connector.audiences()
    connector.open_backfill()
    connector.open_backfill()
    everybody = [_person(n) for n in range(15)]
    connector.push(Kind.CUSTOMERS, [samples.create(p) for p in everybody])
    connector.push(Kind.CUSTOMERS, [samples.update(p) for p in everybody])
    for status in ("unsubscribed", "subscribed", "pending", "transactional"):
        connector.push(Kind.CUSTOMERS, [samples.update(everybody[0], AudienceStatus(status))])
    connector.push(Kind.CUSTOMERS, [Change("1", Action.DELETE, everybody[1])])
    account.audience.seed(Member("late@shop.example"))
    connector.count(Kind.CONTACTS, Selection())
    connector.index(Kind.CONTACTS, Selection(), None)
    connector.find(Kind.CUSTOMERS, ["late@shop.example", "nobody@shop.example"])
    for many in (2, 12):
        _push_goods(connector, many)
    _tell_engagement(account, connector)
    (hook,) = connector.subscribe("https://api.example/hooks/1")
    account.audience.webhooks[hook.id]["events"] = {}
    connector.subscribe("https://api.example/hooks/1")
    connector.unsubscribe("https://api.example/hooks/1")
    connector.close_backfill()


def _tell_engagement(account: Account, connector: Connector) -> None:
    campaign = account.reports.send("late@shop.example", bounced=["nobody@shop.example"])
    campaign.opened("late@shop.example", campaign.sent_at)
    campaign.clicked("late@shop.example", campaign.sent_at)
    for since in (None, campaign.sent_at - timedelta(hours=1)):
        wanted = Selection(since=since, placed_from=campaign.sent_at - timedelta(days=1))
        assert list(connector.read(Kind.ENGAGEMENT, connector.export(Kind.ENGAGEMENT, wanted)))


def _person(number: int) -> Customer:
    address = Address("1 rue Haute", "Étage 2", "Lyon", "Rhône", "69001", "FR", "ACME", "+331")
    names = {"first_name": "Ada", "last_name": "Byron", "phone": "+33", "birthday": "12/10", "company": "A"}
    return Customer(
        str(number), f"p{number}@shop.example", Consent(ConsentState.NONE), **names, address=address
    )


def _push_goods(connector: Connector, many: int) -> None:
    lines = (samples.line(), samples.line("", "", id="l2"), samples.line("404", "1", id="l3"))
    when = datetime(2026, 3, 1, tzinfo=UTC)
    home = samples.HOME
    extra = {"tax": samples.euros("2"), "shipping": samples.euros("3"), "discount": samples.euros("1")}
    extra |= {"promo_codes": ("SAVE",), "billing_address": home, "shipping_address": home}
    extra |= {"url": "https://shop.example/o", "cancelled_at": when, "updated_at": when, "landing_site": "/"}
    goods = {
        Kind.PRODUCTS: [samples.product(str(10 + n), created_at=when, vendor="V") for n in range(many)],
        Kind.ORDERS: [samples.order(str(n), lines=lines, **extra) for n in range(many)],
        Kind.CARTS: [samples.cart(str(n), lines=lines, url="https://shop.example/c") for n in range(many)],
        Kind.PROMO_CODES: [samples.promo(str(n), starts_at=when, ends_at=when) for n in range(many)],
    }
    for kind, items in goods.items():
        outcomes = connector.push(kind, [samples.made(item) for item in items])
        outcomes += connector.push(kind, [samples.changed(item) for item in items])
        assert {outcome.result for outcome in outcomes} <= {"created", "updated"}
        connector.push(kind, [samples.removed(items[0], outcomes[0].destination_id)])


def test_every_body_fits_the_published_description(sent) -> None:
    official = OpenAPI.from_dict(description())
    for method, path, body in sent:
        request = MockRequest(
            HOST,
            method.lower(),
            "/3.0" + path,
            data=json.dumps(body).encode() if body is not None else None,
            content_type="application/json",
            headers={"Authorization": "Basic eA=="},
        )
        official.validate_request(request)


def test_every_answer_of_the_simulator_fits_the_published_description(recorder: Recorder) -> None:
    components = description()["components"]
    for method, path, body in recorder.got:
        template, _ = route(path or "/")
        answers = description()["paths"][template][method.lower()]["responses"]
        schema = answers["200"]["content"]["application/json"]["schema"]
        Draft4Validator({"allOf": [schema], "components": components}).validate(body)


def test_every_verb_of_the_connector_was_heard(sent) -> None:
    heard = {(method, path.split("/")[-2] if path.count("/") > 1 else path) for method, path, _ in sent}
    assert {
        ("POST", "/batches"),
        ("PATCH", "members"),
        ("PUT", "members"),
        ("PUT", "products"),
        ("PUT", "orders"),
        ("PATCH", "carts"),
        ("PATCH", "promo-rules"),
        ("PATCH", "promo-codes"),
    } <= heard


def test_a_profile_update_never_carries_a_status(sent) -> None:
    patches = [body for method, path, body in sent if method == "PATCH" and "/members/" in path]
    without = [body for body in patches if "status" not in body]
    assert len(without) == 15


def test_an_e_commerce_write_never_opts_anybody_in(sent) -> None:
    customers = [body["customer"] for _, _, body in sent if isinstance(body, dict) and "customer" in body]
    assert customers
    assert {customer["opt_in_status"] for customer in customers} == {False}
