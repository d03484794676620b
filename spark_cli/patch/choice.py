"""Taking a plan in part: its hunks have names, and any of them make a plan again.

Hunks are called h1, h2 and so on, in the order of the patch; a file that is added,
deleted or written whole counts as one, and so does a move, and a change of mode.
What stands on something that was refused is left out as well, and is told apart.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from spark_cli.core.errors import PatchRefused
from spark_cli.patch import diff
from spark_cli.patch.edits import Action
from spark_cli.patch.lines import Lines
from spark_cli.patch.match import Placed
from spark_cli.patch.plan import FilePlan, PatchPlan, changed
from spark_cli.workspace.tree import Change, File


class Kind(StrEnum):
    HUNK = "hunk"
    ADD = "add"
    WRITE = "write"
    DELETE = "delete"
    MOVE = "move"
    MODE = "mode"


@dataclass(frozen=True, slots=True)
class Unit:
    """The smallest part of a plan that can be accepted or refused.

    `step` is the index of its file in the plan, `hunk` that of the hunk in it, and
    `line` the first line of the file that it changes, from 1.  `source` is the line of
    the patch where the hunk starts.  A hunk with several changes has as many `parts`,
    and one `part` of it can be chosen as well: `h2.1` is the first of `h2`.
    """

    id: str
    kind: Kind
    name: str
    step: int
    hunk: int | None = None
    line: int | None = None
    source: int = 0
    parts: int = 1
    part: int | None = None

    @property
    def whole(self) -> str:
        """The name of the hunk that this is a part of, or is."""
        return self.id.partition(".")[0]

    def named(self, name: str) -> Unit:
        """The same under another name of the whole hunk."""
        return replace(self, id=name + self.id.removeprefix(self.whole))

    def __str__(self) -> str:
        if self.kind == Kind.HUNK:
            where = f", line {self.line}" if self.line else ""
            return f"{self.id} (`{self.name}`{where})"
        return f"{self.id} ({self.kind} `{self.name}`)"


@dataclass(frozen=True, slots=True)
class Choice:
    """A part of a plan; `dropped` was accepted, but needs what was refused."""

    plan: PatchPlan
    accepted: tuple[Unit, ...]
    refused: tuple[Unit, ...]
    dropped: tuple[Unit, ...] = ()

    def named(self, names: Mapping[str, str]) -> Choice:
        """The same with other names for its parts, by those of the plan."""

        def renamed(some: Sequence[Unit]) -> tuple[Unit, ...]:
            return tuple(unit.named(names[unit.whole]) for unit in some)

        sides = (self.accepted, self.refused, self.dropped)
        return Choice(self.plan, *map(renamed, sides))

    def but(self, refused: Collection[str]) -> Choice:
        """The same without what was refused before, which is told apart."""
        left = (unit for unit in self.refused if unit.whole not in refused)
        return replace(self, refused=tuple(left))

    def told(self, words: str = "") -> str:
        """What the model should know: each part's fate, and the user's words."""
        parts = []
        if self.accepted:
            parts.append(f"accepted: {_listed(self.accepted)}")
        if self.refused:
            why = f", saying: {words.strip()}" if words.strip() else ""
            parts.append(f"refused by the user: {_listed(self.refused)}{why}")
        if self.dropped:
            parts.append(
                f"left out, as it needs what was refused: {_listed(self.dropped)}"
            )
        return "; ".join(parts)


def units(plan: PatchPlan) -> tuple[Unit, ...]:
    """The parts of a plan, in the order of the patch."""
    bare = [unit for at, step in enumerate(plan.files) for unit in _units(at, step)]
    return tuple(replace(unit, id=f"h{at}") for at, unit in enumerate(bare, 1))


def split(plan: PatchPlan, unit: Unit) -> tuple[Unit, ...]:
    """The parts of a hunk with several changes, from `h2.1` on; else none."""
    if unit.parts < 2 or unit.hunk is None:
        return ()
    changes = plan.files[unit.step].hunks[unit.hunk].splices
    return tuple(
        replace(unit, id=f"{unit.id}.{at + 1}", part=at, line=one.start + 1)
        for at, one in enumerate(changes)
    )


def _split_as_chosen(plan: PatchPlan, chosen: Collection[str]) -> tuple[Unit, ...]:
    """All units, those in their parts of which only a part is chosen."""
    every: list[Unit] = []
    for unit in units(plan):
        parts = split(plan, unit)
        apart = any(part.id in chosen for part in parts) and unit.id not in chosen
        every += parts if apart else [unit]
    return tuple(every)


def only(plan: PatchPlan, chosen: Collection[str]) -> Choice:
    """The plan with nothing but the chosen parts; `PatchRefused` for a name it lacks.

    A plan of all parts is the plan itself.
    """
    every = _split_as_chosen(plan, chosen)
    unknown = sorted(set(chosen) - {unit.id for unit in every})
    if unknown:
        raise PatchRefused(
            f"there is no hunk `{unknown[0]}`: the plan has h1 to h{len(units(plan))}"
        )
    wanted = [unit for unit in every if unit.id in chosen]
    refused = tuple(unit for unit in every if unit.id not in chosen)
    made = _Part(plan, wanted)
    while made.blocked:
        wanted = [unit for unit in wanted if unit not in made.blocked]
        made = _Part(plan, wanted)
    dropped = tuple(
        unit for unit in every if unit.id in chosen and unit not in made.taken
    )
    return Choice(made.plan(), tuple(made.taken), refused, dropped)


def preview(plan: PatchPlan, unit: Unit) -> str:
    """The unified diff of one part alone."""
    part = only(plan, {unit.id}).plan
    return diff.unified(part.changes, part.moves)


def _units(at: int, step: FilePlan) -> Iterator[Unit]:
    if step.action != Action.UPDATE:
        yield Unit("", Kind(step.action.value), step.name, at)
        return
    if step.to is not None:
        yield Unit("", Kind.MOVE, step.name, at)
    if step.before and step.after and step.before.mode != step.after.mode:
        yield Unit("", Kind.MODE, step.name, at)
    if step.sequel:
        yield Unit("", Kind.HUNK, step.name, at)
        return
    for number, placed in enumerate(step.hunks):
        yield _hunk_unit(step.name, at, number, placed)


def _hunk_unit(name: str, step: int, number: int, placed: Placed) -> Unit:
    changes = placed.splices
    line = changes[0].start + 1 if changes else None
    source, parts = placed.hunk.source, len(changes)
    return Unit("", Kind.HUNK, name, step, number, line, source, parts)


class _Part:
    """The files after the wanted parts, step by step."""

    def __init__(self, plan: PatchPlan, wanted: Sequence[Unit]) -> None:
        self.taken: list[Unit] = []
        self.blocked: list[Unit] = []
        self._before: dict[str, File | None] = {}
        self._now: dict[str, File | None] = {}
        self._steps: list[FilePlan] = []
        self._moves: dict[str, str] = {}
        self._all = plan
        for change in plan.changes:
            self._before[change.name] = self._now[change.name] = change.before
        arrivals: list[tuple[Unit, File]] = []
        for at, step in enumerate(plan.files):
            mine = [unit for unit in wanted if unit.step == at]
            if mine and self._fits(step):
                arrivals += self._take(step, mine)
        for move, file in arrivals:
            self._arrive(move, file)

    def plan(self) -> PatchPlan:
        changes = tuple(
            Change(name, self._before[name], after)
            for name, after in sorted(self._now.items())
            if self._before[name] != after
        )
        return PatchPlan(changes, tuple(self._steps), self._moves)

    def _fits(self, step: FilePlan) -> bool:
        """Whether the step finds the file as it found it in the whole plan."""
        self._before.setdefault(step.name, step.before)
        return self._now.setdefault(step.name, step.before) == step.before

    def _take(
        self, step: FilePlan, mine: Sequence[Unit]
    ) -> Iterator[tuple[Unit, File]]:
        self.taken += mine
        if step.action != Action.UPDATE or step.before is None:
            self._now[step.name] = step.after
            self._steps.append(step)
            return
        part = _updated(step, mine)
        move = next((unit for unit in mine if unit.kind == Kind.MOVE), None)
        self._steps.append(part)
        self._now[step.name] = None if move else part.after
        if move and part.after:
            yield move, part.after

    def _arrive(self, move: Unit, file: File) -> None:
        to = self._all.files[move.step].to or ""
        if self._now.get(to) is not None:
            self.blocked.append(move)
            return
        self._before.setdefault(to, None)
        self._now[to] = file
        self._moves[move.name] = to


def _updated(step: FilePlan, mine: Sequence[Unit]) -> FilePlan:
    """The step with some of its hunks, its move and its mode, or without."""
    before, after = step.before, step.after
    if before is None or after is None:
        return step
    kinds = {unit.kind for unit in mine}
    mode = after.mode if Kind.MODE in kinds else before.mode
    to = step.to if Kind.MOVE in kinds else None
    if step.sequel:
        whole = Kind.HUNK in kinds
        data = after.data if whole else before.data
        hunks = step.hunks if whole else ()
    else:
        hunks = tuple(_chosen(step, mine))
        data = before.data
        if hunks:
            data = changed(Lines.of(before.data, step.name), hunks).data()
    return step._replace(to=to, hunks=hunks, after=File(data, mode))


def _chosen(step: FilePlan, mine: Sequence[Unit]) -> Iterator[Placed]:
    for at, placed in enumerate(step.hunks):
        units = [unit for unit in mine if unit.hunk == at]
        parts = {unit.part for unit in units}
        if None in parts:
            yield placed
        elif parts:
            few = (one for n, one in enumerate(placed.splices) if n in parts)
            yield placed._replace(splices=tuple(few))


def _listed(some: Sequence[Unit]) -> str:
    return ", ".join(map(str, some))
