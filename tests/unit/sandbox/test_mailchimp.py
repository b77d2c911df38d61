"""The Mailchimp account refuses what Mailchimp refuses."""

import gzip
import io
import json
import tarfile
import threading
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

import httpx
import pytest
from sandbox.mailchimp import Account, Audience, Member, Outside, hashed
from sandbox.mailchimp.batches import RESULTS
from sandbox.server import serve
from sandbox.transport import InProcess

KEY = "0123456789abcdef0123456789abcdef-us1"
LIST = "/lists/a1b2c3d4e5"
ADA = f"{LIST}/members/{hashed('ada@shop.example')}"


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def account(clock: Clock) -> Account:
    return Account(KEY, [Audience()], clock)


@pytest.fixture
def api(account: Account) -> httpx.Client:
    transport = InProcess({"https://us1.api.mailchimp.com": account, RESULTS: account})
    return httpx.Client(base_url="https://us1.api.mailchimp.com/3.0", auth=("any", KEY), transport=transport)


def problem(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"].startswith("application/problem+json")
    return answer.status_code, answer.json()["title"]


def test_a_wrong_key_gets_a_problem_document(account: Account, api: httpx.Client) -> None:
    assert problem(api.get("/ping", auth=("any", "wrong-us1"))) == (401, "API Key Invalid")
    assert api.get("/ping").json() == {"health_status": "Everything's Chimpy!"}


def test_no_answer_tells_a_rate(api: httpx.Client) -> None:
    headers = api.get("/ping").headers
    assert not [name for name in headers if "rate" in name or "retry" in name]


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("PUT", ADA, {"email_address": "ada@shop.example"}, ""),
        ("PUT", ADA, {"email_address": "ada@shop.example", "status_if_new": "happy"}, "status_if_new"),
        (
            "POST",
            f"{LIST}/members",
            {"email_address": "a@b.example", "status": "subscribed", "tips": 1},
            "tips",
        ),
        ("PATCH", ADA, {"status": "transactional"}, "status"),
        ("POST", LIST, {"members": [{"email_address": "a@b.example", "statuss": "x"}]}, "members.statuss"),
        (
            "PUT",
            "/ecommerce/stores/s/products/1",
            {"id": "1", "title": "A", "variants": [{"id": "1", "title": "A", "price": "9.90"}]},
            "variants.0.price",
        ),
    ],
)
def test_bodies_that_do_not_fit_the_published_description_are_refused(
    account: Account, api: httpx.Client, method: str, path: str, body: dict, field: str
) -> None:
    account.audience.seed(Member("ada@shop.example"))
    answer = api.request(method, path, json=body)
    assert problem(answer) == (400, "Invalid Resource")
    assert field in [error["field"] for error in answer.json()["errors"]]


def test_merge_fields_take_values_of_any_kind(api: httpx.Client) -> None:
    body = {
        "email_address": "ada@shop.example",
        "status_if_new": "subscribed",
        "merge_fields": {"FNAME": "Ada"},
    }
    assert api.put(ADA, json=body).json()["merge_fields"]["FNAME"] == "Ada"


def test_what_was_put_is_what_is_got(api: httpx.Client) -> None:
    api.put(ADA, json={"email_address": "ada@shop.example", "status_if_new": "pending"})
    api.put(ADA, json={"email_address": "ada@shop.example", "status_if_new": "subscribed", "language": "fr"})
    held = api.get(ADA, params={"fields": "status,language"}).json()
    assert held == {"status": "pending", "language": "fr"}


def test_who_left_cannot_be_subscribed_but_may_be_asked(account: Account, api: httpx.Client) -> None:
    account.audience.seed(Member("ada@shop.example"))
    account.audience.person_unsubscribes("ada@shop.example")
    assert problem(api.patch(ADA, json={"status": "subscribed"})) == (400, "Member In Compliance State")
    assert api.patch(ADA, json={"status": "pending"}).status_code == 200
    assert problem(api.patch(ADA, json={"status": "subscribed"})) == (400, "Member In Compliance State")
    account.audience.person_subscribes("ada@shop.example")
    assert account.audience.status("ada@shop.example") == "subscribed"


def test_cleaned_forgotten_and_known_contacts_are_refused_in_their_own_words(
    account: Account, api: httpx.Client
) -> None:
    new = {"email_address": "ada@shop.example", "status": "subscribed"}
    account.audience.seed(Member("ada@shop.example", "cleaned"))
    assert problem(api.patch(ADA, json={"language": "fr"})) == (400, "Invalid Resource")
    assert problem(api.post(f"{LIST}/members", json=new)) == (400, "Member Exists")
    assert problem(api.delete(ADA)) == (405, "Method Not Allowed")
    assert api.post(f"{ADA}/actions/delete-permanent").status_code == 204
    assert problem(api.post(f"{LIST}/members", json=new)) == (400, "Forgotten Email Not Subscribed")
    assert problem(api.get(ADA)) == (404, "Resource Not Found")


