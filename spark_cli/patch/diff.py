"""Changes as one unified diff that `git apply` takes, to the last byte.

Undecodable bytes are lone surrogates in the text; encode it with `surrogateescape`.

Source: git-diff's documentation of its patch format, and `quote_c_style` of git for
names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from spark_cli.patch.lines import Lines, Splice, spliced
from spark_cli.patch.sides import Step, compare
from spark_cli.workspace.tree import Change, File

_CONTEXT = 3
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


def hunk(name: str, before: Lines, splices: Sequence[Splice]) -> str:
    """The diff of a few splices; what it costs does not depend on the file's size.

    The same text as `unified` gives for the whole file, where what changes lies close
    together.
    """
    first = max(0, splices[0].start - _CONTEXT)
    last = min(len(before.raw), max(one.stop for one in splices) + _CONTEXT)
    ended = before.ended or last < len(before.raw)
    part = Lines(before.raw[first:last], ended=ended, bom=before.bom and first == 0)
    moved = [
        one._replace(start=one.start - first, stop=one.stop - first) for one in splices
    ]
    old, new = (_text(File(one.data())) for one in (part, spliced(part, moved)))
    names = quoted(f"a/{name}"), quoted(f"b/{name}")
    head = [f"diff --git {names[0]} {names[1]}"]
    head += [f"--- {_header(names[0])}", f"+++ {_header(names[1])}"]
    return "".join(f"{line}\n" for line in (*head, *_hunks(old, new, first)))


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


def _hunks(old: Sequence[str], new: Sequence[str], above: int = 0) -> Iterator[str]:
    """The hunks; `above` is how many lines are before both texts."""
    for group in _grouped(compare(old, new)):
        first, last = group[0], group[-1]
        was = _range(first.one + above, last.two + above)
        now = _range(first.three + above, last.four + above)
        yield f"@@ -{was} +{now} @@"
        for one, two, three, four, same in group:
            if same:
                yield from _signed(" ", old[one:two])
                continue
            yield from _signed("-", old[one:two])
            yield from _signed("+", new[three:four])


def _grouped(steps: Sequence[Step]) -> Iterator[list[Step]]:
    """Hunks: changes with up to three lines of context on each side."""
    group: list[Step] = []
    for at, step in enumerate(steps):
        one, two, three, four, same = step
        if not same:
            group.append(step)
            continue
        size = two - one
        lead = min(_CONTEXT, size) if group else 0
        trail = min(_CONTEXT, size) if at + 1 < len(steps) else 0
        if group and trail and size <= 2 * _CONTEXT:
            group.append(step)
            continue
        if group:
            if lead:
                group.append(Step(one, one + lead, three, three + lead, same=True))
            yield group
        group = [Step(two - trail, two, four - trail, four, same=True)] if trail else []
    if any(not step.same for step in group):
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
