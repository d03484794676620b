"""The hunks of a plan as a user decides on them: each alone, and how hot it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from time import monotonic
from typing import TypeAlias

from spark_cli.core.hunks import ProposedHunk
from spark_cli.patch import choice, diff, heat
from spark_cli.patch.edits import Action
from spark_cli.patch.lines import Lines
from spark_cli.patch.match import Placed
from spark_cli.patch.plan import FilePlan, PatchPlan, changed
from spark_cli.workspace.tree import File

Callers: TypeAlias = Callable[[str, str], str]
"""Where else a name is used, in words: of the name, and the file that defines it."""

ALL = "all"
"""The name of a plan that can only be decided on as one."""

PARSED_MAX = 20
PARSED_BYTES_MAX = 200_000
"""So many hunks of a file, and of such a one, are parsed with as they form."""

LOOK_UP_S = 0.5
"""So long a question may wait for who uses what its hunks change."""

HUNKS_MAX = 200
"""Nobody decides on more of them one by one; the patch is then asked about as one."""


def nowhere(symbol: str, name: str) -> str:
    """Looks nothing up."""
    del symbol, name
    return ""


def _frugal(callers: Callers) -> Callers:
    """Looks each name up once, and none any more when that has taken too long."""
    known: dict[str, str] = {}
    left_s = LOOK_UP_S

    def look_up(symbol: str, name: str) -> str:
        nonlocal left_s
        if symbol not in known and left_s > 0:
            began = monotonic()
            known[symbol] = callers(symbol, name)
            left_s -= monotonic() - began
        return known.get(symbol, "")

    return look_up


def proposals(
    full: PatchPlan,
    names: Mapping[str, str],
    known: Mapping[str, ProposedHunk],
    callers: Callers,
) -> tuple[ProposedHunk, ...]:
    """Those of a plan that have names.

    `names` has them by the plan's own, and `known` those that were made before.
    """
    if len(names) > HUNKS_MAX:
        return (_as_one(full),)
    callers = _frugal(callers)
    found = []
    for unit in choice.units(full):
        if unit.id not in names:
            continue
        whole = known.get(names[unit.id])
        if whole is None:
            part = choice.only(full, {unit.id}).plan
            if not part.files:
                return (_as_one(full),)  # its steps stand on each other
            after = full.files[unit.step].after
            whole = proposed(names[unit.id], part, after, callers)
        pieces = (
            proposed(
                f"{whole.id}.{at}", choice.only(full, {piece.id}).plan, None, nowhere
            )
            for at, piece in enumerate(choice.split(full, unit), 1)
        )
        found.append(replace(whole, parts=tuple(pieces)))
    return tuple(found)


def _as_one(full: PatchPlan) -> ProposedHunk:
    """All of a plan, to be accepted or refused as one; hot if anything in it is."""
    names = list(dict.fromkeys(change.name for change in full.changes))
    title = f"{names[0]} and {len(names) - 1} more" if len(names) > 1 else names[0]
    hot: dict[str, None] = {}
    for change in full.changes:
        lines = heat.Changed.of(diff.unified([change]))
        hot |= dict.fromkeys(heat.reasons(change.name, lines))
        hot |= {"deletes a file": None} if change.after is None else {}
    text = diff.unified(full.changes, full.moves)
    size = diff.counts(full.changes, full.moves)
    return ProposedHunk(ALL, title, None, text, *size, hot="; ".join(hot))


def formed(
    id_: str, name: str, file: File, lines: Lines, placed: Sequence[Placed]
) -> ProposedHunk:
    """The last hunk that was placed in a file, while others are still to come.

    Whether the file still parses is only seen while that costs little.
    """
    last = placed[-1]
    text = diff.hunk(name, lines, last.splices)
    hot = list(heat.reasons(name, heat.Changed.of(text)))
    if len(placed) <= PARSED_MAX and len(file.data) <= PARSED_BYTES_MAX:
        after = changed(lines, placed).data()
        hot[:0] = filter(None, [heat.broken(name, file.data, after)])
    added = sum(len(one.lines) for one in last.splices)
    removed = sum(one.stop - one.start for one in last.splices)
    line = last.splices[0].start + 1
    return ProposedHunk(id_, name, line, text, added, removed, hot="; ".join(hot))


def proposed(
    id_: str, part: PatchPlan, after: File | None, callers: Callers
) -> ProposedHunk:
    """The hunk of a plan that has no other.

    `after` is the file with those around it too, to see whether it still parses.
    """
    step = part.files[0]
    text = diff.unified(part.changes, part.moves)
    size = diff.counts(part.changes, part.moves)
    placed = next((one for one in step.hunks if one.splices), None)
    line = placed.splices[0].start + 1 if placed else None
    hot = "; ".join(_heat(step, text, after, callers))
    return ProposedHunk(id_, step.to or step.name, line, text, *size, hot=hot)


def _heat(
    step: FilePlan, text: str, after: File | None, callers: Callers
) -> Iterator[str]:
    if step.action == Action.DELETE:
        yield "deletes the file"
        return
    if step.before is not None and after is not None:
        broken = heat.broken(step.name, step.before.data, after.data)
        if broken:
            yield broken
    changed = heat.Changed.of(text)
    yield from heat.reasons(step.to or step.name, changed)
    used = (callers(symbol, step.name) for symbol in heat.redefined(changed)[:1])
    yield from filter(None, used)
