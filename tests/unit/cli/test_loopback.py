"""The local stack answers under a name that not every system resolves."""

from collections.abc import Iterable
from typing import Any

import pytest
from passerelle.cli.config import Config
from passerelle.cli.service import Service, Unreached
from sandbox.server import serve


def told_hosts(hosts: list[str]) -> Any:
    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        hosts.append(environ["HTTP_HOST"])
        start_response("200 OK", [("Content-Type", "application/json")])
        return [b'{"items": []}']

    return app


def test_a_name_under_localhost_is_this_machine_and_stays_the_host_that_is_asked() -> None:
    hosts: list[str] = []
    with serve(told_hosts(hosts)) as server:
        service = Service(Config(f"http://api.localhost:{server.port}", "psk_1"))
        assert service.get("/stores") == {"items": []}
    assert hosts == [f"api.localhost:{server.port}"]


def test_a_stack_that_is_down_is_told_by_its_address() -> None:
    with serve(told_hosts([])) as server:
        pass
    with pytest.raises(Unreached, match=r"api\.localhost"):
        Service(Config(f"http://api.localhost:{server.port}", "psk_1")).get("/stores")
