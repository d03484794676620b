"""The clipboard of this machine, where there is a program that sets it.

Over ssh it would be the wrong machine's: there the terminal is asked instead.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

_TIMEOUT_S = 3.0


def copy(text: str, environ: Mapping[str, str]) -> str:
    """Put the text on the clipboard; the program that did it, or nothing."""
    from spark_cli.workspace.processes import Bounds, capture

    for program in programs(environ, sys.platform):
        path = shutil.which(program[0])
        if path is None:
            continue
        # The program leaves a process behind that hands the text out: it must not
        # hold our end of its output open.
        argv = ["/bin/sh", "-c", 'exec "$@" >/dev/null 2>&1', "sh", path, *program[1:]]
        done = capture(
            argv,
            Bounds(_TIMEOUT_S, 1),
            cwd=Path("/"),
            env=environ,
            data=text.encode("utf-8", "replace"),
        )
        if done.code == 0:
            return program[0]
    return ""


def programs(environ: Mapping[str, str], platform: str) -> Iterator[tuple[str, ...]]:
    """What may set the clipboard that the user sees, the likeliest first."""
    if environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"):
        return
    if platform == "darwin":
        yield ("pbcopy",)
    if environ.get("WAYLAND_DISPLAY"):
        yield ("wl-copy",)
    if environ.get("DISPLAY"):
        yield ("xclip", "-selection", "clipboard")
        yield ("xsel", "--clipboard", "--input")
