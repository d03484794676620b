from __future__ import annotations

import os
from pathlib import Path

import pytest

from spark_cli.workspace.clipboard import copy, programs


@pytest.mark.parametrize(
    ("environ", "platform", "found"),
    [
        ({}, "linux", []),
        ({}, "darwin", ["pbcopy"]),
        ({"DISPLAY": ":0"}, "linux", ["xclip", "xsel"]),
        (
            {"WAYLAND_DISPLAY": "w", "DISPLAY": ":0"},
            "linux",
            ["wl-copy", "xclip", "xsel"],
        ),
        ({"DISPLAY": ":0", "SSH_TTY": "/dev/pts/1"}, "linux", []),
        ({"SSH_CONNECTION": "1.2.3.4"}, "darwin", []),
    ],
)
def test_the_programs_are_those_of_the_screen_that_the_user_sees(
    environ: dict[str, str], platform: str, found: list[str]
) -> None:
    assert [program[0] for program in programs(environ, platform)] == found


@pytest.mark.skipif(os.uname().sysname != "Linux", reason="another program there")
def test_a_program_that_stays_behind_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "kept"
    (tmp_path / "xclip").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "xsel").write_text(f"#!/bin/sh\ncat > {kept}\nsleep 60 &\n")
    for name in ("xclip", "xsel"):
        (tmp_path / name).chmod(0o755)
    path = f"{tmp_path}:/usr/bin:/bin"
    monkeypatch.setenv("PATH", path)

    assert copy("h\u00e9", {"DISPLAY": ":0", "PATH": path}) == "xsel"
    assert kept.read_text() == "h\u00e9"
