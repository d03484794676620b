from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from spark_cli.workspace.durable import AT_ONCE, in_batches, sync


def opened(folder: Path, count: int) -> Iterator[BinaryIO]:
    for number in range(count):
        file = (folder / str(number)).open("wb")
        file.write(b"x")
        yield file


@pytest.mark.parametrize("count", [0, 1, 2, AT_ONCE, AT_ONCE + 1])
def test_every_file_is_flushed_and_closed(tmp_path: Path, count: int) -> None:
    files = []

    def seen() -> Iterator[BinaryIO]:
        for file in opened(tmp_path, count):
            files.append(file)
            yield file

    in_batches(seen())

    assert all(file.closed for file in files)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"x"] * count


@pytest.mark.parametrize("count", [1, 3])
def test_one_that_fails_is_told_and_the_others_are_closed(
    tmp_path: Path, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    files = [*opened(tmp_path, count)]

    with pytest.raises(OSError, match="No space left"):
        sync(files)

    assert all(file.closed for file in files)


def test_what_was_written_is_closed_where_the_next_fails(tmp_path: Path) -> None:
    files = []

    def failing() -> Iterator[BinaryIO]:
        for file in opened(tmp_path, 2):
            files.append(file)
            yield file
        raise KeyError

    with pytest.raises(KeyError):
        in_batches(failing())

    assert all(file.closed for file in files)
