from __future__ import annotations

import pytest

from spark_cli.core.effects import Approval, Effect
from spark_cli.core.events import (
    ApprovalDecided,
    ApprovalRequested,
    CallDelta,
    CheckpointMade,
    CheckpointUndone,
    Cleared,
    Compacted,
    Configured,
    Event,
    ItemCompleted,
    Level,
    LimitsSeen,
    Notice,
    ReasoningDelta,
    Renamed,
    ReplyEnded,
    Rewound,
    TextDelta,
    ToolStarted,
    TurnEnded,
    TurnStarted,
    TurnStatus,
)
from spark_cli.core.ids import CallId, CheckpointId, ItemId, TurnId
from spark_cli.core.items import (
    AgentMessage,
    Item,
    Note,
    Reasoning,
    ToolCall,
    ToolOutput,
    UserMessage,
)
from spark_cli.core.usage import Usage
from spark_cli.repl.lines import plain
from spark_cli.repl.phase import Phase
from spark_cli.repl.view import LINES_A_FRAME, View

TURN, M, U, C = TurnId("t"), ItemId("m"), ItemId("u"), ItemId("c")
CALL = CallId("call")
DIFF = "--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-x\n+y\n"
DIFF_SHOWN = ["a.py +1 -1", "    1 - x", "    1 + y"]
CHANGED = "· changed a.py (1 file +1 -1; checkpoint 1, /undo)"
ASKED = ApprovalRequested(CALL, "patch a.py", Effect.EDIT, DIFF)
MADE = CheckpointMade(CheckpointId("1"), ("a.py",), 1, 1, DIFF)
EDITING = ToolStarted(CALL, "apply_patch", "patch a.py", Effect.EDIT)
RUNNING = ToolStarted(CALL, "shell", "run ls", Effect.RUN)


class Screen:
    """A view, and all that it has printed."""

    def __init__(self, *events: Event, columns: int = 60) -> None:
        self.view = View("m-1", "demo", Approval.ASK, columns)
        self.printed: list[str] = []
        self.tail: list[str] = []
        for event in events:
            self.view.see(event)
        self.look()

    def look(self) -> Screen:
        while True:
            frame = self.view.frame(20)
            self.printed += [plain(line) for line in frame.settled]
            self.tail = [plain(line) for line in frame.tail]
            if not frame.more:
                return self


def done(item: Item) -> ItemCompleted:
    return ItemCompleted(item)


def said(text: str) -> ItemCompleted:
    return done(AgentMessage(M, text))


def ended(status: TurnStatus = TurnStatus.COMPLETED) -> TurnEnded:
    return TurnEnded(TURN, status, Usage())


def output(text: str = "ok", *, ok: bool = True) -> ItemCompleted:
    return done(ToolOutput(C, CALL, text, ok))


def test_a_turn_is_a_prompt_and_an_answer() -> None:
    screen = Screen(
        TurnStarted(TURN),
        done(UserMessage(U, "hi\nthere")),
        TextDelta(M, "Hel"),
        TextDelta(M, "lo.\n\nWorld"),
        said("Hello.\n\nWorld"),
        ended(),
    )

    assert screen.printed == ["> hi", "  there", "", "Hello.", "", "World"]
    assert (screen.tail, screen.view.phase) == ([], Phase.IDLE)


def test_what_may_still_change_is_in_the_tail_only() -> None:
    screen = Screen(done(UserMessage(U, "hi")), TextDelta(M, "done\n**bo"))

    assert screen.printed == ["> hi", "", "done"]
    assert screen.tail == ["bo"]


def test_the_tail_of_a_new_block_is_apart_from_what_is_above() -> None:
    screen = Screen(done(UserMessage(U, "hi")), TextDelta(M, "He"))

    assert (screen.printed, screen.tail) == (["> hi"], ["", "He"])


@pytest.mark.parametrize("size", [1, 3, 100])
def test_looking_more_often_prints_the_same(size: int) -> None:
    text = "# T\n\nsome *words*\n- a\n\n```py\nx = 1\n```\nend"
    screen = Screen()
    for at in range(0, len(text), size):
        screen.view.see(TextDelta(M, text[at : at + size]))
        screen.look()
    screen.view.see(said(text))

    assert screen.look().printed == Screen(said(text)).printed


