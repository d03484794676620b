"""Writing several files as one: all of them or none, whatever happens in between.

New contents are written and synced beside their targets, under names of our own; a
journal says what is to be done with them; only then are they renamed into place, which
each happens whole or not at all.  What they replace is set aside until all is done, so
that an error puts the very same files back.  A process that is killed leaves the
journal, and the next one to come finds it: what was not yet decided is cleaned away,
what was is carried to its end.

Renaming also breaks hard links, on purpose: nothing outside the root is written to
through another name of the same file.
"""

from __future__ import annotations

import contextlib
import os
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

from spark_cli.core.errors import PatchRefused, SparkError, ToolError
from spark_cli.workspace import recovery
from spark_cli.workspace.durable import in_batches
from spark_cli.workspace.intent import Intent, Phase, Step, new_intent, sync_folder
from spark_cli.workspace.locks import key, locked
from spark_cli.workspace.root import Root
from spark_cli.workspace.staging import opened, stage
from spark_cli.workspace.tree import Change, DiskTree, File

_WRITABLE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH
_USUAL = frozenset({0o644, 0o755})
_RECENT_NS = 2_000_000_000
"""A file this young may change again and bear the same time: FAT counts 2 seconds."""
_REREAD_MAX = 8_000_000


@contextlib.contextmanager
def writing(
    root: Root, state_dir: Path, forget: Callable[[str], None] | None = None
) -> Iterator[Writer]:
    """Be the only writer in a root, once what others left half done is mended.

    `forget` is given the note of a write that did not come to pass.
    """
    with locked(root, state_dir) as folder:
        said = recovery.mend(root, folder, forget)
        yield Writer(root, folder, said, forget)


def _nothing(made: Sequence[str]) -> None:
    """Where nobody wants to know."""


class Writer(NamedTuple):
    """Holds the lock of its root.  `said` is what had to be mended, if anything."""

    root: Root
    folder: Path
    said: str = ""
    forget: Callable[[str], None] | None = None

    def write(
        self,
        changes: Sequence[Change],
        *,
        empty: Sequence[str] = (),
        note: str = "",
        ready: Callable[[Sequence[str]], None] = _nothing,
        exact: bool = False,
    ) -> None:
        """Carry out all changes or none; then remove the `empty` folders that are so.

        `PatchRefused` where a file is not what its change says it was, is read-only, or
        cannot be written; then nothing has changed.

        `ready` is called with the folders that had to be made, when all is staged and
        nothing is changed yet; what it raises ends the write.  `exact` modes are set
        on new files too, whatever the umask.
        """
        seen = [_checked(self.root, change) for change in changes]
        steps = [Step.of(change, number) for number, change in enumerate(changes)]
        made = missing_folders(self.root, changes)
        intent = new_intent(self.folder, key(self.root), steps, made, note)
        begun = False
        try:
            self._stage(intent, changes, exact=exact)
            ready(made)
            begun = True
            # One rename is whole by itself, and needs no journal that survives more.
            intent.write(Phase.COMMIT, durable=len(steps) > 1)
            self._commit(intent, seen)
        except BaseException as error:
            # Where this is interrupted too, the journal stays, and the next one mends.
            self._take_back(intent, error, begun=begun)
            if isinstance(error, (OSError, ToolError)):
                raise _refusal(error) from error
            raise
        if recovery.clean(self.root, steps, empty):
            intent.remove()

    def _take_back(self, intent: Intent, error: BaseException, *, begun: bool) -> None:
        """Put back what was set aside, and remove what is ours.

        What cannot be, as a folder has become a link, is left to the next one to come.
        """
        if begun:
            with contextlib.suppress(OSError):  # on a full disk it must do without
                intent.write(Phase.ROLLBACK, durable=False)
            if recovery.put_back(self.root, intent.steps):
                raise PatchRefused(
                    f"a change failed half way, and cannot be taken back yet: {error}",
                    "mend that, and start spark again: it then takes the change back",
                ) from error
            with contextlib.suppress(OSError):
                intent.write(Phase.STAGING, durable=False)
        if not recovery.clean(self.root, intent.steps, intent.folders):
            return
        if self.forget is not None and intent.note:
            with contextlib.suppress(OSError, SparkError):
                self.forget(intent.note)
        with contextlib.suppress(OSError):
            intent.remove()

    def _stage(self, intent: Intent, changes: Sequence[Change], *, exact: bool) -> None:
        intent.write(Phase.STAGING, durable=False)
        moved = {one.before.mode for one in changes if one.before and not one.after}

        def staged() -> Iterator[BinaryIO]:
            for change, step in zip(changes, intent.steps, strict=True):
                if change.after is None:
                    continue
                odd = change.after.mode not in _USUAL or change.after.mode in moved
                with opened(self.root, step.name, create=True) as place:
                    yield stage(
                        place,
                        step.temporary,
                        change.after,
                        replaces=change.before is not None,
                        exact=exact or odd,
                    )

        in_batches(staged())

    def _commit(self, intent: Intent, seen: Sequence[_Seen | None]) -> None:
        """Put everything into place, looking again before and after each step."""
        for step, was in zip(intent.steps, seen, strict=True):
            _recheck(self.root, step.name, was)
            recovery.set_aside(self.root, step)
            _recheck_aside(self.root, step, was)
            recovery.land(self.root, step)
            _recheck_aside(self.root, step, was)
        if len(intent.steps) == 1:
            return
        for folder in {str(Path(step.name).parent) for step in intent.steps}:
            with contextlib.suppress(OSError):
                sync_folder(self.root.path / folder)


