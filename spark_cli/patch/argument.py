"""The patch in a function call's arguments, while they are still being written.

`{"input": "*** Begin Patch ..."}` comes in pieces that may end anywhere, also in the
middle of an escape.  What is decoded here only serves to look ahead: the patch that
counts is read from the whole JSON in the end.

Source: RFC 8259, section 7.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

NAMES = ("input", "patch", "patchText", "patch_text", "diff")
"""What models call the argument, whatever the schema says."""

COMMANDS = ("command", "cmd")
_SAYING = {*NAMES, *COMMANDS, "arguments"}
_DEPTH_MAX = 8

_STOP = re.compile(r'["\\]')
_ODD = re.compile(r'["{}\[\],:]')
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_HIGH = range(0xD800, 0xDC00)


def carried(value: object, depth: int = 0, *, named: bool = True) -> Iterator[str]:
    """The strings of a JSON value that stand alone, or under a name of a patch.

    They may be words of a command, and the object that names them may be anywhere.
    The only value of the outermost object stands alone, whatever its name.
    """
    if depth > _DEPTH_MAX:
        return
    if isinstance(value, str):
        if named:
            yield value
    elif isinstance(value, dict):
        alone = depth == 0 and len(value) == 1
        for key, inner in value.items():
            yield from carried(inner, depth + 1, named=alone or key in _SAYING)
    elif isinstance(value, list):
        for inner in value:
            yield from carried(inner, depth + 1, named=named)


class Argument:
    """Fed with pieces of JSON; gives back the pieces of the string it carries."""

    def __init__(self) -> None:
        self._inside: list[str] = []
        self._key = ""
        self._is_key = False
        self._string: list[str] | None = None
        self._escape = ""
        self._high = 0

    def feed(self, piece: str) -> str:
        found: list[str] = []
        at = 0
        while at < len(piece):
            at = self._next(piece, at, found)
        return "".join(found)

    def _next(self, piece: str, at: int, found: list[str]) -> int:
        if self._escape:
            self._escape += piece[at]
            self._decode(found)
            return at + 1
        if self._string is None:
            return self._outside(piece, at)
        stop = _STOP.search(piece, at)
        end = stop.start() if stop else len(piece)
        if end > at:
            self._take(piece[at:end], found)
        if stop is None:
            return end
        if piece[end] == "\\":
            self._escape = "\\"
        else:
            self._close(found)
        return end + 1

    def _outside(self, piece: str, at: int) -> int:
        odd = _ODD.search(piece, at)
        if odd is None:
            return len(piece)
        char = piece[odd.start()]
        if char == '"':
            self._string = []
        elif char in "{[":
            self._inside.append(char)
            self._is_key = char == "{"
        elif char in "}]":
            del self._inside[-1:]
        else:
            self._is_key = char == "," and self._inside[-1:] == ["{"]
        return odd.end()

    def _take(self, text: str, found: list[str]) -> None:
        """Text of the string that is open: a key is kept, the patch is given back."""
        if self._high and self._string is not None:
            text, self._high = chr(self._high) + text, 0
        if self._is_key and self._string is not None:
            self._string.append(text)
        elif self._is_wanted():
            found.append(text)

    def _is_wanted(self) -> bool:
        """Whether it is the patch: alone, under a name, or as a command's word."""
        if self._inside == ["{", "["]:
            return self._key in COMMANDS
        return not self._inside or (self._inside == ["{"] and self._key in NAMES)

    def _close(self, found: list[str]) -> None:
        if self._high:
            self._take("", found)
        if self._is_key:
            self._key = "".join(self._string or ())
        elif self._is_wanted():
            found.append("\n")  # its last line is whole, whether it says so or not
        self._string = None

    def _decode(self, found: list[str]) -> None:
        kind = self._escape[1]
        if kind != "u":
            self._take(_ESCAPES.get(kind, kind), found)
            self._escape = ""
        elif len(self._escape) == 6:
            self._unit(self._escape[2:], found)
            self._escape = ""

    def _unit(self, digits: str, found: list[str]) -> None:
        """One UTF-16 unit; the first of a pair waits for the second."""
        try:
            code = int(digits, 16)
        except ValueError:
            return
        if self._high and 0xDC00 <= code < 0xE000:
            high, self._high = self._high, 0
            code = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00)
        if code in _HIGH:
            if self._high:
                self._take("", found)
            self._high = code
            return
        self._take(chr(code), found)
