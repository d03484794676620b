"""Reading what a client's tools answer: pages of files, hits, verdicts.

Each client wraps the same facts in words of its own: line numbers, a header with
the exit code, JSON around the output.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from spark_cli.demo import fields


class Verdict(Enum):
    """How a call went.

    `REFUSED` is by the user, `BARRED` by the rules of the session or because nobody
    is there to approve it; `INTERRUPTED` was not carried out, or not to its end.
    """

    DONE = "done"
    REFUSED = "refused"
    BARRED = "barred"
    INTERRUPTED = "interrupted"
    TIMED_OUT = "timed out"
    RUNNING = "running"
    FAILED = "failed"


_NUMBERED = re.compile(r" *(\d+)(?:\t|\| ?|→|:\t?|  )(.*)$")
_BARE = re.compile(r" *(\d+) *$")
_EMPTY = re.compile(r"[(<].*\bempty\b.*[)>]|.* is empty\.?")
_MORE = re.compile(
    r"\bmore lines?\b|\bgo on with\b|\blines? (?:more|left|omitted)\b|\btruncated\b"
)
_SORRY = re.compile(
    r"\s*(?:error\b|cannot\b|could not\b|can't\b|failed\b|unable\b|"
    r"no (?:such|file|folder)\b|not done\b|(?:rg|e?grep|find|sed|cat): |"
    r"file not found|there is no\b|enoent|"
    r"`?[\w./-]+`? (?:does not exist|is not|is a|is outside))",
    re.IGNORECASE,
)
_GONE = re.compile(r": no such file or directory|\(os error \d+\)", re.IGNORECASE)
_EXIT = re.compile(
    r"(?:exited with code|exit code:?|exit status:?)\s*(-?\d+)", re.IGNORECASE
)
_HIT = re.compile(r"(?:\./)?(?P<name>[^:\n\x00]+?):\s*(?P<line>\d+)\s*[:|-]")
_HEADING = re.compile(r"(?:\./)?(?P<name>[^\s:]+\.[^\s:/]+|[^\s:]+/[^\s:]+):?$")
_LINE_CHARS = 500
_TOLD_CHARS = 400
_BELOW = re.compile(r"\s+(?:line\s+)?(?P<line>\d+)\s*[:|-]", re.IGNORECASE)
_CAPPED = re.compile(
    r"\b(?:at least|more|stopped|truncated|omitted|not shown|left out|limit)\b",
    re.IGNORECASE,
)
_MORE_IN = re.compile(r"(?P<name>[^:\n]+): [\d,]+ more$")
_UNSHOWN = re.compile(r"not shown: (?P<names>.*?)(?P<rest> and [\d,]+ more files?)?$")
_UNSHOWN_NAME = re.compile(r"(?P<name>\S.*?) \([\d,]+\)(?:, |$)")
_AROUND = re.compile(r"(\d+)[:-](.*)")
_NOBODY = re.compile(
    r"\bnobody is (?:there|here)\b|\bread-only\b|\bmay (?:only )?look\b|"
    r"\bnot (?:allowed|permitted)\b|\bapproval (?:policy|settings)\b|"
    r"\b(?:needs|requires) (?:an )?approval\b|\bnon-?interactive\b",
    re.IGNORECASE,
)
_INTERRUPTED = re.compile(
    r"\binterrupted\b|\bthe session ended\b|\b(?:aborted|cancel+ed) by (?:the )?user\b"
    r"|\buser (?:has )?(?:aborted|cancel+ed)\b",
    re.IGNORECASE,
)
_REFUSED = re.compile(
    r"\b(?:refused|rejected|declined|(?<!permission )denied|not approved|"
    r"did not (?:allow|accept|approve)|does(?:n't| not) want)\b|^\s*not done:",
    re.IGNORECASE,
)
_BY_USER = re.compile(
    r"\buser\b.{0,20}\b(?:refused|rejected|declined|denied|does(?:n't| not) want)\b"
    r"|\b(?:refused|rejected|declined|denied) by (?:the )?user\b",
    re.IGNORECASE,
)
# What a tool says in place of a program's output, or above it or under it.
_CALL = r"(?:error: )?(?:the )?(?:\w+ )?(?:command|execution|process|tool|call)"
_UNFINISHED = (
    (
        re.compile(
            rf"ended after .*\btime limit\b|timed out after\b|{_CALL}\b.{{0,40}}"
            r"\b(?:timed out|(?:exceeded|exceeding) (?:its |the )?time)",
            re.IGNORECASE,
        ),
        Verdict.TIMED_OUT,
    ),
    (re.compile(r"process running with session\b", re.IGNORECASE), Verdict.RUNNING),
)
_INSTEAD = re.compile(
    rf"not done:|{_CALL}\b.{{0,40}}\b(?:rejected|refused|denied|not approved)\b|"
    r"(?:aborted|cancel+ed|interrupted|rejected|refused|declined|denied) by "
    r"(?:the )?user|(?:the )?user (?:\w+ )?"
    r"(?:aborted|cancel+ed|rejected|refused|declined|denied|does(?:n't| not) want)|"
    r"approval (?:policy|settings)\b|nobody is there\b",
    re.IGNORECASE,
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
    """Lines of a file without their numbers; `after` is the next one to ask for.

    `first` is the number of the first, where the tool shows numbers.
    """

    lines: tuple[str, ...]
    after: int | None = None
    first: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Hits:
    """The files that a search names, and the lines in each as far as it gives all.

    `more` says that there are matches in files that are not named.
    """

    lines: Mapping[str, tuple[int, ...]]
    more: bool = False


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended, as its tool tells; `told` is why it has no exit code."""

    verdict: Verdict
    code: int | None
    output: str
    told: str = ""


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
        after = number + 1 if more else None
        return Page(tuple(lines), after, number - len(lines) + 1)
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


