"""Patches written from edits, as models write them: the way back for round trips."""

from __future__ import annotations

import json
from collections.abc import Sequence

from spark_cli.patch.edits import Action, Edit, Hunk, Line, Sign


def v4a(edits: Sequence[Edit]) -> str:
    lines = ["*** Begin Patch"]
    for edit in edits:
        lines.append(f"*** {edit.action.value.title()} File: {edit.name}")
        if edit.action == Action.ADD:
            lines += [f"+{line}" for line in edit.text.split("\n")[:-1]]
        if edit.to:
            lines.append(f"*** Move to: {edit.to}")
        for hunk in edit.hunks:
            lines += [f"@@ {anchor}" for anchor in hunk.anchors] or ["@@"]
            lines += [line.sign + line.text for line in hunk.lines]
            lines += ["*** End of File"] * hunk.at_end
    return "\n".join([*lines, "*** End Patch", ""])


def unified(edits: Sequence[Edit]) -> str:
    lines: list[str] = []
    for edit in edits:
        lines += [f"--- a/{edit.name}", f"+++ b/{edit.name}"]
        for hunk in edit.hunks:
            sizes = len(hunk.old), len(hunk.new)
            heading = "".join(f" {anchor}" for anchor in hunk.anchors)
            start = hunk.line or 1
            lines.append(f"@@ -{start},{sizes[0]} +{start},{sizes[1]} @@{heading}")
            lines += [line.sign + line.text for line in hunk.lines]
    return "".join(f"{line}\n" for line in lines)


def blocks(edits: Sequence[Edit]) -> str:
    lines: list[str] = []
    for edit in edits:
        for hunk in edit.hunks:
            old = [line.text for line in hunk.old]
            lines += [edit.name, "```", "<<<<<<< SEARCH", *old, "======="]
            lines += [*hunk.new, ">>>>>>> REPLACE", "```", ""]
    return "\n".join(lines)


def strings(edits: Sequence[Edit]) -> str:
    entries = [
        {
            "path": edit.name,
            "old": "\n".join(line.text for line in hunk.old),
            "new": "\n".join(hunk.new),
        }
        for edit in edits
        for hunk in edit.hunks
    ]
    return json.dumps({"edits": entries})


def whole(edits: Sequence[Edit]) -> str:
    return "\n".join(f"{edit.name}\n```\n{edit.text}```\n" for edit in edits)


def hunk_of(text: str, **hints: object) -> Hunk:
    """A hunk from lines with signs, one a line."""
    lines = (Line(Sign(line[0]), line[1:]) for line in text.split("\n"))
    return Hunk(tuple(lines), **hints)  # type: ignore[arg-type]  # hints by name
