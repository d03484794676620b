"""How names, lines and counts are written to the model: bounded, and never broken.

A file name may hold a line break, and a line a megabyte.  What is shown of them
stays on one line, can be encoded, and says what it leaves out.
"""

from __future__ import annotations

SUMMARY_CHARS = 80


def name(value: str) -> str:
    """A file name on one line; what is not text in it is escaped."""
    if value.isprintable():
        return value
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode()
        for char in value
    )


def line(value: str, width: int, start: int = 0) -> str:
    """At most about `width` characters of a line, those around `start`."""
    value = value.removesuffix("\r")
    if len(value) <= width:
        return value
    begin = max(0, min(start - width // 4, len(value) - width))
    end = begin + width
    before = f"[{begin:,} characters] " if begin else ""
    after = f" [{len(value) - end:,} more characters]" if end < len(value) else ""
    return f"{before}{value[begin:end]}{after}"


def summary(value: str) -> str:
    """What a call is about, on one line that leaves room for others."""
    return line(name(" ".join(value.split())), SUMMARY_CHARS)


def counted(number: int, noun: str, plural: str = "") -> str:
    """`1 file`, `2 files`, `1,200 matches`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