def command(text: str) -> Ran:
    """What became of a command: a refusal and an end by force are no output."""
    first, _, rest = text.partition("\n")
    if (judged := _unfinished(first)) is not None:
        return Ran(judged, None, rest, first[:200])
    code, body = ran(text)
    lines = split(body)
    # Between these lines is what the program says, which may be anything.
    told = [*text.split("\n")[:4], *lines[:2], *lines[-3:]]
    for line in told if code in (None, 124) else ():
        judged = _unfinished(line)
        if judged is not None:
            output = "\n".join(each for each in lines if each != line)
            return Ran(judged, code, output, line[:200])
    if code == 124:  # as `timeout` has it
        return Ran(Verdict.TIMED_OUT, code, body, "exit code 124")
    return Ran(Verdict.DONE if code in (None, 0) else Verdict.FAILED, code, body)


def hits(text: str) -> list[str]:
    """The files that a search names, each once, in order."""
    return list(found(text).lines)


def found(text: str) -> Hits:
    """What a search has found, whether it has a line for each match or a heading."""
    lines: dict[str, list[int]] = {}
    partly: set[str] = set()
    more, heading = False, ""
    for raw in text.split("\n"):
        line = raw[:_LINE_CHARS].rstrip("\r")
        if hit := _HIT.match(line):
            lines.setdefault(_name(hit), []).append(int(hit["line"]))
        elif hit := _HEADING.match(line):
            heading = _name(hit)
            lines.setdefault(heading, [])
        elif heading and (hit := _BELOW.match(line)):
            lines[heading].append(int(hit["line"]))
        elif hit := _UNSHOWN.match(raw.rstrip()):
            names = [_name(each) for each in _UNSHOWN_NAME.finditer(hit["names"])]
            partly.update(names)
            more = more or not names or hit["rest"] is not None
        elif hit := _MORE_IN.match(line):
            partly.add(_name(hit))
        else:
            more = more or _CAPPED.search(line) is not None
    names = [*lines, *sorted(partly - set(lines))]
    return Hits(
        {name: () if name in partly else tuple(lines[name]) for name in names}, more
    )


def context(text: str) -> Mapping[int, str] | None:
    """Numbered lines as `grep -n` with context gives them, or `None`."""
    numbered: dict[int, str] = {}
    for line in split(text):
        shown = _AROUND.fullmatch(line)
        if shown:
            numbered[int(shown[1])] = shown[2]
        elif line != "--":
            return None
    return numbered or None


def trouble(text: str) -> str:
    """Why a search could not look at all, in its own words, or nothing."""
    lines = [line.strip() for line in ran(text)[1].split("\n") if line.strip()]
    first = lines[0] if lines else ""
    own = re.sub(r"`[^`]*`", "``", first)  # without what was searched for
    sorry = _SORRY.match(first) or _GONE.search(own) or _unfinished(first)
    return first[:200] if sorry else ""


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
    why = _unfinished(told(text)) or _withheld(first)
    if why and not missed:
        return why
    if code not in (None, 0) or _FAILED.search(first):
        return Verdict.FAILED
    return Verdict.DONE


def told(text: str) -> str:
    """The first line of what went wrong, short enough to be quoted."""
    lines: Sequence[str] = [line.strip() for line in ran(text)[1].split("\n")]
    first = next((line for line in lines if line), "no reason given")
    return first if len(first) <= _TOLD_CHARS else first[: _TOLD_CHARS - 3] + "..."


def _withheld(text: str) -> Verdict | None:
    """Why a call was not carried out, where that was not its own fault."""
    if _NOBODY.search(text):
        return Verdict.BARRED
    if _BY_USER.search(text):
        return Verdict.REFUSED
    if _INTERRUPTED.search(text):
        return Verdict.INTERRUPTED
    return Verdict.REFUSED if _REFUSED.search(text) else None


def _unfinished(line: str) -> Verdict | None:
    """What a line says that a tool puts where output would be."""
    for looks, judged in _UNFINISHED:
        if looks.match(line):
            return judged
    return _withheld(line) if _INSTEAD.match(line) else None


def _name(found: re.Match[str]) -> str:
    return found["name"].removeprefix("./").strip("`")


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
