"""The rules of the house, over every file that is kept: sizes, names, first lines, imports, locks."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LARGEST = {"template.yaml": 600}
"""Lines; every other file of code has 400."""
TEXT = {".py", ".json", ".yaml", ".yml", ".toml", ".html", ".css", ".js", ".sh"}
RECORDED = re.compile(r"(^|/)(fixtures|static|recordings)/|(^|/)package-lock\.json$|^docs/")
"""What others wrote: recorded answers, official schemas, assets."""
THIS = "tests/template/test_house.py"
EVERYTHING = {"Exception", "BaseException"}
ATTIC = re.compile(r"(^|/)(utils?|helpers?|common|manager|misc|base)(\.py|/|$)")
LENIENT = re.compile(r"# type: ignore|# noqa|pytest\.mark\.(skip|xfail)|pytest\.skip\(")
REASON = re.compile(r"(# type: ignore|# noqa)[^#]*#\s*\S|reason=|pytest\.skip\(\S")
MACHINE = re.compile(r"(?<![\w.])/(work|tmp|root|home)/\w")


def kept() -> list[str]:
    """The paths of every file under version control, and new ones that are not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [path for path in listed.stdout.splitlines() if (ROOT / path).is_file()]


FILES = kept()
CODE = [path for path in FILES if path.endswith(".py")]
OURS = [path for path in FILES if Path(path).suffix in TEXT and not RECORDED.search(path)]


def parsed(path: str) -> ast.Module:
    """A module's tree."""
    return ast.parse((ROOT / path).read_text())


def functions_of(path: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method in a module."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_every_file_fits_its_room() -> None:
    lines = {path: len((ROOT / path).read_text().splitlines()) for path in OURS}
    assert {path: count for path, count in lines.items() if count > LARGEST.get(path, 400)} == {}


def test_every_function_fits_on_a_screen() -> None:
    long = {
        f"{path}:{each.name}": each.end_lineno - each.lineno + 1
        for path in CODE
        if not path.startswith("tests/")
        for each in functions_of(path)
        if each.end_lineno is not None and each.end_lineno - each.lineno + 1 > 30
    }
    assert long == {}


def test_handlers_decide_nothing() -> None:
    for path in CODE:
        if path.startswith("functions/"):
            assert len((ROOT / path).read_text().splitlines()) <= 40, path
            choices = [
                node for node in ast.walk(parsed(path)) if isinstance(node, ast.If | ast.IfExp | ast.Match)
            ]
            assert choices == [], path


def test_every_room_has_a_name() -> None:
    assert [path for path in FILES if ATTIC.search(path)] == []


def test_every_module_says_first_what_it_is_for() -> None:
    silent = [
        path for path in CODE if (ROOT / path).read_text().strip() and not ast.get_docstring(parsed(path))
    ]
    assert silent == []


def test_every_leniency_has_its_reason_beside_it() -> None:
    bare = [
        f"{path}:{number}"
        for path in CODE
        if path != THIS
        for number, line in enumerate((ROOT / path).read_text().splitlines(), 1)
        if LENIENT.search(line) and not REASON.search(line)
    ]
    assert bare == []


def test_whoever_catches_everything_says_why_or_passes_it_on() -> None:
    for path in CODE:
        lines = (ROOT / path).read_text().splitlines()
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.ExceptHandler) and (
                node.type is None or ast.unparse(node.type) in EVERYTHING
            ):
                passed_on = any(isinstance(inner, ast.Raise) for inner in ast.walk(node))
                assert passed_on or "#" in lines[node.lineno - 1], f"{path}:{node.lineno}"


def test_no_path_of_one_machine_is_written_down() -> None:
    for path in OURS:
        if path != THIS:
            assert not MACHINE.search((ROOT / path).read_text()), path


def test_the_cloud_gets_exactly_the_pinned_libraries() -> None:
    built, pinned = ROOT / "layers/dependencies/requirements.txt", ROOT / "requirements/layer.txt"
    assert built.read_bytes() == pinned.read_bytes(), (
        "copy requirements/layer.txt over layers/dependencies/requirements.txt"
    )


@pytest.mark.parametrize("lock", sorted((ROOT / "requirements").glob("*.txt")), ids=lambda lock: lock.name)
def test_every_lock_pins_and_hashes_and_names_no_index(lock: Path) -> None:
    text = lock.read_text()
    pins = re.findall(
        r"^[A-Za-z0-9][\w.\-\[\],]*==\S+(?:[^\n]*\\\n(?:\s+--hash=\S+(?: \\)?\n?)+)?", text, re.M
    )
    assert pins
    assert [pin.split()[0] for pin in pins if "--hash=" not in pin] == []
    assert "://" not in text


@pytest.mark.parametrize("name", ["dev", "emulator", "layer", "sam"])
def test_every_lock_holds_what_its_wishes_name(name: str) -> None:
    def key(text: str) -> str:
        return re.split(r"[\[=<>~; ]", text.strip())[0].lower().replace("_", "-")

    wishes = (ROOT / f"requirements/{name}.in").read_text().splitlines()
    wanted = {key(line) for line in wishes if line.strip() and not line.startswith(("#", "-"))}
    locked = {
        key(line) for line in (ROOT / f"requirements/{name}.txt").read_text().splitlines() if "==" in line
    }
    assert wanted <= locked
    if name == "layer":
        project = (ROOT / "pyproject.toml").read_text()
        named = re.search(r"^dependencies = \[(.*)\]$", project, re.M)
        assert named
        assert {key(each.strip(' "')) for each in named[1].split(",")} - {"boto3"} <= locked


def test_the_emulator_that_is_repaired_is_the_one_that_is_installed() -> None:
    launcher = (ROOT / "tests/sandbox/emulator/__main__.py").read_text()
    release = re.search(r'^RELEASE = "(.+)"$', launcher, re.M)
    assert release
    assert f"ministack[full]=={release[1]}" in (ROOT / "requirements/emulator.in").read_text()
