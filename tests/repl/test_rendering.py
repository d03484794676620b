"""What is on the screen in the end, whatever came and in whatever pieces."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from spark_cli.core.effects import Approval, Effect
from spark_cli.core.events import (
    ApprovalDecided,
    ApprovalRequested,
    CallDelta,
    CheckpointMade,
    CheckpointUndone,
    Configured,
    Event,
    ItemCompleted,
    Level,
    Notice,
    ReasoningDelta,
    TextDelta,
    ToolStarted,
    TurnStarted,
)
from spark_cli.core.ids import CallId, CheckpointId, ItemId, TurnId
from spark_cli.core.items import AgentMessage, ToolCall, ToolOutput, UserMessage
from spark_cli.repl.lines import plain
from spark_cli.repl.markdown import Markdown
from tests.repl.stage import Stage, filled

M, C, CALL = ItemId("m"), ItemId("c"), CallId("call")
some = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)

FRAGMENTS = (
    *("**bold", "bold**", "`x`", "*a*", " word", " ", "\n", "\n\n", "- ", "> ", "# "),
    *("| a | b |\n", "|---|---|\n", "| `a|b` | " + "wide " * 20 + "|\n"),
    *("```py\n", "```\n", "def f(x): return 'a'  # c\n", "/* c", "*/", "\t", "    "),
    *("漢字かな", "👍", "👨\u200d👩\u200d👧", "🇩🇪", "❤\ufe0f", "e\u0301", "שלום עולם"),
    *("x" * 150, "long " * 30, "[t](http://u)", "\r\n", "1. ", "  - ", "---\n"),
)
MARKDOWN = st.lists(st.sampled_from(FRAGMENTS), max_size=25).map("".join)

SEQUENCES = (
    *(
        "\x1b]0;owned\x07",
        "\x1b]52;c;aGk=\x07",
        "\x1b]8;;http://evil\x1b\\x\x1b]8;;\x07",
    ),
    *("\x1b[31m", "\x1b[2J", "\x1b[H", "\x1b[?1049h", "\x1b[?25l", "\x1b[?1000h"),
    *("\x1b[>4;2m", "\x1b[=1u", "\x1bc", "\x1b(0", "\x1bP1$r\x1b\\", "\x1b_G\x1b\\"),
    *("\x9b2J", "\x9d0;t\x9c", "\x90q\x9c", "\x0e", "\x0f", "\x07", "\x08", "\x7f"),
    *("\x00", "\r", "\x0b", "\x0c", "\x85", "\u202e", "\u2066", "\ufeff", "\u200b"),
    *("a", "```\n", "\n", "+", "-", "@@ -1 +1 @@\n", "*** Update File: a\n", "|", " "),
)
HOSTILE = st.lists(st.sampled_from(SEQUENCES) | st.text(max_size=4), max_size=12).map(
    "".join
)


def spoken(pieces: Sequence[str]) -> Stage:
    """One answer in these pieces, each a frame."""
    whole = ItemCompleted(AgentMessage(M, "".join(pieces)))
    return Stage().play([*([TextDelta(M, one)] for one in pieces), [whole]])


@some
@given(text=MARKDOWN, data=st.data())
def test_the_final_screen_is_that_of_the_whole(text: str, data: st.DataObject) -> None:
    cuts = data.draw(st.lists(st.integers(0, len(text)), max_size=6).map(sorted))
    pieces = [text[a:b] for a, b in pairwise([0, *cuts, len(text)])]

    assert spoken(pieces).scrollback() == spoken([text]).scrollback()


@some
@given(text=MARKDOWN, data=st.data())
def test_what_is_settled_is_never_changed(text: str, data: st.DataObject) -> None:
    cuts = data.draw(st.lists(st.integers(0, len(text)), max_size=6).map(sorted))
    stage = spoken([text[a:b] for a, b in pairwise([0, *cuts, len(text)])])
    final = stage.scrollback()

    for end, live in stage.frames:
        rows = stage.scrollback(end)
        settled = filled(rows[: len(rows) - live])
        assert settled == final[: len(settled)]


def everywhere(text: str) -> list[list[Event]]:
    """A session in which every text that a stranger can write is this one."""
    diff = f"--- a/{text}\n+++ b/{text}\n@@ -1 +1 @@\n-x\n+{text}\n"
    refused = ApprovalDecided(CALL, accepted=False, reason=text)
    call = ToolCall(C, CALL, text, text, freeform=True)
    return [
        [TurnStarted(TurnId("t")), ItemCompleted(UserMessage(ItemId("u"), text))],
        [ReasoningDelta(ItemId("r"), text)],
        [TextDelta(M, text)],
        [TextDelta(M, f"\n\n```{text}\n{text}")],
        [Notice(Level.ERROR, text, text), Configured(text, text, Approval.ASK)],
        [CallDelta(ItemId("d"), "apply_patch", f"*** Begin Patch\n{text}")],
        [CallDelta(C, text, text)],
        [ItemCompleted(call)],
        [ApprovalRequested(CALL, text, Effect.EDIT, diff), refused],
        [ApprovalRequested(CALL, text, Effect.RUN, text), refused],
        [ToolStarted(CALL, text, text, Effect.RUN)],
        [CheckpointMade(CheckpointId("1"), (text,), 1, 1, diff)],
        [CheckpointUndone(CheckpointId("1"), (text,), (text,))],
        [ItemCompleted(ToolOutput(ItemId("o"), CALL, text, ok=False))],
    ]


@some
@given(text=HOSTILE)
def test_no_text_changes_the_state_of_the_terminal(text: str) -> None:
    stage = Stage(rows=40).play(everywhere(text))

    assert not re.search(r"[^\r\n\t\x08\x20-\x7e\xa0-\U0010ffff]", stage.said)
    screen = stage.screen()
    assert (screen.title, screen.icon_name) == ("", "")
    assert (screen.cursor.attrs, screen.cursor.hidden) == (screen.default_char, False)
    assert screen.mode == pyte_modes()


def pyte_modes() -> set[int]:
    return Stage().screen().mode


@pytest.mark.parametrize(
    "text",
    [
        "漢字" * 200,
        "👨\u200d👩\u200d👧 🇩🇪 ❤\ufe0f " * 30,
        "שלום עולם " * 30,
        "e\u0301" * 400,
        "x" * 10_000,
        "```\n" + "x" * 10_000 + "\n```\nafter",
    ],
    ids=["wide", "emoji", "right to left", "combining", "a word", "a line of code"],
)
def test_long_lines_of_any_script_are_whole(text: str) -> None:
    stage = spoken([text[at : at + 700] for at in range(0, len(text), 700)])
    shown = "".join(stage.lines).replace(" ", "")
    wanted = re.sub("[\\s\u200d\ufe0f]", "", text)

    assert normalized(wanted) in normalized(shown)


def normalized(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def test_a_text_without_a_newline_is_shown_to_the_end() -> None:
    words = " ".join(f"w{number}" for number in range(17_000))
    assert len(words) > 100_000
    stage = spoken([words[at : at + 5000] for at in range(0, len(words), 5000)])

    assert " ".join(" ".join(stage.lines).split()) == words


def test_a_narrow_table_is_broken_and_never_wider_than_the_window() -> None:
    head = "| name | what it is |\n|---|---|\n"
    rows = "".join(f"| n{number} | {'several words ' * 9}|\n" for number in range(5))
    stage = Stage(columns=40)
    stage.play([[ItemCompleted(AgentMessage(M, head + rows))]])

    body = [line for line in stage.lines if line.startswith("|")]
    assert {len(line) for line in body} == {len(body[0])}
    assert len(body[0]) <= 40


def test_code_is_copied_as_it_was_said() -> None:
    code = "def f(x):\n    return [\n        x,\n    ]\n\n\nclass A:\n    pass"
    stage = spoken(["Look:\n\n```python\n", code[:20], code[20:], "\n```\n\nDone."])
    wanted = ["Look:", "", "```python", *code.split("\n"), "```", "", "Done."]

    assert stage.lines == wanted


@given(text=MARKDOWN)
def test_no_row_ends_with_blanks_that_were_not_said(text: str) -> None:
    stream = Markdown(60)
    stream.feed(text.replace("\r\n", "\n"))

    for row in map(plain, stream.close()):
        assert row == row.rstrip() or row in text


@pytest.mark.parametrize(
    "text", ["❤\ufe0f ", "👨\u200d👩\u200d👧 ", "🇩🇪 ", "עולם ", "e\u0301 "]
)
def test_a_row_of_unsure_widths_is_written_whole(text: str) -> None:
    """Terminals differ over its columns: a cell of it cannot be found again."""
    stage = spoken([text, "and ", "more ", "words"])

    assert f"{text}and more " in stage.raw
    assert f"{text}and more words" in stage.raw
    assert not re.search(r"\x1b\[\d*C(?:and|more)", stage.raw)
