"""A program on a pseudo-terminal, every byte of it with its time; no emulation.

An emulator would take more of the machine than the programs that are measured.  It
answers what a terminal is asked at the start, and counts the CPU of a process tree.
"""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.ptys import received, started

COLUMNS, ROWS = 120, 40
PATIENCE_S = 60.0
TICKS = os.sysconf("SC_CLK_TCK")
_ESCAPES = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|.)")
_ANSWERS = {
    b"\x1b[6n": b"\x1b[1;1R",
    b"\x1b[c": b"\x1b[?62;22c",
    b"\x1b]10;?": b"\x1b]10;rgb:dddd/dddd/dddd\x1b\\",
    b"\x1b]11;?": b"\x1b]11;rgb:1111/1111/1111\x1b\\",
}


class Tty:
    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], cwd: Path
    ) -> None:
        self.raw = bytearray()
        self.process, self.master, slave, _ = started(
            command, environment, cwd=cwd, columns=COLUMNS, rows=ROWS
        )
        os.close(slave)

    def send(self, keys: str) -> float:
        """Press keys; when it was."""
        now = time.monotonic()
        os.write(self.master, keys.encode())
        return now

    def read(self, timeout_s: float) -> bool:
        data = received(self.master, timeout_s)
        self.raw += data
        for asked, answer in _ANSWERS.items():
            if asked in data:
                os.write(self.master, answer)
        return bool(data)

    def rest(self, seconds: float) -> None:
        """Let time pass, and read what comes."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self.read(left)

    def until(
        self, met: Callable[[], bool], what: str, patience_s: float = PATIENCE_S
    ) -> float:
        """When it came true, to the read."""
        deadline = time.monotonic() + patience_s
        while not met():
            if time.monotonic() > deadline:
                raise TimeoutError(f"never {what}; the end:\n{self.words(-3000)}")
            self.read(0.05)
        return time.monotonic()

    def sees(self, text: str, since: int, patience_s: float = PATIENCE_S) -> float:
        """When a text was written to the terminal, after `since` bytes of output."""
        wanted = text.encode()
        return self.until(
            lambda: (
                wanted
                in _ESCAPES.sub(b"", self.raw[max(since, len(self.raw) - 99_000) :])
            ),
            f"showed {text!r}",
            patience_s,
        )

    def words(self, since: int) -> str:
        return _ESCAPES.sub(b"", self.raw[since:]).decode(errors="replace")

    def cpu_s(self) -> float:
        """What the process and all its children have used."""
        return sum(_cpu_s(one) for one in _tree(self.process.pid))

    def memory_mb(self) -> float:
        return sum(_memory_mb(one) for one in _tree(self.process.pid))

    def close(self) -> None:
        for one in reversed(_tree(self.process.pid)):
            try:
                os.kill(one, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.process.wait()
        os.close(self.master)


def _tree(pid: int) -> list[int]:
    found = [pid]
    for one in found:
        for children in Path(f"/proc/{one}/task").glob("*/children"):
            try:
                found.extend(int(child) for child in children.read_text().split())
            except OSError:
                continue
    return found


def _cpu_s(pid: int) -> float:
    try:
        told = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0.0
    fields = told.rpartition(")")[2].split()
    return sum(int(ticks) for ticks in fields[11:15]) / TICKS


def _memory_mb(pid: int) -> float:
    try:
        told = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    found = re.search(r"^Pss:\s+(\d+)", told, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0
