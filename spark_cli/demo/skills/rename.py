"""Rename a symbol: whole words, in all files that have it, in one patch."""

from __future__ import annotations

import re
from collections.abc import Sequence

from spark_cli.demo.errand import not_found
from spark_cli.demo.hands import Hands, Source
from spark_cli.demo.program import Program
from spark_cli.demo.sweep import Sweep, sweep
from spark_cli.demo.task import QUOTES, Task, before, scope

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


def plan(task: Task, hands: Hands) -> Program[str] | None:
    if found := _RENAME.search(task.words):
        return _rename([found["old"]], found["new"], _where(found), hands)
    amended = _AMEND.search(task.words)
    first = _RENAME.search(task.before[-1]) if amended and task.before else None
    if amended and first:
        # It may have been carried out, in part or whole, before this was said.
        olds = [first["old"], first["new"]]
        return _rename(olds, amended["new"], _where(first), hands)
    return None


def renamed(line: str, olds: Sequence[str], new: str) -> str:
    words = "|".join(map(re.escape, olds))
    return re.sub(rf"(?<![\w$])(?:{words})(?![\w$])", lambda _: new, line)


def _rename(olds: Sequence[str], new: str, where: str, hands: Hands) -> Program[str]:
    return sweep(
        hands,
        Sweep(
            olds,
            where,
            lambda source: [renamed(line, olds, new) for line in source.lines],
            lambda source: _count(source, olds),
            lambda places, files: (
                f"Renamed `{olds[0]}` to `{new}`: {_counted(places, files)}."
            ),
            _nowhere(olds[0], where, hands),
            whole_words=True,
        ),
    )


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


def _where(found: re.Match[str]) -> str:
    return scope(found["rest"]) or scope(before(found))