class _Seen(NamedTuple):
    """A file as it was found: it must be the same when it is replaced.

    A `recent` one may have changed without a trace in its times, and is read again.
    """

    status: os.stat_result
    file: File
    recent: bool


def _checked(root: Root, change: Change) -> _Seen | None:
    """The identity of a file that is as the change expects it."""
    try:
        status = _status(root, change.name)  # first: what comes later shows
        now = DiskTree(root).read(change.name)
    except ToolError as error:
        raise PatchRefused(f"{error}; nothing was changed") from error
    if now != change.before:
        raise PatchRefused(
            f"`{change.name}` has changed since it was read; nothing was changed",
            "read it again",
        )
    if now is None or status is None:
        return None
    if not now.mode & _WRITABLE:
        raise PatchRefused(f"`{change.name}` is read-only; nothing was changed")
    recent = abs(time.time_ns() - status.st_mtime_ns) < _RECENT_NS
    return _Seen(status, now, recent and status.st_size < _REREAD_MAX)


def _status(root: Root, name: str) -> os.stat_result | None:
    with root.open_folder_of(name) as place:
        if place is None:
            return None
        try:
            return os.lstat(place.leaf, dir_fd=place.folder)
        except FileNotFoundError:
            return None


def _recheck(root: Root, name: str, was: _Seen | None) -> None:
    now = _status(root, name)
    if now is None or was is None:
        same = now is None and was is None
    else:
        same = _alike(now, was.status)
        same = same and not (was.recent and DiskTree(root).read(name) != was.file)
    if not same:
        raise PatchRefused(
            f"`{name}` changed while it was written; nothing was changed",
            "read it again",
        )


def _recheck_aside(root: Root, step: Step, was: _Seen | None) -> None:
    """What was set aside is what was found, and not what came in between."""
    if step.aside:
        _recheck(root, str(Path(step.name).parent / step.aside), was)


def _alike(one: os.stat_result, other: os.stat_result) -> bool:
    fields = ("st_dev", "st_ino", "st_size", "st_mtime_ns", "st_mode")
    return all(getattr(one, name) == getattr(other, name) for name in fields)


def missing_folders(root: Root, changes: Sequence[Change]) -> list[str]:
    """Folders that will have to be made, the outermost first."""
    missing: dict[str, None] = {}
    for change in changes:
        parts = root.parts(change.name) if change.after else ()
        for size in range(1, len(parts)):
            folder = "/".join(parts[:size])
            if not (root.path / folder).is_dir():
                missing[folder] = None
    return list(missing)


def _refusal(error: OSError | ToolError) -> SparkError:
    if isinstance(error, ToolError):
        return PatchRefused(f"{error}; nothing was changed")
    name = f" `{error.filename}`" if error.filename else ""
    return PatchRefused(f"cannot write{name}: {error.strerror}; nothing was changed")
