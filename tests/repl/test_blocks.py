from __future__ import annotations

from pathlib import Path

import pytest

from spark_cli.commands.command import Diff, Problem, Rows, Shown, Text
from spark_cli.core.effects import Approval, Effect
from spark_cli.core.events import ApprovalRequested, Level, Notice
from spark_cli.core.ids import CallId
from spark_cli.repl import blocks
from spark_cli.repl.lines import plain
from spark_cli.repl.scene import Scene


@pytest.mark.parametrize(
    ("shown", "lines"),
    [
        (Text("- *a*"), ["- a"]),
        (Diff("--- a/x\n+++ b/x\n@@ -0,0 +1 @@\n+y\n"), ["x +1", "    1 + y"]),
        (
            Rows([("/a", "one two"), ("", ""), ("/long", "3\x1b")]),
            ["/a     one two", "", "/long  3\u241b"],
        ),
        (Problem("no `x`", "try `y`"), ["error: no `x`", "hint: try `y`"]),
    ],
)
def test_what_a_command_shows(shown: Shown, lines: list[str]) -> None:
    assert [plain(line) for line in blocks.shown(shown, 40)] == lines


@pytest.mark.parametrize(
    ("effect", "asks"),
    [
        (Effect.EDIT, "apply this to 0 files +0 -0? "),
        (Effect.RUN, "run this? "),
        (Effect.READ, "allow this? "),
    ],
)
def test_a_question_names_what_is_going_to_happen(effect: Effect, asks: str) -> None:
    event = ApprovalRequested(CallId("c"), "s", effect, "")

    assert plain(blocks.question(event, refusing=False)).startswith(asks)


def test_the_greeting_names_the_model_the_folder_and_things_to_try() -> None:
    scene = Scene(
        "m-1", "demo", Approval.ASK, Path("/w"), "0abc", suggestions=("fix it",)
    )

    assert [plain(line) for line in blocks.greeting(scene, 80)] == [
        "spark with m-1 on demo, in /w",
        "/help lists the commands, ? the keys",
        "",
        "things to try:",
        "  fix it",
    ]


def test_an_empty_output_is_no_line() -> None:
    assert blocks.output("", 80) == []


@pytest.mark.parametrize(("count", "told"), [(9, "1 line"), (10, "2 lines")])
def test_what_is_left_out_is_counted(count: int, told: str) -> None:
    text = "\n".join(map(str, range(count)))

    assert plain(blocks.output(text, 80)[0]) == f"  ({told} above)"


def test_a_row_goes_on_beside_its_name() -> None:
    lines = blocks.shown(Rows([("/a", "one two three")]), 12)

    assert [plain(line) for line in lines] == ["/a  one two", "    three"]


def test_a_command_and_its_output_are_folded_with_a_sign() -> None:
    event = ApprovalRequested(CallId("c"), "s", Effect.RUN, "echo one two\nls")

    assert [plain(line) for line in blocks.asked(event, 12)] == [
        "$ echo one t",
        "\u21b3 wo",
        "  ls",
    ]
    assert [plain(line) for line in blocks.output("0123456789abc", 12)] == [
        "  0123456789",
        "\u21b3 abc",
    ]


def test_a_broken_hint_is_broken_at_words() -> None:
    lines = blocks.shown(Problem("one two three four"), 16)

    assert [plain(line) for line in lines] == ["error: one two", "three four"]


def test_what_is_said_to_go_on_is_a_command_in_a_face_that_has_some() -> None:
    cut = Notice(Level.WARNING, "the answer ends early", "say `go on` to continue it")

    assert [plain(line) for line in blocks.notice(cut, 60)] == [
        "warning: the answer ends early",
        "hint: say `/continue` to continue it",
    ]


def test_what_went_with_the_words_is_named() -> None:
    given = [
        '<file-2 path="a&quot;.py">\nx </file>\n</file-2>',
        '<file path="b.py" lines="2-3">\nx\n</file>',
        '<hunk name="h2" path="c.py">\n@@\n</hunk>',
        '<shell by="user">\n$ ls\x1b[2J\na\n</shell>',
    ]

    assert [plain(line) for line in blocks.attached(given, 90)] == [
        '  with a".py, b.py:2-3, h2 of c.py, the output of `ls\u241b[2J`'
    ]
    assert blocks.attached([], 90) == []
