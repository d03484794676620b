"""Files as values: what stands in the tree now, and what would stand after a change.

A `Tree` is read by everything that plans.  An `Overlay` is a tree with changes that
are not on disk: plans can be made on top of plans, and nothing is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class File:
    """A regular file: its bytes, and its permission bits (such as 0o644)."""

    data: bytes
    mode: int = 0o644


@dataclass(frozen=True, slots=True)
class Change:
    """One file before and after; `None` where it does not exist."""

    name: str
    before: File | None
    after: File | None


class Tree(Protocol):
    def read(self, name: str) -> File | None:
        """The file of that name, `None` where there is none.

        Raises `ToolError` for what is not a regular file inside the root.
        """
