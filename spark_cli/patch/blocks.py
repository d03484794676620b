"""Search and replace: blocks as aider's models write them, and lists of edits.

The lines that search and replace have in common are kept lines, so that the file's
own are never written over.  A line of `=======` may also be a heading's underline:
where a block has several, every reading is kept, the likeliest first, and the file
decides.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from spark_cli.core.errors import PatchRefused
from spark_cli.patch.edits import Action, Edit, Hunk, Line, Sign
from spark_cli.patch.v4a import file_name

SEARCH = re.compile(r"\s*<{5,9} ?(SEARCH|ORIGINAL)\b\s*(.*?)\s*$")
_DIVIDER = re.compile(r"={5,9}\s*$")
REPLACE = re.compile(r"\s*>{5,9} ?(REPLACE|UPDATED)\b.*$")
_FENCE = re.compile(r"\s*(?:`{3,}|~{3,})\s*(.*?)\s*$")
_DECORATION = " \t*#`:"
_DIFF_LINES_MAX = 4000

_PATH = ("path", "file_path", "file", "filename", "filePath", "name")
_OLD = ("old", "old_string", "old_str", "oldText", "oldString", "search", "old_text")
_NEW = ("new", "new_string", "new_str", "newText", "newString", "replace", "new_text")


def parse(text: str) -> list[Edit]:
    """The edits of all blocks, one each; a block that does not end is refused."""
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    edits: list[Edit] = []
    name, at, done = "", 0, 0
    while at < len(lines):
        head = SEARCH.match(lines[at])
        if head is None:
            at += 1
            continue
        name = head[2] or _name_above(lines[done:at]) or name
        stop = _stop(lines, at)
        edits.append(_block(file_name(name, at + 1), lines[at + 1 : stop], at + 1))
        at = done = stop + 1
    if not edits:
        raise PatchRefused("there is no `<<<<<<< SEARCH` line")
    return edits


def _stop(lines: Sequence[str], start: int) -> int:
    for at in range(start + 1, len(lines)):
        if REPLACE.match(lines[at]):
            return at
        if SEARCH.match(lines[at]):
            break
    raise PatchRefused(
        f"the block at line {start + 1} was cut off: it has no `>>>>>>> REPLACE`",
        "send the whole block again",
    )


def _name_above(lines: Sequence[str]) -> str:
    """The file name in the lines before a block: the nearest, fences apart."""
    for line in reversed(lines[-4:]):
        fence = _FENCE.match(line)
        if fence:
            named = [word for word in fence[1].split() if re.search(r"[./]", word)]
            if named:
                return str(named[-1])
        elif line.strip():
            return line.strip().strip(_DECORATION)
    return ""


def _block(name: str, lines: Sequence[str], source: int) -> Edit:
    dividers = [at for at, line in enumerate(lines) if _DIVIDER.match(line)]
    if not dividers:
        raise PatchRefused(f"the block at line {source} has no `=======` line")
    middle = (len(dividers) - 1) / 2
    ranked = sorted(enumerate(dividers), key=lambda pair: abs(pair[0] - middle))
    readings = [hunk_of(lines[:at], lines[at + 1 :], source) for _, at in ranked]
    hunk = replace(readings[0], otherwise=tuple(readings[1:]))
    return Edit(Action.UPDATE, name, (hunk,))


def hunk_of(old: Sequence[str], new: Sequence[str], source: int = 0) -> Hunk:
    """The hunk that makes the old lines the new ones."""
    return Hunk(tuple(_lines(old, new)), source=source)


def _lines(old: Sequence[str], new: Sequence[str]) -> Iterable[Line]:
    if len(old) + len(new) > _DIFF_LINES_MAX:
        yield from (Line(Sign.REMOVED, line) for line in old)
        yield from (Line(Sign.ADDED, line) for line in new)
        return
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for tag, one, two, three, four in matcher.get_opcodes():
        if tag == "equal":
            yield from (Line(Sign.KEPT, line) for line in old[one:two])
        else:
            yield from (Line(Sign.REMOVED, line) for line in old[one:two])
            yield from (Line(Sign.ADDED, line) for line in new[three:four])


def parse_json(text: str) -> list[Edit]:
    """A list of old and new strings for files, as JSON."""
    try:
        value = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise PatchRefused(f"the edits are not whole JSON: {error}") from None
    shared = _first(value, _PATH) if isinstance(value, dict) else ""
    entries = value.get("edits", [value]) if isinstance(value, dict) else value
    if not isinstance(entries, list) or not entries:
        raise PatchRefused("the edits must be a list that is not empty")
    return [_entry(entry, shared, at) for at, entry in enumerate(entries, 1)]


def _entry(entry: object, shared: str, number: int) -> Edit:
    if not isinstance(entry, dict):
        raise PatchRefused(f"edit {number} is not an object")
    name = file_name(_first(entry, _PATH) or shared, number)
    old, new = _text(entry, _OLD, number), _text(entry, _NEW, number)
    if new.endswith("\n") and (old.endswith("\n") or not old):
        old, new = old.removesuffix("\n"), new.removesuffix("\n")
    hunk = hunk_of(_split(old.removesuffix("\n") if not new else old), _split(new))
    return Edit(Action.UPDATE, name, (replace(hunk, source=number),))


def _split(text: str) -> list[str]:
    """The lines of a string; an empty one has none, as lines are what is edited."""
    return text.split("\n") if text else []


def _text(entry: Mapping[str, object], names: Sequence[str], number: int) -> str:
    for name in names:
        value = entry.get(name)
        if isinstance(value, str):
            return value.replace("\r\n", "\n")
    raise PatchRefused(f"edit {number} has no string `{names[0]}`")


def _first(entry: Mapping[str, object], names: Sequence[str]) -> str:
    found = (entry.get(name) for name in names)
    return next((value for value in found if isinstance(value, str)), "")
