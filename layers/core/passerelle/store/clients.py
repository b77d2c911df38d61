"""The AWS clients, each made when it is first asked for: making one costs a cold start some 30 ms.

They are made by botocore, which is all that boto3's clients are: importing boto3 itself, with its transfer
manager that nothing here uses, would add a third to the import of every function.
"""

from functools import cached_property
from typing import TYPE_CHECKING, cast

from botocore.config import Config
from botocore.session import Session

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
    user_agent="passerelle",  # the default is put together anew for each call, at a tenth of its cost
)
_UNCHECKED = Config(parameter_validation=False)
"""DynamoDB checks what it gets; checking it here as well is 40 % of a batch's processor time."""


class Clients:
    """Thread-safe clients; region, credentials and endpoint come from the environment in botocore's own way."""

    @cached_property
    def _session(self) -> Session:
        return Session()

    def _make(self, service: str, config: Config = _CONFIG) -> object:
        return self._session.create_client(service, config=config)

    @cached_property
    def dynamodb(self) -> "DynamoDBClient":
        """For the two tables."""
        return cast("DynamoDBClient", self._make("dynamodb", _CONFIG.merge(_UNCHECKED)))

    @cached_property
    def s3(self) -> "S3Client":
        """For manifests and large answers."""
        return cast("S3Client", self._make("s3"))

    @cached_property
    def kms(self) -> "KMSClient":
        """For secrets."""
        return cast("KMSClient", self._make("kms"))

    @cached_property
    def sqs(self) -> "SQSClient":
        """For the queue before Follow."""
        return cast("SQSClient", self._make("sqs"))

    @cached_property
    def scheduler(self) -> "EventBridgeSchedulerClient":
        """For the feeds' schedules."""
        return cast("EventBridgeSchedulerClient", self._make("scheduler"))

    @cached_property
    def machines(self) -> "SFNClient":
        """For starting state machines."""
        return cast("SFNClient", self._make("stepfunctions"))