def test_an_archived_contact_may_come_back(account: Account, api: httpx.Client) -> None:
    account.audience.seed(Member("ada@shop.example"))
    assert api.delete(ADA).status_code == 204
    assert problem(api.delete(ADA)) == (405, "Method Not Allowed")
    answer = api.post(f"{LIST}/members", json={"email_address": "ada@shop.example", "status": "pending"})
    assert answer.json()["status"] == "pending"


def test_a_batch_of_members_fails_in_part_with_200(account: Account, api: httpx.Client) -> None:
    account.audience.seed(Member("ada@shop.example"))
    emails = ["ada@shop.example", "bob@shop.example", "fake@shop.example"]
    answer = api.post(LIST, json={"members": [{"email_address": e, "status": "subscribed"} for e in emails]})
    told = answer.json()
    assert (answer.status_code, told["total_created"], told["error_count"]) == (200, 1, 2)
    assert [error["error_code"] for error in told["errors"]] == ["ERROR_CONTACT_EXISTS", "ERROR_GENERIC"]


def test_more_than_500_members_are_refused(api: httpx.Client) -> None:
    people = [{"email_address": f"p{n}@shop.example", "status": "subscribed"} for n in range(501)]
    assert problem(api.post(LIST, json={"members": people}))[0] == 400


def test_the_eleventh_connection_is_turned_away(account: Account, api: httpx.Client) -> None:
    barrier = threading.Barrier(11)
    statuses: list[int] = []

    def dawdle() -> None:
        barrier.wait(10)

    def call() -> None:
        answer = api.get("/ping")
        statuses.append(answer.status_code)
        if answer.status_code == 429:
            barrier.wait(10)

    account.dawdle = dawdle
    threads = [threading.Thread(target=call) for _ in range(11)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(statuses) == [200] * 10 + [429]


def test_an_order_needs_its_products_and_makes_contacts_by_opt_in(
    account: Account, api: httpx.Client
) -> None:
    store = {"id": "s", "list_id": "a1b2c3d4e5", "name": "S", "currency_code": "EUR"}
    assert api.post("/ecommerce/stores", json=store).status_code == 200
    assert problem(api.post("/ecommerce/stores", json=store))[0] == 400
    customer = {"id": "1", "email_address": "ada@shop.example", "opt_in_status": False}
    line = {"id": "1", "product_id": "p", "product_variant_id": "v", "quantity": 1, "price": 9.5}
    order = {"id": "o", "customer": customer, "currency_code": "EUR", "order_total": 9.5, "lines": [line]}
    assert problem(api.put("/ecommerce/stores/s/orders/o", json=order)) == (400, "Bad Request")
    product = {"id": "p", "title": "P", "variants": [{"id": "v", "title": "V"}]}
    assert api.put("/ecommerce/stores/s/products/p", json=product).status_code == 200
    assert api.put("/ecommerce/stores/s/orders/o", json=order).status_code == 200
    assert account.audience.status("ada@shop.example") == "transactional"
    customer["opt_in_status"] = True
    assert api.put("/ecommerce/stores/s/orders/o", json=order).status_code == 200
    assert account.audience.status("ada@shop.example") == "transactional"
    assert account.automations_started == [("order_notification", "o")]


def test_whoever_becomes_subscribed_is_welcomed_unless_a_store_is_syncing(
    account: Account, api: httpx.Client
) -> None:
    account.audience.welcomes = True
    path = f"/lists/{account.audience.id}"

    def add(email: str, status: str = "subscribed") -> None:
        body = {"members": [{"email_address": email, "status": status}], "update_existing": False}
        assert api.post(path, json=body).json()["total_created"] == 1

    add("waiting@shop.example", "pending")
    assert account.automations_started == []
    add("first@shop.example")
    assert [what for what, _ in account.automations_started] == ["welcome"]
    store = {"id": "s", "list_id": account.audience.id, "name": "S", "currency_code": "EUR"}
    assert api.post("/ecommerce/stores", json={**store, "is_syncing": True}).status_code == 200
    add("second@shop.example")
    account.audience.person_subscribes("waiting@shop.example")
    assert len(account.automations_started) == 1
    assert api.patch("/ecommerce/stores/s", json={"is_syncing": False}).status_code == 200
    add("third@shop.example")
    assert len(account.automations_started) == 2


def test_a_cart_has_no_put(api: httpx.Client) -> None:
    assert problem(api.put("/ecommerce/stores/s/carts/c", json={})) == (405, "Method Not Allowed")


def test_a_batch_is_pending_then_started_then_finished_with_errors(
    account: Account, api: httpx.Client, clock: Clock
) -> None:
    account.audience.seed(Member("ada@shop.example"))
    operations = [
        {"method": "PATCH", "path": ADA, "operation_id": "good", "body": json.dumps({"language": "fr"})},
        {"method": "GET", "path": f"{LIST}/members/nobody", "operation_id": "bad"},
    ]
    batch = api.post("/batches", json={"operations": operations}).json()
    seen = [batch["status"]]
    for _ in range(3):
        clock.now += timedelta(seconds=1)
        batch = api.get(f"/batches/{batch['id']}").json()
        seen.append(batch["status"])
    assert seen == ["pending", "started", "finalizing", "finished"]
    assert (batch["finished_operations"], batch["errored_operations"]) == (2, 1)
    assert api.get(batch["response_body_url"]).status_code == 400  # a second way of authentication
    packed = api.get(batch["response_body_url"], auth=None).content
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(packed))) as files:
        (entry,) = [files.extractfile(member) for member in files if member.isfile()]
        results = {result["operation_id"]: result for result in json.load(entry)}
    assert results["good"]["status_code"] == 200
    assert json.loads(results["bad"]["response"])["title"] == "Resource Not Found"
    clock.now += timedelta(hours=1)
    assert api.get(batch["response_body_url"], auth=None).status_code == 403


