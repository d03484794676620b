"""What is asked of every file, and no linter asks."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import spark_cli

PACKAGE = Path(spark_cli.__file__).parent
TOP = PACKAGE.parent
MODULES = sorted(PACKAGE.rglob("*.py"))
LINES_MAX = 400
WAIVER = re.compile(
    r"#\s*(noqa|type: ignore)"
    r"(?P<codes>:\s*[A-Z]+\d+(,\s*[A-Z]+\d+)*|\[[\w, -]+\])?(?P<why>.*)"
)

LATE = {
    "asyncio": "41 ms, and not every process has a loop",
    "certifi": "only where the system has no certificates",
    "difflib": "3 ms, after a mistake",
    "email": "a mail library, for a date that few servers send",
    "git": "72 ms, and it runs git twice",
    "pathspec": "where there is no git, or a glob",
    "pygments": "at the first fence of code",
    "ssl": "10 ms, only for https",
    "tempfile": "after the first paint",
    "tomli": "most runs have no file to read",
    "spark_cli.repl": "the plain face, and what colors code",
    "spark_cli.wire.socket": "websockets, 76 ms",
    "spark_cli.wire.sse": "httpx, 60 ms",
    "spark_cli.workspace.processes": "subprocess, for git only",
}
"""What may be imported inside a function, and why not at the top.

The command line is not asked: it assembles the rooms, each when it is needed.
"""


def named(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def imported_late(path: Path) -> Iterator[str]:
    """Modules that are imported inside functions; a library by its first name."""
    for function in ast.walk(ast.parse(path.read_text())):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.Import):
                    yield from (one.name.partition(".")[0] for one in node.names)
                elif isinstance(node, ast.ImportFrom) and node.module:
                    own = node.module.startswith("spark_cli")
                    yield node.module if own else node.module.partition(".")[0]


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_a_module_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text())), "it has no docstring"


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("__init__.py")), ids=named)
def test_a_sign_on_the_door_is_no_code(path: Path) -> None:
    body = ast.parse(path.read_text()).body
    code = [node for node in body[1:] if not isinstance(node, ast.Assign)]

    assert code == [], "importing a module would load its neighbours"


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_a_module_fits_in_the_head(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LINES_MAX


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_a_waiver_names_its_rule_and_its_reason(path: Path) -> None:
    for line in path.read_text().splitlines():
        waiver = WAIVER.search(line)
        if waiver is not None:
            assert waiver["codes"], line
            assert waiver["why"].strip(" #-"), line


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_what_is_imported_late_is_listed(path: Path) -> None:
    if path.parent.name != "cli" and path.name != "__main__.py":
        assert set(imported_late(path)) <= set(LATE)


def test_the_top_level_is_as_agreed() -> None:
    allowed = {
        "CHANGELOG.md",
        "LICENSE",
        "README.md",
        "config.example.toml",
        "pyproject.toml",
        "spark_cli",
        "tests",
    }
    generated = {"build", "dist"}
    names = {
        path.name
        for path in TOP.iterdir()
        if not path.name.startswith(".") and not path.name.endswith(".egg-info")
    }

    assert names - generated <= allowed
