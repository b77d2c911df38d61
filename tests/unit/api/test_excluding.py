"""Saying whom a link keeps out."""

from typing import Any

import pytest
from sandbox.tenants import Tenant


def _link(tenant: Tenant) -> str:
    return str(tenant.made["link"]["id"])


def test_whom_a_link_keeps_out_is_kept_and_told(furnished: Tenant) -> None:
    wanted = {"domains": ["Spam.Example", "@corp.example"], "tags": ["Wholesale"], "marketplaces": True}
    answer = furnished.client.patch(f"/v1/links/{_link(furnished)}", json={"policy": {"exclude": wanted}})
    assert answer.status_code == 200, answer.text
    told = furnished.client.get(f"/v1/links/{_link(furnished)}").json()["policy"]["exclude"]
    assert told == {**wanted, "domains": ["spam.example", "@corp.example"]}
    flow = furnished.door.runtime.river(furnished.id).flow(f"{_link(furnished)}.customers")
    assert flow.exclusion.domains == {"spam.example", "corp.example"}
    assert flow.exclusion.marketplaces


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("domains", ["no domain"]),
        ("domains", ["somebody@corp.example"]),
        ("domains", ["*.corp.example"]),
        ("domains", "corp.example"),
        ("tags", [""]),
        ("marketplaces", "sometimes"),
        ("countries", ["FR"]),
    ],
)
def test_rules_that_make_no_sense_are_refused_by_name(
    furnished: Tenant, field: str, value: Any
) -> None:
    answer = furnished.client.patch(
        f"/v1/links/{_link(furnished)}", json={"policy": {"exclude": {field: value}}}
    )
    assert answer.status_code == 422
    assert field in answer.text
