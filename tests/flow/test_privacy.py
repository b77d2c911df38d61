"""Nothing that a sync writes beside the two ends tells who somebody is, or how to get in."""

import logging
import re

import boto3
import pytest
from passerelle.model import Kind
from passerelle.store.packing import opened
from sandbox.moods import Mood
from sandbox.shopify import sample

KINDS = (Kind.PRODUCTS, Kind.CUSTOMERS, Kind.ORDERS, Kind.CARTS)
OTHERS = ("boto", "urllib3", "s3transfer", "moto", "asyncio", "werkzeug")
"""Loggers of the ways to AWS: their level is never raised in a function."""


def _people():
    people = [sample.customer(place) for place in range(12)]
    for place, person in enumerate(people):
        if person["email"]:
            person["firstName"], person["lastName"] = f"Firstnamely{place}", f"Lastnamely{place}"
    for place in (3, 4):
        person = people[place]
        person["email"] = f"test@person{place}.example"
        person["defaultEmailAddress"] = {
            "emailAddress": person["email"],
            "marketingState": "SUBSCRIBED",
            "marketingOptInLevel": None,
            "marketingUpdatedAt": None,
            "validFormat": True,
        }
    return people


def _shop():
    people = _people()
    goods = [sample.product(place) for place in range(4)]
    orders = [sample.order(place, goods, people) for place in range(6)]
    carts = [sample.checkout(place, goods, people) for place in range(3)]
    goods[2]["variants"][0]["price"] = "a lot"
    return [*goods, *people, *orders, *carts]


def _secrets(here):
    words = {here.account.api_key, "shpat_sandbox", "shpss_sandbox"}
    for person in here.shop.state.shelf("Customer").things.values():
        words |= {person[part] for part in ("email", "phone", "lastName", "firstName") if person[part]}
    for order in here.shop.state.shelf("Order").things.values():
        words |= {order["email"], order["billingAddress"]["address1"], order["billingAddress"]["city"]}
    return {word for word in words if word}


def _trouble(here):
    for end in (here.shop, here.account):
        for after, mood in (
            (1, Mood.UNAVAILABLE),
            (4, Mood.TRUNCATED),
            (7, Mood.LOST_ANSWER),
            (10, Mood.SLOW),
        ):
            end.moods.add(mood, after=after)


def _readable(item):
    """A block of the ledger is packed: what would be looked for in it could not be seen."""
    return {name: opened(value["B"]) if name == "e" else value for name, value in item.items()}


def _kept(here):
    """Everything that is stored or sent beside the two ends, each with its place, but for whole objects on their way:

    they are kept by themselves, for a day.
    """
    resources = here.world.runtime.resources
    dynamodb, s3, machines = boto3.client("dynamodb"), boto3.client("s3"), boto3.client("stepfunctions")
    for table in (resources.state_table, resources.ledger_table):
        for page in dynamodb.get_paginator("scan").paginate(TableName=table):
            yield table, repr([_readable(item) for item in page["Items"]])
    for thing in s3.list_objects_v2(Bucket=resources.bucket, Prefix="runs/")["Contents"]:
        body = s3.get_object(Bucket=resources.bucket, Key=thing["Key"])["Body"].read()
        yield thing["Key"], repr(body)
    places = {
        each["Prefix"]
        for each in s3.list_objects_v2(Bucket=resources.bucket, Delimiter="/")["CommonPrefixes"]
    }
    assert places <= {"runs/", "brought/"}
    for execution in machines.list_executions(stateMachineArn=resources.sync_machine_arn)["executions"]:
        yield "machine", repr(machines.describe_execution(executionArn=execution["executionArn"])["input"])
    queue = boto3.client("sqs").receive_message(QueueUrl=resources.follow_queue_url, MaxNumberOfMessages=10)
    yield "queue", repr(queue.get("Messages"))


@pytest.fixture
def synced(scene, caplog):
    for name in ("", "passerelle", "passerelle.http"):
        caplog.set_level(logging.DEBUG, name)
    here = scene(load=_shop())
    _trouble(here)
    for kind in KINDS:
        here.world.sync(kind, batch_size=5)
        here.world.sync(kind, dry_run=True)
    return here


def _found(words, text):
    pattern = re.compile("|".join(re.escape(word) for word in sorted(words)), re.IGNORECASE)
    return sorted(set(pattern.findall(text)))


def test_nothing_logged_names_a_buyer_or_a_secret(synced, caplog, capfd):  # G-7
    lines = [
        f"{record.getMessage()} {record.__dict__} {record.exc_text or ''}"
        for record in caplog.get_records("setup")
        if not record.name.startswith(OTHERS)
    ]
    assert lines, "the HTTP client says which calls it made"
    printed = capfd.readouterr()
    assert _found(_secrets(synced), "\n".join([*lines, printed.out, printed.err])) == []


def test_nothing_kept_beside_the_two_ends_names_a_buyer_or_a_secret(synced):  # G-7
    words = _secrets(synced)
    assert synced.incidents(), "bad objects are told of"
    assert {place: found for place, text in _kept(synced) if (found := _found(words, text))} == {}


def test_the_errors_that_stop_a_worker_name_nobody(scene):  # G-7
    here = scene(load=_shop())
    here.account.moods.add(Mood.UNAVAILABLE, times=10_000)
    run = here.world.sync(Kind.CUSTOMERS)
    told = [*map(str, here.world.lost_workers), run.why, *(f"{i.title} {i.remedy}" for i in here.incidents())]
    assert run.why
    assert _found(_secrets(here), "\n".join(told)) == []
