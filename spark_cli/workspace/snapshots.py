"""Where checkpoints are kept: in a repository's object store, or in a folder.

Both keep a manifest and numbered blobs under a name, and know nothing of what they
mean.  In git a snapshot is a tree with a reference of its own under `refs/spark/`: it
is kept alive by that, shares equal contents with all else, and being no commit it is in
nobody's log.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from spark_cli.config.paths import private
from spark_cli.core.errors import SparkError
from spark_cli.workspace import loose
from spark_cli.workspace.repo import Repo

_REFS = "refs/spark"
_MANIFEST = "manifest"
_FILED = ".snapshot"
_DIRECT_MAX = 64
"""Blobs that we write ourselves; git is faster with more, since it syncs them once."""


class Snapshot(NamedTuple):
    """`manifest` is ASCII; names are unique, and sort by age."""

    name: str
    session: str
    manifest: str


class Weight(NamedTuple):
    """What a snapshot costs; `handle` is what its store knows it by."""

    handle: str
    name: str
    size_bytes: int


class Store(Protocol):
    """The snapshots of one tree, whichever session made them."""

    def put(self, snapshot: Snapshot, blobs: Mapping[str, bytes]) -> None: ...

    def all(self) -> list[Snapshot]:
        """Oldest first."""

    def blobs(self, snapshot: Snapshot, wanted: Sequence[str]) -> dict[str, bytes]: ...

    def handle(self, session: str, name: str) -> str: ...

    def drop(self, handles: Iterable[str]) -> None: ...

    def weights(self) -> list[Weight]:
        """All that shares the store, also what other trees have in it."""

    def crowd(self) -> int:
        """About how many snapshots there are, told without reading them."""


class GitStore(NamedTuple):
    repo: Repo

    def put(self, snapshot: Snapshot, blobs: Mapping[str, bytes]) -> None:
        contents = {**blobs, _MANIFEST: snapshot.manifest.encode("ascii")}
        ref = _ref(snapshot.session, snapshot.name)
        common = self.repo.common_dir
        if len(contents) > _DIRECT_MAX or not loose.is_plain(common):
            self._put_by_git(ref, contents)
            return
        loose.put(common, ref, contents)

    def _put_by_git(self, ref: str, contents: Mapping[str, bytes]) -> None:
        import tempfile

        with tempfile.TemporaryDirectory() as folder:
            paths = [Path(folder) / name for name in contents]
            for path in paths:
                path.write_bytes(contents[path.name])
            asked = "".join(f"{path}\n" for path in paths)
            write = ("hash-object", "-w", "--no-filters", "--stdin-paths")
            hashed = self.repo.git(*write, data=asked.encode()).decode().split()
        lines = [
            f"100644 blob {blob}\t{name}\n"
            for name, blob in zip(contents, hashed, strict=True)
        ]
        tree = self.repo.git("mktree", data="".join(lines).encode()).decode().strip()
        self.repo.git("update-ref", ref, tree)

    def all(self) -> list[Snapshot]:
        refs = self._refs()
        contents = self._read([f"{ref}:{_MANIFEST}" for ref in refs])
        found = []
        for ref, content in zip(refs, contents, strict=True):
            session, _, name = ref[len(_REFS) + 1 :].partition("/")
            if content is not None and name:
                found.append(
                    Snapshot(name, session, content.decode("ascii", "replace"))
                )
        return sorted(found, key=lambda snapshot: snapshot.name)

    def _refs(self) -> list[str]:
        listing = self.repo.git("for-each-ref", "--format=%(refname)", f"{_REFS}/")
        return listing.decode("ascii", "replace").splitlines()

    def blobs(self, snapshot: Snapshot, wanted: Sequence[str]) -> dict[str, bytes]:
        ref = _ref(snapshot.session, snapshot.name)
        contents = self._read([f"{ref}:{name}" for name in wanted])
        found = {}
        for name, content in zip(wanted, contents, strict=True):
            if content is None:
                raise _damaged(snapshot, name)
            found[name] = content
        return found

    def _read(self, wanted: Sequence[str]) -> list[bytes | None]:
        """The blobs of such names; `None` for one that is missing."""
        if not wanted:
            return []
        asked = "".join(f"{name}\n" for name in wanted)
        answer = self.repo.git("cat-file", "--batch", data=asked.encode())
        found: list[bytes | None] = []
        at = 0
        for _ in wanted:
            end = answer.index(b"\n", at)
            words = answer[at:end].split()
            at = end + 1
            if len(words) != 3 or words[1] != b"blob":
                found.append(None)
                continue
            size = int(words[2])
            found.append(answer[at : at + size])
            at += size + 1
        return found

    def handle(self, session: str, name: str) -> str:
        return _ref(session, name)

    def drop(self, handles: Iterable[str]) -> None:
        asked = "".join(f"delete {ref}\n" for ref in handles)
        if asked:
            self.repo.git("update-ref", "--stdin", data=asked.encode())

    def weights(self) -> list[Weight]:
        refs = self._refs()
        manifests = self._read([f"{ref}:{_MANIFEST}" for ref in refs])
        return [
            Weight(ref, ref.rpartition("/")[2], _size(manifest or b""))
            for ref, manifest in zip(refs, manifests, strict=True)
        ]

    def crowd(self) -> int:
        sessions = _entries(f"{self.repo.common_dir}/{_REFS}")
        return sum(len(_entries(session)) for session in sessions)


def _entries(folder: str) -> list[str]:
    """The paths of what is in a folder; for hundreds, `Path` would take 3 ms."""
    try:
        with os.scandir(folder) as entries:
            return [entry.path for entry in entries]
    except (FileNotFoundError, NotADirectoryError):
        return []


def _ref(session: str, name: str) -> str:
    return f"{_REFS}/{session}/{name}"


def _size(manifest: bytes) -> int:
    """What a manifest says of the size of its contents."""
    found = re.search(rb'"bytes": ?(\d+)', manifest)
    return int(found[1]) if found else 0


def _damaged(snapshot: Snapshot, blob: str) -> SparkError:
    return SparkError(
        f"checkpoint `{snapshot.name}` is damaged: `{blob}` is missing",
        "`spark checkpoints` lists the others",
    )


class FolderStore(NamedTuple):
    """One file a snapshot: a line with the manifest and sizes, then the blobs.

    All trees share the folder; the files of this one begin with `key`.
    """

    folder: Path
    key: str

    def put(self, snapshot: Snapshot, blobs: Mapping[str, bytes]) -> None:
        packed = {name: zlib.compress(data, 1) for name, data in blobs.items()}
        sizes = {name: len(data) for name, data in packed.items()}
        head = json.dumps({"manifest": snapshot.manifest, "sizes": sizes})
        path = self._path(snapshot.session, snapshot.name)
        draft = private(self.folder) / f"{path.name}.draft"
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(head.encode("ascii") + b"\n" + b"".join(packed.values()))
                file.flush()
                os.fsync(handle)
            draft.replace(path)
        except OSError:
            draft.unlink(missing_ok=True)
            raise

    def all(self) -> list[Snapshot]:
        found = []
        for path in self.folder.glob(f"{self.key}.*{_FILED}"):
            _, session, name, _ = path.name.split(".")
            try:
                with path.open("rb") as file:
                    head = json.loads(file.readline())
            except (OSError, ValueError):
                continue
            found.append(Snapshot(name, session, head["manifest"]))
        return sorted(found, key=lambda snapshot: snapshot.name)

    def blobs(self, snapshot: Snapshot, wanted: Sequence[str]) -> dict[str, bytes]:
        with self._path(snapshot.session, snapshot.name).open("rb") as file:
            sizes: dict[str, int] = json.loads(file.readline())["sizes"]
            packed = {blob: file.read(size) for blob, size in sizes.items()}
        try:
            return {blob: zlib.decompress(packed[blob]) for blob in wanted}
        except (KeyError, zlib.error):
            raise _damaged(snapshot, "content") from None

    def handle(self, session: str, name: str) -> str:
        return self._path(session, name).name

    def drop(self, handles: Iterable[str]) -> None:
        for file in handles:
            (self.folder / file).unlink(missing_ok=True)

    def weights(self) -> list[Weight]:
        found = []
        for path in self.folder.glob(f"*{_FILED}"):
            with contextlib.suppress(OSError):
                name = path.name.split(".")[-2]
                found.append(Weight(path.name, name, path.stat().st_size))
        return found

    def crowd(self) -> int:
        return len(_entries(str(self.folder)))

    def _path(self, session: str, name: str) -> Path:
        return self.folder / f"{self.key}.{session}.{name}{_FILED}"
