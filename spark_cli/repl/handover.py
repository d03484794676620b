"""Giving the terminal to somebody else, and taking it back: an editor, the shell."""

from __future__ import annotations

import os
import signal

from prompt_toolkit.application import Application, run_in_terminal

from spark_cli.repl.composer import Composer
from spark_cli.repl.hold import Pausable


class Handover:
    """What comes meanwhile is shown afterwards."""

    def __init__(
        self, app: Application[int], painter: Pausable, composer: Composer
    ) -> None:
        self._app = app
        self._painter = painter
        self._composer = composer

    def edit(self) -> None:
        """Let `$VISUAL` or `$EDITOR` have the draft."""
        self._composer.unfold()
        self._painter.pause()
        editing = self._composer.buffer.open_in_editor()
        editing.add_done_callback(lambda _: self._painter.resume())

    def suspend(self) -> None:
        self._painter.pause()
        # The application owns the task, and stops it when it ends.
        _ = self._app.create_background_task(self._stop())

    async def _stop(self) -> None:
        """Stop the whole group, as the shell would; `fg` goes on from here."""
        await run_in_terminal(lambda: os.kill(0, signal.SIGTSTP))
        self._painter.resume()
