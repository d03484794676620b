"""Reading no more of a file than the lines around what was searched for."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence

from spark_cli.demo import outputs
from spark_cli.demo.hands import Found, Hands, Source, quoted
from spark_cli.demo.program import Program
from spark_cli.demo.regions import AROUND, gathered, regions
from spark_cli.demo.toolbox import Skill


def around(
    hands: Hands, found: Found, words: Sequence[str], *, whole: bool = False
) -> Program[list[Source]]:
    """The files of a search for these (`whole`) words, by parts where that will do.

    A file is read whole where it is not known which lines matter, or where they are
    not what the search said.
    """
    parts: Mapping[str, Source] = {}
    if _will_do(hands) and Skill.READ in hands.grips:
        parts = yield from _ranges(hands, found, words, whole=whole)
    elif _will_do(hands):
        parts = yield from _contexts(hands, found.names, words)
    rest = yield from hands.read([name for name in found.names if name not in parts])
    every = {**parts, **{source.name: source for source in rest}}
    return [every[name] for name in found.names if name in every]


def _will_do(hands: Hands) -> bool:
    """Whether parts of files can be read, and be edited without the rest."""
    skills = set(hands.grips)
    if Skill.READ in skills:
        grip = hands.grips[Skill.READ]
        reads = grip.has("start") and grip.has("count")
    else:
        reads = Skill.RUN in skills
    by_parts = bool({Skill.PATCH, Skill.REPLACE} & skills)
    return reads and (by_parts or not {Skill.WRITE, Skill.RUN} & skills)


def _ranges(
    hands: Hands, found: Found, words: Sequence[str], *, whole: bool
) -> Program[Mapping[str, Source]]:
    lines = yield from _every_line(hands, found, words, whole=whole)
    grip = hands.grips[Skill.READ]
    asked = [(name, part) for name in lines for part in regions(lines[name])]
    texts = yield from hands.side_by_side(
        [grip.use(path=name, start=part.start, count=len(part)) for name, part in asked]
    )
    numbered: dict[str, dict[int, str]] = {}
    for (name, part), text in zip(asked, texts, strict=True):
        page = outputs.page(text)
        if page is not None:
            shown = enumerate(page.lines[: len(part)], page.first or part.start)
            numbered.setdefault(name, {}).update(shown)
    return {
        name: _part(name, known)
        for name, known in numbered.items()
        if all(_has(known.get(line, ""), words) for line in lines[name])
    }


def _every_line(
    hands: Hands, found: Found, words: Sequence[str], *, whole: bool
) -> Program[Mapping[str, Sequence[int]]]:
    """The matches in each file, searched for again where some were left out."""
    lines: dict[str, Sequence[int]]
    lines = {name: numbers for name, numbers in found.lines.items() if numbers}
    search = hands.grips.get(Skill.SEARCH)
    if search is None or not search.has("path"):
        return lines
    asked = [
        (name, word) for name in found.names if name not in lines for word in words
    ]
    texts = yield from hands.side_by_side(
        [hands.searching(word, name, whole=whole) for name, word in asked]
    )
    again: dict[str, list[outputs.Hits]] = {}
    for (name, _), text in zip(asked, texts, strict=True):
        again.setdefault(name, []).append(outputs.found(text))
    for name, hits in again.items():
        numbers = [each for one in hits for each in one.lines.values()]
        if any(numbers) and all(numbers) and not any(one.more for one in hits):
            lines[name] = sorted({line for each in numbers for line in each})
    return lines


def _contexts(
    hands: Hands, names: Sequence[str], words: Sequence[str]
) -> Program[Mapping[str, Source]]:
    seek = " ".join(f"-e {shlex.quote(word)}" for word in words)
    command = f"grep -nF -C {AROUND} {seek}"
    texts = yield from hands.side_by_side(
        [hands.running(f"{command} {quoted(name)}") for name in names]
    )
    known = [outputs.context(outputs.ran(text)[1]) for text in texts]
    found = zip(names, known, strict=True)
    return {name: _part(name, lines) for name, lines in found if lines}


def _part(name: str, numbered: Mapping[int, str]) -> Source:
    lines, seams = gathered(numbered)
    return Source(name, lines, seams, whole=False)


def _has(line: str, words: Iterable[str]) -> bool:
    return any(word in line for word in words)
