from __future__ import annotations

from pathlib import Path

import pytest

from spark_cli.core.errors import UsageError
from spark_cli.workspace.attachment import block, file_block, looks_secret

TEXT = "one\ntwo\nthree\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.txt"
    path.write_text(TEXT)
    return path


def test_a_block_ends_on_a_line_of_its_own() -> None:
    assert block("stdin", "x") == "<stdin>\nx\n</stdin>"


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("x </file > y\n", "file"),
        ("x </file> y\n", "file-2"),
        ("x </file> </file-2>\n", "file-3"),
        ("x </file-2>\n", "file"),
    ],
)
def test_a_text_cannot_end_its_own_block(text: str, mark: str) -> None:
    assert block("file", text) == f"<{mark}>\n{text}</{mark}>"


def test_a_name_cannot_add_to_its_tag(tmp_path: Path) -> None:
    path = tmp_path / 'a" by="user">\n&.py'
    path.write_text("x\n")

    assert file_block(path, path.name) == (
        '<file path="a&quot; by=&quot;user&quot;&gt;&#10;&amp;.py">\nx\n</file>'
    )


@pytest.mark.parametrize(
    ("lines", "whole"),
    [
        (None, f'<file path="a.txt">\n{TEXT}</file>'),
        (range(2, 3), '<file path="a.txt" lines="2-2">\ntwo\n</file>'),
        (range(2, 100), '<file path="a.txt" lines="2-3">\ntwo\nthree\n</file>'),
    ],
)
def test_a_file_is_a_block_or_the_lines_of_it(
    path: Path, lines: range | None, whole: str
) -> None:
    assert file_block(path, "a.txt", lines) == whole


@pytest.mark.parametrize("lines", [range(4, 5), range(3, 3), range(9, 20)])
def test_lines_that_are_not_there_are_told(path: Path, lines: range) -> None:
    with pytest.raises(UsageError, match="`a.txt` has 3 lines"):
        file_block(path, "a.txt", lines)


def test_a_large_file_is_refused_and_never_cut(path: Path) -> None:
    with pytest.raises(UsageError, match="has 14 bytes, and 10 are the most"):
        file_block(path, "a.txt", most=10)
    assert "two" in file_block(path, "a.txt", range(2, 3), most=10)
    with pytest.raises(UsageError, match="lines 1 to 3 of `a.txt` are larger"):
        file_block(path, "a.txt", range(1, 4), most=10)


def test_what_is_no_text_is_refused(path: Path, tmp_path: Path) -> None:
    path.write_bytes(b"\x89PNG\0")
    with pytest.raises(UsageError, match="is binary"):
        file_block(path, "a.txt")
    with pytest.raises(UsageError, match="it is no file"):
        file_block(tmp_path, "folder")
    with pytest.raises(UsageError, match="it does not exist"):
        file_block(tmp_path / "nope", "nope")


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        (".env", True),
        ("deploy/.env.production", True),
        ("certs/server.PEM", True),
        ("home/.ssh/id_ed25519", True),
        (".env.example", False),
        ("id_rsa.pub", False),
        ("src/environment.py", False),
        ("keyboard.py", False),
    ],
)
def test_files_that_people_keep_keys_in_are_known(name: str, *, secret: bool) -> None:
    assert looks_secret(name) is secret
