from __future__ import annotations

import pytest

from spark_cli.demo import outputs
from spark_cli.demo.outputs import Hits, Page, Ran, Verdict


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
        ("The user doesn't want to proceed with this tool use.", Verdict.REFUSED),
        ("not done: the session is read-only, it may look", Verdict.BARRED),
        ("not done: the user refused: nobody is there to approve it", Verdict.BARRED),
        ("patch rejected: approval policy is never", Verdict.BARRED),
        ("not done: the session ended before this was done", Verdict.INTERRUPTED),
        ("command timed out after 1000 milliseconds", Verdict.TIMED_OUT),
        ("bash: x: Permission denied", Verdict.DONE),
        ("error: x: Permission denied", Verdict.FAILED),
    ],
)
def test_edits_are_judged_by_what_the_tool_says(text: str, verdict: Verdict) -> None:
    assert outputs.verdict(text) is verdict


CODEX = "Chunk ID: 1\nWall time: 1 seconds\n{}\nOutput:\n{}"


@pytest.mark.parametrize(
    ("text", "ran"),
    [
        ("exit code 0, 0.01 s\nhi", Ran(Verdict.DONE, 0, "hi")),
        ("exit code 3, 0.01 s, no output", Ran(Verdict.FAILED, 3, "")),
        ("hi\n", Ran(Verdict.DONE, None, "hi\n")),
        (
            "ended after 2 s, its time limit, 2.00 s\nhi\nexited with code 3",
            Ran(
                Verdict.TIMED_OUT,
                None,
                "hi\nexited with code 3",
                "ended after 2 s, its time limit, 2.00 s",
            ),
        ),
        (
            '{"output": "command timed out after 9 ms\\nhi", '
            '"metadata": {"exit_code": 124}}',
            Ran(Verdict.TIMED_OUT, 124, "hi", "command timed out after 9 ms"),
        ),
        ("exit code 124, 1.0 s", Ran(Verdict.TIMED_OUT, 124, "", "exit code 124")),
        (
            CODEX.format("Process running with session ID 7", "hi\n"),
            Ran(Verdict.RUNNING, None, "hi", "Process running with session ID 7"),
        ),
        (
            "exec command rejected by user",
            Ran(Verdict.REFUSED, None, "", "exec command rejected by user"),
        ),
        (
            "aborted by user after 3.1s",
            Ran(Verdict.INTERRUPTED, None, "", "aborted by user after 3.1s"),
        ),
        (
            "curl: (7) Connection refused\nOperation timed out\nread-only",
            Ran(
                Verdict.DONE,
                None,
                "curl: (7) Connection refused\nOperation timed out\nread-only",
            ),
        ),
    ],
)
def test_a_command_ends_by_itself_or_is_told_why_not(text: str, ran: Ran) -> None:
    assert outputs.command(text) == ran


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "3 matching lines in 2 of 9 files\na.py:3: x: 1\na.py:9: y\nb:1: z",
            Hits({"a.py": (3, 9), "b": (1,)}),
        ),
        ("a.py:3: x\na.py: 1,200 more\nb.py:1: x", Hits({"a.py": (), "b.py": (1,)})),
        (
            "a.py:3: x\nnot shown: b c (4), d (1)",
            Hits({"a.py": (3,), "b c": (), "d": ()}),
        ),
        (
            "a.py:3: x\nnot shown: b (4) and 3 more files",
            Hits({"a.py": (3,), "b": ()}, more=True),
        ),
        ("at least 900 matching lines\na.py:3: x", Hits({"a.py": (3,)}, more=True)),
        ("Found 2\na/b.py:\n  Line 3: more\n  4: y", Hits({"a/b.py": (3, 4)})),
        ("a.py\nsrc/b\n", Hits({"a.py": (), "src/b": ()})),
        ("no match for `a.b` in 5 files", Hits({})),
    ],
)
def test_a_search_tells_lines_and_what_it_leaves_out(text: str, found: Hits) -> None:
    assert outputs.found(text) == found


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("no file `x`; did you mean `y`?", True),
        ("rg: x: No such file or directory (os error 2)", True),
        (CODEX.format("Process exited with code 2", "grep: x: No such file"), True),
        ("x: IO error for operation on x: No such file (os error 2)", True),
        ("`../x` is outside the workspace", True),
        ("exec command rejected by user", True),
        ("no match for `no such file` in 5 files", False),
        ("No files found", False),
        ("", False),
    ],
)
def test_a_search_that_could_not_look_is_no_empty_one(text: str, told: bool) -> None:  # noqa: FBT001 - a table's column
    assert bool(outputs.trouble(text)) is told
