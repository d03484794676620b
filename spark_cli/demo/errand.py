"""The shape that all editing skills share: read, change, patch, and try once more.

A skill gives a pure function from a file's lines to its new lines.  When a patch does
not land, the files are read again and the function is asked again; a second failure
is told, and never a third tried.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from spark_cli.demo.hands import Edited, Hands, Source
from spark_cli.demo.hunks import Change
from spark_cli.demo.outputs import Verdict
from spark_cli.demo.program import Program

Transform: TypeAlias = Callable[[Source], Sequence[str]]
Reading: TypeAlias = Callable[[Edited, str], Program[Sequence[Source]]]

_WHY_NOT = {
    Verdict.REFUSED: "You did not want that change",
    Verdict.BARRED: "I was not allowed to make that change",
    Verdict.INTERRUPTED: "That change was interrupted",
}
_UNKNOWN = {
    Verdict.TIMED_OUT: "was ended by its time limit",
    Verdict.RUNNING: "has not come to its end",
}


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was to change, and how that went."""

    changes: Sequence[Change]
    edited: Edited

    @property
    def done(self) -> bool:
        return self.edited.verdict is Verdict.DONE and not self.edited.shown


def change_files(
    hands: Hands, sources: Sequence[Source], transform: Transform, done: str
) -> Program[str]:
    """Change files that were read, and say `done` or what went wrong."""
    made = yield from attempt(hands, sources, transform)
    return report(made, done)


def attempt(
    hands: Hands,
    sources: Sequence[Source],
    transform: Transform,
    read: Reading | None = None,
) -> Program[Attempt]:
    """Change files that were read; twice where the first patch does not land.

    `read` reads them again, given what went wrong and the words to say; whole, if it
    is left out.
    """
    changes = changed(sources, transform)
    edited = yield from _edit(hands, changes, "")
    if edited.verdict is Verdict.FAILED:
        words = "It did not land, so I read again."
        if read is None:
            names = [source.name for source in sources]
            sources = yield from hands.read(names, words)
        else:
            sources = yield from read(edited, words)
        changes = changed(sources, transform)
        edited = yield from _edit(
            hands, changes, "A second try, on what the files hold now."
        )
    return Attempt(changes, edited)


def report(made: Attempt, done: str) -> str:
    """What to tell the user: `done`, if it is."""
    edited = made.edited
    if not made.changes:
        return "Nothing to change: the files are already as you want them."
    if edited.verdict is not Verdict.DONE:
        return _undone(edited)
    if edited.shown:
        return (
            "I have no tool to edit files here, so this is the patch to apply:\n\n"
            f"```diff\n{edited.shown}```\n\n{done}"
        )
    names = ", ".join(f"`{change.name}`" for change in made.changes)
    return f"{done}\n\nChanged: {names}."


def changed(sources: Sequence[Source], transform: Transform) -> list[Change]:
    after = [(source, tuple(transform(source))) for source in sources]
    return [
        Change(source.name, source.lines, lines, source.seams)
        for source, lines in after
        if lines != source.lines
    ]


def add_file(hands: Hands, name: str, lines: Sequence[str], done: str) -> Program[str]:
    changes = [Change(name, None, tuple(lines))]
    edited = yield from hands.edit(changes)
    return report(Attempt(changes, edited), done)


def not_found(hands: Hands, name: str) -> str:
    if hands.can_read:
        return f"I cannot read `{name}`: is it the right name?"
    return (
        f"I have no tool to read files here. Paste `{name}` in a fence and I will"
        " answer with a patch."
    )


def _edit(hands: Hands, changes: Sequence[Change], words: str) -> Program[Edited]:
    if not changes:
        return Edited(Verdict.DONE)
    return (yield from hands.edit(changes, words))


def _undone(edited: Edited) -> str:
    said = f"(the tool says: {edited.told})"
    if edited.verdict is Verdict.FAILED:
        return (
            f"The patch could not be applied, twice: {edited.told}. I stop here;"
            " nothing more was tried. Is somebody else changing these files?"
        )
    if edited.verdict in _UNKNOWN:
        return (
            f"The edit {_UNKNOWN[edited.verdict]} {said}. What it wrote until then I"
            " do not know: look at the files."
        )
    if edited.told.startswith("accepted"):
        return f"You took a part of that change; the rest was not written {said}."
    written = "the rest was not written" if edited.begun else "nothing was written"
    return (
        f"{_WHY_NOT[edited.verdict]}, so {written} {said}. Tell me what to do instead."
    )
