"""A part of a patch, as a user sees it and decides on it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProposedHunk:
    """The smallest part of a patch that can be accepted or refused.

    `id` is its name within the patch (`h1`), and `line` the first line of the file that
    it changes, from 1.  `diff` is the unified diff of it alone, with as many lines
    `added` and `removed`.  `hot` says why it wants a second look, and `problem` why it
    cannot land.  `parts` are what it can be split into (`h1.1`), where there is more
    than one.
    """

    id: str
    name: str
    line: int | None = None
    diff: str = ""
    added: int = 0
    removed: int = 0
    hot: str = ""
    problem: str = ""
    parts: tuple[ProposedHunk, ...] = ()
