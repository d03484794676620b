"""Which tracked files are not as git's index has them, and what the index has.

The index holds the size and times of every tracked file, so that one `git diff-files`
tells, without reading a file.  It is asked of a copy: the user's own is never written,
and the copy stays what it is while a command commits, resets or stages.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from spark_cli.config.paths import private
from spark_cli.workspace.repo import Repo
from spark_cli.workspace.tree import File

_REGULAR = frozenset({"100644", "100755"})
_SIZE = re.compile(rb"^  size: (\d+)", re.MULTILINE)
_FORGOTTEN_S = 24 * 3600


@dataclass(frozen=True, slots=True)
class Entry:
    """A file as the index has it; `blob` is empty where it has none."""

    blob: str
    mode: int


class Tracked:
    """The tracked files below a folder, as they were when `renew` was called."""

    def __init__(self, repo: Repo, folder: Path, copies: Path, name: str) -> None:
        self._repo = repo
        self._folder = folder
        self._copies = copies
        self._path = copies / f"{name}-{os.getpid()}"
        self._seen: tuple[int, int, int] | None = None

    def renew(self) -> bool:
        """Copy the index if it is another one by now; false where there is none."""
        try:
            with (self._repo.git_dir / "index").open("rb") as index:
                status = os.fstat(index.fileno())
                seen = status.st_ino, status.st_size, status.st_mtime_ns
                if seen != self._seen:
                    self._sweep()
                    with self._path.open("wb") as copy:
                        shutil.copyfileobj(index, copy)
                    # What was written at the very time of the index is looked into:
                    # a younger copy would hide it (git's "racy" entries).
                    os.utime(self._path, ns=(status.st_atime_ns, status.st_mtime_ns))
        except FileNotFoundError:
            return False
        self._seen = seen
        return True

    def refresh(self) -> None:
        """Look into every file whose times differ: seconds, but only once."""
        self._git("update-index", "-q", "--refresh", ok=(0, 1))

    def differing(self) -> dict[str, Entry]:
        """Files whose size, times or mode are not those in the index."""
        listing = self._git("diff-files", "--raw", "-z", "--no-abbrev", "--relative")
        fields = listing.decode("utf-8", "surrogateescape").split("\0")
        found = {}
        for told, name in zip(fields[::2], fields[1::2], strict=False):
            mode, _, blob, *_ = told.removeprefix(":").split(" ")
            if mode in _REGULAR:
                found[name] = Entry(blob, int(mode[3:], 8))
            elif not int(mode, 8):  # unmerged, or only intended to be added
                found.setdefault(name, Entry("", 0))
        return found

    def contents(self, entries: Mapping[str, Entry]) -> dict[str, File]:
        """What these files held when they were as the index has them, to the byte.

        Git converts line endings and the like, but never without changing the size.
        Those of which it is not certain are left out: a filter's output is not ours to
        guess.
        """
        names = [name for name, entry in entries.items() if entry.blob]
        names = self._unfiltered([name for name in names if "\n" not in name])
        if not names:
            return {}
        asked = "".join(f"{entries[name].blob}\n" for name in names)
        answer = self._git("cat-file", "--batch", data=asked.encode())
        sizes = self._sizes(names)
        found, at = {}, 0
        for name in names:
            end = answer.index(b"\n", at)
            words = answer[at:end].split()
            at = end + 1
            if len(words) != 3:
                continue
            data: bytes | None = answer[at : at + int(words[2])]
            at += int(words[2]) + 1
            if int(words[2]) != sizes.get(name):
                data = self._converted(name, entries[name].blob, sizes.get(name, 0))
            if data is not None:
                found[name] = File(data, entries[name].mode)
        return found

    def _converted(self, name: str, blob: str, size: int) -> bytes | None:
        """As git would check it out, if that has the size that it had.

        Git does not note the size of what changed while it looked.
        """
        path = self._folder.relative_to(self._repo.top) / name
        data = self._git("cat-file", "--filters", f"--path={path}", blob)
        return data if size in {len(data), 0} else None

    def head(self) -> bytes:
        return self._git("rev-parse", "-q", "--verify", "HEAD", ok=(0, 1, 128))

    def _unfiltered(self, names: Iterable[str]) -> list[str]:
        asked = "\0".join(names).encode("utf-8", "surrogateescape")
        if not asked:
            return []
        told = self._git("check-attr", "-z", "--stdin", "filter", data=asked + b"\0")
        fields = told.decode("utf-8", "surrogateescape").split("\0")
        rows = zip(fields[::3], fields[2::3], strict=False)
        return [name for name, value in rows if value in {"unspecified", "unset"}]

    def _sizes(self, names: list[str]) -> dict[str, int]:
        """The sizes of the files themselves; 0 where git has not noted it."""
        told = self._git("ls-files", "--debug", "-z", "--", *names)
        parts = told.decode("utf-8", "surrogateescape").split("\0")
        sizes = [int(size) for size in _SIZE.findall(told)]
        listed = [parts[0], *(part.rpartition("\n")[2] for part in parts[1:-1])]
        return dict(zip(listed, sizes, strict=False))

    def _git(
        self, *arguments: str, data: bytes | None = None, ok: Iterable[int] = (0,)
    ) -> bytes:
        return self._repo.git(
            *arguments,
            data=data,
            ok=tuple(ok),
            folder=self._folder,
            env={"GIT_INDEX_FILE": str(self._path)},
        )

    def _sweep(self) -> None:
        """Remove the copies that others left long ago."""
        limit = time.time() - _FORGOTTEN_S
        for path in private(self._copies).iterdir():
            with contextlib.suppress(OSError):
                if path.stat().st_mtime < limit and stat.S_ISREG(path.stat().st_mode):
                    path.unlink()
