"""Lists of old and new strings for files, as JSON: what edit tools are called with.

An old string may be whole lines or a part of one.  Both are kept: the lines, which
bear drift, and the string itself, which must then be there exactly and once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from spark_cli.core.errors import PatchRefused
from spark_cli.patch.edits import Action, Edit, Literal
from spark_cli.patch.parser import file_name
from spark_cli.patch.sides import hunk_of

PATHS = ("path", "file_path", "file", "filename", "filePath", "name")
_OLD = ("old", "old_string", "old_str", "oldText", "oldString", "search", "old_text")
_NEW = ("new", "new_string", "new_str", "newText", "newString", "replace", "new_text")
_ALL = ("replace_all", "replaceAll", "all")
_WHOLE = ("content", "contents", "file_text")
_LISTS = ("edits", "changes", "replacements", "files")
_DEPTH_MAX = 8


def loaded(text: str) -> object:
    """The JSON value; `PatchRefused` where there is none."""
    try:
        return json.loads(text, strict=False)  # models leave line feeds as they are
    except (ValueError, RecursionError) as error:
        raise PatchRefused(f"the edits are not whole JSON: {error}") from None


def fenced(lines: Iterable[str]) -> list[str]:
    """Every JSON value between fences, as text."""
    found: list[str] = []
    inside: list[str] | None = None
    for line in lines:
        if line.lstrip().startswith(("```", "~~~")):
            text = "\n".join(inside or ()).strip()
            if text[:1] in {"{", "["}:
                found.append(text)
                inside = None
            else:
                inside = []
        elif inside is not None:
            inside.append(line)
    return found


def holds_edits(value: object) -> bool:
    """Whether some object in a JSON value is an edit, or a file."""
    return any(_is_edit(entry) for entry, _ in _flat(value, "", 0))


def edits_of(value: object) -> list[Edit]:
    """The edits in a JSON value: `PatchRefused` where it has none."""
    entries = list(_flat(value, "", 0))
    if not entries:
        raise PatchRefused("the edits must be a list that is not empty")
    return [_entry(entry, name, at) for at, (entry, name) in enumerate(entries, 1)]


def parse(text: str) -> list[Edit]:
    return edits_of(loaded(text))


def _flat(value: object, shared: str, depth: int) -> Iterator[tuple[object, str]]:
    """What the lists hold, each with the name of the file that they are about."""
    if isinstance(value, dict):
        shared = _first(value, PATHS) or shared
        lists = [value[key] for key in _LISTS if isinstance(value.get(key), list)]
        inner = [entry for entries in lists for entry in entries]
        if not lists:
            yield value, shared
            return
    elif isinstance(value, list):
        inner = value
    else:
        yield value, shared
        return
    for entry in inner if depth < _DEPTH_MAX else ():
        yield from _flat(entry, shared, depth + 1)


def _is_edit(entry: object) -> bool:
    if not isinstance(entry, dict):
        return False
    both = _string(entry, _OLD) is not None and _string(entry, _NEW) is not None
    return both or bool(_first(entry, PATHS) and _first(entry, _WHOLE))


def _entry(entry: object, shared: str, number: int) -> Edit:
    if not isinstance(entry, dict):
        raise PatchRefused(f"edit {number} is not an object")
    name = file_name(shared, number)
    content = _first(entry, _WHOLE)
    if content and _string(entry, _OLD) is None:
        return Edit(Action.WRITE, name, text=content)
    old, new = _text(entry, _OLD, number), _text(entry, _NEW, number)
    literal = Literal(old, new, any(entry.get(key) is True for key in _ALL))
    if new.endswith("\n") and (old.endswith("\n") or not old):
        old, new = old.removesuffix("\n"), new.removesuffix("\n")
    hunk = hunk_of(_split(old.removesuffix("\n") if not new else old), _split(new))
    return Edit(Action.UPDATE, name, (hunk._replace(source=number, literal=literal),))


def _split(text: str) -> list[str]:
    """The lines of a string; an empty one has none, as lines are what is edited."""
    return text.split("\n") if text else []


def _text(entry: Mapping[str, object], names: Sequence[str], number: int) -> str:
    found = _string(entry, names)
    if found is None:
        raise PatchRefused(f"edit {number} has no string `{names[0]}`")
    return found.replace("\r\n", "\n")


def _string(entry: Mapping[str, object], names: Sequence[str]) -> str | None:
    found = (entry.get(name) for name in names)
    return next((value for value in found if isinstance(value, str)), None)


def _first(entry: Mapping[str, object], names: Sequence[str]) -> str:
    return _string(entry, names) or ""
