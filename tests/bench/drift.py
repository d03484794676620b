"""Patches for files that have changed since: how many land wrongly.

    python -m tests.bench.drift [--source FOLDER] [--files N] [--seed N] [--show N]

A file of real source is changed in one to three places, and a patch is written of it,
as git writes a unified diff and as models write V4A and search/replace blocks.  Then
the file drifts: lines come and go above, blocks and functions are copied, kept lines
are reworded, what was to be removed changes.  The same drift on the changed file is
what a perfect applier would make.

*exact* is that file, *refused* that nothing was changed, *WRONG* any other file.  Where
what was to be removed is gone, only a refusal is right.
"""

from __future__ import annotations

import argparse
import difflib
import json
import random
import re
import sysconfig
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeAlias

from spark_cli.core.errors import SparkError
from spark_cli.patch.formats import read
from spark_cli.patch.plan import plan
from spark_cli.workspace.tree import File

CONTEXT = 3
NAME = "module.py"
_TITLE = re.compile(r"[A-Za-z_$]")
_WORD = re.compile(r"[A-Za-z_]{3,}")


class Span(NamedTuple):
    """Lines `start` up to `stop` of the file as it was become `lines`."""

    start: int
    stop: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A file, what is changed in it, and where: the spans are apart and in order."""

    before: tuple[str, ...]
    spans: tuple[Span, ...]

    @property
    def after(self) -> tuple[str, ...]:
        return applied(self.before, self.spans)

    def is_free(self, start: int, stop: int) -> bool:
        """Whether nothing is changed there, nor right beside it."""
        return all(stop <= one.start or start >= one.stop for one in self.spans)


@dataclass(frozen=True, slots=True)
class Drift:
    """What became of the file; `sound` is whether the patch may still be applied."""

    spans: tuple[Span, ...]
    sound: bool = True


def applied(lines: Sequence[str], spans: Sequence[Span]) -> tuple[str, ...]:
    made: list[str] = []
    done = 0
    for span in sorted(spans):
        made += lines[done : span.start]
        made += span.lines
        done = span.stop
    return (*made, *lines[done:])


def cases(texts: Sequence[str], dice: random.Random) -> Iterator[Case]:
    for text in texts:
        lines = tuple(text.split("\n")[:-1])
        spans: list[Span] = []
        for _ in range(dice.choice((1, 1, 2, 3))):
            at = dice.randrange(5, len(lines) - 8)
            if all(abs(at - one.start) > 3 * CONTEXT + 4 for one in spans):
                spans.append(_change(lines, at, dice))
        case = Case(lines, tuple(sorted(spans)))
        if case.after != lines:
            yield case


def _change(lines: Sequence[str], at: int, dice: random.Random) -> Span:
    size = dice.choice((0, 1, 1, 2, 3))
    old = lines[at : at + size]
    new = [_reworded(line, dice) for line in old] if dice.random() < 0.7 else []
    if not old or dice.random() < 0.3:
        depth = re.match(r"\s*", lines[at])
        lead = depth[0] if depth else ""
        count = dice.randrange(1, 4)
        new += [f"{lead}spark_{dice.randrange(10**6)} = {n}" for n in range(count)]
    return Span(at, at + size, tuple(new))


def _reworded(line: str, dice: random.Random) -> str:
    words = list(_WORD.finditer(line))
    if not words:
        return f"{line}  # spark {dice.randrange(10**6)}"
    word = dice.choice(words)
    return f"{line[: word.start()]}spark_{word[0]}{line[word.end() :]}"


# Patches


def hunks(case: Case) -> Iterator[tuple[int, int, list[str]]]:
    """Each with its first line, from 0, before and after, and its signed lines."""
    groups: list[list[Span]] = []
    for span in case.spans:
        near = groups and span.start - groups[-1][-1].stop <= 2 * CONTEXT
        if near:
            groups[-1].append(span)
        else:
            groups.append([span])
    moved = 0
    for group in groups:
        first = max(0, group[0].start - CONTEXT)
        last = min(len(case.before), group[-1].stop + CONTEXT)
        body, at = [], first
        for span in group:
            body += [f" {line}" for line in case.before[at : span.start]]
            body += [f"-{line}" for line in case.before[span.start : span.stop]]
            body += [f"+{line}" for line in span.lines]
            at = span.stop
        body += [f" {line}" for line in case.before[at:last]]
        yield first, first + moved, body
        moved += sum(len(one.lines) - (one.stop - one.start) for one in group)


def title(lines: Sequence[str], at: int) -> str:
    above = (line for line in reversed(lines[:at]) if _TITLE.match(line))
    return next(above, "")[:80].rstrip()


def unified(case: Case, *, titled: bool = True) -> str:
    made = [f"--- a/{NAME}", f"+++ b/{NAME}"]
    for old, new, body in hunks(case):
        had = sum(line[0] != "+" for line in body)
        has = sum(line[0] != "-" for line in body)
        head = f" {title(case.before, old)}" if titled else ""
        made.append(f"@@ -{old + 1},{had} +{new + 1},{has} @@{head}".rstrip())
        made += body
    return "\n".join([*made, ""])


def v4a(case: Case, *, titled: bool = False) -> str:
    made = ["*** Begin Patch", f"*** Update File: {NAME}"]
    for old, _, body in hunks(case):
        head = title(case.before, old) if titled else ""
        made += [f"@@ {head}".rstrip(), *body]
    return "\n".join([*made, "*** End Patch", ""])


def blocks(case: Case) -> str:
    made: list[str] = []
    for _, _, body in hunks(case):
        old = [line[1:] for line in body if line[0] != "+"]
        new = [line[1:] for line in body if line[0] != "-"]
        made += [NAME, "<<<<<<< SEARCH", *old, "=======", *new, ">>>>>>> REPLACE", ""]
    return "\n".join(made)


FORMATS: dict[str, Callable[[Case], str]] = {
    "unified": unified,
    "unified, untitled": lambda case: unified(case, titled=False),
    "v4a": v4a,
    "v4a, titled": lambda case: v4a(case, titled=True),
    "search/replace": blocks,
}


# Drifts


Made: TypeAlias = Callable[[Case, random.Random], Drift | None]


def _none(case: Case, dice: random.Random) -> Drift:
    del case, dice
    return Drift(())


def _hit(case: Case, dice: random.Random) -> Span:
    return dice.choice(case.spans)


def _block(case: Case, dice: random.Random) -> tuple[int, int]:
    """Lines around one change, with the changes that would be cut by its ends."""
    hit, margin = _hit(case, dice), CONTEXT + dice.randrange(12)
    start = max(0, hit.start - margin)
    stop = min(len(case.before), hit.stop + margin)
    for span in case.spans:
        if start < span.stop and span.start < stop:
            start, stop = min(start, span.start), max(stop, span.stop)
    return start, stop


def _outer(case: Case, dice: random.Random) -> tuple[int, int]:
    """The unindented block that one change is in."""
    at = _hit(case, dice).start
    tops = [n for n, line in enumerate(case.before) if _TITLE.match(line)]
    start = max((n for n in tops if n <= at), default=0)
    stop = min((n for n in tops if n > at), default=len(case.before))
    return start, stop


def _free(case: Case, low: int, high: int, dice: random.Random) -> int | None:
    spots = [n for n in range(low, high) if case.is_free(n - 1, n + 1)]
    return dice.choice(spots) if spots else None


def _copied(*, above: bool, far: bool) -> Made:
    def drift(case: Case, dice: random.Random) -> Drift | None:
        start, stop = _block(case, dice)
        at: int | None = start if above else stop
        if far:
            low, high = (0, start) if above else (stop, len(case.before))
            at = _free(case, low, high, dice)
        if at is None or not case.is_free(at, at):
            return None
        return Drift((Span(at, at, case.before[start:stop]),))

    return drift


def _copied_function(*, above: bool, renamed: bool) -> Made:
    def drift(case: Case, dice: random.Random) -> Drift | None:
        start, stop = _outer(case, dice)
        copy = list(case.before[start:stop])
        if renamed and copy:
            copy[0] = _reworded(copy[0], dice)
        at = start if above else stop
        return Drift((Span(at, at, tuple(copy)),)) if case.is_free(at, at) else None

    return drift


def _more_above(case: Case, dice: random.Random) -> Drift | None:
    at = _free(case, 0, case.spans[0].start, dice)
    lines = tuple(f"# line {n} of a note" for n in range(dice.randrange(1, 30)))
    return None if at is None else Drift((Span(at, at, lines),))


def _less_above(case: Case, dice: random.Random) -> Drift | None:
    high = case.spans[0].start - CONTEXT - 1
    if high < 2:
        return None
    start = dice.randrange(high - 1)
    return Drift((Span(start, min(high, start + dice.randrange(1, 30)), ()),))


def _kept(case: Case, dice: random.Random) -> int | None:
    """A kept line of one hunk that says something."""
    hit = _hit(case, dice)
    near = [
        n
        for n in (
            *range(hit.start - CONTEXT, hit.start),
            *range(hit.stop, hit.stop + 3),
        )
        if 0 <= n < len(case.before)
        and case.is_free(n, n + 1)
        and case.before[n].strip()
    ]
    return dice.choice(near) if near else None


def _kept_reworded(case: Case, dice: random.Random) -> Drift | None:
    at = _kept(case, dice)
    if at is None:
        return None
    return Drift((Span(at, at + 1, (_reworded(case.before[at], dice),)),))


def _kept_replaced(case: Case, dice: random.Random) -> Drift | None:
    at = _kept(case, dice)
    if at is None:
        return None
    return Drift((Span(at, at + 1, (f"other_{dice.randrange(10**6)}()",)),))


def _kept_gone(case: Case, dice: random.Random) -> Drift | None:
    at = _kept(case, dice)
    return None if at is None else Drift((Span(at, at + 1, ()),))


def _removed_reworded(case: Case, dice: random.Random) -> Drift | None:
    hits = [one for one in case.spans if one.stop > one.start]
    if not hits:
        return None
    hit = dice.choice(hits)
    lines = [n for n in range(hit.start, hit.stop) if case.before[n].strip()]
    if not lines:
        return None
    at = dice.choice(lines)
    other = f"{case.before[at]}  # since"
    return Drift((Span(at, at + 1, (other,)),), sound=False)


def _place_gone(case: Case, dice: random.Random) -> Drift | None:
    """The whole place is gone; what is like it elsewhere is not what was meant."""
    start, stop = _block(case, dice)
    if not any(one.stop > one.start for one in case.spans if one.start >= start):
        return None
    return Drift((Span(start, stop, ("gone = True",)),), sound=False)


def _place_gone_copy_left(case: Case, dice: random.Random) -> Drift | None:
    """The place is reworded, and a sibling with its removed lines comes after it."""
    drift = _removed_reworded(case, dice)
    if drift is None:
        return None
    (span,) = drift.spans
    at = _free(case, min(span.stop + 20, len(case.before)), len(case.before), dice)
    if at is None:
        return None
    sibling = ("def sibling():", case.before[span.start], "    return None")
    return Drift((span, Span(at, at, sibling)), sound=False)


DRIFTS: dict[str, Made] = {
    "none": _none,
    "lines came above": _more_above,
    "lines went above": _less_above,
    "block copied right above": _copied(above=True, far=False),
    "block copied right below": _copied(above=False, far=False),
    "block copied far above": _copied(above=True, far=True),
    "block copied far below": _copied(above=False, far=True),
    "function copied above": _copied_function(above=True, renamed=False),
    "function copied above, renamed": _copied_function(above=True, renamed=True),
    "function copied below, renamed": _copied_function(above=False, renamed=True),
    "kept line reworded": _kept_reworded,
    "kept line replaced": _kept_replaced,
    "kept line gone": _kept_gone,
    "removed line reworded": _removed_reworded,
    "place gone": _place_gone,
    "removed line reworded, a copy elsewhere": _place_gone_copy_left,
}


# Scores


class Memory:
    def __init__(self, lines: Sequence[str]) -> None:
        self._file = File("".join(f"{line}\n" for line in lines).encode())

    def read(self, name: str) -> File | None:
        return self._file if name == NAME else None


def judged(case: Case, drift: Drift, patch: str) -> str:
    now = applied(case.before, drift.spans)
    try:
        changes = plan(read(patch), Memory(now)).changes
    except SparkError:
        return "refused"
    after = changes[0].after.data.decode() if changes and changes[0].after else ""
    if not drift.sound:
        return "WRONG"
    wanted = applied(case.before, (*drift.spans, *case.spans))
    return "exact" if after == "".join(f"{one}\n" for one in wanted) else "WRONG"


def sources(folder: Path, count: int, dice: random.Random) -> list[str]:
    every = sorted(folder.rglob("*.py"))
    dice.shuffle(every)
    found: list[str] = []
    for path in every:
        try:
            text = path.read_bytes().decode()
        except (OSError, UnicodeDecodeError):
            continue
        if 40 < text.count("\n") < 2000 and text.endswith("\n") and "\r" not in text:
            found.append(text)
        if len(found) == count:
            break
    return found


def shown(label: str, patch: str, case: Case, drift: Drift) -> None:
    now = applied(case.before, drift.spans)
    print(f"--- WRONG: {label}\n{patch}")
    print(
        *difflib.unified_diff(case.before, now, "was", "is", lineterm="", n=6), sep="\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    default = sysconfig.get_paths()["purelib"]
    parser.add_argument("--source", type=Path, default=Path(default))
    parser.add_argument("--files", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=0, help="so many wrong ones")
    parser.add_argument("--only", default="", help="drifts with this in their name")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    dice = random.Random(options.seed)
    scores: dict[tuple[str, str], Counter[str]] = {}
    left = options.show
    for case in cases(sources(options.source, options.files, dice), dice):
        for name, make in DRIFTS.items():
            drift = make(case, dice) if options.only in name else None
            if drift is None:
                continue
            for form, write in FORMATS.items():
                patch = write(case)
                verdict = judged(case, drift, patch)
                scores.setdefault((name, form), Counter())[verdict] += 1
                if verdict == "WRONG" and left:
                    left -= 1
                    shown(f"{name}, {form}", patch, case, drift)
    table(scores)
    if options.json:
        told = [{"drift": d, "format": f, **c} for (d, f), c in scores.items()]
        options.json.write_text(json.dumps(told, indent=1))


def table(scores: dict[tuple[str, str], Counter[str]]) -> None:
    print("exact/refused/WRONG\n")
    print(f"{'':40}" + "".join(f"{form:>20}" for form in FORMATS))
    for name in DRIFTS:
        cells = []
        for form in FORMATS:
            one = scores.get((name, form), Counter())
            cells.append("/".join(str(one[v]) for v in ("exact", "refused", "WRONG")))
        print(f"{name:40}" + "".join(f"{cell:>20}" for cell in cells))
    for form in FORMATS:
        counts = (count for (_, of), count in scores.items() if of == form)
        every = sum(counts, Counter[str]())
        share = 100 * every["WRONG"] / every.total()
        print(f"{form}: WRONG {every['WRONG']} of {every.total()} ({share:.2f} %)")


if __name__ == "__main__":
    main()
