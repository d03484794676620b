from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path

import pytest

from spark_cli.commands.command import Choices, Command, Dress, SwitchKeys
from spark_cli.commands.custom import command
from spark_cli.commands.lookups import Change, Lookups, Model, Offer
from spark_cli.core.effects import Approval
from spark_cli.core.errors import SparkError
from spark_cli.core.events import (
    CheckpointMade,
    Event,
    ItemCompleted,
    Rewound,
    TurnEnded,
    TurnStarted,
    TurnStatus,
)
from spark_cli.core.ids import CheckpointId, ItemId, TurnId
from spark_cli.core.items import AgentMessage, UserMessage
from spark_cli.core.ops import Configure, Continue, Op, Prompt, Rewind
from spark_cli.core.usage import Usage
from spark_cli.repl.clerk import Clerk, Hands
from spark_cli.repl.lines import Line, plain
from spark_cli.repl.scene import Scene
from spark_cli.repl.view import View

ECHO: list[Line] = [[("", "> echo")]]
ASKED = ItemCompleted(UserMessage(ItemId("u1"), "fix it"))
SAID = ItemCompleted(AgentMessage(ItemId("a1"), "fixed"))
MADE = CheckpointMade(CheckpointId("c1"), ("a.py",), 1, 0, "")
CHANGE = Change(CheckpointId("c1"), "3 s", 1, 0, "patch a.py", ("a.py",))


class Desktop:
    """A clerk, and all that it had done; `room` is whether a list may be opened."""

    themes: Sequence[tuple[str, str]] = (("dark", "for nights"),)

    def __init__(
        self, look: Lookups, *past: Event, room: bool = True, terminal: bool = True
    ) -> None:
        self.ops: list[Op] = []
        self.said: list[str] = []
        self.words: list[str] = []
        self.granted: list[Dress | SwitchKeys] = []
        self.lists: list[Choices] = []
        self.written: list[str] = []
        self.left = 0
        self._room, self._terminal = room, terminal
        self._work: list[Coroutine[object, object, None]] = []
        scene = Scene(
            *("big-1", "demo", Approval.ASK, Path("/w"), "0abc"), past=past, look=look
        )
        self.view = View("big-1", "demo", Approval.ASK)
        hands = Hands(
            self.ops.append,
            self._show,
            self._work.append,
            self._leave,
            self,
        )
        self.clerk = Clerk(scene, self.view, hands, [])

    async def hears(self, line: str) -> bool:
        """Whether it was a command; all that comes of it has been done."""
        heard = self.clerk.hear(line, ECHO)
        await self.work()
        return heard

    async def work(self) -> None:
        while self._work:
            await self._work.pop(0)

    def _show(self, lines: list[Line]) -> None:
        self.said.extend(plain(line) for line in lines)

    def _leave(self) -> None:
        self.left += 1

    def put(self, text: str) -> None:
        self.words.append(text)

    def choose(self, choices: Choices, chosen: Callable[[str], None]) -> bool:
        del chosen
        if self._room:
            self.lists.append(choices)
        return self._room

    def grant(self, wish: Dress | SwitchKeys) -> str:
        self.granted.append(wish)
        return "the keys are of vi" if isinstance(wish, SwitchKeys) else ""

    def write(self, sequence: str) -> bool:
        if self._terminal:
            self.written.append(sequence)
        return self._terminal


MODELS = Lookups(models=lambda: Offer([Model("big-1"), Model("small-2")]))


async def test_words_are_no_command() -> None:
    desktop = Desktop(MODELS)

    assert not await desktop.hears("hello")
    assert (desktop.ops, desktop.said) == ([], [])


async def test_a_row_that_is_chosen_is_as_if_it_was_typed() -> None:
    desktop = Desktop(MODELS)
    await desktop.hears("/model")
    [choices] = desktop.lists

    desktop.clerk.chosen(choices.rows[1].line)

    assert desktop.ops == [Configure(model="small-2")]
    assert desktop.said[0] == "> /model small-2"


async def test_where_no_list_may_be_opened_the_rows_are_told() -> None:
    desktop = Desktop(MODELS, room=False)

    await desktop.hears("/model")

    assert desktop.said == [
        "> echo",
        "",
        "which model? the conversation is kept",
        "/model big-1    now",
        "/model small-2  ",
    ]


