"""Conventions of the template: whatever may be forgotten when a resource is added fails here first."""

import re
from pathlib import Path
from typing import Any

import pytest
from passerelle.store.resources import Resources
from template.reading import actions, listed, references, rights, statements, walk

ROOT = Path(__file__).resolve().parents[2]

NAMES_OF_THEIR_OWN = {
    "AWS::DynamoDB::Table": "TableName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Role": "RoleName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::Scheduler::ScheduleGroup": "Name",
    "AWS::Serverless::Api": "Name",
    "AWS::Serverless::Function": "FunctionName",
    "AWS::Serverless::LayerVersion": "LayerName",
    "AWS::Serverless::StateMachine": "Name",
    "AWS::CloudWatch::Alarm": "AlarmName",
}
MANAGED_BY_AWS = {"AWSXRayDaemonWriteAccess"}
"""Traces belong to no resource, so their policy cannot name one."""


def test_every_handler_is_a_function_and_every_function_a_handler(functions: dict[str, Any]) -> None:
    files = {path.stem for path in (ROOT / "functions").glob("*.py")}
    handlers = {properties["Handler"] for properties in functions.values()}
    assert handlers == {f"{name}.handler" for name in files}
    for name, properties in functions.items():
        assert name.lower() == properties["Handler"].split(".")[0] + "function"


def test_every_definition_is_a_machine_and_every_machine_a_definition(resources: dict[str, Any]) -> None:
    files = {f"statemachines/{path.name}" for path in (ROOT / "statemachines").glob("*.json")}
    machines = {
        each["Properties"]["DefinitionUri"]
        for each in resources.values()
        if each["Type"] == "AWS::Serverless::StateMachine"
    }
    assert machines == files


def test_every_substitution_is_used_and_every_placeholder_filled(resources: dict[str, Any]) -> None:
    for name, each in resources.items():
        if each["Type"] == "AWS::Serverless::StateMachine":
            text = (ROOT / each["Properties"]["DefinitionUri"]).read_text()
            assert set(re.findall(r"\$\{(\w+)\}", text)) == set(
                each["Properties"]["DefinitionSubstitutions"]
            ), name


def test_no_statement_speaks_of_everything(resources: dict[str, Any]) -> None:
    for name, resource in resources.items():
        for statement in statements(resource):
            if resource["Type"] == "AWS::KMS::Key":
                continue  # in a key's own policy the star is the key
            assert "*" not in listed(statement.get("Resource", [])), name
            if statement["Effect"] == "Allow":
                assert not [action for action in listed(statement["Action"]) if "*" in action], name


def test_every_right_names_a_resource_of_this_template(resources: dict[str, Any]) -> None:
    for name, resource in resources.items():
        for statement in statements(resource):
            for target in listed(statement.get("Resource", [])):
                ours = references(target) & resources.keys()
                assert ours or "rule/StepFunctionsGetEvents" in str(target) or name == "Key", (
                    f"{name}: {target}"
                )


def test_no_policy_of_aws_is_given_beyond_the_known_ones(resources: dict[str, Any]) -> None:
    for name, resource in resources.items():
        for node in walk(resource):
            text = node if isinstance(node, str) else ""
            if ":aws:policy/" in text:
                assert text.rsplit("/", 1)[-1] in MANAGED_BY_AWS, name
    for name, resource in resources.items():
        for policy in resource.get("Properties", {}).get("Policies", []):
            assert isinstance(policy, dict), f"{name}: SAM's policy templates reach further than ours"
            assert not [
                event for event in resource["Properties"].get("Events", {}).values() if event["Type"] == "SQS"
            ]


def test_no_resource_bears_a_name_of_our_choice(resources: dict[str, Any]) -> None:
    for name, resource in resources.items():
        forbidden = NAMES_OF_THEIR_OWN.get(resource["Type"])
        assert forbidden not in resource.get("Properties", {}), name


def test_no_json_is_written_inside_the_template(template: dict[str, Any]) -> None:
    for node in walk(template["Resources"]):
        assert not (isinstance(node, str) and re.match(r'\s*[\[{]\s*"', node)), node


