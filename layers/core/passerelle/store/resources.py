"""The names of the stage's AWS resources, as the functions' environment gives them."""

from collections.abc import Mapping
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Resources:
    """One field an environment variable, whose name is the field's in upper case."""

    stage: str
    state_table: str
    ledger_table: str
    bucket: str
    key_id: str
    follow_queue_url: str
    dead_letter_queue_url: str = ""
    sync_machine_arn: str = ""
    sync_all_machine_arn: str = ""
    schedule_group: str = ""
    schedule_role_arn: str = ""
    events_queue_url: str = ""

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Resources":
        """What an environment names; a function that has no use for a resource may lack it."""
        return cls(**{each.name: environment.get(each.name.upper(), "") for each in fields(cls)})

    def environment(self) -> dict[str, str]:
        """The environment that names these."""
        return {each.name.upper(): getattr(self, each.name) for each in fields(self)}
