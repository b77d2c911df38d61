"""A stage's AWS resources, emulated in the process by moto, for unit tests of the store and flow tests."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

import boto3
from moto import mock_aws
from passerelle.store.resources import Resources

REGION = "eu-west-1"
STATE_MACHINE = '{"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}'
_CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_SESSION_TOKEN": "testing",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_REGION": REGION,
}


@contextmanager
def emulated_aws() -> Iterator[Resources]:
    """The stage `test`, empty; `environment()` of what it gives is what functions find in theirs."""
    with mock.patch.dict(os.environ, _CREDENTIALS):
        os.environ.pop("AWS_ENDPOINT_URL", None)
        os.environ.pop("AWS_PROFILE", None)
        with mock_aws():
            yield create_resources()


def create_resources() -> Resources:
    """The two tables, the bucket, the key, the queues, the machines and the schedule group of a stage."""
    sync, sync_all = (_state_machine(name) for name in ("sync", "sync-all"))
    boto3.client("scheduler").create_schedule_group(Name="passerelle-test")
    return Resources(
        stage="test",
        state_table=_table("passerelle-test-state"),
        ledger_table=_table("passerelle-test-ledger"),
        bucket=_bucket("passerelle-test"),
        key_id=boto3.client("kms").create_key()["KeyMetadata"]["KeyId"],
        follow_queue_url=_queue("follow.fifo"),
        dead_letter_queue_url=_queue("dead.fifo"),
        events_queue_url=_queue("events.fifo"),
        sync_machine_arn=sync,
        sync_all_machine_arn=sync_all,
        schedule_group="passerelle-test",
        schedule_role_arn="arn:aws:iam::123456789012:role/schedules",
    )


def _table(name: str) -> str:
    client = boto3.client("dynamodb")
    client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    client.update_time_to_live(
        TableName=name, TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"}
    )
    return name


def _bucket(name: str) -> str:
    location = boto3.client("s3").create_bucket(
        Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    assert location["ResponseMetadata"]["HTTPStatusCode"] == 200
    return name


def _queue(name: str) -> str:
    url: str = boto3.client("sqs").create_queue(QueueName=name, Attributes={"FifoQueue": "true"})["QueueUrl"]
    return url


def _state_machine(name: str) -> str:
    arn: str = boto3.client("stepfunctions").create_state_machine(
        name=name, definition=STATE_MACHINE, roleArn="arn:aws:iam::123456789012:role/machines"
    )["stateMachineArn"]
    return arn
