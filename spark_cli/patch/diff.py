"""Changes as one unified diff that `git apply` takes, to the last byte.

Undecodable bytes are lone surrogates in the text; encode it with `surrogateescape`.

Source: git-diff's documentation of its patch format, and `quote_c_style` of git for
names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from spark_cli.workspace.tree import Change, File

_CONTEXT = 3
_SMALL = 2000
_QUOTED = {"\n": "\\n", "\t": "\\t", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
_NO_NEWLINE = "\\ No newline at end of file"


class Counts(NamedTuple):
    """Lines that a diff adds and removes."""

    added: int
    removed: int


def unified(changes: Iterable[Change], moves: Mapping[str, str] | None = None) -> str:
    """The diff of all changes; `moves` are told as renames."""
    by_name = {change.name: change for change in changes}
    moves = moves or {}
    arrived = set(moves.values())
    parts: list[str] = []
    for name, change in sorted(by_name.items()):
        if name in arrived and name not in moves:
            continue
        target = by_name.get(moves.get(name, ""))
        after = target.after if target else change.after
        parts += _file(name, moves.get(name, name), change.before, after)
    return "".join(part + "\n" for part in parts)


def counts(changes: Iterable[Change], moves: Mapping[str, str] | None = None) -> Counts:
    added = removed = 0
    for line in _bodies(changes, moves):
        added += line.startswith("+")
        removed += line.startswith("-")
    return Counts(added, removed)


def _bodies(
    changes: Iterable[Change], moves: Mapping[str, str] | None
) -> Iterator[str]:
    by_name = {change.name: change for change in changes}
    moves = moves or {}
    arrived = set(moves.values())
    for name, change in by_name.items():
        if name in arrived and name not in moves:
            continue
        target = by_name.get(moves.get(name, ""))
        after = target.after if target else change.after
        yield from _hunks(_text(change.before), _text(after))


def _file(name: str, to: str, before: File | None, after: File | None) -> Iterator[str]:
    old, new = quoted(f"a/{name}"), quoted(f"b/{to}")
    said = list(_modes(before, after))
    if name != to:
        said += [f"rename from {quoted(name)}", f"rename to {quoted(to)}"]
    body = list(_hunks(_text(before), _text(after)))
    if body:
        said.append(f"--- {_header(old) if before else '/dev/null'}")
        said.append(f"+++ {_header(new) if after else '/dev/null'}")
    if said:
        yield f"diff --git {old} {new}"
        yield from said
        yield from body


def _modes(before: File | None, after: File | None) -> Iterator[str]:
    if before is None and after is not None:
        yield f"new file mode {_mode(after)}"
    elif after is None and before is not None:
        yield f"deleted file mode {_mode(before)}"
    elif before and after and _mode(before) != _mode(after):
        yield f"old mode {_mode(before)}"
        yield f"new mode {_mode(after)}"


def _mode(file: File) -> str:
    return "100755" if file.mode & 0o100 else "100644"


def _text(file: File | None) -> list[str]:
    """Lines with their line feeds, which only the last may lack."""
    if file is None or not file.data:
        return []
    lines = file.data.decode("utf-8", "surrogateescape").split("\n")
    last = lines.pop()
    return [line + "\n" for line in lines] + ([last] if last else [])


def _hunks(old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    for group in _grouped(_opcodes(old, new)):
        first, last = group[0], group[-1]
        yield (f"@@ -{_range(first[1], last[2])} +{_range(first[3], last[4])} @@")
        for tag, one, two, three, four in group:
            if tag == "equal":
                yield from _signed(" ", old[one:two])
                continue
            yield from _signed("-", old[one:two])
            yield from _signed("+", new[three:four])


_Opcode = tuple[str, int, int, int, int]


def _opcodes(old: Sequence[str], new: Sequence[str]) -> list[_Opcode]:
    """What differs, with what both ends have in common set aside first."""
    top = 0
    most = min(len(old), len(new))
    while top < most and old[top] == new[top]:
        top += 1
    end = 0
    while end < most - top and old[-1 - end] == new[-1 - end]:
        end += 1
    inner_old, inner_new = old[top : len(old) - end], new[top : len(new) - end]
    small = len(inner_old) + len(inner_new) < _SMALL
    matcher = SequenceMatcher(None, inner_old, inner_new, autojunk=not small)
    found: list[_Opcode] = [("equal", 0, top, 0, top)] if top else []
    found += [
        (tag, one + top, two + top, three + top, four + top)
        for tag, one, two, three, four in matcher.get_opcodes()
    ]
    if end:
        found.append(("equal", len(old) - end, len(old), len(new) - end, len(new)))
    return found


def _grouped(opcodes: Sequence[_Opcode]) -> Iterator[list[_Opcode]]:
    """Hunks: changes with up to three lines of context on each side."""
    group: list[_Opcode] = []
    for at, (tag, one, two, three, four) in enumerate(opcodes):
        if tag != "equal":
            group.append((tag, one, two, three, four))
            continue
        size = two - one
        lead = min(_CONTEXT, size) if group else 0
        trail = min(_CONTEXT, size) if at + 1 < len(opcodes) else 0
        if group and trail and size <= 2 * _CONTEXT:
            group.append((tag, one, two, three, four))
            continue
        if group:
            if lead:
                group.append((tag, one, one + lead, three, three + lead))
            yield group
        group = [(tag, two - trail, two, four - trail, four)] if trail else []
    if any(opcode[0] != "equal" for opcode in group):
        yield group


def _range(start: int, stop: int) -> str:
    size = stop - start
    if size == 1:
        return str(start + 1)
    return f"{start + 1 if size else start},{size}"


def _signed(sign: str, lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        if line.endswith("\n"):
            yield sign + line[:-1]
        else:
            yield sign + line
            yield _NO_NEWLINE


def _header(name: str) -> str:
    """A name on a `---` line ends with a tab where it has a blank, as git's does."""
    return name + "\t" if " " in name and not name.startswith('"') else name


def quoted(name: str) -> str:
    """A name as git writes it: in quotes with escapes, where it needs them."""
    if not any(char in _QUOTED or _is_odd(char) for char in name):
        return name
    return '"' + "".join(map(_escaped, name)) + '"'


def _is_odd(char: str) -> bool:
    return ord(char) < 0x20 or ord(char) == 0x7F or 0xDC80 <= ord(char) <= 0xDCFF


def _escaped(char: str) -> str:
    if char in _QUOTED:
        return _QUOTED[char]
    if _is_odd(char):
        return "".join(
            f"\\{byte:03o}" for byte in char.encode("utf-8", "surrogateescape")
        )
    return char
