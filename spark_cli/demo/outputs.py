"""Reading what a client's tools answer: pages of files, hits, verdicts.

Each client wraps the same facts in words of its own: line numbers, a header with
the exit code, JSON around the output.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from spark_cli.demo import fields

_NUMBERED = re.compile(r" *(\d+)(?:\t|\| ?|→|:\t?|  )(.*)$")
_BARE = re.compile(r" *(\d+) *$")
_EMPTY = re.compile(r"[(<].*\bempty\b.*[)>]|.* is empty\.?")
_MORE = re.compile(
    r"\bmore lines?\b|\bgo on with\b|\blines? (?:more|left|omitted)\b|\btruncated\b"
)
_SORRY = re.compile(
    r"\s*(?:error\b|cannot\b|could not\b|can't\b|failed\b|unable\b|"
    r"no (?:such|file|folder)\b|"
    r"file not found|there is no\b|enoent|`?[\w./-]+`? (?:does not exist|is not|is a))",
    re.IGNORECASE,
)
_EXIT = re.compile(
    r"(?:exited with code|exit code:?|exit status:?)\s*(-?\d+)", re.IGNORECASE
)
_HIT = re.compile(r"(?:\./)?(?P<name>[^:\n\x00]+?):\s*(?P<line>\d+)\s*[:|-]")
_HEADING = re.compile(r"(?:\./)?(?P<name>[^\s:]+\.[^\s:/]+|[^\s:]+/[^\s:]+):?$")
_LINE_CHARS = 500
_CAPPED = re.compile(
    r"\b(?:more|truncated|omitted|not shown|left out|limit)\b", re.IGNORECASE
)
_REFUSED = re.compile(
    r"\b(?:refused|rejected|declined|denied|not approved|read-only|"
    r"did not (?:allow|accept|approve)|aborted by user|interrupted)\b",
    re.IGNORECASE,
)
_BY_USER = re.compile(
    r"\buser\b.{0,20}\b(?:refused|rejected|declined|denied)\b", re.IGNORECASE
)
_MISSED = re.compile(
    r"\b(?:do|does|did) not (?:match|fit|apply)\b|\bnothing was changed: |"
    r"\bfailed to find\b|\bambiguous\b|\bverification failed\b",
    re.IGNORECASE,
)
_FAILED = re.compile(
    r"\b(?:fail(?:ed|s)?|error|invalid|conflicts?|ambiguous|cannot|could not|"
    r"not found|no such|(?:does|did|do) not|unknown|nothing was changed)\b",
    re.IGNORECASE,
)
_SUCCEEDED = re.compile(
    r"\s*(?:exit code: 0\b|success\b|done\b|applied\b|updated\b|changed\b|wrote\b|"
    r"created\b|ok\b|edited\b|the (?:file|patch|edit)\b.*\b(?:applied|updated|edited))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Page:
    """Lines of a file without their numbers; `after` is the next one to ask for."""

    lines: tuple[str, ...]
    after: int | None = None


class Verdict(Enum):
    """How an edit went."""

    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


def page(text: str) -> Page | None:
    """What a reading tool gave, or `None` where it says that it could not."""
    lines: list[str] = []
    rest: list[str] = []
    number: int | None = None
    for raw in text.split("\n"):
        found = _NUMBERED.match(raw) or _BARE.match(raw)
        if found and (number is None or int(found[1]) == number + 1):
            number = int(found[1])
            lines.append(found[2].rstrip("\r") if found.re is _NUMBERED else "")
        else:
            rest.append(raw)
    if number is not None and len(rest) <= max(4, len(lines) // 4):
        more = any(_MORE.search(line) for line in rest)
        return Page(tuple(lines), number + 1 if more else None)
    if not text.strip() or _EMPTY.fullmatch(text.strip()):
        return Page(())
    first, _, others = text.partition("\n")
    if _SORRY.match(first) and others.count("\n") <= 3:
        return None
    return Page(tuple(split(text)))


def split(text: str) -> list[str]:
    """Lines as an editor counts them: at LF only, without a CR before it."""
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    return lines[:-1] if lines[-1] == "" else lines


def ran(text: str) -> tuple[int | None, str]:
    """The exit code, where it is told, and the output of a command."""
    if text.startswith("{"):
        try:
            whole = fields.record(json.loads(text))
        except ValueError:
            whole = {}
        if "output" in whole:
            code = fields.record(whole.get("metadata")).get("exit_code")
            return fields.number(code), fields.text(whole["output"])
    head, mark, body = text.partition("Output:\n")
    if mark and head.count("\n") <= 6:
        found = _EXIT.search(head)
        return (int(found[1]) if found else None), body
    return _edges(text)


def hits(text: str) -> list[str]:
    """The files that a search names, each once, in order."""
    names: dict[str, None] = {}
    for line in text.split("\n"):
        head = line[:_LINE_CHARS].rstrip("\r")
        found = _HIT.match(head) or _HEADING.match(head)
        if found:
            names.setdefault(found["name"].strip("`"))
    return list(names)


def capped(text: str) -> bool:
    """Whether a search says that it has more than it shows."""
    return any(
        _CAPPED.search(line) for line in text.split("\n") if not _HIT.match(line)
    )


def names(text: str) -> list[str]:
    """The files in a listing, one a line, whatever decorates them."""
    found = (line.strip().removeprefix("./").strip("`") for line in text.split("\n"))
    return [name for name in found if name and not re.search(r"[\s()]|/$", name)]


def verdict(text: str) -> Verdict:
    """How the client's editing tool says that it went."""
    code, body = ran(text)
    if _SUCCEEDED.match(text) or (code == 0 and _SUCCEEDED.match(body)):
        return Verdict.DONE
    first = "\n".join(text.split("\n")[:8])
    missed = _MISSED.search(first) and not _BY_USER.search(first)
    if _REFUSED.search(first) and not missed:
        return Verdict.REFUSED
    if code not in (None, 0) or _FAILED.search(first):
        return Verdict.FAILED
    return Verdict.DONE


def told(text: str) -> str:
    """The first line of what went wrong, short enough to be quoted."""
    lines: Sequence[str] = [line.strip() for line in ran(text)[1].split("\n")]
    return next((line[:200] for line in lines if line), "no reason given")


def _edges(text: str) -> tuple[int | None, str]:
    """The exit code from a first or a last line of its own, which is cut off."""
    lines = text.split("\n")
    while len(lines) > 1 and not lines[-1]:
        lines.pop()
    for at in (0, -1):
        found = _EXIT.search(lines[at])
        if found and len(lines[at]) < 100:
            del lines[at]
            return int(found[1]), "\n".join(lines)
    return None, text
