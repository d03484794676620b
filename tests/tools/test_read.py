from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from spark_cli.core.effects import Effect
from spark_cli.core.errors import ToolError
from spark_cli.tools import read
from spark_cli.tools.read import read_tool
from spark_cli.tools.tool import Plan
from spark_cli.workspace.root import Root
from spark_cli.workspace.tree import File


@dataclass
class MemoryTree:
    """What stands is in memory: nothing of it is on disk."""

    files: Mapping[str, bytes]

    def read(self, name: str) -> File | None:
        data = self.files.get(name)
        return None if data is None else File(data)


def planned(root: Path, files: Mapping[str, bytes], **arguments: object) -> Plan:
    tool = read_tool(Root(root), MemoryTree(files))
    return tool.plan(json.dumps(arguments))


async def told(root: Path, data: bytes, **arguments: object) -> str:
    return (await planned(root, {"f": data}, path="f", **arguments).act()).text


def test_a_plan_says_what_it_will_do(tmp_path: Path) -> None:
    plan = planned(tmp_path, {}, path="sub/../f", start=3)

    assert (plan.summary, plan.effect) == ("read f:3", Effect.READ)


@pytest.mark.parametrize(
    ("data", "arguments", "text"),
    [
        (b"one\ntwo\n", {}, "1\tone\n2\ttwo"),
        (b"\n\n", {}, "1\t\n2\t"),
        (b"", {}, "(`f` is empty)"),
        (b"one\ntwo", {}, "1\tone\n2\ttwo\n(no newline at the end of the file)"),
        (
            b"a\nb\nc\nd\n",
            {"start": 2, "count": 2},
            "2\tb\n3\tc\n(1 more line of 4; go on with start=4)",
        ),
        (b"a\nb\n", {"start": "2", "count": 9}, "2\tb"),
        (b"a\r\nb\r\n", {}, "1\ta\n2\tb\n(every line ends with CRLF)"),
        (b"a\r\nb\n", {}, "1\ta\n2\tb\n(some lines end with CRLF)"),
        (b"a\x0cb\xe2\x80\xa8c\rd\n", {}, "1\ta\x0cb\u2028c\rd"),
        (
            b"caf\xe9\n",
            {},
            "1\tcaf\ufffd\n"
            "(the file is not UTF-8; each byte that is not is shown as \ufffd)",
        ),
        (b"\xef\xbb\xbfx\n", {}, "1\tx\n(the file begins with a byte order mark)"),
        ("hé\n".encode("utf-16"), {}, "1\thé\n(the file is UTF-16, shown as UTF-8)"),
        (b"x" * 2_500 + b"\ny\n", {}, "1\t" + "x" * 2_000 + " [500 more bytes]\n2\ty"),
        (b"x" * 2_500, {}, "1\t" + "x" * 2_000 + " [500 more bytes]"),
        (
            b"x" * 1_999 + "é\n".encode(),
            {},
            "1\t" + "x" * 1_999 + " [1 more bytes]",
        ),
    ],
)
async def test_lines_are_numbered_and_what_is_left_out_is_said(
    tmp_path: Path, data: bytes, arguments: dict[str, object], text: str
) -> None:
    assert await told(tmp_path, data, **arguments) == text


async def test_a_long_file_is_read_in_parts_that_join(tmp_path: Path) -> None:
    data = b"".join(b"line %d\n" % n for n in range(1, 1_501))

    first = await told(tmp_path, data)
    assert first.endswith(
        "600\tline 600\n(900 more lines of 1,500; go on with start=601)"
    )

    rest = await told(tmp_path, data, start=601, count=5_000)
    assert rest.startswith("601\tline 601\n")
    assert rest.endswith("1500\tline 1500")


async def test_the_answer_is_bounded_however_long_the_lines(tmp_path: Path) -> None:
    data = (b"y" * 1_500 + b"\n") * 1_000

    text = await told(tmp_path, data, count=2_000)

    assert len(text) < read.TEXT_MAX + 3_000
    assert "more lines of 1,000; go on with start=" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "`path` must be a string, not missing"),
        ({"path": "../secret"}, "`../secret` is outside the workspace"),
        ({"path": "/etc/passwd"}, "`/etc/passwd` is outside the workspace"),
        ({"path": "f", "start": 0}, "`start` must be a whole number from 1"),
        ({"path": "\ud800"}, "half of a surrogate pair"),
    ],
)
def test_a_bad_call_is_refused_while_planning(
    tmp_path: Path, arguments: dict[str, object], message: str
) -> None:
    with pytest.raises(ToolError, match=message):
        planned(tmp_path, {}, **arguments)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("src/man.py", "no file `src/man.py`; did you mean `src/main.py`?"),
        ("main.py", "no file `main.py`; did you mean `src/main.py`?"),
        ("zzz", "no file `zzz`; the workspace has `data`, `src`"),
        ("src/qqq", "no file `src/qqq`; `src` has `main.py`"),
        ("src", "`src` is a folder; `list_files` shows what it has"),
        ("data", "`data` is a binary file of 6 bytes"),
    ],
)
async def test_what_cannot_be_read_is_told_with_what_can(
    tmp_path: Path, path: str, message: str
) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/main.py").write_text("x\n")
    (tmp_path / "data").write_bytes(b"\x00\x01")
    plan = planned(tmp_path, {"data": b"PNG\0\r\n"}, path=path)

    with pytest.raises(ToolError) as raised:
        await plan.act()
    assert str(raised.value) == message


async def test_a_file_taken_for_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("x\n")

    with pytest.raises(
        ToolError, match=r"no file `main.py/x`; did you mean `main.py`\?"
    ):
        await planned(tmp_path, {}, path="main.py/x").act()


async def test_a_line_past_the_end_says_how_long_the_file_is(tmp_path: Path) -> None:
    with pytest.raises(
        ToolError, match="line 9 is past the end of `f`, which has 2 lines"
    ):
        await told(tmp_path, b"one\ntwo\n", start=9)


async def test_a_huge_file_is_read_from_disk_without_being_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read, "HUGE_BYTES", 1_000)
    (tmp_path / "big").write_bytes(b"".join(b"%d\n" % n for n in range(1, 20_000)))

    text = (await planned(tmp_path, {}, path="big", start=5, count=2).act()).text

    assert text == "5\t5\n6\t6\n(more lines follow; go on with start=7)"
