"""Which session, where `--resume` was typed without an id: the user is asked."""

from __future__ import annotations

import sys
import time
from itertools import islice
from pathlib import Path

from spark_cli.core.errors import UsageError
from spark_cli.core.printable import brief, printable_line
from spark_cli.store.sessions import Session, Sessions

SHOWN = 12
_WORDS = 50


def chosen(sessions: Sessions, root: Path) -> str:
    """The id of the session that the user picks from a list, newest first.

    Where nobody can be asked, `UsageError` names the newest ones.
    """
    found = list(islice(sessions.of(root), SHOWN))
    if not found:
        return sessions.last_in(root).id  # says that there is none
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        ids = ", ".join(f"`{one.id}`" for one in found[:5])
        raise UsageError(f"which session? the newest here are {ids}", "add its id")
    for number, one in enumerate(found, 1):
        sys.stderr.write(f"{number:>3}  {_row(sessions, one)}\n")
    sys.stderr.write("which? [1] ")
    sys.stderr.flush()
    typed = sys.stdin.readline().strip() or "1"
    if not typed.isdecimal() or not 1 <= int(typed) <= len(found):
        raise UsageError(f"there is no session number `{typed}` in the list")
    return found[int(typed) - 1].id


def _row(sessions: Sessions, one: Session) -> str:
    words = brief(sessions.told(one).words, _WORDS)
    return f"{one.id}  {_ago(time.time() - one.changed):>8}  {printable_line(words)}"


def _ago(seconds: float) -> str:
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size:.0f} {unit}"
    return "now"
