"""Replace a text by another one, in a file or wherever it is."""

from __future__ import annotations

import re

from spark_cli.demo import outputs
from spark_cli.demo.hands import Hands, Source
from spark_cli.demo.program import Program
from spark_cli.demo.sweep import Sweep, sweep
from spark_cli.demo.task import FILE, Task, before, scope

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
    return _replace(old, new, _where(found), hands)


def _replace(old: str, new: str, where: str, hands: Hands) -> Program[str]:
    return sweep(
        hands,
        Sweep(
            [max(old.split("\n"), key=len)],
            where,
            lambda source: outputs.split(_whole(source).replace(old, new) + "\n"),
            lambda source: _whole(source).count(old),
            lambda places, _: (
                f"Replaced `{old}` with `{new}`, {places} time{'s' * (places != 1)}."
            ),
            f"The text `{old}` is not in " + (f"`{where}`." if where else "any file."),
            by_parts="\n" not in old + new,
        ),
    )


def _where(found: re.Match[str]) -> str:
    """The file that is named, wherever in the request; else whatever place is."""
    file = re.search(rf"\b(?:in|of|inside)\s+(?:the\s+file\s+)?{FILE}", found["rest"])
    if file:
        return file["file"].rstrip(".")
    return scope(found["rest"]) or scope(before(found))


def _whole(source: Source) -> str:
    return "\n".join(source.lines)


def _text(found: re.Match[str], name: str) -> str:
    return next(
        (found[f"{name}{at}"] for at in range(1, 7) if found[f"{name}{at}"]), ""
    )
