"""Which format a patch is in, told from its text alone, and its edits.

The first line that can only belong to one format decides, so that a diff of a patch
is still a diff.  Around it may be what models put there: prose, fences, a here
document, a JSON object, carriage returns.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum

from spark_cli.core.errors import PatchRefused
from spark_cli.patch import blocks, unified, v4a
from spark_cli.patch.edits import Edit


class Format(StrEnum):
    V4A = "v4a"
    BLOCKS = "blocks"
    UNIFIED = "unified"
    EDITS = "edits"


_PARSERS: Mapping[Format, Callable[[str], list[Edit]]] = {
    Format.V4A: v4a.parse,
    Format.BLOCKS: blocks.parse,
    Format.UNIFIED: unified.parse,
    Format.EDITS: blocks.parse_json,
}
_DEPTH_MAX = 8
_V4A_SECTION = re.compile(r"\*\*\* (Add|Update|Delete) File: ")


def read(text: str, form: Format | None = None) -> list[Edit]:
    """The edits of a patch; `PatchRefused` where it cannot be read whole."""
    try:
        text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise PatchRefused("the patch is not valid Unicode") from None
    text = _with_plain_ends(text.removeprefix("\ufeff"))
    form = form or detect(text)
    inner = _from_json(text) if form == Format.EDITS else None
    if inner is not None:
        return read(inner)
    if form is None:
        raise PatchRefused(
            "this is not a patch: it has no `*** Begin Patch`, no `---` and `+++`, "
            "and no `<<<<<<< SEARCH`"
        )
    return _PARSERS[form](text)


def detect(text: str) -> Format | None:
    if text.lstrip()[:1] in {"{", "[", '"'}:
        return Format.EDITS
    lines = text.split("\n")
    marks = (_mark(*pair) for pair in zip(lines, [*lines[1:], ""], strict=True))
    return next((mark for mark in marks if mark is not None), None)


def _mark(line: str, after: str) -> Format | None:
    """The only format that such a line can be of."""
    if v4a.BEGIN.match(line) or _V4A_SECTION.match(line):
        return Format.V4A
    if blocks.SEARCH.match(line):
        return Format.BLOCKS
    named = line.startswith("--- ") and after.startswith("+++ ")
    return Format.UNIFIED if named or unified.GIT.match(line) else None


def _with_plain_ends(text: str) -> str:
    """Without the carriage returns of a patch where every line has one."""
    returns = text.count("\r\n")
    if returns and returns >= text.count("\n"):
        return text.replace("\r\n", "\n")
    return text


def _from_json(text: str) -> str | None:
    """The patch that is a string in a JSON value, as in a tool's arguments."""
    try:
        value = json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        return None
    for string in _strings(value, 0):
        if detect(string) not in {None, Format.EDITS} and "\n" in string:
            return string
    return None


def _strings(value: object, depth: int) -> Iterator[str]:
    if depth > _DEPTH_MAX:
        return
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        if not {"edits", "old_string", "old"} & value.keys():
            for inner in value.values():
                yield from _strings(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner, depth + 1)
