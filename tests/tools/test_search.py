from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from spark_cli.core.effects import Effect
from spark_cli.core.errors import ToolError
from spark_cli.tools import search as module
from spark_cli.tools.engines import Engine, Hunt, Query, python
from spark_cli.tools.search import search_tool
from spark_cli.workspace.root import Root


@pytest.fixture
def root(tmp_path: Path) -> Root:
    files = {
        "a.py": "def one():\n    return two\n",
        "src/b.py": "two = 2\n",
        "src/c.ts": "const two = 2\n",
        "out/x.log": "two\n",
        ".ignore": "out\n",
        "src/long.js": "x" * 1_000 + "two" + "y" * 1_000 + "\n",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    (tmp_path.parent / "outside.py").write_text("two\n")
    (tmp_path / "escape").symlink_to("../outside.py")
    (tmp_path / "src/up").symlink_to("..")
    return Root(tmp_path)


async def told(root: Root, **arguments: object) -> str:
    return (await search_tool(root).plan(json.dumps(arguments)).act()).text


LONG = f"src/long.js:1: [939 characters] {'x' * 61}two{'y' * 176} [824 more characters]"


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (
            {"pattern": r"\btwo\b"},
            "3 matching lines in 3 of 5 files\na.py:2:     return two\n"
            "src/b.py:1: two = 2\nsrc/c.ts:1: const two = 2",
        ),
        ({"pattern": "xtwo"}, f"1 matching line in 1 of 5 files\n{LONG}"),
        ({"pattern": "ONE()", "fixed": True}, "no match for `ONE()` in 5 files"),
        (
            {"pattern": "ONE()", "fixed": "true", "ignore_case": True},
            "1 matching line in 1 of 5 files\na.py:1: def one():",
        ),
        (
            {"pattern": "two", "glob": "*.{ts,rs}"},
            "1 matching line in 1 of 1 file\nsrc/c.ts:1: const two = 2",
        ),
        (
            {"pattern": "two", "path": "src", "glob": "b*"},
            "1 matching line in 1 of 1 file\nsrc/b.py:1: two = 2",
        ),
        (
            {"pattern": "two", "path": "out/x.log"},
            "1 matching line in 1 of 1 file\nout/x.log:1: two",
        ),
        ({"pattern": "two", "glob": "*.rs"}, "no match for `two` in 0 files"),
        ({"pattern": r"\\name", "path": "a.py"}, r"no match for `\\name` in 1 file"),
    ],
)
async def test_matches_have_a_place_and_a_count(
    root: Root, arguments: dict[str, object], text: str
) -> None:
    assert await told(root, **arguments) == text


def test_a_plan_says_what_it_will_look_for(root: Root) -> None:
    plan = search_tool(root).plan('{"pattern": "t\\u001bwo", "path": "src"}')

    assert (plan.summary, plan.effect) == ("search t\\x1bwo in src", Effect.READ)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "`pattern` must be a string, not missing"),
        ({"pattern": ""}, "`pattern` must be some text"),
        ({"pattern": "a\nb"}, "each line is searched by itself"),
        ({"pattern": r"a\nb"}, "each line is searched by itself"),
        ({"pattern": "a", "path": "../outside.py"}, "is outside the workspace"),
        ({"pattern": "a", "path": "escape"}, "is outside the workspace"),
        ({"pattern": "a", "fixed": "maybe"}, "`fixed` must be true or false"),
    ],
)
def test_a_bad_call_is_refused_while_planning(
    root: Root, arguments: dict[str, object], message: str
) -> None:
    with pytest.raises(ToolError, match=message):
        search_tool(root).plan(json.dumps(arguments))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"pattern": "(a"}, r"cannot search for `\(a`: missing \)"),
        ({"pattern": "a", "path": "scr"}, "no file `scr`; did you mean `src`"),
        ({"pattern": "a", "path": ".git"}, "no file `.git`"),
    ],
)
async def test_what_cannot_be_searched_is_told(
    root: Root, arguments: dict[str, object], message: str
) -> None:
    with pytest.raises(ToolError, match=message):
        await told(root, **arguments)


async def test_too_many_matches_are_counted_though_not_shown(tmp_path: Path) -> None:
    for number in range(60):
        (tmp_path / f"{number:02}.txt").write_text("hit\n" * (number + 1))

    lines = (await told(Root(tmp_path), pattern="hit")).splitlines()

    assert lines[0] == "1,830 matching lines in 60 of 60 files"
    assert sum(": hit" in line for line in lines) == module.MATCHES_MAX
    assert {"18.txt:19: hit", "19.txt:10: hit", "19.txt: 10 more"} < set(lines)
    assert lines[-1].startswith("not shown: ")
    assert lines[-1].endswith(f"and {60 - 20 - module.FILES_NAMED_MAX} more files")


async def test_one_file_is_shown_further_than_many(tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("hit\n" * 250)

    lines = (await told(Root(tmp_path), pattern="hit")).splitlines()

    assert (len(lines), lines[-1]) == (202, "one.txt: 50 more")


async def test_a_large_file_is_searched_only_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FILE_BYTES_MAX", 10)
    (tmp_path / "large").write_text("needle " * 5)
    root = Root(tmp_path)

    assert "(1 file over 0 MB not searched)" in await told(root, pattern="needle")
    assert "1 matching line" in await told(root, pattern="needle", path="large")


async def test_time_that_ran_out_is_said(tmp_path: Path) -> None:
    (tmp_path / "evil").write_text("a" * 60 + "b\n")
    tool = search_tool(Root(tmp_path), [python], timeout_s=0.5)

    outcome = await tool.plan('{"pattern": "^(a+)+$"}').act()

    assert outcome.text == (
        "no match for `^(a+)+$` in 1 file (stopped after 0.5 s, before the end)"
    )


async def test_an_interrupted_search_ends_its_program(root: Root) -> None:
    loop = asyncio.get_running_loop()
    started, ended = asyncio.Event(), asyncio.Event()
    fifo = root.path / "fifo"
    os.mkfifo(fifo)

    def endless(query: Query, names: Sequence[str], hunt: Hunt) -> None:
        loop.call_soon_threadsafe(started.set)
        hunt.run(["sleep", "600"], os.environ)
        loop.call_soon_threadsafe(ended.set)

    engine: Engine = endless
    plan = search_tool(root, [engine], timeout_s=600).plan('{"pattern": "two"}')
    task = asyncio.ensure_future(plan.act())
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    await ended.wait()
