"""The session's one loop: ops go down, events come up.

`submit` never waits.  A turn is one task; interrupting it is cancelling it.  The
prompt is back at once (law 8), since everything that a cancelled turn still has to do
is plain code, and a transport may not wait for the network when it is closed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from functools import partial

from spark_cli.agent.approvals import Approvals
from spark_cli.agent.compaction import Compaction
from spark_cli.agent.context import Context
from spark_cli.agent.history import History
from spark_cli.agent.offers import Offers
from spark_cli.agent.outbox import Outbox
from spark_cli.agent.rig import Equip, Selection
from spark_cli.agent.rigs import Rigs
from spark_cli.agent.steering import Steering
from spark_cli.agent.turn import Turn
from spark_cli.agent.writing import Writing, Written
from spark_cli.core.effects import Approval
from spark_cli.core.errors import Interrupted, SparkError
from spark_cli.core.events import (
    CheckpointUndone,
    Cleared,
    Configured,
    Event,
    ItemCompleted,
    Level,
    Notice,
    Renamed,
    Rewound,
    TurnEnded,
    TurnStarted,
    TurnStatus,
)
from spark_cli.core.ids import CallId, ItemId, TurnId, new_item_id, new_turn_id
from spark_cli.core.items import Item, Note
from spark_cli.core.ops import (
    Ask,
    Clear,
    Close,
    Compact,
    Configure,
    Continue,
    Decide,
    DecideHunk,
    Interrupt,
    Op,
    Prompt,
    Redo,
    Rename,
    Rewind,
    Steer,
    Undo,
)

_log = logging.getLogger(__name__)

Undoing = Callable[[Undo], CheckpointUndone]
"""Takes a checkpoint back, or raises `SparkError` and changes nothing."""

GO_ON = "[The user wants you to go on exactly where you stopped. Repeat nothing.]"
ONLY_LOOK = "[Only look for this answer: change nothing and run nothing.]"
REWOUND = (
    "[The user took the conversation back to here. Files may have changed since: "
    "read them again before you change them.]"
)


def _nothing_to_redo() -> CheckpointUndone:
    raise SparkError("there is nothing to redo")


@dataclass(slots=True)
class Agent:
    """Made inside a running event loop; `start` begins to equip it."""

    equip: Equip
    selection: Selection
    undo: Undoing
    observers: Sequence[Callable[[Event], None]] = ()
    past: Sequence[Item] = ()
    steps_max: int = 50
    redo: Callable[[], CheckpointUndone] = _nothing_to_redo
    _outbox: Outbox = field(init=False)
    _history: History = field(init=False)
    _approvals: Approvals = field(init=False)
    _context: Context = field(init=False, default_factory=Context)
    _rigs: Rigs = field(init=False)
    _turn: asyncio.Task[None] | None = field(init=False, default=None)
    _steering: Steering = field(init=False, default_factory=Steering)
    _carrying: Turn | None = field(init=False, default=None)
    _writing: Writing = field(init=False)
    _offers: Offers = field(init=False)
    _notes: list[str] = field(init=False, default_factory=list)
    _aside: ItemId | None = field(init=False, default=None)
    _undoing: asyncio.Task[None] | None = field(init=False, default=None)
    _chores: set[asyncio.Task[None]] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        self._outbox = Outbox(self.observers)
        self._rigs = Rigs(self.equip, self._chore)
        self._history = History(self.past)
        self._approvals = Approvals(self._outbox.emit)
        self._writing = Writing(self._outbox.emit)
        self._offers = Offers(self._outbox.emit, self._note)

    def start(self) -> None:
        """Equip the session and reach for the model while the user types."""
        self._announce()
        self._rigs.choose(self.selection)

    def submit(self, op: Op) -> None:
        """Take an op.  Returns at once; what comes of it is told by events."""
        match op:
            case Prompt() | Steer():
                self._say(op)
            case Interrupt():
                self._interrupt()
            case Decide() | DecideHunk():
                self._decide(op)
            case Configure():
                self._configure(op)
            case Rename(name):
                self._outbox.emit(Renamed(name))
            case Close():
                self._chore(self._close())
            case _ if self.running:
                self._warn("a turn is running", "stop it first")
            case _:
                self._begin_anew(op)

    def _begin_anew(
        self, op: Ask | Continue | Undo | Redo | Rewind | Compact | Clear
    ) -> None:
        """What is only done between two turns."""
        match op:
            case Ask(text, aside):
                before = len(self._history)
                self._begin(Prompt(text), note=ONLY_LOOK, approval=Approval.READ_ONLY)
                self._aside = self._history.items()[before].id if aside else None
            case Continue() if self._history.unfinished:
                self._begin(note=GO_ON)
            case Continue():
                self._warn("there is nothing to continue", "say what to do next")
            case Undo() | Redo():
                self._undo(op)
            case Rewind():
                self._rewind(op)
            case Compact(focus):
                self._compact(focus)
            case Clear():
                self._clear()

    def events(self) -> AsyncGenerator[Event, None]:
        """Every event from the start, for one reader, until the session is closed."""
        return self._outbox.events()

    @property
    def running(self) -> bool:
        return self._turn is not None

    def _say(self, words: Prompt | Steer) -> None:
        reason = "\n\n".join([words.text, *words.attached])
        if not self.running:
            self._begin(words)
        elif not self._approvals.refuse_all(reason):
            self._redirect(words)

    def _redirect(self, words: Prompt | Steer) -> None:
        if self._carrying is not None and self._carrying.steers:
            self._chore(self._steer(self._carrying, words))
        else:
            self._steering.redirect(words)

    async def _steer(self, turn: Turn, words: Prompt | Steer) -> None:
        if not await turn.steer(words):
            turn.steering.redirect(words)

    def _decide(self, op: Decide | DecideHunk) -> None:
        if op.accept and self.selection.approval is Approval.READ_ONLY:
            self._warn("the session may only look", "`/approval ask` lets it change")
        elif isinstance(op, DecideHunk):
            self._chore(self._writing.decide(op))
        elif not self._approvals.decide(op) and op.call in self._offers:
            self._chore(self._offers.take_up(op))

    def _offer(self, call: CallId, written: Written) -> None:
        self._chore(self._offers.make(call, written))

    def _note(self, text: str) -> None:
        """Have the model told before its next request; at once while nothing runs."""
        self._notes.append(text)
        if not self.running:
            self._tell()

    def _tell(self) -> None:
        for text in self._notes:
            item = Note(new_item_id("msg"), text)
            self._history.append(item)
            self._outbox.emit(ItemCompleted(item))
        self._notes.clear()

    def _interrupt(self) -> None:
        if self._turn is not None:
            self._turn.cancel()

    def _begin(
        self, *words: Prompt | Steer, note: str = "", approval: Approval | None = None
    ) -> None:
        """Start a turn; what must be told is told before the task first runs."""
        self._steering = Steering()
        self._writing = Writing(self._outbox.emit)
        turn = Turn(
            history=self._history,
            rig=self._rigs.ready,
            approval=lambda: approval or self.selection.approval,
            approvals=self._approvals,
            steering=self._steering,
            context=self._context,
            emit=self._outbox.emit,
            steps_max=self.steps_max,
            writing=self._writing,
            offer=self._offer,
            tell=self._tell,
        )
        id_ = new_turn_id()
        self._outbox.emit(TurnStarted(id_))
        turn.hear(words)
        if note:
            self._note(note)
        self._carrying = turn
        self._run(id_, turn)

    def _compact(self, focus: str) -> None:
        self._steering = Steering()
        id_ = new_turn_id()
        self._outbox.emit(TurnStarted(id_))
        about = (self._history, self._rigs.ready, self._context, self._outbox.emit)
        self._run(id_, Compaction(*about, focus))

    def _run(self, id_: TurnId, turn: Turn | Compaction) -> None:
        self._turn = asyncio.create_task(self._carry(turn))
        self._steering.attach(self._turn)
        self._turn.add_done_callback(lambda task: self._ended(id_, turn, task))

    async def _carry(self, turn: Turn | Compaction) -> None:
        if self._undoing is not None:
            await asyncio.wait([self._undoing])
        await turn.run()

    def _ended(
        self, id_: TurnId, turn: Turn | Compaction, task: asyncio.Task[None]
    ) -> None:
        status, exit_code = self._verdict(task)
        self._turn = self._carrying = None
        self._tell()
        self._rigs.tidy()
        self._outbox.emit(TurnEnded(id_, status, turn.usage, exit_code))
        self._forget_aside()
        unheard = self._steering.take()
        if unheard:
            self._begin(*unheard)

    def _verdict(self, task: asyncio.Task[None]) -> tuple[TurnStatus, int]:
        if task.cancelled():
            return TurnStatus.INTERRUPTED, Interrupted.exit_code
        error = task.exception()
        if error is None:
            return TurnStatus.COMPLETED, 0
        if isinstance(error, SparkError):
            self._outbox.emit(Notice(Level.ERROR, error.message, error.hint))
            return TurnStatus.FAILED, error.exit_code
        self._blame(error)
        return TurnStatus.FAILED, SparkError.exit_code

    def _configure(self, op: Configure) -> None:
        self.selection = self.selection.changed(op)
        self._announce()
        self._rigs.choose(self.selection)
        if not self.running:
            self._rigs.tidy()

    def _announce(self) -> None:
        chosen = self.selection
        self._outbox.emit(
            Configured(chosen.model, chosen.provider, chosen.approval, chosen.effort)
        )

    def _undo(self, op: Undo | Redo, then: Callable[[], None] = lambda: None) -> None:
        """One after the other: `/undo 3` is three ops, and each means the newest."""
        act = partial(self.undo, op) if isinstance(op, Undo) else self.redo
        before = self._undoing
        self._undoing = asyncio.create_task(self._take_back(act, before, then))
        self._undoing.add_done_callback(self._over)

    async def _take_back(
        self,
        act: Callable[[], CheckpointUndone],
        before: asyncio.Task[None] | None,
        then: Callable[[], None],
    ) -> None:
        if before is not None:
            await asyncio.wait([before])
        try:
            undone = await asyncio.to_thread(act)
        except SparkError as error:
            self._outbox.emit(Notice(Level.ERROR, error.message, error.hint))
            return
        self._outbox.emit(undone)
        self._note(_account(undone))
        then()

    def _rewind(self, op: Rewind) -> None:
        if op.checkpoint is None:
            self._cut(op.item)
        else:
            back = Undo(op.checkpoint, onward=True)
            self._undo(back, then=partial(self._cut, op.item))

    def _cut(self, before: ItemId) -> None:
        """The files may have been taken back first, and a turn begun meanwhile."""
        if self.running or not self._history.cut(before):
            self._warn("the conversation went on: it was not cut", "`/rewind`")
            return
        self._context.forget()
        self._outbox.emit(Rewound(before))
        left = self._history.items()
        if left and not (isinstance(left[-1], Note) and left[-1].text == REWOUND):
            self._note(REWOUND)

    def _forget_aside(self) -> None:
        aside, self._aside = self._aside, None
        if aside is not None and self._history.cut(aside):
            self._context.forget()
            self._outbox.emit(Rewound(aside, aside=True))

    def _clear(self) -> None:
        self._history.clear()
        self._context.forget()
        self._outbox.emit(Cleared())

    def _warn(self, text: str, hint: str) -> None:
        self._outbox.emit(Notice(Level.WARNING, text, hint))

    async def _close(self) -> None:
        self._interrupt()
        if self._turn is not None:
            await asyncio.wait([self._turn])
        if self._undoing is not None:
            await asyncio.wait([self._undoing])
        others = self._chores - {asyncio.current_task()}
        for chore in others:
            chore.cancel()
        if others:
            await asyncio.wait(others)
        await self._rigs.aclose()
        self._outbox.close()

    def _chore(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work)
        self._chores.add(task)
        task.add_done_callback(self._over)

    def _over(self, chore: asyncio.Task[None]) -> None:
        self._chores.discard(chore)
        error = None if chore.cancelled() else chore.exception()
        if error is not None:
            self._blame(error)

    def _blame(self, error: BaseException) -> None:
        """Something of ours broke: that is told, and the session goes on."""
        _log.error("this is a bug", exc_info=error)
        self._outbox.emit(
            Notice(
                Level.ERROR,
                f"this is a bug in spark: {type(error).__name__}: {error}",
                "run it again with `--debug`, and report what the log says",
            )
        )


def _account(undone: CheckpointUndone) -> str:
    """What the model is told of files that it must not expect to be as it left them."""
    names = ", ".join(f"`{name}`" for name in undone.files) or "none"
    what = "brought your change back" if undone.redone else "took your change back"
    other = "With it again" if undone.redone else "As they were before"
    mixed = ", ".join(f"`{name}`" for name in undone.merged)
    also = f"; with the user's own changes since: {mixed}" if mixed else ""
    return f"[The user {what}. {other}: {names}{also}]"
