"""Writing several files as one: all of them or none, whatever happens in between.

New contents are written and synced beside their targets, under names of our own; a
journal says what is to be done with them; only then are they renamed into place, which
each happens whole or not at all.  A process that is killed leaves the journal, and the
next one to come finds it: what was not yet decided is cleaned away, what was is
carried to its end.  A lock for each root keeps writers apart.

Renaming also breaks hard links, on purpose: nothing outside the root is written to
through another name of the same file.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import secrets
import stat
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from spark_cli.core.errors import PatchRefused, SparkError, ToolError
from spark_cli.workspace.root import Place, Root
from spark_cli.workspace.tree import Change, DiskTree, File

_WRITABLE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class _Step:
    """`temporary` is the new content's name beside the target, or empty to delete.

    `before` and `after` are digests, empty where the file does not exist.
    """

    name: str
    temporary: str
    before: str
    after: str


def write_all(
    root: Root,
    changes: Sequence[Change],
    state_dir: Path,
    empty: Sequence[str] = (),
) -> None:
    """Carry out all changes or none; then remove the `empty` folders that are empty.

    `PatchRefused` where a file is not what its change says it was, is read-only, or
    cannot be written; then nothing has changed.
    """
    with _locked(root, state_dir) as folder:
        _recover(root, folder)
        seen = {change.name: _checked(root, change) for change in changes}
        journal = _Journal(folder / f"{secrets.token_hex(8)}.json")
        steps = [_step(change, number) for number, change in enumerate(changes)]
        made = missing_folders(root, changes)
        journal.write("staging", steps, made)
        try:
            for change, step in zip(changes, steps, strict=True):
                _stage(root, change, step)
            journal.write("commit", steps, made)
            _commit(root, changes, steps, seen)
        except (OSError, ToolError, PatchRefused) as error:
            _clean(root, steps, made)
            journal.remove()
            raise _refusal(error) from error
        journal.remove()
        _remove_folders(root, empty)


def recover(root: Root, state_dir: Path) -> str:
    """Bring the tree to one side of a write that was killed, and say which.

    Empty where there was nothing to do.
    """
    if not _folder(root, state_dir).is_dir():
        return ""
    with _locked(root, state_dir) as folder:
        return _recover(root, folder)


def digest(file: File | None) -> str:
    return hashlib.sha256(file.data).hexdigest() if file else ""


def _refusal(error: Exception) -> SparkError:
    if isinstance(error, SparkError):
        return error
    if isinstance(error, OSError):
        name = f" `{error.filename}`" if error.filename else ""
        return PatchRefused(
            f"cannot write{name}: {error.strerror}; nothing was changed"
        )
    return PatchRefused(str(error))


@dataclass(frozen=True, slots=True)
class _Journal:
    path: Path

    def write(self, phase: str, steps: Sequence[_Step], folders: Sequence[str]) -> None:
        entry = {
            "phase": phase,
            "steps": [asdict(step) for step in steps],
            "folders": list(folders),
        }
        draft = self.path.with_suffix(".draft")
        with draft.open("w", encoding="ascii") as file:
            json.dump(entry, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path)
        _sync_folder(self.path.parent)

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)


def _folder(root: Root, state_dir: Path) -> Path:
    name = hashlib.sha256(os.fsencode(root.path)).hexdigest()[:20]
    return state_dir / "writes" / name


@contextlib.contextmanager
def _locked(root: Root, state_dir: Path) -> Iterator[Path]:
    folder = _folder(root, state_dir)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
    except OSError as error:
        raise PatchRefused(
            f"cannot keep a journal in `{folder}`: {error.strerror}",
            "set XDG_STATE_HOME to a folder that can be written",
        ) from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder


def _checked(root: Root, change: Change) -> os.stat_result | None:
    """The identity of a file that is as the change expects it."""
    try:
        now = DiskTree(root).read(change.name)
    except ToolError as error:
        raise PatchRefused(str(error)) from error
    if now != change.before:
        raise PatchRefused(
            f"`{change.name}` has changed since it was read; nothing was changed",
            "read it again",
        )
    if now is not None and not now.mode & _WRITABLE:
        raise PatchRefused(f"`{change.name}` is read-only; nothing was changed")
    return _identity(root, change.name)


def _identity(root: Root, name: str) -> os.stat_result | None:
    with root.open_folder_of(name) as place:
        if place is None:
            return None
        try:
            return os.lstat(place.leaf, dir_fd=place.folder)
        except FileNotFoundError:
            return None


def _same(one: os.stat_result | None, other: os.stat_result | None) -> bool:
    if one is None or other is None:
        return one is other
    fields = ("st_dev", "st_ino", "st_size", "st_mtime_ns", "st_mode")
    return all(getattr(one, name) == getattr(other, name) for name in fields)


def _step(change: Change, number: int) -> _Step:
    temporary = f".spark-{secrets.token_hex(6)}-{number}.tmp" if change.after else ""
    return _Step(change.name, temporary, digest(change.before), digest(change.after))


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


def _stage(root: Root, change: Change, step: _Step) -> None:
    if change.after is None:
        return
    with _opened(root, step.name, create=True) as place:
        mode = 0o777 if change.after.mode & 0o100 else 0o666
        handle = os.open(step.temporary, _NEW, mode, dir_fd=place.folder)
        with os.fdopen(handle, "wb") as file:
            file.write(change.after.data)
            file.flush()
            if change.before is not None:
                _take_over(place, file.fileno(), change.after.mode)
            os.fsync(handle)


def _take_over(place: Place, handle: int, mode: int) -> None:
    """Owner, attributes and mode of the file that will be replaced."""
    old = os.lstat(place.leaf, dir_fd=place.folder)
    new = os.fstat(handle)
    if (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid):
        with contextlib.suppress(PermissionError):
            os.fchown(handle, old.st_uid, old.st_gid)
    os.fchmod(handle, mode)


@contextlib.contextmanager
def _opened(root: Root, name: str, *, create: bool = False) -> Iterator[Place]:
    with root.open_folder_of(name, create=create) as place:
        if place is None:
            raise PatchRefused(f"the folder of `{name}` is gone; nothing was changed")
        yield place


def _commit(
    root: Root,
    changes: Sequence[Change],
    steps: Sequence[_Step],
    seen: dict[str, os.stat_result | None],
) -> None:
    """Rename everything into place; on an error, put back what was already done."""
    done: list[Change] = []
    try:
        for change, step in zip(changes, steps, strict=True):
            _recheck(root, change.name, seen[change.name])
            _land(root, step)
            done.append(change)
    except (OSError, ToolError, PatchRefused):
        for change in reversed(done):
            _put_back(root, change)
        raise
    for folder in {str(Path(step.name).parent) for step in steps}:
        with contextlib.suppress(OSError):
            _sync_folder(root.path / folder)


def _recheck(root: Root, name: str, seen: os.stat_result | None) -> None:
    if not _same(_identity(root, name), seen):
        raise PatchRefused(
            f"`{name}` changed while it was written; nothing was changed"
        )


def _land(root: Root, step: _Step) -> None:
    with _opened(root, step.name) as place:
        if not step.temporary:
            os.unlink(place.leaf, dir_fd=place.folder)
        elif step.before:
            os.rename(
                step.temporary,
                place.leaf,
                src_dir_fd=place.folder,
                dst_dir_fd=place.folder,
            )
        else:  # a link fails where a file has appeared, a rename would replace it
            _link(place, step.temporary)


def _link(place: Place, temporary: str) -> None:
    os.link(
        temporary,
        place.leaf,
        src_dir_fd=place.folder,
        dst_dir_fd=place.folder,
        follow_symlinks=False,
    )
    os.unlink(temporary, dir_fd=place.folder)


def _put_back(root: Root, change: Change) -> None:
    if change.before is None:
        _land(root, _Step(change.name, "", "", ""))
        return
    temporary = f".spark-{secrets.token_hex(6)}.tmp"
    with _opened(root, change.name, create=True) as place:
        handle = os.open(temporary, _NEW, 0o600, dir_fd=place.folder)
        with os.fdopen(handle, "wb") as file:
            file.write(change.before.data)
            os.fchmod(handle, change.before.mode)
        os.replace(
            temporary,
            place.leaf,
            src_dir_fd=place.folder,
            dst_dir_fd=place.folder,
        )


def _clean(root: Root, steps: Sequence[_Step], folders: Sequence[str]) -> None:
    """Remove what was staged, and the folders that were made for it."""
    for step in steps:
        if step.temporary:
            with (
                contextlib.suppress(OSError, SparkError, ToolError),
                _opened(root, step.name) as place,
            ):
                os.unlink(step.temporary, dir_fd=place.folder)
    _remove_folders(root, folders)


def _remove_folders(root: Root, folders: Sequence[str]) -> None:
    """Those that are empty; `folders` has the outermost first."""
    for folder in reversed(folders):
        with (
            contextlib.suppress(OSError, SparkError, ToolError),
            _opened(root, folder) as place,
        ):
            os.rmdir(place.leaf, dir_fd=place.folder)


def _recover(root: Root, folder: Path) -> str:
    said = []
    for path in sorted(folder.glob("*.json")):
        try:
            entry = json.loads(path.read_bytes())
            steps = [_Step(**step) for step in entry["steps"]]
            phase, folders = entry["phase"], entry["folders"]
        except (OSError, ValueError, KeyError, TypeError):
            path.unlink(missing_ok=True)
            continue
        if phase == "commit":
            said.append(_finish(root, steps))
        else:
            said.append("a change that was cut short was taken back")
        _clean(root, steps, () if phase == "commit" else folders)
        path.unlink(missing_ok=True)
    return "; ".join(said)


def _finish(root: Root, steps: Sequence[_Step]) -> str:
    """Carry a decided change to its end, sparing files that changed since."""
    spared = []
    for step in steps:
        try:
            now = digest(DiskTree(root).read(step.name))
            if now == step.before and now != step.after:
                _land(root, step)
            elif now != step.after:
                spared.append(step.name)
        except (OSError, ToolError, PatchRefused):
            spared.append(step.name)
    names = _listed([step.name for step in steps])
    left = f", but not of {_listed(spared)}" if spared else ""
    return f"a change that was cut short was carried to its end ({names}){left}"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
