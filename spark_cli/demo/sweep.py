"""Change every place that holds a text: search, read around the matches, patch.

One search tells where all of it is, and the lines around the matches are what a patch
needs.  Only where the search itself says that there is more is it made again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set as AbstractSet
from dataclasses import dataclass, replace

from spark_cli.demo import hunks, parts
from spark_cli.demo.errand import (
    Attempt,
    Transform,
    attempt,
    changed,
    not_found,
    report,
)
from spark_cli.demo.hands import Edited, Found, Hands, Source
from spark_cli.demo.hunks import Change
from spark_cli.demo.program import Program
from spark_cli.demo.task import has_ending

ROUNDS_MAX = 6
# What is read and patched for more would not fit a usual context window.
PLACES_MAX = 300
_UNKNOWN_PLACES = 10


@dataclass(frozen=True, slots=True)
class Sweep:
    """What to change: `words` are searched for, in the file or folder `where`.

    As `whole_words` they are not looked for in longer ones.
    `count` is how many places a file has, `done` tells of places and files, and
    `nowhere` of none.  `by_parts` is false where a change may cross lines.
    """

    words: Sequence[str]
    where: str
    transform: Transform
    count: Callable[[Source], int]
    done: Callable[[int, int], str]
    nowhere: str
    by_parts: bool = True
    whole_words: bool = False


@dataclass(frozen=True, slots=True)
class _Seen:
    """Files; `more` says that there are others, `trouble` why none could be seen."""

    sources: Sequence[Source] = ()
    more: bool = False
    trouble: str = ""


def sweep(hands: Hands, wanted: Sweep) -> Program[str]:
    places, said = 0, ""
    changes: list[Change] = []
    word = wanted.words[0]
    for _ in range(ROUNDS_MAX):
        again = f"Is there more `{word}`?" if changes else f"I look for `{word}`."
        done = {change.name for change in changes}
        seen = yield from _look(hands, wanted, again, done)
        having = [source for source in seen.sources if wanted.count(source)]
        if not having:
            return _ended(said, seen, wanted)
        made = yield from attempt(
            hands, having, wanted.transform, _again(hands, wanted, done)
        )
        edited = replace(made.edited, begun=made.edited.begun or bool(changes))
        changes += made.changes
        places += sum(map(wanted.count, having))
        said = report(Attempt(changes, edited), wanted.done(places, len(changes)))
        if not made.done or not seen.more:
            return said
        if places >= PLACES_MAX:
            break
    return f"{said}\n\nThat is as much as I change at once: ask again for the rest."


def _ended(said: str, seen: _Seen, wanted: Sweep) -> str:
    said = said or seen.trouble or wanted.nowhere
    if not seen.more:
        return said
    return f"{said}\n\nThe search has more than it shows, so there may be places left."


def _again(
    hands: Hands, wanted: Sweep, done: AbstractSet[str]
) -> Callable[[Edited, str], Program[Sequence[Source]]]:
    """How to read once more: whole what the failure names, the rest as before."""

    def read(edited: Edited, words: str) -> Program[Sequence[Source]]:
        seen = yield from _look(hands, wanted, words, done)
        having = [source for source in seen.sources if wanted.count(source)]
        named = {source.name for source in having if source.name in edited.told}
        return (yield from _whole(hands, having, named))

    return read


def _look(
    hands: Hands, wanted: Sweep, words: str, done: AbstractSet[str]
) -> Program[_Seen]:
    """What is to be changed; a file that is `done` is not changed twice."""
    where = wanted.where
    if where and (has_ending(where) or not hands.can_look_around):
        sources = yield from hands.read([where], words)
        if not sources and not hands.can_read and len(hands.pasted) == 1:
            sources = yield from hands.read(list(hands.pasted))
        if sources or not hands.can_look_around:
            return _Seen(sources, trouble="" if sources else not_found(hands, where))
        found = Found({}, trouble="no such file")
    else:
        found = yield from _find(hands, wanted, where, words)
    if found.trouble and where:
        names = yield from hands.named(where)
        if len(names) != 1:
            return _Seen(trouble=_misplaced(where, names, found.trouble))
        found = yield from _find(hands, wanted, names[0], "")
    if found.trouble:
        return _Seen(trouble=f"I could not look (the tool says: {found.trouble}).")
    left = {name: found.lines[name] for name in found.names if name not in done}
    return (yield from _read(hands, wanted, Found(left, found.more)))


def _find(hands: Hands, wanted: Sweep, where: str, words: str) -> Program[Found]:
    """The files that have one of the words."""
    lines: dict[str, tuple[int, ...]] = {}
    more, trouble = False, ""
    for word in wanted.words:
        found = yield from hands.find(word, where, words, whole=wanted.whole_words)
        for name, numbers in found.lines.items():
            known = lines.get(name, numbers)
            lines[name] = (*known, *numbers) if known and numbers else ()
        more, words, trouble = more or found.more, "", trouble or found.trouble
    return Found(lines, more, "" if lines else trouble)


def _read(hands: Hands, wanted: Sweep, found: Found) -> Program[_Seen]:
    names: list[str] = []
    places = 0
    for name, lines in found.lines.items():
        if places < PLACES_MAX:
            names.append(name)
        places += len(lines) or _UNKNOWN_PLACES
    more = found.more or len(names) < len(found.names)
    if not wanted.by_parts:
        return _Seen((yield from hands.read(names)), more)
    some = Found({name: found.lines[name] for name in names})
    sources = yield from parts.around(
        hands, some, wanted.words, whole=wanted.whole_words
    )
    vague = {
        change.name
        for change in changed(sources, wanted.transform)
        if change.seams and not hunks.is_clear(change)
    }
    return _Seen((yield from _whole(hands, sources, vague)), more)


def _whole(
    hands: Hands, sources: Sequence[Source], names: set[str]
) -> Program[list[Source]]:
    """The same files, these of them read whole."""
    parts_of = [each.name for each in sources if each.name in names and not each.whole]
    read = yield from hands.read(parts_of)
    whole = {source.name: source for source in read}
    return [whole.get(source.name, source) for source in sources]


def _misplaced(where: str, names: Sequence[str], trouble: str) -> str:
    if not names:
        return (
            f"I cannot look in `{where}`, so I changed nothing (the tool says:"
            f" {trouble}). Is it the right name?"
        )
    listed = ", ".join(f"`{name}`" for name in names)
    return f"`{where}` may be any of {listed}. I changed nothing: say which one."
