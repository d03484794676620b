"""Hunks of a patch as the user has edited them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from spark_cli.core.errors import PatchRefused, ToolError
from spark_cli.patch import formats
from spark_cli.patch.edits import Edit, Hunk

Where: TypeAlias = tuple[str, int, int]
"""A file, the line of the patch where a hunk starts, and which of those it is."""


def revised(edits: Sequence[Edit], revisions: Mapping[Where, str]) -> list[Edit]:
    """The edits with some hunks replaced, each by a unified diff of one hunk.

    `ToolError` for a diff that is not one hunk, or that is of no hunk.
    """
    seen = Counter[tuple[str, int]]()
    left = dict(revisions)
    made = []
    for edit in edits:
        hunks = []
        for hunk in edit.hunks:
            at = (edit.name, hunk.source)
            text = left.pop((*at, seen[at]), None)
            seen[at] += 1
            hunks.append(hunk if text is None else hunk_of(text, hunk.source))
        made.append(edit._replace(hunks=tuple(hunks)))
    if left:
        raise ToolError("a hunk that was edited is not in the patch any more")
    return made


def hunk_of(text: str, source: int = 0) -> Hunk:
    """The hunk in a unified diff; `ToolError` where it is not just one."""
    try:
        found = formats.read(text, formats.Format.UNIFIED)
    except PatchRefused as error:
        raise ToolError(f"what was edited is no hunk any more: {error}") from error
    hunks = [hunk for edit in found for hunk in edit.hunks]
    if len(hunks) != 1:
        raise ToolError("what was edited must be one hunk still")
    return hunks[0]._replace(source=source)