def test_what_is_called_without_waiting_is_tried_again_or_kept(resources: dict[str, Any]) -> None:
    for name, resource in resources.items():
        properties = resource.get("Properties", {})
        clocks = [event for event in properties.get("Events", {}).values() if event["Type"] == "Schedule"]
        if clocks:
            invoked = properties["EventInvokeConfig"]
            assert invoked["MaximumRetryAttempts"] > 0, name
            assert invoked["DestinationConfig"]["OnFailure"]["Type"] == "SQS", name
        if resource["Type"] == "AWS::Lambda::EventSourceMapping":
            assert properties["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
            (queue,) = references(properties["EventSourceArn"])
            assert "RedrivePolicy" in resources[queue]["Properties"]


@pytest.mark.parametrize(("function", "queue"), [("Follow", "FollowQueue"), ("Events", "EventsQueue")])
def test_a_message_stays_hidden_six_times_as_long_as_its_function_may_take(
    resources: dict[str, Any], function: str, queue: str
) -> None:
    timeout = resources[f"{function}Function"]["Properties"]["Timeout"]
    assert resources[queue]["Properties"]["VisibilityTimeout"] >= 6 * timeout


def test_functions_get_the_variables_that_the_library_reads(template: dict[str, Any]) -> None:
    given = set(template["Globals"]["Function"]["Environment"]["Variables"])
    api = set(template["Resources"]["ApiFunction"]["Properties"]["Environment"]["Variables"])
    assert set(Resources("", "", "", "", "", "").environment()) <= given | api
    assert {"ALLOW_PRIVATE_STORES", "LOCAL_ROUTES"} <= given


def test_what_only_development_may_do_counts_on_the_local_stage_only(template: dict[str, Any]) -> None:  # G-9
    given = template["Globals"]["Function"]["Environment"]["Variables"]
    assert given["ALLOW_PRIVATE_STORES"] == {"Fn::If": ["IsLocal", {"Ref": "AllowPrivateStores"}, "false"]}
    assert given["LOCAL_ROUTES"] == {"Fn::If": ["IsLocal", {"Ref": "LocalRoutes"}, "{}"]}
    for name, resource in template["Resources"].items():
        if name.startswith("Local"):
            assert resource["Condition"] == "IsLocal"


def test_what_the_emulator_cannot_take_is_switched_by_stage(template: dict[str, Any]) -> None:
    assert template["Mappings"]["Stages"]["local"]["Gradual"] == "false"
    for name in ("ApiFunction", "WebhookFunction"):
        preference = template["Resources"][name]["Properties"]["DeploymentPreference"]
        assert preference["Enabled"] == {"Fn::FindInMap": ["Stages", {"Ref": "Stage"}, "Gradual"]}


def test_an_alias_moves_on_when_only_a_layer_changed(
    resources: dict[str, Any], functions: dict[str, Any]
) -> None:
    for name, properties in functions.items():
        assert ("AutoPublishAlias" in properties) == properties.get("AutoPublishAliasAllProperties", False), (
            name
        )
    for name, resource in resources.items():
        if resource["Type"] == "AWS::Serverless::LayerVersion":
            assert resource["Properties"]["PublishLambdaVersion"] is True, name


@pytest.mark.parametrize("table", ["StateTable", "LedgerTable"])
def test_tables_are_kept_recoverable_and_forget_what_expires(
    resources: dict[str, Any], table: str
) -> None:  # G-8
    resource = resources[table]
    properties = resource["Properties"]
    assert properties["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
    assert properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")


# --- rights of each function -----------------------------------------------------------------------------


def test_only_the_door_makes_schedules_and_only_the_scheduler_gets_their_role(
    resources: dict[str, Any], functions: dict[str, Any]
) -> None:
    making = {"scheduler:CreateSchedule", "scheduler:UpdateSchedule", "iam:PassRole"}
    for name in functions:
        assert (making <= actions(resources, name)) == (name == "ApiFunction"), name
        if name != "ApiFunction":
            assert not making & actions(resources, name), name
    (passing,) = (
        each for each in rights(resources, "ApiFunction") if "iam:PassRole" in listed(each["Action"])
    )
    assert passing["Condition"] == {"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}}


def test_a_schedule_may_start_the_sync_machine_and_nothing_else(resources: dict[str, Any]) -> None:
    attached = [
        each
        for each in resources.values()
        if each["Type"] == "AWS::IAM::Policy" and {"Ref": "ScheduleRole"} in each["Properties"]["Roles"]
    ]
    (statement,) = (found for each in attached for found in statements(each))
    assert (statement["Action"], statement["Resource"]) == ("states:StartExecution", {"Ref": "SyncMachine"})
    assert "Policies" not in resources["ScheduleRole"]["Properties"]


def test_the_authorizer_reads_keys_and_nothing_else(resources: dict[str, Any]) -> None:
    (statement,) = rights(resources, "AuthorizerFunction")
    assert statement["Action"] == ["dynamodb:GetItem"]
    keys = statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
    assert keys == ["KEY#*", "TENANTS"]


def test_the_webhook_touches_neither_ledger_nor_documents(resources: dict[str, Any]) -> None:
    named = {name for each in rights(resources, "WebhookFunction") for name in references(each["Resource"])}
    assert not named & {"LedgerTable", "Bucket", "SyncMachine"}


def test_the_public_door_only_queues(resources: dict[str, Any]) -> None:
    named = {name for each in rights(resources, "PixelFunction") for name in references(each["Resource"])}
    assert named == {"StateTable", "EventsQueue"}
    events = resources["PixelFunction"]["Properties"]["Events"].values()
    assert {event["Properties"]["Method"] for event in events} == {"options", "post"}
    assert all(event["Properties"]["Auth"] == {"Authorizer": "NONE"} for event in events)


def test_whoever_tells_events_reads_their_queue_and_starts_nothing(resources: dict[str, Any]) -> None:
    used = actions(resources, "EventsFunction")
    assert {action for action in used if action.startswith("sqs:")} == {
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:ReceiveMessage",
    }
    assert not {action for action in used if action.startswith("states:")}


def test_events_stay_in_turn_and_end_as_dead_letters_with_an_alarm(resources: dict[str, Any]) -> None:
    queue = resources["EventsQueue"]["Properties"]
    assert queue["FifoQueue"] is True
    assert references(queue["RedrivePolicy"]["deadLetterTargetArn"]) == {"DeadLetterQueue"}
    watched = resources["DeadLettersAlarm"]["Properties"]["Dimensions"][0]["Value"]
    assert references(watched) == {"DeadLetterQueue"}


def test_whole_objects_are_forgotten_before_anything_else(resources: dict[str, Any]) -> None:  # G-7, G-8
    rules = resources["Bucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    kept = {rule["Prefix"]: rule["ExpirationInDays"] for rule in rules if "Prefix" in rule}
    assert kept == {"brought/": 1, "runs/": 90}


def test_nobody_scans_deletes_or_changes_a_table(
    resources: dict[str, Any], functions: dict[str, Any]
) -> None:
    items = {
        "BatchGetItem",
        "BatchWriteItem",
        "DeleteItem",
        "GetItem",
        "PutItem",
        "Query",
        "UpdateItem",
    }
    for name in functions:
        used = {action.split(":")[1] for action in actions(resources, name) if action.startswith("dynamodb:")}
        assert used <= items, name