def test_an_answer_that_was_not_streamed_is_shown() -> None:
    assert Screen(said("Hello")).printed == ["Hello"]


def test_a_delta_that_was_missed_is_made_up_for() -> None:
    assert Screen(TextDelta(M, "Hel"), said("Hello")).printed == ["Hello"]


def test_a_text_that_the_server_revised_is_said_anew() -> None:
    screen = Screen(TextDelta(M, "Hullo\n"), said("Hello"))

    assert screen.printed == ["Hullo", "", "(revised:)", "Hello"]


ASIDE = ["aside", "", "by the way"]
STREAMED = [
    ("one\n\ntwo\n", "one\n", ["one", "", *ASIDE, "", "two"]),
    ("- one\n- two\n\nend", "- one\n", ["- one", "- two", "", *ASIDE, "", "end"]),
    ("one\ntwo", "one\n", ["one", "two", "", *ASIDE]),
    (
        "```\none\n\ntwo\n```\n\nend",
        "```\none\n",
        ["```", "one", "", "two", "```", "", *ASIDE, "", "end"],
    ),
]


def told_aside(screen: Screen) -> Screen:
    screen.view.show([[("", "aside")]])
    screen.view.see(Notice(Level.INFO, "by the way"))
    return screen


@pytest.mark.parametrize(("text", "begun", "printed"), STREAMED)
def test_what_is_told_while_a_text_streams_does_not_tear_a_block(
    text: str, begun: str, printed: list[str]
) -> None:
    screen = told_aside(Screen(TextDelta(M, begun)))
    assert screen.look().tail[-len(ASIDE) :] == ASIDE

    screen.view.see(TextDelta(M, text[len(begun) :]))
    screen.look()
    screen.view.see(said(text))

    assert screen.look().printed == printed
    assert screen.tail == []


@pytest.mark.parametrize("size", [1, 3, 100])
@pytest.mark.parametrize(("text", "begun", "printed"), STREAMED)
def test_an_aside_stands_in_the_same_place_however_the_text_comes(
    text: str, begun: str, printed: list[str], size: int
) -> None:
    screen = told_aside(Screen(TextDelta(M, begun)))
    for at in range(len(begun), len(text), size):
        screen.view.see(TextDelta(M, text[at : at + size]))
        screen.look()
    screen.view.see(said(text))

    assert screen.look().printed == printed


def test_what_is_told_before_a_text_is_seen_stands_above_it() -> None:
    screen = told_aside(Screen(TextDelta(M, "on")))
    screen.view.see(said("one"))

    assert screen.look().printed == [*ASIDE, "", "one"]


def test_an_aside_is_not_lost_with_a_text_that_is_cut() -> None:
    screen = Screen(TurnStarted(TURN), TextDelta(M, "```\none\n"))
    screen.view.see(Configured("m-2", "demo", Approval.ASK))
    screen.view.see(done(AgentMessage(M, "```\none\n", complete=False)))
    screen.view.see(ended(TurnStatus.INTERRUPTED))

    assert screen.look().printed == [
        *("```", "one", "", "(stopped here)"),
        "· m-2 on demo from here on",
    ]


def test_an_interrupt_keeps_what_was_said_and_says_so_once() -> None:
    cut = done(AgentMessage(M, "half a", complete=False))
    screen = Screen(
        TurnStarted(TURN), TextDelta(M, "half a"), cut, ended(TurnStatus.INTERRUPTED)
    )

    assert screen.printed == ["half a", "", "(stopped here)"]


def test_an_interrupt_before_any_word_is_said_too() -> None:
    screen = Screen(TurnStarted(TURN), ended(TurnStatus.INTERRUPTED))

    assert screen.printed == ["(stopped)"]


def test_words_that_were_sent_are_seen_until_the_agent_has_them() -> None:
    screen = Screen()
    screen.view.sent("fix it")
    assert screen.look().tail == ["> fix it"]
    assert screen.view.awaiting

    screen.view.see(done(UserMessage(U, "fix it")))
    assert (screen.look().tail, screen.printed) == ([], ["> fix it"])
    assert not screen.view.awaiting


def test_words_that_the_agent_joined_are_not_awaited_any_more() -> None:
    screen = Screen()
    screen.view.sent("one")
    screen.view.sent("two")

    screen.view.see(done(UserMessage(U, "one\ntwo")))

    assert not screen.view.awaiting


