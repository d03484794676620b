"""Rename a symbol: whole words, in all files that have it, in one patch."""

from __future__ import annotations

import re
from collections.abc import Sequence

from spark_cli.demo.errand import attempt, not_found, report
from spark_cli.demo.hands import Found, Hands, Source
from spark_cli.demo.program import Program
from spark_cli.demo.task import QUOTES, Task, bare

FILES_MAX = 100
ROUNDS_MAX = 6

_NAME = rf"[{QUOTES}]?(?P<{{}}>[A-Za-z_$][\w$]*)[{QUOTES}]?(?:\(\))?"
_KIND = (
    r"(?:the\s+|an?\s+)?"
    r"(?:(?:symbol|function|method|class|variable|constant|name|argument|field)\s+)?"
)
_RENAME = re.compile(
    rf"\brename\s+{_KIND}{_NAME.format('old')}\s*(?:\b(?:to|into|as)\b|->|=>|\u2192)\s*"
    rf"{_NAME.format('new')}(?P<rest>[^\n]*)",
    re.IGNORECASE,
)
_AMEND = re.compile(
    rf"\b(?:call|name|rename)\s+it\s+(?:to\s+|as\s+)?{_NAME.format('new')}",
    re.IGNORECASE,
)
_WHERE = re.compile(
    rf"\b(?:in|under|within|inside|below)\s+(?:the\s+(?:file|folder|directory)\s+)?"
    rf"[{QUOTES}]?(?P<where>[\w.@~+/\\-]+)[{QUOTES}]?",
    re.IGNORECASE,
)
_EVERYWHERE = {"the", "all", "every", "this", "my", "our", "whole", "its", "a", "one"}


def plan(task: Task, hands: Hands) -> Program[str] | None:
    if found := _RENAME.search(task.words):
        return _rename([found["old"]], found["new"], _where(found["rest"]), hands)
    amended = _AMEND.search(task.words)
    first = _RENAME.search(task.before[-1]) if amended and task.before else None
    if amended and first:
        # It may have been carried out, in part or whole, before this was said.
        olds = [first["old"], first["new"]]
        return _rename(olds, amended["new"], _where(first["rest"]), hands)
    return None


def renamed(line: str, olds: Sequence[str], new: str) -> str:
    words = "|".join(map(re.escape, olds))
    return re.sub(rf"(?<![\w$])(?:{words})(?![\w$])", lambda _: new, line)


def _rename(olds: Sequence[str], new: str, where: str, hands: Hands) -> Program[str]:
    places, files, said = 0, 0, ""
    for _ in range(ROUNDS_MAX):
        again = f"Is there more `{olds[0]}`?" if files else f"I look for `{olds[0]}`."
        found = yield from _find(olds, where, hands, again)
        sources = yield from hands.read(found.names[:FILES_MAX])
        having = [source for source in sources if _count(source, olds)]
        if not having:
            break
        made = yield from attempt(
            hands,
            having,
            lambda source: [renamed(line, olds, new) for line in source.lines],
        )
        places += sum(_count(source, olds) for source in having)
        files += len(having)
        done = f"Renamed `{olds[0]}` to `{new}`: {_counted(places, files)}."
        said = report(made, done)
        if not made.done or not (found.more or len(found.names) > FILES_MAX):
            return said
    return said if files else _nowhere(olds[0], where, hands)


def _find(olds: Sequence[str], where: str, hands: Hands, words: str) -> Program[Found]:
    """The files that have one of the words; a file that is named is taken as it is."""
    if where and re.search(r"\.\w+$", where):
        source = yield from hands.locate(where, words)
        return Found([source.name] if source else [])
    names: dict[str, None] = {}
    more = False
    for old in olds:
        found = yield from hands.find(old, where, words)
        names.update(dict.fromkeys(found.names))
        more, words = more or found.more, ""
    return Found(list(names), more)


def _counted(places: int, files: int) -> str:
    return f"{places} place{'s' * (places != 1)} in {files} file{'s' * (files != 1)}"


def _count(source: Source, olds: Sequence[str]) -> int:
    words = "|".join(map(re.escape, olds))
    seek = re.compile(rf"(?<![\w$])(?:{words})(?![\w$])")
    return sum(len(seek.findall(line)) for line in source.lines)


def _nowhere(old: str, where: str, hands: Hands) -> str:
    if not hands.can_read and not hands.pasted:
        return not_found(hands, where or "the file")
    return f"`{old}` is nowhere to be found" + (f" in `{where}`." if where else ".")


def _where(rest: str) -> str:
    found = _WHERE.search(rest)
    word = bare(found["where"]).rstrip(".,;:") if found else ""
    return "" if word.lower() in _EVERYWHERE else word