def test_more_than_500_pending_batches_are_turned_away(api: httpx.Client) -> None:
    body = {"operations": [{"method": "GET", "path": "/ping"}]}
    statuses = [api.post("/batches", json=body).status_code for _ in range(501)]
    assert statuses == [200] * 500 + [429]


def test_a_batch_webhook_tells_that_a_batch_has_ended(
    account: Account, api: httpx.Client, clock: Clock
) -> None:
    api.post("/batch-webhooks", json={"url": "https://x.example/batches"})
    batch = api.post("/batches", json={"operations": [{"method": "GET", "path": "/ping"}]}).json()
    assert account.hooks.sent == []
    clock.now += timedelta(seconds=5)
    api.get("/ping")
    (delivery,) = account.hooks.sent
    told = dict(parse_qsl(delivery.body.decode()))
    assert (told["type"], told["data[id]"]) == ("batch_operation_completed", batch["id"])
    assert told["data[status]"] == "finished"


def test_a_webhook_whose_address_does_not_answer_is_refused(account: Account, api: httpx.Client) -> None:
    account.hooks.reach = lambda *_: 404
    hook = {"url": "https://x.example/h", "events": {"subscribe": True}, "sources": {"user": True}}
    assert problem(api.post(f"{LIST}/webhooks", json=hook)) == (400, "Invalid Resource")
    account.hooks.reach = lambda *_: 200
    made = api.post(f"{LIST}/webhooks", json=hook).json()
    assert made["signing_secret"]
    assert "signing_secret" not in api.get(f"{LIST}/webhooks").json()["webhooks"][0]


def test_a_webhook_tells_only_of_the_sources_it_names(account: Account, api: httpx.Client) -> None:
    hook = {
        "url": "https://x.example/h",
        "events": {"subscribe": True},
        "sources": {"user": True, "api": False},
    }
    api.post(f"{LIST}/webhooks", json=hook)
    api.post(f"{LIST}/members", json={"email_address": "bob@shop.example", "status": "subscribed"})
    assert account.hooks.sent == []
    account.audience.person_subscribes("ada@shop.example")
    assert len(account.hooks.sent) == 1


def test_members_are_paged_trimmed_and_filtered(account: Account, api: httpx.Client) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    account.audience.seed(
        *(
            Member(
                f"p{n}@shop.example", "archived" if n % 2 else "subscribed", last_changed=start + timedelta(n)
            )
            for n in range(20)
        )
    )
    query = {
        "count": 3,
        "status": "archived",
        "fields": "members.status,total_items",
        "since_last_changed": "2026-01-10",
    }
    assert api.get(f"{LIST}/members", params=query).json() == {
        "members": [{"status": "archived"}] * 3,
        "total_items": 5,
    }
    assert problem(api.get(f"{LIST}/members", params={"count": 1001}))[0] == 400


def test_it_is_served_with_its_control_door(account: Account) -> None:
    account.audience.seed(Member("ada@shop.example"))
    with serve(account) as server:
        door = f"{server.url}/_sandbox/act"
        httpx.post(door, json={"name": "person_unsubscribes", "with": {"email": "ada@shop.example"}})
        told = httpx.post(door, json={"name": "status", "with": {"email": "ada@shop.example"}}).json()
        assert told == "unsubscribed"
        assert httpx.get(f"{server.url}/3.0/ping", auth=("x", KEY)).status_code == 200


def test_a_served_account_visits_and_delivers(account: Account, api: httpx.Client) -> None:
    got: list[tuple[str, bytes]] = []
    heard = threading.Event()

    def ours(environ, start_response):
        got.append(
            (environ["REQUEST_METHOD"], environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))
        )
        if environ["REQUEST_METHOD"] == "POST":
            heard.set()
        start_response("200 OK", [("Content-Length", "0")])
        return [b""]

    with serve(ours) as server:
        account.hooks.reach = Outside()
        hook = {"url": f"{server.url}/hooks/1", "events": {"subscribe": True}, "sources": {"user": True}}
        assert api.post(f"{LIST}/webhooks", json=hook).status_code == 200
        account.audience.person_subscribes("ada@shop.example")
        assert heard.wait(10)
    assert [method for method, _ in got] == ["GET", "POST"]
    assert b"type=subscribe" in got[1][1]
