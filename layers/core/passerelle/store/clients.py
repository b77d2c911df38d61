"""The AWS clients, each made when it is first asked for: making one costs a cold start some 30 ms."""

from functools import cached_property
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_scheduler import EventBridgeSchedulerClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_stepfunctions import SFNClient

_CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 5},
    connect_timeout=3,
    read_timeout=15,
    max_pool_connections=16,
    tcp_keepalive=True,
)


_UNCHECKED = Config(parameter_validation=False)
"""DynamoDB checks what it gets; checking it here as well is 40 % of a batch's processor time."""


class Clients:
    """Thread-safe clients; region, credentials and endpoint come from the environment in boto3's own way."""

    @cached_property
    def dynamodb(self) -> "DynamoDBClient":
        """For the two tables."""
        return boto3.client("dynamodb", config=_CONFIG.merge(_UNCHECKED))

    @cached_property
    def s3(self) -> "S3Client":
        """For manifests and large answers."""
        return boto3.client("s3", config=_CONFIG)

    @cached_property
    def kms(self) -> "KMSClient":
        """For secrets."""
        return boto3.client("kms", config=_CONFIG)

    @cached_property
    def sqs(self) -> "SQSClient":
        """For the queue before Follow."""
        return boto3.client("sqs", config=_CONFIG)

    @cached_property
    def scheduler(self) -> "EventBridgeSchedulerClient":
        """For the feeds' schedules."""
        return boto3.client("scheduler", config=_CONFIG)

    @cached_property
    def machines(self) -> "SFNClient":
        """For starting state machines."""
        return boto3.client("stepfunctions", config=_CONFIG)
