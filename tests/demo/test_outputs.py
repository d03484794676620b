from __future__ import annotations

import pytest

from spark_cli.demo import outputs
from spark_cli.demo.outputs import Page, Verdict


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("1\ta\n2\t  b\n3\t", Page(("a", "  b", ""))),
        ("     9  a\n    10  b\n(3 more lines of 13)", Page(("a", "b"), 11)),
        ("<file>\n00001| a\n00002| \n</file>", Page(("a", ""))),
        ("plain\n  text\n", Page(("plain", "  text"))),
        ("dos\r\nlines\r\n", Page(("dos", "lines"))),
        ("", Page(())),
        ("(`x.py` is empty)", Page(())),
        ("cannot read `x`: no such file", None),
        ("Error: ENOENT", None),
        ("no file `x.py`; did you mean `y.py`?", None),
        ("error handling is hard\n" * 9, Page(("error handling is hard",) * 9)),
    ],
)
def test_pages_lose_their_line_numbers(text: str, page: Page | None) -> None:
    assert outputs.page(text) == page


@pytest.mark.parametrize(
    ("text", "ran"),
    [
        ("Wall time: 0\nProcess exited with code 2\nOutput:\na\nb\n", (2, "a\nb\n")),
        ('{"output": "a", "metadata": {"exit_code": 0}}', (0, "a")),
        ("exit code 1, 0.02 s\na\nb\n", (1, "a\nb")),
        ("exit code 0, 0.02 s, no output", (0, "")),
        ("a\nb\n", (None, "a\nb\n")),
        ("{not json", (None, "{not json")),
    ],
)
def test_commands_tell_their_exit_code_in_many_ways(
    text: str, ran: tuple[int | None, str]
) -> None:
    assert outputs.ran(text) == ran


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            "2 matching lines\na/b.py:3: x: 1\na/b.py:9: y\nc.md:1: z",
            ["a/b.py", "c.md"],
        ),
        ("./a.py:3:x\n", ["a.py"]),
        ("Found 2\na/b.py:\n  Line 3: x = 1\n", ["a/b.py"]),
        ("a.py\nsrc/b\n", ["a.py", "src/b"]),
        ("no match for `a.b` in 5 files", []),
    ],
)
def test_searches_name_their_files(text: str, names: list[str]) -> None:
    assert outputs.hits(text) == names


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("Success. Updated the following files:\nM error.py\n", Verdict.DONE),
        ("Exit code: 0\nWall time: 0 seconds\nOutput:\nSuccess.", Verdict.DONE),
        ("changed 2 files", Verdict.DONE),
        ("", Verdict.DONE),
        ("Edit applied successfully.", Verdict.DONE),
        ("hunk 1 does not match `a.py`; nothing was changed", Verdict.FAILED),
        ("Exit code: 1\nOutput:\napply_patch verification failed", Verdict.FAILED),
        ("Failed to find expected lines in a.py", Verdict.FAILED),
        (
            "the patch was refused and nothing was changed: hunk 1 does not match `a`",
            Verdict.FAILED,
        ),
        ("done: wrote `errors.py`; 1 hunk in `failed.py`", Verdict.DONE),
        ("already applied: the files are as the patch makes them", Verdict.DONE),
        ("not done: the user refused: it does not match my taste", Verdict.REFUSED),
        ("patch rejected by user", Verdict.REFUSED),
        ("the user refused: could not be worse", Verdict.REFUSED),
    ],
)
def test_edits_are_judged_by_what_the_tool_says(text: str, verdict: Verdict) -> None:
    assert outputs.verdict(text) is verdict
