"""Everything that a town wrote down: logs, executions, tables, documents; and what must not be found there."""

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase as fnmatch
from functools import cached_property
from typing import Any

from boto3.dynamodb.types import Binary, TypeDeserializer
from e2e.town import Town
from passerelle.store.packing import opened

NOTES = "rights.jsonl"
BROUGHT = "brought/"
"""Where whole objects are for a day or two."""
_STACK = "Traceback (most recent call last):"
_OF_THE_SERVICE = re.compile("START |END |REPORT ")
_plain = TypeDeserializer().deserialize


@dataclass(frozen=True, slots=True)
class Trace:
    """Something that was written down. `kind`: log, execution, state, ledger, document or message."""

    kind: str
    where: str
    text: str


def traces(town: Town) -> Iterator[Trace]:
    """All of it."""
    yield from logs(town)
    yield from executions(town)
    for kind, table in (("state", "StateTable"), ("ledger", "LedgerTable")):
        for item in town.items(table):
            whole = {name: _plain(value) for name, value in item.items()}
            if kind == "ledger":
                whole["e"] = opened(bytes(whole["e"]))
            yield Trace(
                kind, f"{whole['pk']} {whole['sk']}", json.dumps(whole, default=_text, ensure_ascii=False)
            )
    yield from documents(town)
    yield from dead_letters(town)


def logs(town: Town) -> Iterator[Trace]:
    """Every line of every log group."""
    client = town.stack.aws("logs")
    for group in client.get_paginator("describe_log_groups").paginate().search("logGroups[].logGroupName"):
        pages = client.get_paginator("filter_log_events").paginate(logGroupName=group)
        for event in pages.search("events[]"):
            yield Trace("log", f"{group} {event['logStreamName']}", event["message"])


@dataclass(frozen=True, slots=True)
class Call:
    """What one call of a function left in the log. `failure`: the exception that it ended with."""

    lines: tuple[str, ...]
    failure: str


def calls_logged(town: Town) -> list[Call]:
    """Every call of every function; a stream holds one."""
    streams: dict[str, list[str]] = {}
    for trace in logs(town):
        streams.setdefault(trace.where, []).append(trace.text.rstrip())
    return [_call([line for line in lines if not _OF_THE_SERVICE.match(line)]) for lines in streams.values()]


def _call(lines: list[str]) -> Call:
    after = lines[lines.index(_STACK) + 1 :] if _STACK in lines else []
    failure = next((line for line in after if not line.startswith(" ")), "")
    return Call(tuple(lines), failure.partition(":")[0].rpartition(".")[2])


def executions(town: Town) -> Iterator[Trace]:
    """Input, output and history of every execution of both machines."""
    client = town.stack.aws("stepfunctions")
    for output in ("SyncMachineArn", "SyncAllMachineArn"):
        pages = client.get_paginator("list_executions").paginate(stateMachineArn=town.stack.outputs[output])
        for arn in pages.search("executions[].executionArn"):
            told = client.describe_execution(executionArn=arn)
            told["events"] = client.get_execution_history(executionArn=arn, maxResults=1000)["events"]
            yield Trace("execution", arn, json.dumps(told, default=str, ensure_ascii=False))


def documents(town: Town) -> Iterator[Trace]:
    """The bucket's documents, but for whole objects on their way."""
    client, bucket = town.stack.aws("s3"), town.names["Bucket"]
    for key in client.get_paginator("list_objects_v2").paginate(Bucket=bucket).search("Contents[].Key"):
        if not key.startswith(BROUGHT):
            body = client.get_object(Bucket=bucket, Key=key)["Body"].read()
            yield Trace("document", key, body.decode(errors="replace"))


def dead_letters(town: Town) -> Iterator[Trace]:
    """What was set aside."""
    client = town.stack.aws("sqs")
    for queue in ("DeadLetterQueue", "MissedTicks"):
        answer = client.receive_message(
            QueueUrl=town.names[queue], MaxNumberOfMessages=10, VisibilityTimeout=0
        )
        for message in answer.get("Messages", ()):
            yield Trace("message", queue, message["Body"])


