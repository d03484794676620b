"""How the indentation of a patch becomes that of the file.

A hunk that matches but for its indentation says, line by line, which indentation of
the patch stands for which of the file.  What it adds has to go through the same
mapping, also where it has an indentation that no matched line has: then a rule is
looked for that explains every pair, and only if there is one is the hunk placed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

Mapped: TypeAlias = Callable[[str], str | None]
"""From the patch's indentation to the file's; `None` where the rule cannot say."""

_WIDTHS = (4, 2, 8, 3, 1, 6)


def indentation(text: str) -> str:
    return text[: len(text) - len(text.lstrip(" \t"))]


def learn(pairs: Iterable[tuple[str, str]]) -> dict[str, str] | None:
    """The indentation of each patch line with that of its file line.

    `pairs` are (patch line, file line); blank lines tell nothing.  `None` where one
    indentation would have to become two.
    """
    known: dict[str, str] = {}
    for ours, theirs in pairs:
        if ours.strip():
            here, there = indentation(ours), indentation(theirs)
            if known.setdefault(here, there) != there:
                return None
    return known


def identical(known: Mapping[str, str]) -> bool:
    return all(ours == theirs for ours, theirs in known.items())


def reindented(
    own: Mapping[str, str], others: Mapping[str, str], lines: Sequence[str]
) -> list[str] | None:
    """The lines with the file's indentation; `None` where there is no one way.

    `own` is what the hunk taught, `others` what other hunks of the file did; it is
    heard where the hunk alone leaves a doubt.
    """
    restyled = any(_changes_style(others, here) for here in others)
    if restyled and identical(own):
        return _mapped({**others, **own}, lines)
    if identical(own) and (own.keys() - {""} or identical(others)):
        return list(lines)
    if identical(own) and any(map(indentation, lines)):
        return None  # was all of the file indented anew, or only the other places?
    return _mapped(own, lines) or _mapped({**others, **own}, lines)


def is_uniform(known: Mapping[str, str]) -> bool:
    """Whether one rule explains all that is known."""
    return identical(known) or any(True for _ in _rules(known))


def _changes_style(known: Mapping[str, str], here: str) -> bool:
    """Whether tabs are known to stand for blanks, or the other way round."""
    return here in known and ("\t" in here) != ("\t" in known[here])


def _mapped(known: Mapping[str, str], lines: Sequence[str]) -> list[str] | None:
    """By every rule that explains what is known, if all agree on these lines."""
    answers: list[list[str]] = []
    for rule in (_unknown, *_rules(known)):
        answer = _through(rule, known, lines)
        if answer is not None and answer not in answers:
            answers.append(answer)
        if rule is _unknown and answers:
            break
    return answers[0] if len(answers) == 1 else None


def _unknown(here: str) -> None:
    """The rule that only what is known is known."""


def _through(
    rule: Mapped, known: Mapping[str, str], lines: Sequence[str]
) -> list[str] | None:
    answer = []
    for line in lines:
        here = indentation(line)
        there = known.get(here) if line.strip() else here
        if there is None:
            there = rule(here)
        if there is None:
            return None
        answer.append(there + line[len(here) :])
    return answer


def _rules(known: Mapping[str, str]) -> Iterator[Mapped]:
    """Every rule that explains all that is known, the likeliest first."""
    for rule in _candidates(known):
        if all(rule(ours) == theirs for ours, theirs in known.items()):
            yield rule


def _candidates(known: Mapping[str, str]) -> Iterator[Mapped]:
    """Shifts that the first pair suggests, then changes of unit."""
    ours, theirs = next(iter(known.items()), ("", ""))
    if theirs.endswith(ours):
        yield _shifted_in(theirs[: len(theirs) - len(ours)])
    if ours.endswith(theirs):
        yield _shifted_out(ours[: len(ours) - len(theirs)])
    tabs_there = any("\t" in there for there in known.values())
    for width in _WIDTHS:
        yield _compressed(width) if tabs_there else _expanded(width)
    if not tabs_there:
        yield from _scaled(known)


def _shifted_in(prefix: str) -> Mapped:
    return lambda here: prefix + here


def _shifted_out(prefix: str) -> Mapped:
    return lambda here: here[len(prefix) :] if here.startswith(prefix) else None


def _expanded(width: int) -> Mapped:
    return lambda here: here.replace("\t", " " * width)


def _compressed(width: int) -> Mapped:
    def rule(here: str) -> str | None:
        columns = len(here.expandtabs(width))
        return "\t" * (columns // width) + " " * (columns % width)

    return rule


def _scaled(known: Mapping[str, str]) -> Iterator[Mapped]:
    """Such as two blanks a level in the patch and four in the file."""
    for ours, theirs in known.items():
        if ours and set(ours + theirs) == {" "}:
            yield _scaled_by(len(theirs), len(ours))
            return


def _scaled_by(there: int, here: int) -> Mapped:
    def rule(text: str) -> str | None:
        size, rest = divmod(len(text) * there, here)
        return None if rest or set(text) - {" "} else " " * size

    return rule
