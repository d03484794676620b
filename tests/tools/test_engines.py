from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from spark_cli.core.errors import ToolError
from spark_cli.tools.engines import (
    Engine,
    Hit,
    Hunt,
    Query,
    engines,
    git_grep,
    python,
    ripgrep,
    search,
)
from spark_cli.workspace.processes import Leash

ENGINES = [
    pytest.param(
        ripgrep, marks=pytest.mark.skipif(not shutil.which("rg"), reason="no ripgrep")
    ),
    pytest.param(
        git_grep, marks=pytest.mark.skipif(not shutil.which("git"), reason="no git")
    ),
    python,
]

FILES = {
    "plain.py": b"import os\n\ndef find(name):\n    return name\n",
    "crlf.txt": b"one\r\ntwo name\r\n\r\n",
    "no-end.txt": b"name",
    "latin.txt": b"caf\xe9 name \xff\n",
    "unicode.txt": "Émile écrit name\n名前 x\n".encode(),
    "binary.bin": b"name\0name\n",
    "late.bin": b"name\n" + b"x" * 70_000 + b"\nname\0\n",
    "-e": b"name in a file called -e\n",
    "-": b"name in a file called -\n",
    "with space/and\nbreak.txt": b"name\n",
    os.fsdecode(b"caf\xe9.txt"): b"name\n",
    ".hidden/.secret": b"name\n",
    "wide.js": b"y" * 5_000 + b"name" + b"z" * 5_000 + b"\n",
    "empty": b"",
    "attributes.lock": b"name\n",
    ".gitattributes": b"*.lock -diff binary\n",
    "colons:1:2.txt": b"a:1:name\n",
    "separators.txt": "a\u2028name\x0cname\x85\n".encode(),
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, data in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    return tmp_path


def found(root: Path, query: Query, engine: Engine, timeout_s: float = 30) -> Hunt:
    hunt = Hunt(root, timeout_s, Leash())
    search(query, sorted(FILES), hunt, [engine, python])
    return hunt


QUERIES = [
    Query("name"),
    Query("NAME", ignore_case=True),
    Query("émile", ignore_case=True),
    Query("^name$"),
    Query("name$"),
    Query("^$"),
    Query("^caf.? name"),
    Query(r"\bx$"),
    Query(r"^\w+ \w+ name"),
    Query(r"\d:\w"),
    Query("find(", fixed=True),
    Query("a:1:", fixed=True),
    Query("É", fixed=True),
    Query("^.mile"),
    Query("(?i)IMPORT"),
    Query("one|two"),
    Query("-e"),
    Query("--pre=cat"),
    Query("[[:alpha:]]+z"),
    Query("no such text"),
    Query("x*"),
    Query(r"\s$"),
    Query("(?<=def )find"),
    Query("名前"),
    Query("y{3,}name"),
    Query("."),
]


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.pattern)
@pytest.mark.parametrize("engine", ENGINES[:-1])
def test_all_engines_give_the_same_answer(
    root: Path, engine: Engine, query: Query
) -> None:
    assert found(root, query, engine).hits == found(root, query, python).hits


@pytest.mark.parametrize("engine", ENGINES)
def test_a_match_has_a_place_and_a_line(root: Path, engine: Engine) -> None:
    hits = {hit.name: hit for hit in found(root, Query("name"), engine).hits}

    assert set(FILES) - set(hits) == {
        "binary.bin",
        "late.bin",
        "empty",
        ".gitattributes",
    }
    assert hits["crlf.txt"] == Hit("crlf.txt", 2, 4, "two name")
    assert hits["latin.txt"] == Hit("latin.txt", 1, 5, "caf\ufffd name \ufffd")
    assert hits["unicode.txt"] == Hit("unicode.txt", 1, 12, "Émile écrit name")
    assert hits["wide.js"].start == 5_000


@pytest.mark.parametrize("engine", ENGINES)
def test_a_pattern_that_is_none_is_told_by_the_last_engine(
    root: Path, engine: Engine
) -> None:
    with pytest.raises(ToolError) as raised:
        found(root, Query("(a"), engine)

    assert str(raised.value) == (
        "cannot search for `(a`: missing ), unterminated subpattern at position 0"
    )


def test_a_pattern_that_takes_for_ever_is_stopped(tmp_path: Path) -> None:
    (tmp_path / "evil").write_text("a" * 60 + "b\n")
    hunt = Hunt(tmp_path, 1.0, Leash())

    search(Query("^(a+)+$"), ["evil"], hunt, [python])

    assert (hunt.timed_out, hunt.hits) == (True, [])


@pytest.mark.parametrize("engine", ENGINES)
def test_too_much_to_read_is_cut_off_and_said(
    tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "many").write_text("name\n" * 20_000)
    hunt = Hunt(tmp_path, 30, Leash(), left_bytes=100_000)

    search(Query("name"), ["many"], hunt, [engine])

    assert hunt.full
    assert 0 < len(hunt.hits) < 20_000


def test_what_is_interrupted_is_not_tried_again(root: Path) -> None:
    leash = Leash()
    leash.cut()
    hunt = Hunt(root, 30, leash)

    search(Query("name"), sorted(FILES), hunt, [python])

    assert hunt.hits == []


def test_many_files_are_searched_in_batches(tmp_path: Path) -> None:
    names = [f"{'n' * 200}{number:04}" for number in range(3_000)]
    (tmp_path / names[0]).write_text("needle\n")
    (tmp_path / names[-1]).write_text("needle\n")

    for engine in (ripgrep, git_grep, python):
        hunt = Hunt(tmp_path, 30, Leash())
        search(Query("needle"), names, hunt, [engine, python])
        assert [hit.name for hit in hunt.hits] == [names[0], names[-1]]


def test_a_program_that_lies_in_the_workspace_is_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("rg", "git"):
        (tmp_path / name).write_text("#!/bin/sh\ntouch run\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert engines(tmp_path) == [python]
