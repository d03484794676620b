"""A session's journal that begins with its first turn.

A session in which nothing was said leaves no file, so that `--continue` finds the
last conversation and not the last time that spark was opened.
"""

from __future__ import annotations

from spark_cli.core.events import Event, TurnStarted
from spark_cli.store.journal import Header, Journal
from spark_cli.store.sessions import Sessions


class Record:
    """Hand every event to `see`; a session that is resumed writes at once."""

    def __init__(self, sessions: Sessions, header: Header) -> None:
        self._header = header
        self._path = sessions.path(header.session)
        self._waiting: list[Event] = []
        self._journal = self._opened() if self._path.exists() else None

    def see(self, event: Event) -> None:
        """Raises `SparkError` where the journal cannot be written."""
        if self._journal is None:
            self._waiting.append(event)
            if not isinstance(event, TurnStarted):
                return
            self._journal = self._opened()
            for earlier in self._waiting:
                self._journal.record(earlier)
            self._waiting.clear()
        else:
            self._journal.record(event)

    @property
    def begun(self) -> bool:
        """Whether there is a file to resume."""
        return self._journal is not None

    def close(self) -> None:
        if self._journal is not None:
            self._journal.close()

    def _opened(self) -> Journal:
        journal = Journal(self._path)
        journal.begin(self._header)
        return journal
