"""The search engine of last resort: a program of its own, standard library only.

Python's `re` can take for ever on a pattern such as `(a+)+$`, and holds the
interpreter while it does, so a thread with a time limit would not help.  A process
can be ended, and ends itself where nobody is left to do so.  `tools.engines` runs
this file by its path, alone.

Standard input is one JSON object, `pattern`, `fixed`, `ignore_case`, `names` and
`timeout_s`.  Each match is one line of JSON: the name's index, the line's number,
where in the line the match starts, and the line.
"""

from __future__ import annotations

import json
import re
import signal
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

BAD_PATTERN = 3
"""The exit status for a pattern that cannot be compiled; standard error says why."""


_CLASSES = {
    # What grep and both other engines take inside of brackets, and `re` does not.
    "[:alnum:]": "a-zA-Z0-9",
    "[:alpha:]": "a-zA-Z",
    "[:blank:]": r" \t",
    "[:digit:]": "0-9",
    "[:lower:]": "a-z",
    "[:punct:]": r"!-/:-@\[-`{-~",
    "[:space:]": r" \t-\r",
    "[:upper:]": "A-Z",
    "[:word:]": r"\w",
    "[:xdigit:]": "0-9A-Fa-f",
}

_STRAY = re.compile("[\udc80-\udcff]")


def compiled(pattern: str, *, fixed: bool, ignore_case: bool) -> re.Pattern[str]:
    """`re.error` for what is no pattern."""
    if fixed:
        pattern = re.escape(pattern)
    else:
        for name, meaning in _CLASSES.items():
            pattern = pattern.replace(name, meaning)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of sets that may be nested one day
        return re.compile(pattern, re.IGNORECASE if ignore_case else 0)


def matches(data: bytes, pattern: re.Pattern[str]) -> Iterator[tuple[int, int, str]]:
    """Lines end at LF or CRLF; a byte that is not UTF-8 is no character to match."""
    if b"\0" in data:
        return
    lines = data.split(b"\n")
    if not lines[-1]:
        lines.pop()
    for number, raw in enumerate(lines, start=1):
        line = raw.removesuffix(b"\r").decode("utf-8", "surrogateescape")
        found = _search(pattern, line)
        if found is not None:
            yield number, found.start(), line


def _search(pattern: re.Pattern[str], line: str) -> re.Match[str] | None:
    """The first match without a stray byte, which `.` would match here."""
    found = pattern.search(line)
    while found is not None and (stray := _STRAY.search(line, *found.span())):
        shorter = pattern.match(line, found.start(), stray.start())
        if shorter is not None:
            return shorter
        found = pattern.search(line, found.start() + 1)
    return found


def main() -> int:
    query = json.load(sys.stdin)
    # The signal's own default ends the process; a handler would wait for `re`.
    signal.setitimer(signal.ITIMER_REAL, query["timeout_s"])
    try:
        pattern = compiled(
            query["pattern"], fixed=query["fixed"], ignore_case=query["ignore_case"]
        )
    except (re.error, RecursionError, OverflowError) as error:
        sys.stderr.write(str(error))
        return BAD_PATTERN
    for index, name in enumerate(query["names"]):
        try:
            data = Path(name).read_bytes()
        except OSError:
            continue
        for number, start, line in matches(data, pattern):
            sys.stdout.write(json.dumps([index, number, start, line]) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
