"""What is asked of every file, and no linter asks."""

from __future__ import annotations

import ast
import re
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


def named(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


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
