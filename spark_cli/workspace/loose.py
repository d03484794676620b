"""Git objects and references, written as git writes them but without running git.

A checkpoint is made before each change: a process for every object would cost more
than the change.  Only the oldest form is written, one compressed file an object, which
every git reads; a repository in any other format is left to git itself.

Source: gitformat-loose(5), gitrepository-layout(5).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import BinaryIO

from spark_cli.workspace.durable import AT_ONCE, sync

_OTHER_FORMS = re.compile(rb"objectformat|refstorage|sharedrepository", re.IGNORECASE)
_TRIES = 3
"""A `git pack-refs` at the same time removes folders that are empty."""
_STORED = 8_000_000
"""Above this many bytes, time is worth more than space."""


def is_plain(common_dir: Path) -> bool:
    """Whether a repository keeps SHA-1 objects and references as files of its own."""
    try:
        return not _OTHER_FORMS.search((common_dir / "config").read_bytes())
    except OSError:
        return False


def put(common_dir: Path, ref: str, contents: Mapping[str, bytes]) -> None:
    """Make a reference to a folder of files with these contents.

    What it leads to is on the disk before it is there.
    """
    store = _Store(common_dir)
    names = {name: store.add(b"blob", data) for name, data in contents.items()}
    entries = (
        b"100644 %s\0%s" % (name.encode("ascii"), names[name]) for name in sorted(names)
    )
    tree = store.add(b"tree", b"".join(entries))
    # Not under `.lock`: one that a killed writer leaves would be in git's way for ever.
    store.write(store.draft(), common_dir / ref, [f"{tree.hex()}\n".encode()], 0o666)
    store.settle()


class _Store:
    """Writes files under other names first, and renames all when all are synced."""

    def __init__(self, common_dir: Path) -> None:
        self._objects = common_dir / "objects"
        self._drafts: dict[Path, Path] = {}
        self._open: list[BinaryIO] = []

    def add(self, kind: bytes, data: bytes) -> bytes:
        """Put an object there, unless it is there; the answer is its name."""
        head = b"%s %d\0" % (kind, len(data))
        digest = hashlib.sha1(head, usedforsecurity=False)
        digest.update(data)
        name = digest.hexdigest()
        path = self._objects / name[:2] / name[2:]
        try:
            os.utime(path)  # as git does: what was written long ago may be pruned
        except OSError:
            if path not in self._drafts.values():
                packer = zlib.compressobj(1 if len(data) < _STORED else 0)
                packed = map(packer.compress, (head, data))
                self.write(self.draft(), path, (*packed, packer.flush()), 0o444)
        return digest.digest()

    def draft(self) -> Path:
        """A name that git knows for a leftover, and prunes."""
        return self._objects / f"tmp_obj_{os.urandom(6).hex()}"

    def write(
        self, draft: Path, path: Path, pieces: Iterable[bytes], mode: int
    ) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        try:
            file = os.fdopen(os.open(draft, flags, mode), "wb")
            self._open.append(file)
            self._drafts[draft] = path
            file.writelines(pieces)
            file.flush()
        except OSError:
            self._forget()
            raise

    def settle(self) -> None:
        """Sync all, then rename them in the order in which they were written."""
        try:
            while self._open:
                batch, self._open = self._open[:AT_ONCE], self._open[AT_ONCE:]
                sync(batch)
            for draft, path in self._drafts.items():
                _rename(draft, path)
        except OSError:
            self._forget()
            raise

    def _forget(self) -> None:
        for file in self._open:
            with contextlib.suppress(OSError):
                file.close()
        for draft in self._drafts:
            draft.unlink(missing_ok=True)


def _rename(draft: Path, path: Path) -> None:
    for left in reversed(range(_TRIES)):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            draft.replace(path)
        except FileNotFoundError:
            if not left:
                raise
        else:
            return
