"""A patch from its first letter to its last decision.

It is looked at while the model writes it: each hunk that is whole is placed in the
files as they were when they were first read, and can be taken at once.  What was taken
stays out of the plan of the whole patch, which is made against those same files.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import (
    Awaitable,
    Callable,
    Collection,
    Iterable,
    Mapping,
    Sequence,
)
from dataclasses import replace
from typing import TypeAlias

from spark_cli.core.effects import Effect
from spark_cli.core.errors import PatchRefused, SparkError, ToolError
from spark_cli.core.events import CheckpointMade
from spark_cli.core.hunks import ProposedHunk
from spark_cli.patch import choice, diff, formats
from spark_cli.patch.argument import NAMES
from spark_cli.patch.choice import Choice, Kind
from spark_cli.patch.edits import Action, Edit, Hunk
from spark_cli.patch.lines import Lines
from spark_cli.patch.match import Placed
from spark_cli.patch.plan import PatchPlan, plan as planned
from spark_cli.patch.stream import Found, HunkFound, Outlook, Scout
from spark_cli.tools.accounts import refusal, summary, told
from spark_cli.tools.proposals import Callers, formed, proposals
from spark_cli.tools.revising import revised
from spark_cli.tools.tool import Cut, Outcome, Picked, Plan
from spark_cli.workspace.merge import merged
from spark_cli.workspace.tree import Change, Overlay, Snapshot, Tree

Writer: TypeAlias = Callable[[PatchPlan], CheckpointMade | None]
"""Carries out a plan, and says what it did; `SparkError` where it cannot."""

_Key: TypeAlias = tuple[str, str, int, int]
"""What a part of a patch is, of which file, at which line of it, and which of those."""


class PatchDraft:
    """`tree` is what the patch is planned against, and `write` carries out plans."""

    def __init__(self, tree: Tree, write: Writer, callers: Callers) -> None:
        self.lost = ""
        self._tree = tree
        self._before = Snapshot(tree)
        self._now = Overlay(self._before)
        self._write, self._callers = write, callers
        self._scout = Scout(self._before)
        self._found: list[Found] = []
        self._names: dict[_Key, str] = {}
        self._formed: dict[str, tuple[str, Placed]] = {}
        self._here: dict[str, list[Placed]] = {}
        self._lines: dict[str, Lines] = {}
        self._shown: dict[str, ProposedHunk] = {}
        self._taken: list[str] = []
        self._refused: dict[str, str] = {}
        self._sections: dict[str, int] = {}
        self._whole: list[Edit] | None = None

    def feed(self, piece: str) -> bool:
        self._found += self._scout.stream.feed(piece)
        return bool(self._found)

    def look(self) -> list[ProposedHunk]:
        found, self._found = self._found, []
        formed = [self._look(one) for one in found]
        return [hunk for hunk in formed if hunk is not None]

    def take(self, hunk: str) -> Outcome:
        if hunk not in self._formed:
            raise ToolError(f"there is no hunk `{hunk}` to take yet")
        full = self._planned(self._edits([*self._taken, hunk]))
        chosen = self._chosen(full, [hunk])
        checkpoint = self._carry_out(chosen)
        self._taken.append(hunk)
        return Outcome(f"accepted and applied: {hunk}", checkpoint=checkpoint)

    def refuse(self, hunk: str, reason: str) -> None:
        self._refused[hunk] = reason

    def plan(self, text: str) -> Plan:
        try:
            edits = formats.read(patch_of(text))
        except PatchRefused as error:
            raise self._refusal(error) from error
        plan = self._plan(edits)
        self._whole = edits
        return plan

    def cut(self, why: str) -> Cut:
        text = self._scout.stream.text
        as_json = self._scout.stream.is_json
        kept = json.dumps({"input": text}) if as_json else text
        open_ = self._open()
        said = [f"stopped while it was written: {self.lost}" if self.lost else why]
        if open_:
            said.append(f"whole, and still to be reviewed: {', '.join(open_)}")
        if self._whole is None:
            said.append("what was not whole is dropped")
        told_ = "; ".join(said) + self._so_far()
        return Cut(kept, not as_json, told_, bool(open_))

    def rest(self) -> Plan | None:
        edits = self._whole or self._edits(list(self._formed))
        return self._plan(edits) if self._open() else None

    # While it is written

    def _look(self, found: Found) -> ProposedHunk | None:
        sighting = self._scout.look(found)
        if not isinstance(found, HunkFound) and found.action != Action.UPDATE:
            self._name((found.action.value, found.name, 0, 0))
        if sighting is None:
            return None
        if sighting.outlook == Outlook.LOST:
            where = f"hunk {sighting.number} of " if sighting.number else ""
            self.lost = f"{where}`{sighting.name}` {sighting.problem}"
        if isinstance(found, HunkFound):
            return self._form(found, sighting.placed, sighting.problem)
        return None

    def _form(
        self, found: HunkFound, placed: Placed | None, problem: str
    ) -> ProposedHunk | None:
        """Show a hunk; one of a later section of its file may build on the earlier."""
        first = self._sections.setdefault(found.name, found.section)
        if found.section != first and not problem:
            return None
        if self._scout.stream.drafts[found.section].to:
            self._name((Kind.MOVE.value, found.name, 0, 0))
        id_ = self._name((Kind.HUNK.value, found.name, found.hunk.source, 0))
        file = self._before.read(found.name)
        if placed is None or file is None:
            return None
        if not placed.splices:
            lost = self.lost and problem
            return ProposedHunk(id_, found.name, problem=problem) if lost else None
        self._formed[id_] = (found.name, placed)
        here = self._here.setdefault(found.name, [])
        here.append(placed)
        if found.name not in self._lines:
            self._lines[found.name] = Lines.of(file.data, found.name)
        lines = self._lines[found.name]
        self._shown[id_] = formed(id_, found.name, file, lines, here)
        return self._shown[id_]

    def _name(self, key: _Key) -> str:
        return self._names.setdefault(key, f"h{len(self._names) + 1}")

    def _edits(self, hunks: Collection[str]) -> list[Edit]:
        """Edits of nothing but these hunks, each as it was placed."""
        files: dict[str, list[Hunk]] = {}
        for id_, (name, placed) in self._formed.items():
            if id_ in hunks:
                files.setdefault(name, []).append(placed.hunk)
        return [Edit(Action.UPDATE, name, tuple(few)) for name, few in files.items()]

    def _open(self) -> list[str]:
        """What can still be decided on, by now."""
        names = self._formed if self._whole is None else self._names.values()
        return [name for name in names if not self._is_decided(name)]

    def _is_decided(self, hunk: str) -> bool:
        return hunk in self._taken or hunk in self._refused

    # When it is whole

    def _plan(self, edits: Sequence[Edit]) -> Plan:
        full = self._planned(edits)
        shown = self._labels(full)
        open_ = [name for name in shown.values() if not self._is_decided(name)]
        if shown and not open_:
            return Plan("nothing left to decide", Effect.READ, self._settled)
        self._check_taken(full)
        rest = self._due(self._chosen(full, open_))
        names = {id_: name for id_, name in shown.items() if name in open_}
        hunks = proposals(full, names, self._placed_so(full, shown), self._callers)
        preview = diff.unified(rest.changes, rest.moves)

        def only(picked: Picked) -> Plan:
            return self._picked(edits, full, open_, picked)

        act = self._acting(full, open_, "")
        return Plan(summary(rest), Effect.EDIT, act, preview, hunks, only)

    def _picked(
        self,
        edits: Sequence[Edit],
        full: PatchPlan,
        open_: Sequence[str],
        picked: Picked,
    ) -> Plan:
        if picked.edited:
            full = self._planned(self._revised(edits, picked.edited))
        base = {name.partition(".")[0] for name in picked.hunks}
        if base - set(open_):
            raise ToolError(f"there is no hunk `{min(base - set(open_))}` to accept")
        made = self._due(self._chosen(full, picked.hunks))
        preview = diff.unified(made.changes, made.moves)
        act = self._acting(full, picked.hunks, picked.reason, picked.edited)
        return Plan(summary(made), Effect.EDIT, act, preview)

    def _revised(
        self, edits: Sequence[Edit], edited: Sequence[tuple[str, str]]
    ) -> list[Edit]:
        """The edits with some hunks as the user has changed them."""
        keys = {id_: key for key, id_ in self._names.items()}
        missing = next((id_ for id_, _ in edited if not _is_hunk(keys.get(id_))), None)
        if missing:
            raise ToolError(f"`{missing}` is no hunk of lines, and cannot be edited")
        return revised(edits, {keys[id_][1:]: text for id_, text in edited})

    def _planned(self, edits: Iterable[Edit]) -> PatchPlan:
        try:
            return planned(edits, self._before)
        except PatchRefused as error:
            raise self._refusal(error) from error

    def _refusal(self, error: SparkError) -> ToolError:
        """What the model is told, with what of the patch is on the disk already."""
        if not self._taken:
            return ToolError(f"{refusal(error)}{self._refusals()}")
        why = refusal(error).partition(": ")[2]
        return ToolError(f"the rest of the patch was refused: {why}{self._so_far()}")

    def _labels(self, full: PatchPlan) -> dict[str, str]:
        """The names that were shown, by those in the plan."""
        labels: dict[str, str] = {}
        seen = Counter[tuple[str, str, int]]()
        for unit in choice.units(full):
            key = (unit.kind.value, unit.name, unit.source)
            labels[unit.id] = self._name((*key, seen[key]))
            seen[key] += 1
        return labels

    def _chosen(self, full: PatchPlan, wanted: Collection[str]) -> Choice:
        """What was taken and what is wanted now, in the names of the plan."""
        ids = {label: id_ for id_, label in self._labels(full).items()}
        names = [*self._taken, *wanted]
        return choice.only(full, {_renamed(name, ids) for name in names})

    def _acting(
        self,
        full: PatchPlan,
        wanted: Collection[str],
        reason: str,
        edited: Sequence[tuple[str, str]] = (),
    ) -> Callable[[], Awaitable[Outcome]]:
        async def act() -> Outcome:
            outcome = await asyncio.to_thread(self._act, full, wanted, reason)
            said = "".join(
                f"\n\n{one} as the user edited it:\n{d}" for one, d in edited
            )
            return replace(outcome, text=outcome.text + said)

        return act

    def _act(self, full: PatchPlan, wanted: Collection[str], reason: str) -> Outcome:
        if not full.changes:
            return Outcome("already applied: the files are as the patch makes them")
        chosen = self._chosen(full, wanted)
        checkpoint = self._carry_out(chosen)
        self._taken += wanted
        everything = not chosen.refused and not chosen.dropped
        text = told(full)
        if not everything:
            known = chosen.named(self._labels(full)).but(self._refused)
            text = known.told(reason) + self._refusals()
        return Outcome(text, checkpoint=checkpoint)

    def _carry_out(self, chosen: Choice) -> CheckpointMade | None:
        due = self._due(chosen)
        if not due.changes:
            return None
        try:
            checkpoint = self._write(due._replace(changes=self._onto(due.changes)))
        except SparkError as error:
            raise self._refusal(error) from error
        self._now.take(due.changes)
        return checkpoint

    def _onto(self, changes: Sequence[Change]) -> tuple[Change, ...]:
        """The changes on top of what the user has saved meanwhile in other lines.

        What cannot be merged is left as it is: the writer finds that it is stale.
        """
        return tuple(map(self._merged, changes))

    def _merged(self, change: Change) -> Change:
        there = self._tree.read(change.name)
        if there == change.before or not (there and change.before and change.after):
            return change
        sides = (change.before.data, there.data, change.after.data)
        both = merged(*sides) if there.mode == change.before.mode else None
        if both is None:
            return change
        return Change(change.name, there, there._replace(data=both))

    def _placed_so(
        self, full: PatchPlan, shown: Mapping[str, str]
    ) -> dict[str, ProposedHunk]:
        """Those that were shown, and do in the plan of the whole what they did alone.

        What is hot is looked at again: it may have parsed again since, and who uses
        what it changes is only looked up now.
        """
        known = {}
        for unit in choice.units(full):
            one = self._shown.get(shown[unit.id])
            if one is None or unit.hunk is None or one.hot:
                continue
            _, placed = self._formed[one.id]
            if full.files[unit.step].hunks[unit.hunk].splices == placed.splices:
                known[one.id] = one
        return known

    def _check_taken(self, full: PatchPlan) -> None:
        """Refuse a whole patch in which what was decided on is something else."""
        gone = {*self._taken, *self._refused} - set(self._labels(full).values())
        if gone:
            raise ToolError(
                f"sections of a file build on each other, so {min(gone)} is no part of "
                f"its own any more: send only what is left{self._so_far()}"
            )
        for change in self._chosen(full, ()).plan.changes:
            if self._now.read(change.name) != change.after:
                raise ToolError(
                    f"the rest of the patch does not fit what was accepted of it in "
                    f"`{change.name}`: send only what is left{self._so_far()}"
                )

    def _due(self, chosen: Choice) -> PatchPlan:
        """What was chosen without what is on the disk already."""
        made = chosen.plan
        changes = (
            change._replace(before=self._now.read(change.name))
            for change in made.changes
        )
        due = tuple(one for one in changes if one.before != one.after)
        moves = {old: new for old, new in made.moves.items() if self._now.read(old)}
        return PatchPlan(due, made.files, moves)

    async def _settled(self) -> Outcome:
        return Outcome(self._so_far().lstrip("; ") or "nothing was left to do")

    def _so_far(self) -> str:
        """What was decided while the patch was written, for the model."""
        taken = f"; accepted and applied: {', '.join(self._taken)}" * bool(self._taken)
        return taken + self._refusals()

    def _refusals(self) -> str:
        """The same of what was refused, each with its reason."""
        parts = []
        for hunk, reason in self._refused.items():
            why = f", saying: {reason}" if reason else ""
            parts.append(f"; refused by the user: {hunk}{why}")
        return "".join(parts)


def patch_of(text: str) -> str:
    """The patch itself, whether it came as free text or as a function's argument."""
    if not text.lstrip().startswith("{"):
        return text
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if isinstance(value, dict):
        for name in NAMES:
            given = value.get(name)
            if isinstance(given, str):
                return given
    return text


def _renamed(name: str, ids: Mapping[str, str]) -> str:
    """A shown name, `h2` or `h2.1`, as the plan's own."""
    base, dot, part = name.partition(".")
    return f"{ids.get(base, base)}{dot}{part}"


def _is_hunk(key: _Key | None) -> bool:
    return key is not None and key[0] == Kind.HUNK.value
