"""Watching what a command does to the files, so that it can be taken back.

A change that a command makes is not planned; it is found out by looking before and
after.  That must never be in the way of the command itself: where it cannot be looked,
nothing is kept, and the log says why.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from spark_cli.core.errors import SparkError
from spark_cli.core.events import CheckpointMade
from spark_cli.patch import diff
from spark_cli.patch.plan import PatchPlan
from spark_cli.workspace.survey import Survey

_log = logging.getLogger(__name__)

Looked = Callable[[], CheckpointMade | None]
Watch = Callable[[str], Looked]
"""Called with a label before the command; what it answers with is called after."""


def watch(survey: Survey) -> Watch:
    def look(label: str) -> Looked:
        try:
            before = survey.before()
        except (SparkError, OSError):
            _log.warning("cannot look at the files before a command", exc_info=True)
            return _nothing

        def again() -> CheckpointMade | None:
            try:
                found = survey.after(before, label)
            except (SparkError, OSError):
                _log.warning("cannot look at the files after a command", exc_info=True)
                return None
            if found is None:
                return None
            checkpoint, changes = found
            counts, text = diff.counts(changes), diff.unified(changes)
            names = tuple(change.name for change in changes)
            return CheckpointMade(checkpoint, names, counts.added, counts.removed, text)

        return again

    return look


def started(
    survey: Survey, write: Callable[[PatchPlan], CheckpointMade]
) -> Callable[[PatchPlan], CheckpointMade]:
    """The same writer; before its first change what is not committed is kept."""

    def written(plan: PatchPlan) -> CheckpointMade:
        try:
            survey.start()
        except (SparkError, OSError):
            _log.warning("cannot keep what is not committed", exc_info=True)
        return write(plan)

    return written


def _nothing() -> None:
    return None
