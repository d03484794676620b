"""Giving the terminal to somebody else, and taking it back: an editor, the shell."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

from prompt_toolkit.application import Application, run_in_terminal
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.document import Document

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

    def edit_text(self, text: str, suffix: str, then: Callable[[str], None]) -> None:
        """Let the editor have a text that is no draft, and hand on what it becomes."""
        buffer = Buffer(document=Document(text), multiline=True, tempfile_suffix=suffix)
        self._painter.pause()
        editing = buffer.open_in_editor()

        def edited(_: object) -> None:
            self._painter.resume()
            then(buffer.text)

        editing.add_done_callback(edited)

    def suspend(self) -> None:
        self._painter.pause()
        # The application owns the task, and stops it when it ends.
        _ = self._app.create_background_task(self._stop())

    async def _stop(self) -> None:
        """Stop the whole group, as the shell would; `fg` goes on from here."""
        await run_in_terminal(lambda: os.kill(0, signal.SIGTSTP))
        self._painter.resume()
