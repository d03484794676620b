from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from spark_cli.tools import scan
from spark_cli.tools.scan import compiled, matches


@pytest.mark.parametrize(
    ("data", "pattern", "found"),
    [
        (b"", "x*", []),
        (b"a\n\nb", "^$", [(2, 0, "")]),
        (b"ab\r\nb\r\n", "b$", [(1, 1, "ab"), (2, 0, "b")]),
        (b"a\0\na\n", "a", []),
        (b"x\xff\n", "^x.$", []),
        (b"x\xff\n", "x", [(1, 0, "x\udcff")]),
        (b"x\xffy\n", ".*", [(1, 0, "x\udcffy")]),
        (b"\xff xy\n", ".+y", [(1, 1, "\udcff xy")]),
        (b"x \xff\n", r"\s$", []),
        (b"a-1\n", "[[:alpha:][:punct:]]+[[:digit:]]", [(1, 0, "a-1")]),
        ("a\u2028b\n".encode(), "b", [(1, 2, "a\u2028b")]),
    ],
)
def test_lines_are_searched_as_the_other_engines_do(
    data: bytes, pattern: str, found: list[tuple[int, int, str]]
) -> None:
    expression = compiled(pattern, fixed=False, ignore_case=False)

    assert list(matches(data, expression)) == found


def test_a_fixed_pattern_is_only_text() -> None:
    expression = compiled("[[:alpha:]]", fixed=True, ignore_case=True)

    assert expression.search("x [[:ALPHA:]]")
    assert not expression.search("abc")


def test_what_is_no_pattern_is_an_error() -> None:
    with pytest.raises(re.error, match="missing"):
        compiled("(", fixed=False, ignore_case=False)


def test_a_scan_that_nobody_ends_ends_itself(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("a" * 60 + "!")
    asked = {
        "pattern": "(a+)+$",
        "fixed": False,
        "ignore_case": False,
        "names": ["f"],
        "timeout_s": 0.1,
    }

    done = subprocess.run(
        [sys.executable, "-I", "-S", scan.__file__],
        cwd=tmp_path,
        input=json.dumps(asked).encode(),
        check=False,
    )

    assert done.returncode == -signal.SIGALRM
