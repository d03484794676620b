"""What a writer is about to do, noted down so that it can be finished by another.

The journal of a write is one small file outside the tree.  While it says `staging`
nothing of the tree has changed; from `commit` on every step is carried to its end;
`rollback` means that it could not be, and that what was set aside goes back.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from spark_cli.workspace.tree import Change, File


class Phase(StrEnum):
    STAGING = "staging"
    COMMIT = "commit"
    ROLLBACK = "rollback"


class Step(NamedTuple):
    """One file.  The other two names are in the same folder, and are ours.

    `temporary` is the new content, empty to delete; `aside` is where the old content
    goes, empty to add.  `before` and `after` are digests, empty where there is no
    file; a mode counts where a file is replaced, as only then it is exactly known.
    """

    name: str
    temporary: str
    aside: str
    before: str
    after: str

    @classmethod
    def of(cls, change: Change, number: int) -> Step:
        own = f".spark-{os.urandom(6).hex()}-{number}"
        strict = change.before is not None and change.after is not None
        return cls(
            change.name,
            f"{own}.tmp" if change.after else "",
            f"{own}.old" if change.before else "",
            digest(change.before, strict=strict),
            digest(change.after, strict=strict),
        )

    def digest(self, file: File | None) -> str:
        """Of what there is now, to be compared with `before` and `after`."""
        return digest(file, strict=bool(self.before and self.after))


def digest(file: File | None, *, strict: bool = False) -> str:
    if file is None:
        return ""
    told = hashlib.sha256(file.data).hexdigest()
    return f"{told} {file.mode:o}" if strict else told


class Intent(NamedTuple):
    """`folders` are made for the write; `note` is the name of its checkpoint."""

    path: Path
    steps: tuple[Step, ...]
    folders: tuple[str, ...] = ()
    note: str = ""

    def write(self, phase: Phase, *, durable: bool) -> None:
        """Note the phase; `durable` also outlives a loss of power."""
        entry = {
            "phase": phase,
            "steps": [step._asdict() for step in self.steps],
            "folders": self.folders,
            "note": self.note,
        }
        handle = os.open(self._draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            json.dump(entry, file)
            file.flush()
            if durable:
                os.fsync(handle)
        self._draft.replace(self.path)
        if durable:
            sync_folder(self.path.parent)

    def remove(self) -> None:
        self._draft.unlink(missing_ok=True)  # of a disk that was full
        self.path.unlink(missing_ok=True)

    @property
    def _draft(self) -> Path:
        return self.path.with_suffix(".draft")


def new_intent(
    folder: Path, key: str, steps: Sequence[Step], folders: Sequence[str], note: str
) -> Intent:
    path = folder / f"{key}-{os.urandom(8).hex()}.json"
    return Intent(path, tuple(steps), tuple(folders), note)


def journals(folder: Path, key: str) -> list[Path]:
    """The files of a root's writers; without a glob, whose pattern takes 1 ms."""
    if not folder.is_dir():
        return []
    with os.scandir(folder) as entries:
        names = sorted(one.name for one in entries if one.name.startswith(f"{key}-"))
    return [folder / name for name in names]


def left_behind(folder: Path, key: str) -> Iterator[tuple[Phase, Intent]]:
    """The intents of writers that were killed; one that cannot be read is removed.

    It was never whole, so nothing was done by it.
    """
    for path in journals(folder, key):
        if path.suffix == ".draft":
            path.unlink(missing_ok=True)
            continue
        try:
            entry = json.loads(path.read_bytes())
            steps = tuple(Step(**step) for step in entry["steps"])
            folders, note = tuple(entry["folders"]), entry["note"]
            found = Phase(entry["phase"]), Intent(path, steps, folders, note)
        except (OSError, ValueError, KeyError, TypeError):
            path.unlink(missing_ok=True)
            continue
        yield found


def sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
