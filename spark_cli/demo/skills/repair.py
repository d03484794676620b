"""Fix what a traceback names: the smallest change that makes the error go away.

Each kind of error has one obvious repair, tried on the failing line.  Where that
does not apply, the lines around are shown and nothing is changed: a wrong guess in
somebody's file is worse than none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from spark_cli.demo.errand import change_files, not_found
from spark_cli.demo.hands import Hands, Source
from spark_cli.demo.program import Program
from spark_cli.demo.skills import cures, traceback
from spark_cli.demo.skills.cures import Cure
from spark_cli.demo.skills.traceback import Failure
from spark_cli.demo.task import FILE, Task

_AROUND = 3
_FIX_IN = re.compile(
    rf"\b(?:fix|repair|mend|solve)\b[^\n]*?\b(?:in|from|of)\s+(?:the\s+)?{FILE}",
    re.IGNORECASE,
)

_CURES: Mapping[
    str, Callable[[Failure, Sequence[str], int, Sequence[str]], Cure | None]
]
_CURES = {
    "ZeroDivisionError": cures.division,
    "NameError": cures.name,
    "UnboundLocalError": cures.name,
    "KeyError": cures.key,
    "AttributeError": cures.attribute,
    "IndexError": cures.index,
    "ImportError": cures.imported,
    "ModuleNotFoundError": cures.imported,
}


def plan(task: Task, hands: Hands) -> Program[str] | None:
    failure = traceback.parse(task.text)
    if failure:
        return _repair(failure, hands)
    found = _FIX_IN.search(task.words)
    return _repair_from(found["file"].rstrip("."), hands) if found else None


def _repair_from(name: str, hands: Hands) -> Program[str]:
    """The traceback is in a file, such as a log: the last one counts."""
    log = yield from hands.locate(name, f"I read `{name}`.")
    if log is None:
        return not_found(hands, name)
    failure = traceback.parse("\n".join(log.lines))
    if failure is None:
        return f"There is no Python traceback in `{name}`. Paste one, and I look."
    return (yield from _repair(failure, hands))


def _repair(failure: Failure, hands: Hands) -> Program[str]:
    name = failure.frame.file
    words = f"{failure.kind} in `{name}`, line {failure.frame.line}. I read it."
    source = yield from hands.locate(name, words)
    if source is None:
        return not_found(hands, name)
    elsewhere = yield from _class_of(failure, hands)
    cure = _cure(failure, source, elsewhere)
    if cure is None:
        return _explained(failure, source)

    def cured(each: Source) -> Sequence[str]:
        again = _cure(failure, each, elsewhere)
        return again.lines if again else each.lines

    return (yield from change_files(hands, [source], cured, cure.said))


def _cure(failure: Failure, source: Source, elsewhere: Sequence[str]) -> Cure | None:
    at = traceback.place(failure.frame, source.lines)
    find = _CURES.get(failure.kind)
    return (
        find(failure, source.lines, at, elsewhere) if find and at is not None else None
    )


def _class_of(failure: Failure, hands: Hands) -> Program[list[str]]:
    """The lines of the files that define the class whose attribute is missing."""
    found = re.match(r"'(\w+)' object has no attribute", failure.says)
    if not found or not hands.can_look_around:
        return []
    places = yield from hands.find(f"class {found[1]}")
    sources = yield from hands.read(places.names[:3])
    return [line for source in sources for line in source.lines]


def _explained(failure: Failure, source: Source) -> str:
    at = traceback.place(failure.frame, source.lines)
    if at is None:
        return (
            f"`{source.name}` has {len(source.lines)} lines and none is the one that"
            f" the traceback shows (line {failure.frame.line}): has it changed since?"
        )
    low = max(0, at - _AROUND)
    shown = [
        f"{'>' if low + i == at else ' '} {low + i + 1:>4}  {line}"
        for i, line in enumerate(source.lines[low : at + _AROUND + 1])
    ]
    says = f": {failure.says}" if failure.says else ""
    return "\n".join(
        [
            f"`{failure.kind}`{says}, at `{source.name}` line {at + 1}:",
            "",
            "```python",
            *shown,
            "```",
            "",
            "As a demo I know no obvious fix for this one, so I left the file alone.",
        ]
    )
