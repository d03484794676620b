"""What a shell command changed, found out by looking before and after.

Nobody knows beforehand what a command will touch, and to copy everything takes seconds.
So it is told from the index which tracked files are not as committed; what they hold
is read before the command.  Of all others git has the content already.  The files that
the session itself has changed are looked at too, whether git tracks them or not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from spark_cli.core.errors import SparkError, ToolError
from spark_cli.core.ids import CheckpointId
from spark_cli.workspace.checkpoints import Checkpoints
from spark_cli.workspace.locks import key
from spark_cli.workspace.manifest import Kind
from spark_cli.workspace.tracked import Entry, Tracked
from spark_cli.workspace.tree import Change, DiskTree, File

FILES_MAX = 2_000
BYTES_MAX = 64_000_000


@dataclass(frozen=True, slots=True)
class Look:
    """How things stood: the commit, and the files that were not as the index has them.

    `whole` says that they are all there; else there were too many to be kept.
    """

    head: bytes
    files: dict[str, File | None]
    whole: bool


class Survey:
    """Looks before and after; one for each session."""

    def __init__(self, checkpoints: Checkpoints) -> None:
        root, repo = checkpoints.root, checkpoints.repo
        self._checkpoints = checkpoints
        self._tree = DiskTree(root)
        self._tracked: Tracked | None = None
        self._started = False
        if repo is not None:
            copies = checkpoints.state_dir / "indexes"
            self._tracked = Tracked(repo, root.path, copies, key(root))

    def start(self) -> None:
        """Keep what is not committed, once, before the session changes anything."""
        if not self._started:
            self.before()

    def before(self) -> Look:
        """How things stand; plain code that takes a moment in a big repository."""
        differing: dict[str, Entry] = {}
        head, whole = b"", False
        tracked = self._tracked
        if tracked is not None and tracked.renew():
            head, differing = tracked.head(), tracked.differing()
            if len(differing) > FILES_MAX:
                tracked.refresh()
                differing = tracked.differing()
            whole = len(differing) <= FILES_MAX
        files, fits = self._read(differing if whole else ())
        own, _ = self._read(self._checkpoints.touched - files.keys())
        look = Look(head, {**files, **own}, whole and fits)
        if not self._started:
            self._started = True
            self._keep(files)
        return look

    def after(
        self, before: Look, label: str
    ) -> tuple[CheckpointId, tuple[Change, ...]] | None:
        """Record what has changed since; `None` if nothing has.

        Where the command moved HEAD, git has moved the other files, and can move them
        back: only what was not committed is kept then.
        """
        was = dict(before.files)
        if self._tracked is not None and before.whole:
            differing = self._tracked.differing()
            fresh = {name: differing[name] for name in differing.keys() - was.keys()}
            if len(fresh) <= FILES_MAX and self._tracked.head() == before.head:
                was |= self._tracked.contents(fresh)
        now, _ = self._read(was)
        changes = tuple(
            Change(name, was[name], now[name])
            for name in sorted(now)
            if was[name] != now[name]
        )
        if not changes:
            return None
        return self._checkpoints.record(changes, label), changes

    def _keep(self, files: dict[str, File | None]) -> None:
        """A checkpoint of the start, unless there is one that says the same."""
        changes = [Change(name, file, file) for name, file in sorted(files.items())]
        if not changes:
            return
        last = [
            one for one in self._checkpoints.everything() if one.kind is Kind.START
        ][-1:]
        if not last or [*self._checkpoints.changes_of(last[0])] != changes:
            self._checkpoints.record(changes, "session start", kind=Kind.START)

    def _read(self, names: Iterable[str]) -> tuple[dict[str, File | None], bool]:
        """The files, as far as they are files; false where they are too much."""
        found: dict[str, File | None] = {}
        total = 0
        for name in names:
            try:
                total += self._size(name)
                if total > BYTES_MAX:
                    return found, False
                found[name] = self._tree.read(name)
            except (OSError, ToolError, SparkError):
                continue
        return found, True

    def _size(self, name: str) -> int:
        try:
            return (self._tree.root.path / name).lstat().st_size
        except FileNotFoundError:
            return 0