async def test_what_would_change_is_read_above_the_list() -> None:
    desktop = Desktop(Lookups(changes=lambda: [CHANGE]), ASKED, MADE, SAID)

    await desktop.hears("/rewind 1")

    assert desktop.said == [
        "> echo",
        "",
        "since then  ",
        "+1 -0       3 s  patch a.py",
    ]
    assert [row.name for row in desktop.lists[0].rows] == [
        "conversation",
        "files",
        "both",
        "nothing",
    ]


async def test_after_a_rewind_the_words_are_given_back() -> None:
    desktop = Desktop(Lookups(), ASKED, SAID)

    await desktop.hears("/rewind 1")
    assert desktop.words == []
    desktop.clerk.see(Rewound(ItemId("u1")))

    assert desktop.ops == [Rewind(ItemId("u1"))]
    assert desktop.words == ["fix it"]


async def test_a_retry_is_a_rewind_and_the_same_words() -> None:
    desktop = Desktop(Lookups(), ASKED, SAID)

    await desktop.hears("/retry")
    for event in (Rewound(ItemId("u1")), TurnStarted(TurnId("t"))):
        desktop.clerk.see(event)

    assert desktop.ops == [Rewind(ItemId("u1")), Prompt("fix it")]
    assert (desktop.words, desktop.clerk.stepping) == ([], False)


async def test_what_cannot_be_looked_up_is_told() -> None:
    def broken() -> list[Change]:
        raise SparkError("git is gone", "install git")

    desktop = Desktop(Lookups(changes=broken))

    await desktop.hears("/checkpoints")

    assert desktop.said[-2:] == ["error: git is gone", "hint: install git"]


async def test_what_is_looked_up_is_on_the_screen_no_longer_than_it_takes() -> None:
    def broken() -> list[Change]:
        raise ZeroDivisionError

    desktop = Desktop(Lookups(changes=broken))

    with pytest.raises(ZeroDivisionError):
        await desktop.hears("/checkpoints")

    assert desktop.view.looking == []


async def test_a_session_is_left_for_another_once_that_is_found() -> None:
    asked: list[str] = []
    desktop = Desktop(Lookups(resume=asked.append))

    await desktop.hears("/resume 0def")

    assert (asked, desktop.left) == (["0def"], 1)


async def test_an_answer_goes_to_the_clipboard_by_a_program_or_the_terminal() -> None:
    program = Desktop(Lookups(copy=lambda _: "pbcopy"), ASKED, SAID)
    terminal = Desktop(Lookups(), ASKED, SAID)
    nowhere = Desktop(Lookups(), ASKED, SAID, terminal=False)
    for desktop in (program, terminal, nowhere):
        await desktop.hears("/copy")

    assert program.written == nowhere.written == []
    assert program.said[-1] == "Copied the last answer, by pbcopy."
    assert [one.startswith("\x1b]52;c;Zml4ZWQ=") for one in terminal.written] == [True]
    assert "error: there is no clipboard here" in nowhere.said


async def test_the_commands_of_files_are_read_again_after_each_turn() -> None:
    texts = ["look at $1", "look hard at $1"]

    def custom() -> list[Command]:
        return [command("look", texts.pop(0), "look.md")]

    desktop = Desktop(Lookups(custom=custom))
    desktop.clerk.begin()
    await desktop.work()
    known = [desktop.clerk.knows(line) for line in ("/look", "/help x", "/lock")]
    assert known == [True, True, False]
    await desktop.hears("/look a.py")
    desktop.clerk.see(TurnEnded(TurnId("t"), TurnStatus.COMPLETED, Usage()))
    await desktop.work()
    await desktop.hears("/look b.py")

    assert desktop.ops == [Prompt("look at a.py"), Prompt("look hard at b.py")]


async def test_a_lookup_does_not_hold_up_what_comes_after_it() -> None:
    desktop = Desktop(MODELS)

    desktop.clerk.hear("/model", ECHO)
    desktop.clerk.hear("/continue", ECHO)
    assert desktop.ops == [Continue()]
    await desktop.work()

    assert len(desktop.lists) == 1


async def test_the_face_is_asked_for_what_only_it_can_do() -> None:
    desktop = Desktop(Lookups())

    await desktop.hears("/vim")
    assert desktop.said[-1] == "· the keys are of vi from here on"
    await desktop.hears("/theme dark")

    assert desktop.granted == [SwitchKeys(), Dress("dark")]
    assert "error: that cannot be changed here" in desktop.said
