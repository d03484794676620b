from __future__ import annotations

import json
from pathlib import Path

import pytest

from spark_cli.core.effects import Effect
from spark_cli.core.errors import ToolError
from spark_cli.tools.list import ENTRIES_MAX, folded, list_tool
from spark_cli.workspace.ignore import Found
from spark_cli.workspace.root import Root


@pytest.fixture
def root(tmp_path: Path) -> Root:
    for name in ["a.py", "src/b.py", "src/deep/c.ts", "src/deep/d.py", "out/x.o"]:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (tmp_path / ".ignore").write_text("out\n")
    (tmp_path / "src/link").symlink_to("b.py")
    return Root(tmp_path)


async def told(root: Root, **arguments: object) -> str:
    return (await list_tool(root).plan(json.dumps(arguments)).act()).text


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (
            {},
            "6 files\n.ignore\na.py\nsrc/b.py\nsrc/deep/c.ts\nsrc/deep/d.py\n"
            "src/link (a link)",
        ),
        ({"path": "src/deep"}, "2 files\nsrc/deep/c.ts\nsrc/deep/d.py"),
        (
            {"path": ""},
            "6 files\n.ignore\na.py\nsrc/b.py\nsrc/deep/c.ts\nsrc/deep/d.py\n"
            "src/link (a link)",
        ),
        ({"depth": 1}, "6 files\n.ignore\na.py\nsrc/ (4 files)"),
        (
            {"depth": 2},
            "6 files\n.ignore\na.py\nsrc/b.py\nsrc/deep/ (2 files)\nsrc/link (a link)",
        ),
        ({"glob": "*.py", "path": "src"}, "2 files\nsrc/b.py\nsrc/deep/d.py"),
        ({"glob": "*.rs"}, "no files"),
        ({"path": "out"}, "1 file (`out` is ignored by git)\nout/x.o"),
        ({"path": "a.py"}, "1 file\na.py"),
    ],
)
async def test_files_are_listed(
    root: Root, arguments: dict[str, object], text: str
) -> None:
    assert await told(root, **arguments) == text


def test_a_plan_says_where_it_will_look(root: Root) -> None:
    plan = list_tool(root).plan('{"path": "src", "glob": "*.py"}')

    assert (plan.summary, plan.effect) == ("list src *.py", Effect.READ)


async def test_a_missing_folder_is_told_with_the_nearest(root: Root) -> None:
    with pytest.raises(ToolError, match="no file `scr`; did you mean `src`"):
        await told(root, path="scr")


def test_too_many_files_become_folders_with_counts() -> None:
    files = [Found(f"big/sub{n}/{m}.py", 0) for n in range(50) for m in range(50)]
    files += [Found(f"small/{n}.py", 0) for n in range(20)] + [Found("top.py", 0)]

    lines = folded(files, "")

    assert len(lines) <= ENTRIES_MAX
    assert "top.py" in lines
    assert "small/19.py" in lines
    assert "big/sub49/ (50 files)" in lines
    assert sum(counted(line) for line in lines) == len(files)


def counted(line: str) -> int:
    return int(line.rpartition("(")[2].partition(" ")[0]) if "(" in line else 1


async def test_a_folder_with_too_many_entries_says_how_many_more(root: Root) -> None:
    for number in range(400):
        (root.path / f"src/deep/{number:03}.txt").touch()

    lines = (await told(root, path="src/deep")).splitlines()

    assert lines[0] == "402 files (102 more entries here)"
    assert len(lines) == 1 + ENTRIES_MAX
