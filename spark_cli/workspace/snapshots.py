"""Where checkpoints are kept: in a repository's object store, or in a folder.

Both keep a manifest and numbered blobs under a name, and know nothing of what they
mean.  In git a snapshot is one commit whose message is the manifest; everything is
written by a single `git fast-import`, which touches no index and no working tree.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from spark_cli.core.errors import SparkError
from spark_cli.workspace.repo import Repo

_REFS = "refs/spark"
_SIGNATURE = "spark <spark@localhost>"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`manifest` is one line of ASCII; names sort by age."""

    name: str
    manifest: str


class Store(Protocol):
    """The snapshots of one session."""

    def put(self, snapshot: Snapshot, blobs: Mapping[str, bytes]) -> None: ...

    def all(self) -> list[Snapshot]:
        """Oldest first."""

    def blobs(self, name: str, wanted: Sequence[str]) -> dict[str, bytes]: ...

    def drop(self, name: str) -> None: ...


@dataclass(frozen=True, slots=True)
class GitStore:
    repo: Repo
    session: str

    def put(self, snapshot: Snapshot, blobs: Mapping[str, bytes]) -> None:
        marks = {name: mark for mark, name in enumerate(blobs, 1)}
        parts: list[bytes] = []
        for name, data in blobs.items():
            parts += [b"blob\nmark :%d\n" % marks[name], _counted(data)]
        parts += [
            f"commit {self._ref(snapshot.name)}\n".encode(),
            f"committer {_SIGNATURE} now\n".encode(),
            _counted(snapshot.manifest.encode("ascii")),
        ]
        parts += [f"M 100644 :{mark} {name}\n".encode() for name, mark in marks.items()]
        parts.append(b"done\n")
        arguments = ("fast-import", "--quiet", "--done", "--date-format=now")
        self.repo.git(*arguments, data=b"".join(parts))

    def all(self) -> list[Snapshot]:
        prefix = self._ref("")
        form = "--format=%(refname) %(contents:subject)"
        listing = self.repo.git("for-each-ref", form, prefix).decode("ascii", "replace")
        pairs = (line.partition(" ") for line in listing.splitlines())
        found = [Snapshot(ref[len(prefix) :], said) for ref, _, said in pairs if said]
        return sorted(found, key=lambda snapshot: snapshot.name)

    def blobs(self, name: str, wanted: Sequence[str]) -> dict[str, bytes]:
        if not wanted:
            return {}
        asked = "".join(f"{self._ref(name)}:{blob}\n" for blob in wanted)
        answer = self.repo.git("cat-file", "--batch", data=asked.encode())
        found, at = {}, 0
        for blob in wanted:
            end = answer.index(b"\n", at)
            words = answer[at:end].split()
            if len(words) != 3 or words[1] != b"blob":
                raise SparkError(f"checkpoint `{name}` is damaged: `{blob}` is missing")
            start, size = end + 1, int(words[2])
            found[blob] = answer[start : start + size]
            at = start + size + 1
        return found

    def drop(self, name: str) -> None:
        self.repo.git("update-ref", "-d", self._ref(name))

    def _ref(self, name: str) -> str:
        return f"{_REFS}/{self.session}/{name}"


def _counted(data: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(data), data)


@dataclass(frozen=True, slots=True)
class FolderStore:
    """One file a snapshot: a line with the manifest and sizes, then the blobs."""

    folder: Path

    def put(self, snapshot: Snapshot, blobs: Mapping[str, bytes]) -> None:
        packed = {name: zlib.compress(data, 1) for name, data in blobs.items()}
        sizes = {name: len(data) for name, data in packed.items()}
        head = json.dumps({"manifest": snapshot.manifest, "sizes": sizes})
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self.folder / f"{snapshot.name}.draft"
        with draft.open("wb") as file:
            file.write(head.encode("ascii") + b"\n" + b"".join(packed.values()))
        draft.replace(self._path(snapshot.name))

    def all(self) -> list[Snapshot]:
        found = []
        for path in sorted(self.folder.glob("*.snapshot")):
            with path.open("rb") as file:
                head = json.loads(file.readline())
            found.append(Snapshot(path.stem, head["manifest"]))
        return found

    def blobs(self, name: str, wanted: Sequence[str]) -> dict[str, bytes]:
        with self._path(name).open("rb") as file:
            sizes: dict[str, int] = json.loads(file.readline())["sizes"]
            packed = {blob: file.read(size) for blob, size in sizes.items()}
        return {blob: zlib.decompress(packed[blob]) for blob in wanted}

    def drop(self, name: str) -> None:
        self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.snapshot"
