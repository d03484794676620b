"""Everything that a command started, so that none of it outlives the command.

A process group is what a shell gives, and what a child leaves with `setsid`.  So
each command also carries a mark in its environment, which its children inherit
wherever they go; on Linux they are found by it, by their session, and by their
parents.  Elsewhere the group has to do.  What clears its environment, starts a
session and loses its parent gets away: only a sandbox holds that.

Nor does anything outlive spark.  A spark that is killed cannot tidy up, so a second
process, the guard, holds the other end of a pipe: when the pipe closes, it ends the
families that it was told of and that are still there.  `workspace.processes` runs
this file for it, by its path, alone.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

MARK = "SPARK_COMMAND"
"""The variable that every descendant of a command inherits."""

_PROC = Path("/proc")
_ROUNDS = 20
_EXEC_S = 0.003
_FAREWELL_S = 0.3
"""How long a command may tidy up when spark is gone."""


class _Process(NamedTuple):
    pid: int
    parent: int
    group: int
    session: int
    marked: bool


class Family:
    """A command's processes.  `leader` is its shell, which leads group and session."""

    def __init__(self, mark: str, leader: int | None = None) -> None:
        self._mark = f"{MARK}={mark}".encode()
        self.leader = leader

    def terminate(self) -> None:
        """Ask all to end; a program that holds a lock file still removes it."""
        self._signal(signal.SIGTERM)

    def kill(self) -> int:
        """End all and say how many there were beside the leader.

        Again and again, because one may fork between the look and the blow.  And once
        more when nobody is seen: in the middle of an exec, a process shows no
        environment, and so no mark.
        """
        found: set[int] = set()
        quiet = False
        for _ in range(_ROUNDS):
            hit = self._signal(signal.SIGKILL)
            found |= hit
            if not hit and quiet:
                break
            quiet = not hit
            if quiet:
                time.sleep(_EXEC_S)
        return len(found - {self.leader})

    def _signal(self, number: signal.Signals) -> set[int]:
        """Signal the group and all kin; the answer is who was there."""
        kin = self._kin()  # first: whom the group's signal ends is not seen any more
        if self.leader is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.leader, number)
        for pid in kin:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)
        return kin

    def _kin(self) -> set[int]:
        everyone = _processes(self._mark)
        kin = {
            process.pid
            for process in everyone
            if process.marked or self.leader in {process.group, process.session}
        }
        if self.leader is not None:
            kin.add(self.leader)
        grown = True
        while grown:
            children = {one.pid for one in everyone if one.parent in kin} - kin
            kin |= children
            grown = bool(children)
        return (kin - {os.getpid()}) & {one.pid for one in everyone}


def _processes(mark: bytes) -> list[_Process]:
    if not (_PROC / "self/stat").exists():
        return []
    pids = [int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit()]
    return [one for one in (_look(pid, mark) for pid in pids) if one is not None]


def _look(pid: int, mark: bytes) -> _Process | None:
    """One process; `None` if it is gone, or dead and only waiting to be reaped."""
    try:
        stat = (_PROC / str(pid) / "stat").read_bytes()
    except OSError:
        return None
    # The name in parentheses may hold anything (proc(5)); what follows is numbers.
    state, parent, group, session = stat.rpartition(b")")[2].split()[:4]
    if state in b"ZX":
        return None
    try:
        variables = (_PROC / str(pid) / "environ").read_bytes().split(b"\0")
    except OSError:  # another user's
        variables = []
    return _Process(pid, int(parent), int(group), int(session), mark in variables)


def guard(lines: Iterable[str]) -> None:
    """Hear of families until there is no more to hear, and end those that are left.

    A line is a mark, and the leader's number once it is known, or `-` when all of
    them are gone.
    """
    families: dict[str, Family] = {}
    for line in lines:
        mark, _, leader = line.strip().partition(" ")
        families[mark] = Family(mark, int(leader) if leader.isdecimal() else None)
        if leader == "-":
            del families[mark]
    for family in families.values():
        family.terminate()
    if families:
        time.sleep(_FAREWELL_S)
    for family in families.values():
        family.kill()


if __name__ == "__main__":
    # What ends spark must not end its guard first.
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    guard(sys.stdin)
