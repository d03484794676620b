"""Going through hunks one by one, with the letters of `git add -p`.

A review is a value that letters change; it knows of no screen and of no agent.  What
is hot takes a key of its own: `y` and `a` pass it by, and say why.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from spark_cli.core.hunks import ProposedHunk

KEYS = (
    ("y, n", "accept this hunk, or refuse it; then type why, for the model"),
    ("Y", "accept a hunk that is hot"),
    ("a, d", "accept, or refuse, all that is left of its file (`a` only what is calm)"),
    ("A, D", "accept, or refuse, all that is left; or `yes`, `no`"),
    ("j, k", "look at the next one, or the one before"),
    ("s, e", "split it into its changes; edit it first"),
    ("q", "refuse what is left"),
)
LETTERS = frozenset("yYnadADqjkse")


class Step(StrEnum):
    """What a letter calls for."""

    EDIT = "edit"
    ENDED = "ended"
    """Nothing is left open."""


@dataclass(slots=True)
class Review:
    """`at` is the hunk that is looked at.

    `partly` allows to split hunks, and to edit them where there is an `editor`.
    """

    hunks: list[ProposedHunk]
    partly: bool = True
    editor: bool = True
    at: int = 0
    accepted: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    edited: dict[str, str] = field(default_factory=dict)
    warned: str = ""

    @property
    def here(self) -> ProposedHunk | None:
        """The hunk that is looked at; `None` where nothing is left open."""
        if self.at < len(self.hunks) and self.is_open(self.hunks[self.at]):
            return self.hunks[self.at]
        return None

    @property
    def letters(self) -> frozenset[str]:
        """Those that mean something about the hunk that is looked at."""
        here = self.here
        if here is None:
            return frozenset()
        none = "" if len(self.left) > 1 else "jk"
        none += "" if self.partly and here.parts else "s"
        none += "" if self.can_edit else "e"
        # What is left is not known while it is written.
        none += "" if self.partly else "adADq"
        return LETTERS - set(none)

    @property
    def can_edit(self) -> bool:
        """Whether there are lines to edit: not in a part, nor in a file that is new."""
        here = self.here
        if here is None or not self.partly or not self.editor:
            return False
        return bool(here.line) and "." not in here.id

    @property
    def left(self) -> list[ProposedHunk]:
        return [hunk for hunk in self.hunks if self.is_open(hunk)]

    @property
    def whole(self) -> bool:
        """Whether every hunk was accepted, and none only in part."""
        return not self.refused and not self._split()

    def is_open(self, hunk: ProposedHunk) -> bool:
        decided = hunk.id in self.accepted or hunk.id in self.refused
        return not decided and not hunk.problem

    def grow(self, hunk: ProposedHunk) -> None:
        """One more has formed."""
        self.hunks.append(hunk)
        if self.here is None:
            self.at = len(self.hunks) - 1

    def letter(self, letter: str) -> Step | None:
        """Do what a letter says about the hunk that is looked at."""
        here = self.here
        if here is None or letter not in self.letters:
            return None
        if letter == "e":
            return Step.EDIT
        if letter in "jk":
            self._move(1 if letter == "j" else -1)
        elif letter == "s":
            self._split_here(here)
        else:
            self._decide(letter, here)
        return None if self.left else Step.ENDED

    def resume(self, before: Review) -> None:
        """Take over what was decided on the same hunks before they were offered."""
        known = {hunk.id for hunk in self.hunks}
        self.accepted = [id_ for id_ in before.accepted if id_ in known]
        self.refused = {k: why for k, why in before.refused.items() if k in known}
        self.edited = {k: diff for k, diff in before.edited.items() if k in known}
        self._next()

    def look_at(self, hunk: str) -> None:
        """Go on where the user was looking, if that is still open."""
        ids = [one.id for one in self.hunks]
        if hunk in ids and self.is_open(self.hunks[ids.index(hunk)]):
            self.at = ids.index(hunk)

    def explain(self, hunk: str, reason: str) -> None:
        """Why a hunk was refused."""
        self.refused[hunk] = reason

    def revise(self, hunk: ProposedHunk, diff: str) -> None:
        """The hunk as the user has edited it: that accepts it."""
        self.edited[hunk.id] = diff
        self._accept([hunk])
        self._next()

    def reason(self) -> str:
        """What the model is told of those that were refused."""
        told = {id_: why for id_, why in self.refused.items() if why}
        if len(set(self.refused.values())) < 2:
            return next(iter(told.values()), "")
        return "; ".join(f"{id_}: {why}" for id_, why in told.items())

    def _decide(self, letter: str, here: ProposedHunk) -> None:
        meant = list(self._meant(letter, here))
        if letter in "ndDq":
            self.refused |= dict.fromkeys((hunk.id for hunk in meant), "")
        else:
            calm = meant if letter == "Y" else [hunk for hunk in meant if not hunk.hot]
            self._accept(calm)
            if here not in calm:
                self.warned = here.id
                return
        self._next()

    def _meant(self, letter: str, here: ProposedHunk) -> Iterator[ProposedHunk]:
        for hunk in self.left:
            mine = hunk is here or letter in "ADq"
            if mine or (letter in "ad" and hunk.name == here.name):
                yield hunk

    def _accept(self, hunks: Sequence[ProposedHunk]) -> None:
        self.accepted += [hunk.id for hunk in hunks]

    def _next(self) -> None:
        """Go to the next one that is open, from here on and then from the start."""
        self.warned = ""
        order = [*range(self.at, len(self.hunks)), *range(self.at)]
        self.at = next((at for at in order if self.is_open(self.hunks[at])), self.at)

    def _move(self, by: int) -> None:
        size = len(self.hunks)
        steps = ((self.at + by * n) % size for n in range(1, size + 1))
        self.at = next((at for at in steps if self.is_open(self.hunks[at])), self.at)
        self.warned = ""

    def _split_here(self, here: ProposedHunk) -> None:
        self.hunks[self.at : self.at + 1] = here.parts

    def _split(self) -> bool:
        return any("." in hunk.id for hunk in self.hunks)
