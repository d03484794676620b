"""File names as diffs write them: quoted as git quotes, stamped, with prefixes.

Source: git-diff's documentation of `core.quotePath` and of its prefixes.
"""

from __future__ import annotations

import re

_PREFIXES = {("a/", "b/"), ("i/", "w/"), ("c/", "i/"), ("c/", "w/"), ("o/", "w/")}
_BEFORE = (".orig", ".bak", ".old", "~")
_AFTER = (".new", ".modified", ".mod")
_NOWHERE = "/dev/null"
_ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\", "a": "\a", "r": "\r"}


def named(text: str) -> str:
    """A name without the time that `diff` puts after a tab."""
    return unquoted(text.rstrip("\r").split("\t")[0].rstrip())


def unquoted(text: str) -> str:
    """A name as git quotes it, or as it is."""
    text = text.rstrip("\r")
    if not (len(text) > 1 and text[0] == text[-1] == '"'):
        return text
    inner = text[1:-1].encode("utf-8", "surrogateescape")
    parts = re.findall(rb"\\([0-7]{3}|.)|([^\\]+)", inner)
    raw = b"".join(_unescaped(escape) if escape else plain for escape, plain in parts)
    return raw.decode("utf-8", "surrogateescape")


def _unescaped(escape: bytes) -> bytes:
    if len(escape) == 3:
        return bytes([int(escape, 8) & 0xFF])
    return _ESCAPES.get(escape.decode("ascii", "replace"), "").encode()


def from_git(line: str) -> tuple[str, str]:
    """Both names of a `diff --git` line; they are alike unless a rename follows."""
    rest = line[len("diff --git ") :].rstrip()
    quoted = re.match(r'("(?:[^"\\]|\\.)*"|\S+) ("(?:[^"\\]|\\.)*")$', rest)
    if quoted:
        return unquoted(quoted[1]), unquoted(quoted[2])
    half = len(rest) // 2
    if rest[half : half + 1] == " " and rest[:half][2:] == rest[half + 1 :][2:]:
        return rest[:half], rest[half + 1 :]
    old, _, new = rest.partition(" ")
    return old, new


def bare(old: str, new: str) -> tuple[str, str]:
    """The names without the prefixes that git puts before them."""
    pair = old[:2], new[:2]
    if pair in _PREFIXES:
        return old[2:], new[2:]
    if old == _NOWHERE and new.startswith("b/"):
        return old, new[2:]
    if new == _NOWHERE and old.startswith("a/"):
        return old[2:], new
    return old, new


def alike(old: str, new: str) -> tuple[str, str]:
    """The names of one file, where one of them only says which version it was."""
    if any(old == new + suffix for suffix in _BEFORE):
        return new, new
    if any(new == old + suffix for suffix in _AFTER):
        return old, old
    return old, new