def test_an_edit_that_was_asked_about_shows_its_diff_once() -> None:
    screen = Screen(
        ASKED, ApprovalDecided(CALL, accepted=True), EDITING, MADE, output()
    )

    assert screen.printed == [*DIFF_SHOWN, "", CHANGED]


def test_an_edit_that_was_not_asked_about_shows_its_diff_when_it_is_done() -> None:
    assert Screen(EDITING, MADE, output()).printed == [*DIFF_SHOWN, "", CHANGED]


def test_a_question_is_open_until_it_is_decided() -> None:
    screen = Screen(TurnStarted(TURN), ASKED)
    assert (screen.view.question, screen.view.phase) == (ASKED, Phase.ASKING)

    screen.view.see(ApprovalDecided(CALL, accepted=False, reason="use tabs"))
    screen.view.see(output("not done: the user refused: use tabs", ok=False))

    assert screen.view.question is None
    assert screen.look().printed == [*DIFF_SHOWN, "", "· refused: use tabs"]


def test_a_question_is_closed_with_its_turn() -> None:
    assert Screen(ASKED, ended(TurnStatus.INTERRUPTED)).view.question is None


def test_a_command_is_shown_exactly_before_it_is_run() -> None:
    command = "ls\x1b[2J \\\n  -l"
    screen = Screen(ApprovalRequested(CALL, "run ls", Effect.RUN, command))

    assert screen.printed == ["$ ls\u241b[2J \\", "    -l"]


def test_a_tool_that_runs_is_in_the_tail_and_then_a_line() -> None:
    screen = Screen(RUNNING)
    assert screen.tail == ["· run ls ..."]

    screen.view.see(output("\n".join(map(str, range(10)))))
    assert screen.look().printed == [
        "· run ls",
        "  (2 lines above)",
        *(f"  {n}" for n in range(2, 10)),
    ]
    assert screen.tail == []


def test_what_a_look_at_files_found_is_not_shown() -> None:
    looking = ToolStarted(CALL, "read_file", "read a.py", Effect.READ)

    assert Screen(looking, output("secret")).printed == ["· read a.py"]


def test_a_call_that_failed_says_why_in_one_line() -> None:
    screen = Screen(
        done(ToolCall(C, CALL, "read_file", "{}")),
        output("`path` must be a string\nmore", ok=False),
    )

    assert screen.printed == ["x read_file: `path` must be a string"]


def test_a_command_that_failed_says_why_once() -> None:
    failed = "exit code 1, 0.10 s\nE   assert 1 == 2"

    assert Screen(RUNNING, output("stopped after 3 s", ok=False)).printed == [
        "x run ls: stopped after 3 s"
    ]
    assert Screen(RUNNING, output(failed, ok=False)).printed == [
        "x run ls: exit code 1, 0.10 s",
        "  E   assert 1 == 2",
    ]


def test_notes_are_broken_at_words() -> None:
    screen = Screen(RUNNING, output("no such file or folder", ok=False), columns=16)

    assert screen.printed == ["x run ls: no", "  such file or", "  folder"]


def test_notes_stand_together_and_blocks_apart() -> None:
    looking = ToolStarted(CALL, "read_file", "read a.py", Effect.READ)
    screen = Screen(looking, output(), looking, output(), said("Read."))

    assert screen.printed == ["· read a.py", "· read a.py", "", "Read."]


def test_a_call_that_is_being_written_is_in_the_tail() -> None:
    patch = "*** Begin Patch\n*** Update File: a.py\n+new\n"
    assert Screen(CallDelta(C, "apply_patch", patch)).tail == [
        "· patch a.py +1 ...",
        "      +new",
    ]
    assert Screen(CallDelta(C, "shell", "{")).tail == ["shell, 1 character", "{"]


def test_thoughts_are_seen_while_they_last() -> None:
    screen = Screen(ReasoningDelta(M, "**Plan** it"))
    assert (screen.tail, screen.view.phase) == (["Plan it"], Phase.THINKING)

    screen.view.see(done(Reasoning(M, ("Plan it",))))
    assert (screen.look().tail, screen.printed) == ([], [])


