from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from spark_cli.core.errors import SparkError
from spark_cli.workspace.repo import Repo
from spark_cli.workspace.snapshots import FolderStore, GitStore, Snapshot, Store

BLOBS = {"0.before": bytes(range(256)), "0.after": b"", "1.after": b"x" * 5_000}
FIRST = Snapshot("01", "s", '{"bytes": 5256}')
SECOND = Snapshot("02", "other", "{}")


def in_git(folder: Path, *options: str) -> Store:
    subprocess.run(["git", "init", "-q", *options, folder], check=True)
    repo = Repo.find(folder)
    assert repo is not None
    return GitStore(repo)


STORES: dict[str, Callable[[Path], Store]] = {
    "git": in_git,
    "git, sha256": lambda folder: in_git(folder, "--object-format=sha256"),
    "git, shared": lambda folder: in_git(folder, "--shared=group"),
    "folder": lambda folder: FolderStore(folder / "checkpoints", "key"),
}


@pytest.fixture(params=STORES)
def store(tmp_path: Path, request: pytest.FixtureRequest) -> Store:
    return STORES[request.param](tmp_path.resolve())


def test_what_is_put_there_is_found_oldest_first(store: Store) -> None:
    store.put(SECOND, {})
    store.put(FIRST, BLOBS)

    assert store.all() == [FIRST, SECOND]
    assert store.blobs(FIRST, [*BLOBS]) == BLOBS
    assert store.blobs(SECOND, []) == {}
    assert store.crowd() == 2


def test_what_is_dropped_is_gone_and_may_be_dropped_again(store: Store) -> None:
    store.put(FIRST, BLOBS)
    store.put(SECOND, {})

    for _ in range(2):
        store.drop([store.handle(FIRST.session, FIRST.name)])

    assert store.all() == [SECOND]


def test_a_weight_tells_size_and_handle(store: Store) -> None:
    store.put(FIRST, BLOBS)
    store.put(SECOND, {})

    weights = {one.name: one for one in store.weights()}

    assert weights["01"].size_bytes > weights["02"].size_bytes
    store.drop([weights["01"].handle])
    assert store.all() == [SECOND]


def test_what_is_missing_is_told(store: Store) -> None:
    store.put(FIRST, {})

    with pytest.raises(SparkError, match="checkpoint `01` is damaged"):
        store.blobs(FIRST, ["0.before"])


def test_an_empty_store_is_empty(store: Store) -> None:
    assert (store.all(), store.weights(), store.crowd()) == ([], [], 0)


def test_many_files_are_left_to_git(tmp_path: Path) -> None:
    store = in_git(tmp_path.resolve())
    blobs = {f"{number}.after": f"{number}\n".encode() for number in range(100)}

    store.put(FIRST, blobs)

    assert store.blobs(FIRST, [*blobs]) == blobs
    assert store.all() == [FIRST]


def test_a_folder_is_private_and_shared_by_many_trees(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "checkpoints"
    one, other = FolderStore(folder, "one"), FolderStore(folder, "other")

    one.put(FIRST, BLOBS)
    other.put(SECOND, {})
    (folder / "one.s.03.snapshot").write_bytes(b"torn")

    assert (one.all(), other.all()) == ([FIRST], [SECOND])
    assert len(one.weights()) == 3
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o077 for path in folder.glob("*.0[12].*")} == {0}
