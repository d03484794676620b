"""What is on the screen: a fold over the session's events, without a terminal.

`see` takes events, `frame` gives what is to be painted: lines that are final, each
once and in order, and a tail that is drawn anew every time.  Nothing here knows of
time or of a terminal, so the screen can be tested as a value.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from spark_cli.core.effects import Approval, Effect
from spark_cli.core.events import (
    ApprovalDecided,
    ApprovalRequested,
    CallDelta,
    CheckpointMade,
    CheckpointUndone,
    Configured,
    Event,
    HunkDecided,
    HunkFormed,
    HunksOffered,
    ItemCompleted,
    LimitsSeen,
    Notice,
    ReasoningDelta,
    ReplyEnded,
    TextDelta,
    ToolStarted,
    TurnEnded,
    TurnStarted,
    TurnStatus,
)
from spark_cli.core.ids import CallId, ItemId
from spark_cli.core.items import (
    AgentMessage,
    Item,
    Note,
    Reasoning,
    ToolCall,
    ToolOutput,
    UserMessage,
)
from spark_cli.repl import blocks
from spark_cli.repl.decisions import Decisions
from spark_cli.repl.forming import Forming, Thought, Writing, call_begun
from spark_cli.repl.lines import Line, wrapped
from spark_cli.repl.markdown import PARTING
from spark_cli.repl.phase import Phase
from spark_cli.repl.speech import Speech

LINES_A_FRAME = 400
"""More would hold up the next key; the rest comes with the next frame."""


class _Kind(StrEnum):
    """Kinds of blocks: between two of them is a blank line, but not between notes."""

    SPEECH = "speech"
    NOTE = "note"
    BLOCK = "block"


@dataclass(frozen=True, slots=True)
class Frame:
    """`more` says that another frame is due at once."""

    settled: list[Line]
    tail: list[Line]
    more: bool


@dataclass(frozen=True, slots=True)
class _Aside:
    """Lines that are no part of the text that streams, and must not tear it."""

    kind: _Kind
    lines: Sequence[Line]


@dataclass(slots=True)
class View:
    model: str
    provider: str
    approval: Approval
    columns: int = 80
    effort: str = ""
    phase: Phase = Phase.IDLE
    doing: str = ""
    looking: list[Sequence[Line]] = field(default_factory=list)
    """Commands whose answer is being looked up; both are printed together."""
    _lines: deque[Line] = field(default_factory=deque)
    _last: _Kind | None = None
    _speech: Speech | None = None
    _speech_shown: bool = False
    _said: dict[ItemId, str] = field(default_factory=dict)
    _asides: list[_Aside] = field(default_factory=list)
    _thought: Thought | None = None
    _call: Writing | Forming | None = None
    _sent: list[str] = field(default_factory=list)
    _names: dict[CallId, str] = field(default_factory=dict)
    _running: dict[CallId, ToolStarted] = field(default_factory=dict)
    _cut: bool = False
    decisions: Decisions = field(default_factory=Decisions)

    @property
    def question(self) -> ApprovalRequested | None:
        return self.decisions.question

    @property
    def running(self) -> bool:
        return self.phase is not Phase.IDLE

    @property
    def awaiting(self) -> bool:
        """Whether words were sent that the agent has not taken yet."""
        return bool(self._sent)

    def sent(self, text: str) -> None:
        """Show words that were handed to the agent, until it says that it has them."""
        self._sent.append(text)

    def unsent(self, text: str) -> None:
        """The words were not handed to the agent after all."""
        if text in self._sent:
            self._sent.remove(text)

    def show(self, lines: Sequence[Line]) -> None:
        """Print lines that are no event: what a command answers."""
        self._beside(_Kind.BLOCK, lines)

    def resize(self, columns: int) -> None:
        self.columns = columns
        if self._speech is not None:
            self._speech.resize(columns)

    def frame(self, rows: int) -> Frame:
        """The lines that are new, and a tail of about so many rows."""
        self._gather()
        count = min(len(self._lines), LINES_A_FRAME)
        settled = [self._lines.popleft() for _ in range(count)]
        if self._lines:
            return Frame(settled, [], more=True)
        tail = self._tail(rows)
        if tail and self._last is not None and not self._speech_shown:
            tail.insert(0, [])
        return Frame(settled, tail, more=False)

    def see(self, event: Event) -> None:
        match event:
            case TextDelta() | ReasoningDelta() | CallDelta():
                self._delta(event)
            case ItemCompleted(item):
                self._item(item)
            case TurnStarted() | TurnEnded() | ReplyEnded():
                self._progress(event)
            case ApprovalRequested() | ApprovalDecided() | ToolStarted():
                self._action(event)
            case CheckpointMade() | CheckpointUndone():
                self._files(event)
            case HunkFormed() | HunkDecided() | HunksOffered():
                self._hunk(event)
            case _:
                self._told(event)

    def _delta(self, event: TextDelta | ReasoningDelta | CallDelta) -> None:
        match event:
            case TextDelta(item, text):
                self.phase = Phase.SPEAKING
                self._thought = None
                self._speaking(item).feed(text)
            case ReasoningDelta(item, text):
                self.phase = Phase.THINKING
                if self._thought is None or self._thought.item != item:
                    self._thought = Thought(item)
                self._thought.feed(text)
            case CallDelta(item, name, text):
                self.phase = Phase.CALLING
                self._thought = None
                if self._call is None or self._call.item != item:
                    self._call = call_begun(item, name)
                self._call.feed(text)

    def _item(self, item: Item) -> None:
        match item:
            case AgentMessage():
                self._message(item)
            case UserMessage(_, text, attached):
                self._pause()
                self._sent = [sent for sent in self._sent if sent not in text]
                told = blocks.attached(attached, self.columns)
                self._put(_Kind.BLOCK, [*blocks.user(text, self.columns), *told])
            case Reasoning():
                self._thought = None
            case ToolCall(_, call, name):
                self._call = None
                self._names[call] = name
                self.phase = Phase.WORKING
            case ToolOutput():
                self._output(item)
            case Note():
                pass

    def _progress(self, event: TurnStarted | TurnEnded | ReplyEnded) -> None:
        match event:
            case TurnStarted():
                self.phase, self._cut = Phase.WAITING, False
            case ReplyEnded():
                # Where it ended early, the agent says so by a notice, to every face.
                pass
            case TurnEnded(_, status):
                self._pause()
                self._thought = self._call = None
                self.decisions.end_turn()
                self._running.clear()
                self._names.clear()
                self.phase = Phase.IDLE
                if status is TurnStatus.INTERRUPTED and not self._cut:
                    self._note([("class:quiet", "(stopped)")])

    def _action(self, event: ApprovalRequested | ApprovalDecided | ToolStarted) -> None:
        self._pause()
        match event:
            case ApprovalRequested():
                self._call = None
                self.phase = Phase.ASKING
                self._ask(event)
            case ApprovalDecided():
                if self.decisions.answer(event):
                    self.phase = Phase.WORKING
                told = blocks.answered(event)
                if told:
                    self._note(told)
            case ToolStarted(call, _, summary):
                self._call = None
                self._running[call] = event
                self.phase, self.doing = Phase.WORKING, summary

    def _hunk(self, event: HunkFormed | HunkDecided | HunksOffered) -> None:
        match event:
            case HunkFormed():
                self._pause()
                self._put(_Kind.BLOCK, self.decisions.form(event, self.columns))
            case HunkDecided(_, hunk, accepted, reason, problem):
                self._note(blocks.decided(hunk, reason, problem, accepted=accepted))
            case HunksOffered():
                self._ask(event)

    def _ask(self, event: ApprovalRequested | HunksOffered) -> None:
        for block in self.decisions.ask(event, self.columns):
            self._put(_Kind.BLOCK, block)

    def _files(self, event: CheckpointMade | CheckpointUndone) -> None:
        self._pause()
        if isinstance(event, CheckpointUndone):
            self._note(blocks.undone(event))
            return
        self._put(_Kind.BLOCK, self.decisions.changed(event, self.columns))
        self._note(blocks.changed(event))

    def _told(self, event: Configured | blocks.Turned | Notice | LimitsSeen) -> None:
        match event:
            case Notice():
                self._beside(_Kind.BLOCK, blocks.notice(event, self.columns))
            case Configured():
                self._switch(event)
            case LimitsSeen():
                pass
            case _:
                self._beside(_Kind.BLOCK, blocks.summary(event, self.columns))
                self._note(blocks.turned(event))

    def _switch(self, event: Configured) -> None:
        before = Configured(self.model, self.provider, self.approval, self.effort)
        for line in blocks.switched(before, event):
            self._note(line)
        self.model, self.provider = event.model, event.provider
        self.approval, self.effort = event.approval, event.effort

    def _message(self, message: AgentMessage) -> None:
        speech = self._speaking(message.id)
        self._say(speech.finish(message.text))
        self._speech, self._speech_shown = None, False
        self._said.pop(message.id, None)
        if self.running:
            self.phase = Phase.WAITING
        self._cut = not message.complete
        if self._cut:
            self._note([("class:quiet", "(stopped here)")])
        self._step_aside()

    def _output(self, output: ToolOutput) -> None:
        self._pause()
        started = self._running.pop(output.call, None)
        name = self._names.pop(output.call, "")
        refused = self.decisions.end_call(output.call)
        self.phase, self.doing = Phase.WAITING, ""
        text = output.text
        if refused:
            pass
        elif not output.ok:
            because, _, text = text.strip().partition("\n")
            self._note(blocks.failed(started.summary if started else name, because))
        elif started is not None and started.effect is not Effect.EDIT:
            self._note(blocks.did(started.summary))
        if started is not None and started.effect is Effect.RUN:
            self._put(_Kind.NOTE, blocks.output(text, self.columns))

    def _speaking(self, item: ItemId) -> Speech:
        """The stream of that text; another one that is open is printed first."""
        if self._speech is not None and self._speech.item == item:
            return self._speech
        self._pause()
        self._speech = Speech(item, self.columns, self._said.pop(item, ""))
        return self._speech

    def _pause(self) -> None:
        """Print what is left of the text that streams: something else follows it."""
        if self._speech is not None:
            self._say(self._speech.pause())
            self._said[self._speech.item] = self._speech.said
            self._speech, self._speech_shown = None, False
        self._step_aside()

    def _gather(self) -> None:
        if self._speech is not None:
            self._say(self._speech.settled())

    def _say(self, lines: list[Line]) -> None:
        """Print lines of the text that streams; asides are put between its blocks."""
        if self._asides:
            at = next((i for i, line in enumerate(lines) if line is PARTING), None)
            if at is not None:
                self._print(lines[:at])
                self._step_aside()
                lines = lines[at + 1 :]
        self._print(lines)

    def _print(self, lines: list[Line]) -> None:
        if not lines:
            return
        if self._speech_shown:
            self._lines.extend(lines)
        else:
            self._put(_Kind.SPEECH, lines)
            self._speech_shown = True

    def _beside(self, kind: _Kind, lines: Sequence[Line]) -> None:
        """Print lines now, or where they do not tear the text that streams."""
        if self._speech_shown:
            self._asides.append(_Aside(kind, lines))
        else:
            self._put(kind, lines)

    def _step_aside(self) -> None:
        for aside in self._asides:
            self._put(aside.kind, aside.lines)
            self._speech_shown = False
        self._asides.clear()

    def _note(self, line: Line) -> None:
        self._beside(_Kind.NOTE, wrapped(line, self.columns))

    def _put(self, kind: _Kind, lines: Sequence[Line]) -> None:
        if not lines:
            return
        apart = kind is not _Kind.NOTE or self._last is not _Kind.NOTE
        if apart and self._last is not None:
            self._lines.append([])
        self._lines.extend(lines)
        self._last = kind

    def _tail(self, rows: int) -> list[Line]:
        lines = self._speech.tail(rows) if self._speech is not None else []
        if self._thought is not None:
            lines += self._thought.lines(self.columns)
        for waiting in (*(one.lines for one in self._asides), *self.looking):
            lines += [[]] if lines or self._speech_shown else []
            lines += waiting[-rows:]
        if self._call is not None:
            lines += self._call.lines(self.columns, rows)
        for one in self._running.values():
            lines += wrapped(blocks.did(f"{one.summary} ..."), self.columns)
        for text in self._sent:
            lines += blocks.user(text, self.columns)
        return lines
