"""The local stack: the emulator, and the real template built and deployed to it.

    python -m sandbox.stack up | down | deploy | status | demo [--port 4566] [--auth]

Everything listens on 127.0.0.1. The emulator takes the port given; sandbox shops take the ones after it. It
starts empty and forgets everything when it stops, as the sandbox shops do. Nothing of the caller's AWS
configuration is read: the emulator, SAM and the functions get a short list of variables and made-up keys.
"""

import argparse
import fcntl
import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import boto3
import httpx

ROOT = Path(__file__).resolve().parents[2]
LOCAL = ROOT / ".local"
OUTPUTS = LOCAL / "outputs.json"
LAUNCHER = ROOT / "tests/sandbox/emulator"
BUILT = ROOT / ".aws-sam/build/template.yaml"
PORT = int(os.environ.get("PASSERELLE_PORT", "4566"))
REGION = "eu-west-1"
NAME = "passerelle-local"
HOST = "api.localhost"
"""The host name that the template maps to the API on the local stage."""
PATIENCE = 30.0
"""Seconds that the emulator gets to start, and to stop."""


class StackError(Exception):
    """Something is missing or failed; the text says what to do."""


@dataclass(frozen=True)
class Deployed:
    """A stack that is up. `outputs` are the template's."""

    port: int
    outputs: Mapping[str, str]
    pid: int = 0
    routes: Mapping[str, str] = field(default_factory=dict)

    @property
    def endpoint(self) -> str:
        """Where the emulator answers for every AWS service."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def room(self) -> Path:
        """Where the emulator keeps its files."""
        return room_of(self.port)

    def http(self, key: str = "", timeout: float = 60.0) -> httpx.Client:
        """A client of the deployed API; `key` is an API key."""
        headers = {"Host": f"{HOST}:{self.port}"} | ({"Authorization": f"Bearer {key}"} if key else {})
        return httpx.Client(base_url=self.endpoint, headers=headers, timeout=timeout, trust_env=False)

    def aws(self, service: str) -> Any:
        """A boto3 client of an AWS service on the emulator, with the rights of the account's root."""
        return session().client(service, endpoint_url=self.endpoint)  # type: ignore[call-overload]  # a name at run time

    def save(self, path: Path = OUTPUTS) -> None:
        """Write it where other programs of this machine find it."""
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=2) + "\n")


def session() -> boto3.Session:
    """The made-up account that the emulator takes for its root."""
    return boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)


def saved(path: Path = OUTPUTS) -> Deployed | None:
    """The stack that `up` left running, or None."""
    if not path.exists():
        return None
    found = Deployed(**json.loads(path.read_text()))
    return found if found.pid and is_emulator(found.pid) else None


# --- the emulator ----------------------------------------------------------------------------------------


def clean_environment(*kept: str, **more: str) -> dict[str, str]:
    """What a program started here gets to see: what it needs, and variables that begin with `kept`."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    its_own = {name: value for name, value in os.environ.items() if kept and name.startswith(kept)}
    return {**its_own, "HOME": str(Path.home()), "LANG": "C.UTF-8", "PATH": path, **more}


def tool(path: str) -> str:
    """A program of one of the project's environments. Raises StackError with the command that installs it."""
    found = LOCAL / path
    if not found.exists():
        raise StackError(f"{found.relative_to(ROOT)} is missing: run `make setup`.")
    return str(found)


def room_of(port: int) -> Path:
    """The folder of the emulator on a port, emptied when it starts."""
    return LOCAL / f"emulator-{port}"


