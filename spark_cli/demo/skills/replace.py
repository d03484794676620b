"""Replace a text by another one, in a file or wherever it is."""

from __future__ import annotations

import re

from spark_cli.demo import outputs
from spark_cli.demo.errand import change_files, not_found
from spark_cli.demo.hands import Hands, Source
from spark_cli.demo.program import Program
from spark_cli.demo.task import FILE, Task

_QUOTED = (
    r"(?:`(?P<{0}1>[^`]+)`|\"(?P<{0}2>[^\"]+)\"|'(?P<{0}3>[^']+)'"
    "|\u201c(?P<{0}4>[^\u201d]+)\u201d|\u2018(?P<{0}5>[^\u2019]+)\u2019|(?P<{0}6>[^\\s,]+))"
)
_NEW = _QUOTED.format("new").replace("]+)", "]*)")
_REPLACE = re.compile(
    rf"\b(?:replace|change|substitute)\s+(?:the\s+)?(?:text\s+|word\s+|string\s+)?"
    rf"{_QUOTED.format('old')}\s+(?:with|by|to|into)\s+(?:the\s+)?{_NEW}"
    rf"(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)


def plan(task: Task, hands: Hands) -> Program[str] | None:
    found = _REPLACE.search(task.words)
    if not found:
        return None
    old, new = _text(found, "old"), _text(found, "new")
    where = re.search(rf"\b(?:in|of|inside)\s+(?:the\s+file\s+)?{FILE}", found["rest"])
    return _replace(old, new, where["file"].rstrip(".") if where else "", hands)


def _replace(old: str, new: str, name: str, hands: Hands) -> Program[str]:
    if name:
        source = yield from hands.locate(name, f"I read `{name}`.")
        if source is None:
            return not_found(hands, name)
        sources = [source]
    else:
        found = yield from hands.find(old, "", f"I look for `{old}`.")
        sources = yield from hands.read(found.names)
    having = [source for source in sources if old in _whole(source)]
    if not having:
        return f"The text `{old}` is not in " + (f"`{name}`." if name else "any file.")
    count = sum(_whole(source).count(old) for source in having)
    return (
        yield from change_files(
            hands,
            having,
            lambda source: outputs.split(_whole(source).replace(old, new) + "\n"),
            f"Replaced `{old}` with `{new}`, {count} time{'s' * (count != 1)}.",
        )
    )


def _whole(source: Source) -> str:
    return "\n".join(source.lines)


def _text(found: re.Match[str], name: str) -> str:
    return next(
        (found[f"{name}{at}"] for at in range(1, 7) if found[f"{name}{at}"]), ""
    )
