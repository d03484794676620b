"""The hunks of a plan as a user decides on them: each alone, and how hot it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from time import monotonic
from typing import TypeAlias

from spark_cli.core.hunks import ProposedHunk
from spark_cli.patch import choice, diff, heat
from spark_cli.patch.edits import Action
from spark_cli.patch.plan import FilePlan, PatchPlan
from spark_cli.workspace.tree import File

Callers: TypeAlias = Callable[[str, str], str]
"""Where else a name is used, in words: of the name, and the file that defines it."""

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
        return ()
    callers = _frugal(callers)
    found = []
    for unit in choice.units(full):
        if unit.id not in names:
            continue
        whole = known.get(names[unit.id])
        if whole is None:
            part = choice.only(full, {unit.id}).plan
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
