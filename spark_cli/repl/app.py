"""The live face: where the keys, the screen and the agent are wired together.

Each part is elsewhere and is plain: `keys` says what a key means, `commands` what a
slash command comes to, `view` what is on the screen, `paint` how it gets there.  Here
an intent becomes an op, and an event a frame.  Nothing waits for the agent: a key is
answered at once, whatever the endpoint does.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
import time
from collections.abc import Callable, Coroutine
from contextlib import aclosing

from spark_cli.commands.command import Rows
from spark_cli.core.errors import SparkError
from spark_cli.core.events import Event, TurnEnded, TurnStarted
from spark_cli.core.ops import Close
from spark_cli.repl import blocks, keys
from spark_cli.repl.approve import Approver
from spark_cli.repl.asking import Asking
from spark_cli.repl.attention import Attention
from spark_cli.repl.bang import order
from spark_cli.repl.clerk import Clerk, Hands
from spark_cli.repl.complete import LineCompleter
from spark_cli.repl.composer import Composer, Draft
from spark_cli.repl.curtain import Curtain
from spark_cli.repl.dashboard import Dashboard
from spark_cli.repl.files import Files
from spark_cli.repl.guard import guarded
from spark_cli.repl.handover import Handover
from spark_cli.repl.history import open_history
from spark_cli.repl.hold import Hold
from spark_cli.repl.keyboard import Keyboard
from spark_cli.repl.keys import Intent, Situation
from spark_cli.repl.lines import Line
from spark_cli.repl.outgoing import Outgoing
from spark_cli.repl.paint import FrameOutput, Painter, Tail
from spark_cli.repl.picker import Picker
from spark_cli.repl.reach import LiveReach
from spark_cli.repl.recall import greet
from spark_cli.repl.rewinding import Rewinding
from spark_cli.repl.scene import Agent, Scene
from spark_cli.repl.screen import Face, application, menu_rows, most_rows
from spark_cli.repl.theme import Palette
from spark_cli.repl.tick import Ticker
from spark_cli.repl.toolbar import toolbar
from spark_cli.repl.vi import Vi
from spark_cli.repl.view import View

ARMED_S = 2.0
"""How long a first Ctrl-C at an empty prompt is remembered."""

_CLOSE_S = 3.0
_HANGUP = 128 + signal.SIGHUP


async def run(
    agent: Agent,
    *,
    first_prompt: str | None,
    scene: Scene,
    curtain: Curtain | None = None,
) -> int:
    """Talk until the user leaves; the exit code.

    `curtain` is what was drawn while this was imported.  Raises what `agent.events`
    raises, once the terminal is as it was before.
    """
    if scene.plain or os.environ.get("TERM", "dumb") == "dumb":
        from spark_cli.repl import plain

        return await plain.run(agent, first_prompt=first_prompt, scene=scene)
    repl = Repl(agent, scene, FrameOutput.on(sys.stdout), Keyboard(sys.stdin))
    if curtain is not None:
        curtain.lift()
    return await repl.run(first_prompt)


def _loaded(warm: Callable[[], None]) -> None:
    """Load what is left; all that is there now stays, and is looked at no more.

    Looking through it for garbage took 21 ms, in the middle of a stream.
    """
    warm()
    gc.freeze()


class Repl:
    """`clock` is for tests."""

    def __init__(
        self,
        agent: Agent,
        scene: Scene,
        output: FrameOutput,
        source: Keyboard,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._agent, self._scene = agent, scene
        self._output, self._clock = output, clock
        columns = output.get_size().columns
        self._view = View(scene.model, scene.provider, scene.approval, columns)
        self._dashboard = Dashboard(self._view, scene, clock)
        self._attention = Attention(scene.notify, os.environ, output.send, clock)
        self.palette = Palette(scene.theme, os.environ)
        self._files = Files(scene.files, clock, self._began)
        self._picker = Picker(output.get_size)
        completer = LineCompleter(self._files, lambda: self._clerk.custom)
        self._composer = Composer(open_history(scene.history), completer)
        self._armed_until, self._exit_code = 0.0, 0
        self._leaving = self._warmed = False
        tail = Tail()
        self._app = application(
            Face(
                self._situation,
                self.perform,
                self._question,
                self._toolbar,
                self._picker,
            ),
            self._composer,
            tail,
            output,
            self.palette,
            source,
        )
        self._painter = Painter(self._app, output, self._view, tail, self._chrome)
        self._outgoing = Outgoing(
            agent.submit,
            scene,
            self._view,
            self._composer,
            self._painter.soon,
            self._began,
        )
        self._vi = Vi(self._app, lambda: self._view.question is not None)
        self._hold = Hold(self._painter)
        reach = LiveReach(
            self._composer, self._picker, self._view, output, self._vi, self.palette
        )
        hands = Hands(agent.submit, self._show, self._later, self._leave, reach)
        self._clerk = Clerk(scene, self._view, hands, keys.told())
        self._rewinding = Rewinding(clock, self._app, self._command)
        self._handover = Handover(self._app, self._painter, self._composer)
        self._asking = Asking(
            Approver(agent.submit, clock),
            self._view,
            self._composer,
            self._handover,
            self._app.invalidate,
            self._after,
        )
        self._ticker = Ticker(self._app, lambda: self._dashboard.tick_s)
        self._does = self._intents()
        self._attach(source)

    async def run(self, first_prompt: str | None) -> int:
        greet(self._view, self._scene)
        with guarded(asyncio.get_running_loop(), self._leave, self._fail):
            try:
                await self._app.run_async(
                    pre_run=lambda: self._begin(first_prompt),
                    set_exception_handler=False,
                )
            except EOFError:
                self._exit_code = _HANGUP
        self._agent.submit(Close())
        return self._exit_code

    def _attach(self, source: Keyboard) -> None:
        """Hear of every key, and of what it does to the line."""
        self._attention.attend(source)
        source.is_command = self._clerk.knows
        self.set_vi(on=self._scene.vi)
        self._app.key_processor.before_key_press += lambda _: self._hold.key()
        self._composer.buffer.on_text_changed += lambda _: self._disarm()
        self._composer.buffer.on_text_insert += lambda _: self._asking.typed()

    def perform(self, intent: Intent) -> None:
        self._does[intent]()

    def _intents(self) -> dict[Intent, Callable[[], object]]:
        return {
            Intent.SUBMIT: self._submit,
            Intent.SEND_QUEUED: self._outgoing.go_on,
            Intent.QUEUE: self._outgoing.put_off,
            Intent.RECALL_QUEUED: self._outgoing.recall,
            Intent.DROP_QUEUED: self._outgoing.queue.empty,
            Intent.TAKE: self._composer.take_offer,
            Intent.BREAK_LINE: self._composer.break_line,
            Intent.NEWLINE: self._composer.newline,
            Intent.INTERRUPT: self._outgoing.interrupt,
            Intent.CLEAR_DRAFT: self._composer.clear,
            Intent.ARM_LEAVE: self._arm,
            Intent.LEAVE: self._leave,
            Intent.UNREFUSE: self._asking.reconsider,
            Intent.CLOSE_MENU: self._composer.close_menu,
            Intent.COMPLETE: self._composer.complete,
            Intent.COMPLETE_BACK: self._composer.buffer.complete_previous,
            Intent.LIST_KEYS: self._list_keys,
            Intent.EDITOR: self._handover.edit,
            Intent.REDRAW: self._painter.redraw,
            Intent.SUSPEND: self._handover.suspend,
            Intent.HOLD: self._hold.begin,
            Intent.APPROVAL: self._outgoing.next_approval,
            Intent.ARM_REWIND: self._rewinding.arm,
            Intent.REWIND: self._rewinding.rewind,
            Intent.STAY: lambda: None,
        }

    # What happens

    def _begin(self, first_prompt: str | None) -> None:
        self._later(self._pump())
        self._later(self._look_at_branch())
        self._clerk.begin()
        if first_prompt:
            self._outgoing.send(Draft.of(first_prompt))
        self._painter.soon()

    async def _pump(self) -> None:
        async with aclosing(self._agent.events()) as events:
            async for event in events:
                self._see(event)
        self._exit()

    def _see(self, event: Event) -> None:
        self._view.see(event)
        self._dashboard.see(event)
        self._attention.see(event)
        self._asking.see()
        self._outgoing.see(event)
        self._clerk.see(event)
        if isinstance(event, TurnStarted):
            self._ticker.start()
            self._warm()
        elif isinstance(event, TurnEnded):
            self._later(self._look_at_branch())
            self._rewinding.stirred()
            self._files.changed()
            self._painter.at_once()
        self._painter.soon()

    async def _look_at_branch(self) -> None:
        try:
            branch = await asyncio.to_thread(self._scene.branch)
        except SparkError:
            branch = None
        self._dashboard.branch = branch or ""
        self._app.invalidate()

    def _warm(self) -> None:
        """Load what colors code while the model is still silent."""
        if not self._warmed:
            from spark_cli.repl import highlight

            self._warmed = True
            self._later(asyncio.to_thread(_loaded, highlight.warm))

    # What the user wants

    def _submit(self) -> None:
        if self._asking.answered():
            return
        draft = self._composer.take()
        self._vi.insert()
        if self._command(draft.text):
            return
        if order(draft.text) is None and self._asking.said(draft.text):
            return
        if not draft.empty:
            self._outgoing.send(draft)

    def _command(self, line: str) -> bool:
        """Do what a slash command says; false if the line is none."""
        return self._clerk.hear(line, blocks.user(line.strip(), self._view.columns))

    def set_vi(self, *, on: bool) -> None:
        """Take the keys of vi, or those of readline, from now on."""
        self._vi.set(on=on)

    def _disarm(self) -> None:
        self._armed_until = 0.0
        self._rewinding.disarm()

    def _arm(self) -> None:
        self._armed_until = self._clock() + ARMED_S
        self._after(ARMED_S, self._app.invalidate)

    # Leaving

    def _leave(self, exit_code: int = 0) -> None:
        """Close the session and go; asked a second time, go at once."""
        if self._leaving:
            self._exit()
            return
        self._leaving, self._exit_code = True, exit_code
        self._agent.submit(Close())
        self._after(_CLOSE_S, self._exit)

    def _exit(self) -> None:
        if self._app.is_running and not self._app.is_done:
            self._painter.finish()
            self._app.exit(result=0)

    def _fail(self, error: BaseException | None) -> None:
        """Something of ours broke: give the terminal back, then say so."""
        if error is not None and self._app.is_running and not self._app.is_done:
            self._app.exit(exception=error)

    # What the screen asks

    def _situation(self) -> Situation:
        document = self._composer.buffer.document
        return Situation(
            draft=document.text,
            before_cursor=document.text_before_cursor,
            running=self._outgoing.running,
            refusing=self._asking.refusing
            or (self._asking.explaining and not self._outgoing.running),
            menu=menu_rows(self._composer) > 0,
            armed=self._clock() < self._armed_until,
            rewinding=self._rewinding.armed,
            queued=len(self._outgoing.queue) > 0,
            naming=self._composer.naming,
            offers=self._composer.offers,
            vi=self._vi.on,
            inserting=self._vi.inserting,
        )

    def _toolbar(self, columns: int) -> Line:
        status = self._dashboard.status(
            phase=self._outgoing.phase,
            drafting=bool(self._composer.text),
            vi=self._vi.mode,
            hint=self._hint(),
        )
        return toolbar(status, columns)

    def _hint(self) -> str:
        if self._leaving:
            return "leaving"
        if self._clock() < self._armed_until:
            return "Ctrl-C again leaves"
        if self._picker.is_open:
            return "Enter takes it, Esc closes the list"
        if self._asking.hint:
            return self._asking.hint
        return self._hold.told(asked=self._asking.waits) or self._rewinding.told

    def _chrome(self) -> int:
        """How many rows everything below the tail takes."""
        size = self._output.get_size()
        draft = self._composer.rows(size.columns, most_rows(size.rows))
        menu = menu_rows(self._composer) + self._picker.rows
        return draft + len(self._question()) + menu + 2

    def _question(self) -> list[Line]:
        size = self._output.get_size()
        asked = self._asking.lines(size.columns, size.rows)
        return [*asked, *self._outgoing.queue.lines(size.columns)]

    def _list_keys(self) -> None:
        self._show(blocks.shown(Rows(keys.told()), self._view.columns))

    def _show(self, lines: list[Line]) -> None:
        if lines:
            self._view.show(lines)
        self._painter.soon()

    def _after(self, seconds: float, act: Callable[[], None]) -> None:
        if self._app.loop is not None:
            self._app.loop.call_later(seconds, act)

    def _later(self, work: Coroutine[object, object, None]) -> None:
        _ = self._began(work)

    def _began(self, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        # The application owns the task, and stops it when it ends.
        return self._app.create_background_task(work)