def start(port: int, *, auth: bool = False, waits: float = 1.0) -> subprocess.Popen[bytes]:
    """Start the emulator on 127.0.0.1:port and wait until it answers; log: `.local/emulator-<port>.log`.

    Functions inherit its environment, so it gets nothing of the caller's. `waits` scales how long state machines
    wait, before a retry too.
    """
    if not is_free(port):
        raise StackError(f"Port {port} is taken: run `make down`, or choose another with PASSERELLE_PORT.")
    room = room_of(port)
    shutil.rmtree(room, ignore_errors=True)
    room.mkdir(parents=True)
    settings = {
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "MINISTACK_REGION": REGION,
        "TMPDIR": str(room),
        "AUTH": str(auth).lower(),
        "SFN_WAIT_SCALE": str(waits),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    log = LOCAL / f"emulator-{port}.log"
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [tool("emulator/bin/python"), str(LAUNCHER)],
            env=clean_environment(**settings),
            cwd=room,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    wait_until_up(process, port, log)
    return process


def wait_until_up(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Return when the emulator answers. Raises StackError with the end of its log if it does not."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        if is_healthy(port):
            return
        time.sleep(0.1)
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
    stop(process.pid)
    raise StackError(f"The emulator did not start; the end of {log.relative_to(ROOT)}:\n{tail}")


def stop(pid: int) -> None:
    """End an emulator that was started here, by SIGTERM, and wait for it."""
    if not is_emulator(pid):
        return
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if is_ours_and_done(pid) or not is_emulator(pid):
            return
        time.sleep(0.1)
    os.kill(pid, signal.SIGKILL)


def is_ours_and_done(pid: int) -> bool:
    """Whether it was a child of this process and has ended; reaps it."""
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return False


def is_emulator(pid: int) -> bool:
    """Whether this process is one that `start` started: a number alone may be somebody else's by now."""
    answer = subprocess.run(
        ["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return str(LAUNCHER) in answer.stdout


def is_healthy(port: int) -> bool:
    """Whether the emulator answers."""
    try:
        return httpx.get(f"http://127.0.0.1:{port}/_ministack/health", timeout=2, trust_env=False).is_success
    except httpx.TransportError:
        return False


def is_free(port: int) -> bool:
    """Whether nothing listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# --- the template ----------------------------------------------------------------------------------------


def sam(*arguments: str, **environment: str) -> str:
    """Run the SAM command line quietly; answers what it said. Raises StackError with it if it failed."""
    settings = {
        "SAM_CLI_TELEMETRY": "0",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
        "PYTHON": sys.executable,
    }
    answer = subprocess.run(
        [tool("sam/bin/sam"), *arguments],
        cwd=ROOT,
        env=clean_environment("PIP_", "SSL_", **settings, **environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if answer.returncode:
        tail = "\n".join(answer.stdout.splitlines()[-40:])
        raise StackError(f"`sam {arguments[0]}` failed:\n{tail}")
    return answer.stdout


@contextmanager
def alone(name: str) -> Iterator[None]:
    """Hold a lock of this machine, so that two test workers do not use one folder at once."""
    LOCAL.mkdir(exist_ok=True)
    with (LOCAL / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def deploy(port: int, routes: Mapping[str, str] | None = None) -> Deployed:
    """Build, deploy to the emulator on this port, and answer what the template puts out.

    `routes`: origins of public hosts that the sandbox answers for, such as {"https://shop.test": "http://127.0.0.1:5001"}.
    """
    parameters = {
        "Stage": "local",
        "AllowPrivateStores": "true",
        "LocalRoutes": json.dumps(dict(routes or {})),
        "LocalPort": str(port),
    }
    with alone("build"):
        # What did not change is taken from SAM's cache. A build empties the folder that a deployment reads.
        sam("build", "--config-env", "local")
        sam(
            "deploy",
            f"--config-file={ROOT / 'samconfig.toml'}",
            "--config-env=local",
            f"--template-file={BUILT}",
            "--parameter-overrides",
            *(f"{name}={shlex.quote(value)}" for name, value in parameters.items()),
            AWS_ENDPOINT_URL=f"http://127.0.0.1:{port}",
        )
    stack = session().client("cloudformation", endpoint_url=f"http://127.0.0.1:{port}")
    found = stack.describe_stacks(StackName=NAME)["Stacks"][0].get("Outputs", [])
    return Deployed(
        port, {each["OutputKey"]: each["OutputValue"] for each in found}, routes=dict(routes or {})
    )


@contextmanager
def running(
    port: int | None = None,
    routes: Mapping[str, str] | None = None,
    *,
    auth: bool = False,
    waits: float = 1.0,
) -> Iterator[Deployed]:
    """A stack for as long as the block lasts, on a free port unless one is given."""
    chosen = port or free_port()
    process = start(chosen, auth=auth, waits=waits)
    try:
        yield replace(deploy(chosen, routes), pid=process.pid)
    finally:
        stop(process.pid)


# --- the command -----------------------------------------------------------------------------------------


def up(port: int, auth: bool) -> None:
    """Start, deploy and stay up."""
    if (old := saved()) is not None:
        raise StackError(f"A stack is up already on port {old.port}: run `make down` first.")
    process = start(port, auth=auth)
    try:
        deployed = deploy(port)
    except BaseException:
        stop(process.pid)
        raise
    deployed = Deployed(port, deployed.outputs, process.pid, deployed.routes)
    deployed.save()
    tell(deployed)


def down() -> None:
    """Stop what `up` started."""
    deployed = saved()
    if deployed is None:
        print("No stack is up.")
    else:
        stop(deployed.pid)
        print(f"The stack on port {deployed.port} is down.")
    OUTPUTS.unlink(missing_ok=True)


def redeploy() -> None:
    """Deploy the template as it is now to the stack that is up."""
    running_now = saved()
    if running_now is None:
        raise StackError("No stack is up: run `make up` first.")
    deployed = deploy(running_now.port, running_now.routes)
    deployed = Deployed(deployed.port, deployed.outputs, running_now.pid, deployed.routes)
    deployed.save()
    tell(deployed)


def status() -> None:
    """Say what is up."""
    deployed = saved()
    if deployed is None:
        raise StackError("No stack is up.")
    tell(deployed)


def demo() -> None:
    """Run the demo, which starts a stack of its own."""
    raise SystemExit(subprocess.run([sys.executable, "-m", "sandbox.demo"], check=False).returncode)


def tell(deployed: Deployed) -> None:
    """Print where everything is."""
    print(f"The stack is up on {deployed.endpoint}; the API is {deployed.outputs.get('ApiUrl')}")
    for name, value in sorted(deployed.outputs.items()):
        print(f"  {name:20} {value}")


def main(arguments: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.stack", description="The local stack.")
    parser.add_argument("command", choices=["up", "down", "deploy", "status", "demo"])
    parser.add_argument("--port", type=int, default=PORT, help="the emulator's port")
    parser.add_argument(
        "--auth", action="store_true", help="check every call against the functions' policies"
    )
    given = parser.parse_args(arguments)
    commands = {
        "up": lambda: up(given.port, given.auth),
        "down": down,
        "deploy": redeploy,
        "status": status,
        "demo": demo,
    }
    try:
        commands[given.command]()
    except StackError as error:
        raise SystemExit(f"sandbox.stack: {error}") from None


if __name__ == "__main__":
    main()
