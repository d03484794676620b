from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path

import pytest
from prompt_toolkit.history import InMemoryHistory

from spark_cli.core.effects import Approval
from spark_cli.core.events import (
    CheckpointMade,
    Cleared,
    Event,
    ItemCompleted,
    TurnEnded,
    TurnStarted,
    TurnStatus,
)
from spark_cli.core.ids import CheckpointId, ItemId, TurnId
from spark_cli.core.items import UserMessage
from spark_cli.core.ops import Configure, Interrupt, Op, Prompt, Steer
from spark_cli.core.usage import Usage
from spark_cli.repl.complete import SlashCompleter
from spark_cli.repl.composer import Composer, Draft
from spark_cli.repl.lines import plain
from spark_cli.repl.outgoing import Outgoing
from spark_cli.repl.scene import Scene
from spark_cli.repl.view import View

DIFF = "--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-x\n+y\n"
STARTED = TurnStarted(TurnId("t"))


def ended(status: TurnStatus = TurnStatus.COMPLETED) -> TurnEnded:
    return TurnEnded(TurnId("t"), status, Usage())


class Sent:
    """What goes out, and everything that it needs."""

    def __init__(self, root: Path, *past: Event) -> None:
        self.ops: list[Op] = []
        self.tasks: list[asyncio.Task[None]] = []
        self.view = View("m", "p", Approval.ASK)
        self.composer = Composer(InMemoryHistory(), SlashCompleter())
        self.out = Outgoing(
            self.ops.append,
            Scene("m", "p", Approval.ASK, root, "s", past=past),
            self.view,
            self.composer,
            lambda: None,
            self.later,
        )

    def later(self, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        self.tasks.append(asyncio.create_task(work))
        return self.tasks[-1]

    def see(self, *events: Event) -> None:
        for event in events:
            self.view.see(event)
            self.out.see(event)

    def heard(self, text: str) -> None:
        """The agent has begun a turn with the words."""
        self.see(STARTED, ItemCompleted(UserMessage(ItemId("u"), text)))

    def send(self, text: str) -> None:
        self.out.send(Draft.of(text))

    def put_off(self, text: str) -> None:
        self.composer.buffer.insert_text(text)
        self.out.put_off()

    async def all_sent(self) -> list[Op]:
        await asyncio.gather(*self.tasks)
        return self.ops

    @property
    def shown(self) -> str:
        return "\n".join(plain(line) for line in self.view.frame(20).settled)


@pytest.fixture
def sent(tmp_path: Path) -> Sent:
    (tmp_path / "a.py").write_text("x\n")
    return Sent(tmp_path.resolve())


def test_words_begin_a_turn_or_redirect_it(sent: Sent) -> None:
    sent.send("go")
    sent.heard("go")
    sent.send("no, there")

    assert sent.ops == [Prompt("go"), Steer("no, there")]


async def test_what_is_named_goes_with_the_words_and_the_words_stay(
    sent: Sent,
) -> None:
    sent.see(CheckpointMade(CheckpointId("1"), ("a.py",), 1, 1, DIFF))

    sent.send("compare @a.py and @h1")
    sent.send("then this")

    assert await sent.all_sent() == [
        Prompt(
            "compare @a.py and @h1",
            (
                '<file path="a.py">\nx\n</file>',
                f'<hunk name="h1" path="a.py">\n{DIFF}</hunk>',
            ),
        ),
        Prompt("then this"),
    ]


async def test_what_cannot_be_attached_sends_nothing_and_loses_nothing(
    sent: Sent,
) -> None:
    sent.send("see @a.py:9")

    assert await sent.all_sent() == []
    assert "error: `a.py` has 1 lines" in sent.shown
    assert sent.composer.text == "see @a.py:9"
    assert not sent.view.awaiting


def test_what_is_named_inside_a_paste_is_not_attached(sent: Sent) -> None:
    sent.composer.paste("@a.py\n" * 20)

    sent.out.send(sent.composer.take())

    assert sent.ops == [Prompt("@a.py\n" * 20)]


async def test_the_output_of_a_command_goes_with_the_next_words(sent: Sent) -> None:
    sent.send("!echo hi")
    await sent.all_sent()
    sent.send("why?")
    sent.send("and?")

    first, second = sent.ops
    assert isinstance(first, Prompt)
    assert first.attached[0].startswith('<shell by="user">\n$ echo hi\nhi\n')
    assert second == Prompt("and?")


async def test_a_conversation_that_is_cleared_has_no_output(sent: Sent) -> None:
    sent.send("!echo hi")
    await sent.all_sent()

    sent.see(Cleared())
    sent.send("why?")

    assert sent.ops == [Prompt("why?")]


def test_a_dot_says_the_last_thing_again(sent: Sent) -> None:
    sent.send(".")
    assert "error: nothing was said yet" in sent.shown

    sent.send("run the tests")
    sent.send(" . ")

    assert sent.ops == [Prompt("run the tests"), Prompt("run the tests")]


def test_a_dot_says_again_what_a_resumed_session_ended_with(tmp_path: Path) -> None:
    past = [
        ItemCompleted(UserMessage(ItemId(text), text)) for text in ("first", "last")
    ]
    sent = Sent(tmp_path, *past)

    sent.send(".")

    assert sent.ops == [Prompt("last")]


def test_a_queue_is_sent_in_order_a_turn_each(sent: Sent) -> None:
    sent.heard("go")
    sent.put_off("one")
    sent.put_off("two")
    assert sent.ops == []

    sent.see(ended())
    assert sent.ops == [Prompt("one")]
    sent.heard("one")
    sent.see(ended())
    sent.heard("two")
    sent.see(ended())

    assert sent.ops == [Prompt("one"), Prompt("two")]


@pytest.mark.parametrize("status", [TurnStatus.INTERRUPTED, TurnStatus.FAILED])
def test_a_queue_waits_after_a_turn_that_was_not_completed(
    sent: Sent, status: TurnStatus
) -> None:
    sent.heard("go")
    sent.put_off("one")

    sent.see(ended(status))
    assert (sent.ops, sent.out.queue.held) == ([], True)

    sent.send("something else")
    sent.heard("something else")
    sent.see(ended())
    assert sent.ops == [Prompt("something else")]

    sent.out.go_on()
    assert sent.ops[1:] == [Prompt("one")]


def test_what_is_queued_does_not_redirect_words_that_were_just_sent(
    sent: Sent,
) -> None:
    sent.heard("go")
    sent.put_off("later")
    sent.send("now")

    sent.see(ended())
    assert sent.ops == [Steer("now")]

    sent.heard("now")
    sent.see(ended())
    assert sent.ops[1:] == [Prompt("later")]


async def test_what_is_queued_behind_a_command_goes_with_its_output(
    sent: Sent,
) -> None:
    sent.send("!echo hi")
    assert sent.out.running
    sent.put_off("fix it")

    (prompt,) = await sent.all_sent()

    assert isinstance(prompt, Prompt)
    assert (prompt.text, len(prompt.attached)) == ("fix it", 1)


def test_what_was_queued_last_is_taken_back_to_edit(sent: Sent) -> None:
    sent.heard("go")
    sent.put_off("one")
    sent.put_off("two")

    sent.out.recall()

    assert (sent.composer.text, len(sent.out.queue)) == ("two", 1)


def test_an_interrupt_stops_the_turn_and_holds_the_queue(sent: Sent) -> None:
    sent.heard("go")
    sent.put_off("one")

    sent.out.interrupt()

    assert (sent.ops, sent.out.queue.held) == ([Interrupt()], True)


def test_the_next_mode_of_approval_comes_round(sent: Sent) -> None:
    for mode in [*Approval, *Approval]:
        sent.view.approval = mode
        sent.out.next_approval()

    modes = [op.approval for op in sent.ops if isinstance(op, Configure)]
    looks, asks, edits = Approval.READ_ONLY, Approval.ASK, Approval.AUTO_EDIT
    assert modes == [asks, edits, looks, looks] * 2
