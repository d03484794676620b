"""The steps of a write, forth and back, also after a writer that was killed.

Each step can be repeated: what is in the tree tells whether it was done.  A file that
is neither what it was nor what it was to become is somebody's work since, and stays.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from spark_cli.core.errors import PatchRefused, SparkError, ToolError
from spark_cli.workspace.intent import Phase, Step, journals, left_behind
from spark_cli.workspace.locks import key, locked
from spark_cli.workspace.root import Place, Root
from spark_cli.workspace.staging import opened
from spark_cli.workspace.tree import DiskTree, File


def is_due(root: Root, state_dir: Path) -> bool:
    """Whether a write was killed, or is still going on; a look into one folder."""
    return bool(journals(state_dir / "writes", key(root)))


def recover(
    root: Root, state_dir: Path, forget: Callable[[str], None] | None = None
) -> str:
    """Bring the tree to one side of a write that was killed, and say which.

    Empty where there was nothing to do.
    """
    if not is_due(root, state_dir):
        return ""
    with locked(root, state_dir) as folder:
        return mend(root, folder, forget)


def mend(root: Root, folder: Path, forget: Callable[[str], None] | None) -> str:
    """As `recover`, for one who holds the lock."""
    said = []
    for phase, intent in left_behind(folder, key(root)):
        names = listed([step.name for step in intent.steps])
        if phase is Phase.COMMIT:
            spared = finish(root, intent.steps)
            left = f", but not of {listed(spared)}" if spared else ""
            said.append(
                f"a change that was cut short was carried to its end ({names}){left}"
            )
            clean(root, intent.steps, ())
        else:
            stuck = [] if phase is Phase.STAGING else put_back(root, intent.steps)
            # What was set aside may be the only copy of a file that is not back yet.
            later = any(_waits(root, step) for step in stuck)
            if later or not clean(root, intent.steps, intent.folders):
                said.append(
                    f"a change that was cut short cannot be taken back yet ({names})"
                )
                continue
            how = "cannot wholly be taken back" if stuck else "was taken back"
            said.append(f"a change that was cut short {how} ({names})")
            if forget is not None and intent.note:
                with contextlib.suppress(
                    OSError, SparkError
                ):  # one too many is no harm
                    forget(intent.note)
        intent.remove()
    return "; ".join(said)


def set_aside(root: Root, step: Step) -> None:
    """Give the old file a second name, or where there are none, another name."""
    if not step.aside:
        return
    with opened(root, step.name) as place:
        try:
            _link(place, place.leaf, step.aside)
        except FileNotFoundError:
            raise
        except OSError:
            _rename(place, place.leaf, step.aside)


def land(root: Root, step: Step) -> None:
    """Put the new content in its place, or take the file away."""
    with opened(root, step.name) as place:
        if not step.temporary:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(place.leaf, dir_fd=place.folder)
        elif step.before:
            _rename(place, step.temporary, place.leaf)
        else:
            _add(place, step.temporary)


def finish(root: Root, steps: Sequence[Step]) -> list[str]:
    """Carry out what is left of the steps; the answer is the files that were spared."""
    spared = []
    for step in steps:
        try:
            now = step.digest(_standing(root, step))
            if now == step.after:
                continue
            if now == step.before:
                land(root, step)
            else:
                spared.append(step.name)
        except (OSError, ToolError, SparkError):
            spared.append(step.name)
    return spared


def put_back(root: Root, steps: Sequence[Step]) -> list[Step]:
    """Undo the steps that were done, last one first; those that could not be."""
    stuck = []
    for step in reversed(steps):
        try:
            _put_back(root, step)
        except (OSError, ToolError, SparkError):
            stuck.append(step)
    return stuck


def _waits(root: Root, step: Step) -> bool:
    """Whether a step may be undone later: not where its folder is gone, with all."""
    try:
        with opened(root, step.name) as place:
            return _exists(place, step.aside or step.temporary)
    except SparkError:
        return False
    except (OSError, ToolError):
        return True


def _put_back(root: Root, step: Step) -> None:
    with opened(root, step.name) as place:
        if not step.aside:
            if _is_ours(place, step):
                os.unlink(place.leaf, dir_fd=place.folder)
            return
        if not _exists(place, step.aside):
            return
        now = DiskTree(root).read(step.name)
        if now is None or step.digest(now) in {step.after, step.before}:
            # Of two names of one file rename takes away neither: rename(2).
            _rename(place, step.aside, place.leaf)


def _is_ours(place: Place, step: Step) -> bool:
    """Whether an added file is the one that was staged.

    Its second name is taken away only when all is done; where files have but one name,
    that it is gone tells that the file is here.
    """
    try:
        there = os.lstat(place.leaf, dir_fd=place.folder)
        staged = os.lstat(step.temporary, dir_fd=place.folder)
    except FileNotFoundError:
        return not _exists(place, step.temporary) and _exists(place, place.leaf)
    return (there.st_dev, there.st_ino) == (staged.st_dev, staged.st_ino)


def clean(root: Root, steps: Sequence[Step], folders: Sequence[str]) -> bool:
    """Remove our own names, and those of the folders that are empty.

    `folders` has the outermost first.  False where a folder cannot be entered, so
    that something of ours may be left in it.
    """
    whole = True
    for step in steps:
        for own in filter(None, (step.temporary, step.aside)):
            try:
                with opened(root, step.name) as place:
                    os.unlink(own, dir_fd=place.folder)
            except (FileNotFoundError, SparkError):  # gone, or its folder is
                continue
            except (OSError, ToolError):
                whole = False
    for folder in reversed(folders):
        with (
            contextlib.suppress(OSError, SparkError, ToolError),
            opened(root, folder) as place,
        ):
            os.rmdir(place.leaf, dir_fd=place.folder)
    return whole


def listed(names: Sequence[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:5])
    return f"{shown} and {len(names) - 5} more" if len(names) > 5 else shown


def _standing(root: Root, step: Step) -> File | None:
    """The file, also where it was set aside and its successor has not come."""
    tree = DiskTree(root)
    now = tree.read(step.name)
    if now is None and step.aside and step.temporary:
        return tree.read(str(Path(step.name).parent / step.aside))
    return now


def _add(place: Place, temporary: str) -> None:
    """A link fails where a file has appeared; a rename would replace it."""
    try:
        _link(place, temporary, place.leaf)
    except FileExistsError:
        raise PatchRefused(
            f"`{place.leaf}` has appeared since; nothing was changed"
        ) from None
    except OSError:  # no second names on this file system
        if _exists(place, place.leaf):
            raise
        _rename(place, temporary, place.leaf)


def _link(place: Place, old: str, new: str) -> None:
    folder = place.folder
    os.link(old, new, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)


def _rename(place: Place, old: str, new: str) -> None:
    os.rename(old, new, src_dir_fd=place.folder, dst_dir_fd=place.folder)


def _exists(place: Place, name: str) -> bool:
    try:
        os.lstat(name, dir_fd=place.folder)
    except FileNotFoundError:
        return False
    return True
