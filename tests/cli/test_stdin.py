from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from spark_cli.cli.stdin import read_piped
from spark_cli.core.errors import UsageError
from spark_cli.workspace.attachment import BYTES_MAX


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    ends = os.pipe()
    yield ends
    for end in ends:
        try:
            os.close(end)
        except OSError:
            continue


def test_what_is_piped_is_read_to_its_end(pipe: tuple[int, int]) -> None:
    out, into = pipe
    os.write(into, "a trace ünd more".encode())
    os.close(into)
    warnings: list[str] = []

    assert read_piped(out, warnings.append) == "a trace ünd more"
    assert warnings == []


def test_a_silent_pipe_is_given_up_and_that_is_said(pipe: tuple[int, int]) -> None:
    warnings: list[str] = []

    assert read_piped(pipe[0], warnings.append, first_byte_s=0.01) == ""
    assert warnings == ["nothing came from stdin in 0.01 s; going on without it"]


def test_a_pipe_that_falls_silent_keeps_what_came(pipe: tuple[int, int]) -> None:
    warnings: list[str] = []
    os.write(pipe[1], b"half")

    assert read_piped(pipe[0], warnings.append, next_byte_s=0.01) == "half"
    assert warnings == ["stdin is silent for 0.01 s; going on with its 4 bytes"]


def test_a_file_is_read_and_what_is_not_utf8_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "input"
    path.write_bytes(b"caf\xe9")
    with path.open("rb") as file:
        assert read_piped(file.fileno(), lambda _: None) == "caf\ufffd"


def test_what_no_model_takes_is_refused(pipe: tuple[int, int], tmp_path: Path) -> None:
    path = tmp_path / "big"
    path.write_bytes(b"x" * (BYTES_MAX + 1))
    with path.open("rb") as file, pytest.raises(UsageError, match="no model takes"):
        read_piped(file.fileno(), lambda _: None)

    os.write(pipe[1], b"\x7fELF\0\0")
    os.close(pipe[1])
    with pytest.raises(UsageError, match="binary, not text"):
        read_piped(pipe[0], lambda _: None)


def test_dev_null_and_a_closed_stdin_are_nothing() -> None:
    with Path(os.devnull).open("rb") as null:
        assert read_piped(null.fileno(), lambda _: None) == ""
    assert read_piped(999, lambda _: None) == ""