def _text(value: object) -> str:
    if isinstance(value, Binary | bytes):
        return base64.b64encode(bytes(value)).decode()
    return str(value)


# --- what must not be there ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sensitive:
    """Words of people and secrets; a word counts where it stands alone."""

    words: frozenset[str]

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        longest_first = sorted(self.words, key=len, reverse=True)
        return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", re.IGNORECASE)

    def within(self, text: str) -> set[str]:
        """Those that a text holds."""
        return set(self._pattern.findall(text))


def sensitive(town: Town) -> Sensitive:
    """Every e-mail address, full name, family name, phone number, street and secret of the sample shops."""
    words = {*town.secrets, town.shops.account.api_key}
    for merchant in town.shops.merchants:
        words |= {value for name, value in merchant.credentials.items() if name not in ("url", "shop")}
    prestashop, shopify = (merchant.shop for merchant in town.shops.merchants)
    for row in prestashop.state.customers.rows.values():
        words |= {row["email"], row["lastname"], f"{row['firstname']} {row['lastname']}"}
    for row in prestashop.state.addresses.rows.values():
        words |= {row[name] for name in ("address1", "phone", "phone_mobile", "lastname") if row.get(name)}
    for each in shopify.state.shelf("Customer").things.values():
        words |= {each["email"], each["lastName"], each["phone"], each["displayName"]}
        words |= {(each["defaultAddress"] or {}).get("address1")}
    return Sensitive(frozenset(word for word in words if word and len(word) > 3))


# --- rights ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """A right that a function asked for."""

    function: str
    action: str
    resource: str
    allowed: bool


@dataclass(frozen=True, slots=True)
class Granted:
    """What a statement of a policy lets which functions do with what."""

    policy: str
    functions: frozenset[str]
    actions: frozenset[str]
    resources: frozenset[str]

    def covers(self, asked: Asked, action: str) -> bool:
        """Whether a request was let through by this action here. What is done with items is one right for both tables."""
        if asked.action != action or asked.function not in self.functions:
            return False
        return action.startswith("dynamodb:") or any(
            fnmatch(asked.resource, resource) for resource in self.resources
        )


def rights_asked(town: Town) -> list[Asked]:
    """What the emulator noted."""
    lines = (town.stack.room / NOTES).read_text().splitlines()
    roles = _functions(town)
    found = []
    for told in map(json.loads, lines):
        role = told["principal"].split("/")[1] if "/" in told["principal"] else ""
        if role in roles:
            found.append(Asked(roles[role], told["action"], told["resource"], told["allowed"]))
    return found


def rights_granted(town: Town) -> list[Granted]:
    """Every statement of the functions' policies; AWS's own policies are left out."""
    iam, holders = town.stack.aws("iam"), dict[str, set[str]]()
    documents: dict[str, Any] = {}
    for role, function in _functions(town).items():
        for name, document in _policies(iam, role):
            documents[name] = document
            holders.setdefault(name, set()).add(function)
    return [
        Granted(
            name, frozenset(holders[name]), *(frozenset(_list(each[part])) for part in ("Action", "Resource"))
        )
        for name, document in documents.items()
        for each in _list(document["Statement"])
    ]


def _policies(iam: Any, role: str) -> Iterator[tuple[str, Any]]:
    for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        yield f"{role}/{name}", iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    for policy in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
        if ":aws:policy/" not in policy["PolicyArn"]:
            version = iam.get_policy(PolicyArn=policy["PolicyArn"])["Policy"]["DefaultVersionId"]
            held = iam.get_policy_version(PolicyArn=policy["PolicyArn"], VersionId=version)
            yield policy["PolicyName"], held["PolicyVersion"]["Document"]


def _functions(town: Town) -> dict[str, str]:
    """Role → logical id of its function."""
    logical = {physical: name for name, physical in town.names.items()}
    return {
        role: name.removesuffix("Role") for role, name in logical.items() if name.endswith("FunctionRole")
    }


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