@pytest.mark.parametrize(
    ("event", "printed"),
    [
        (
            Notice(Level.ERROR, "no answer", "`spark doctor`"),
            ["error: no answer", "hint: `spark doctor`"],
        ),
        (Notice(Level.WARNING, "slow\x07"), ["warning: slow\u2407"]),
        (CheckpointUndone(CheckpointId("1"), ("a", "b")), ["· taken back a, b"]),
        (
            CheckpointUndone(CheckpointId("1"), ("a", "b"), ("b",), redone=True),
            ["· brought back a, b (merged: b)"],
        ),
        (Configured("m-2", "demo", Approval.ASK), ["· m-2 on demo from here on"]),
        (
            Configured("m-1", "demo", Approval.FULL_AUTO),
            ["· approval is full-auto from here on"],
        ),
        (Configured("m-1", "demo", Approval.ASK), []),
        (Cleared(), ["· the conversation starts anew"]),
        (ReplyEnded("r", "max_output_tokens", Usage(), "sse"), []),
        (LimitsSeen(()), []),
        (done(Note(U, "for the model only")), []),
    ],
)
def test_what_is_told_in_passing(event: Event, printed: list[str]) -> None:
    assert Screen(event).printed == printed


def test_what_becomes_of_the_conversation_is_one_line_each() -> None:
    screen = Screen(
        Configured("m-1", "demo", Approval.ASK, "high"),
        Configured("m-1", "demo", Approval.ASK),
        Rewound(U),
        Rewound(U, aside=True),
        Renamed("the parser"),
        Compacted(Note(M, "[In short: it works.]"), U, 12_000, 900),
    )

    assert screen.printed == [
        "· effort is high from here on",
        "· effort is as the settings have it from here on",
        "· the conversation is cut back, and goes on from here",
        "· that was said aside: the conversation goes on without it",
        "· the session is now called `the parser`",
        "",
        "[In short: it works.]",
        "",
        "· compacted from ~12,000 to ~900 tokens; your words and the",
        "  end are kept as they were",
    ]


def test_no_event_lets_an_escape_through() -> None:
    bad = "\x1b]0;t\x07\x9b\u202e"
    diff = DIFF.replace("y", bad).replace("a.py", f"{bad}.py")
    screen = Screen(
        done(UserMessage(U, bad)),
        TextDelta(M, bad),
        said(bad + "\n```" + bad + "\n" + bad),
        ReasoningDelta(M, bad),
        CallDelta(C, bad, bad),
        done(ToolCall(C, CALL, bad, bad)),
        ApprovalRequested(CALL, bad, Effect.EDIT, diff),
        ApprovalDecided(CALL, accepted=True),
        ToolStarted(CALL, bad, bad, Effect.RUN),
        CheckpointMade(CheckpointId("1"), (bad,), 1, 1, diff),
        output(bad, ok=False),
        Notice(Level.ERROR, bad, bad),
        Configured(bad, bad, Approval.ASK, bad),
        Renamed(bad),
        Compacted(Note(M, bad)),
        ReplyEnded("r", bad, Usage(), "sse"),
        CallDelta(C, bad, bad),
    )

    shown = "".join(screen.printed + screen.tail)
    assert "t" in shown
    assert not set(shown) & set("\x1b\x07\x9b\u202e")


def test_a_torn_line_end_is_one_line_end() -> None:
    screen = Screen(TextDelta(M, "a\r"), TextDelta(M, "\nb"), said("a\r\nb"))

    assert screen.printed == ["a", "b"]


def test_much_text_is_printed_in_several_frames_and_in_full() -> None:
    view = View("m", "p", Approval.ASK)
    view.see(said("x\n" * (LINES_A_FRAME + 10)))

    first, second = view.frame(9), view.frame(9)

    assert (len(first.settled), first.more) == (LINES_A_FRAME, True)
    assert (len(second.settled), second.more) == (10, False)


def test_a_long_prompt_is_shown_by_its_beginning() -> None:
    text = "\n".join(f"line {n}" for n in range(500))

    assert Screen(done(UserMessage(U, text))).printed[-2:] == [
        "  line 11",
        "  (488 more lines)",
    ]


def test_text_is_broken_for_the_width_of_the_window() -> None:
    screen = Screen(columns=10)
    screen.view.see(said("one two three"))
    screen.view.resize(6)
    screen.view.see(done(AgentMessage(ItemId("n"), "one two three")))

    assert screen.look().printed == ["one two", "three", "", "one", "two", "three"]
