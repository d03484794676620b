"""What a patch would do to the files, worked out in memory before anything is touched.

All sections of one file are placed together, as a patch is written against the files
as they are; only where that fails are they tried one after the other.  Every conflict
of every file is found before the plan is refused, so that it can be mended at once.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from spark_cli.core.errors import PatchRefused, ToolError
from spark_cli.patch import gaps
from spark_cli.patch.edits import (
    Action,
    Conflict,
    Conflicted,
    Edit,
    Hunk,
)
from spark_cli.patch.lines import Lines, spliced
from spark_cli.patch.match import Placed, place
from spark_cli.patch.spot import Tolerance
from spark_cli.workspace.tree import Change, File, Overlay, Tree

_NEW_MODE = 0o644


class FilePlan(NamedTuple):
    """One step: what is done to a file, and where each hunk lands.

    `before` and `after` are the file as this step finds and leaves it, under whichever
    name.  `sequel` says that later hunks were placed in what earlier ones had made, so
    that none of them stands alone.
    """

    action: Action
    name: str
    to: str | None = None
    hunks: tuple[Placed, ...] = ()
    before: File | None = None
    after: File | None = None
    sequel: bool = False

    @property
    def tolerances(self) -> tuple[Tolerance, ...]:
        used = (tolerance for hunk in self.hunks for tolerance in hunk.tolerances)
        return tuple(dict.fromkeys(used))


class PatchPlan(NamedTuple):
    """The changes, net and by name, and how they came about.

    `moves` has the new name of each file that is moved.  A plan without changes is of
    a patch that is already applied, whole.
    """

    changes: tuple[Change, ...]
    files: tuple[FilePlan, ...]
    moves: Mapping[str, str] = MappingProxyType({})


def plan(edits: Iterable[Edit], tree: Tree) -> PatchPlan:
    """The plan; `Conflicted` with every conflict if one edit does not fit."""
    planner = _Planner(Overlay(tree))
    for section in _merged(edits):
        planner.add(section)
    return planner.finish()


class _Section:
    """All updates of one file, in the order of the patch; `edit` is the last of them.

    `parts` are the hunks of each.
    """

    def __init__(self, edit: Edit) -> None:
        self.edit = edit
        self.parts = [edit.hunks]

    @property
    def hunks(self) -> list[Hunk]:
        return [hunk for part in self.parts for hunk in part]

    def goes_on(self, edit: Edit) -> bool:
        """Whether it is about this file still, under the name that it has by then."""
        return edit.action == Action.UPDATE and not (self.edit.to and edit.to)

    def join(self, edit: Edit) -> None:
        earlier = self.edit
        self.parts.append(edit.hunks)
        mode, to = edit.mode or earlier.mode, edit.to or earlier.to
        self.edit = edit._replace(name=earlier.name, mode=mode, to=to, blob="", made="")


def _merged(edits: Iterable[Edit]) -> list[_Section]:
    """Updates of a file joined with an earlier one that nothing came between."""
    sections: list[_Section] = []
    latest: dict[str, _Section] = {}
    edits = tuple(edits)
    _refuse_aliases(edits)
    for edit in edits:
        earlier = latest.get(edit.name)
        if earlier is not None and earlier.goes_on(edit):
            earlier.join(edit)
            latest[edit.to or edit.name] = earlier
            continue
        section = _Section(edit)
        sections.append(section)
        latest.pop(edit.name, None)
        if edit.action == Action.UPDATE:
            latest[edit.to or edit.name] = section
    return sections


def _refuse_aliases(edits: Sequence[Edit]) -> None:
    """Refuse a file that is named both from the top and absolutely: it is one file."""
    names = {name for edit in edits for name in (edit.name, edit.to) if name}
    for name in names:
        tails = (name[at + 1 :] for at, char in enumerate(name) if char == "/" and at)
        twin = next((t for t in tails if t in names), "") if name[0] == "/" else ""
        if twin:
            problem = f"`{name}` and `{twin}` may be one file: use one name for it"
            raise Conflicted([Conflict(name, problem)])


class _Planner:
    def __init__(self, tree: Overlay) -> None:
        self._tree = tree
        self._files: list[FilePlan] = []
        self._conflicts: list[Conflict] = []
        self._arrivals: list[tuple[str, str, File]] = []
        self._landed = 0

    def add(self, section: _Section) -> None:
        edit = section.edit
        try:
            name, before = self._found(edit)
            if edit.action == Action.UPDATE:
                self._update(section, name, before)
            elif edit.action == Action.DELETE:
                self._delete(edit, name, before)
            else:
                self._write(edit, name, before)
        except (ToolError, PatchRefused) as error:
            self._refuse(edit.name, str(error))

    def finish(self) -> PatchPlan:
        moves = {}
        for name, to, file in self._arrivals:
            if self._tree.read(to) is not None:
                self._refuse(name, f"cannot move `{name}`: `{to}` already exists")
                continue
            self._tree.write(to, file)
            moves[name] = to
        done = not self._files and all(one.applied for one in self._conflicts)
        if self._conflicts and not (done and self._landed == 0):
            raise Conflicted(self._conflicts, _advice(self._conflicts))
        return PatchPlan(self._tree.changes(), tuple(self._files), moves)

    def _refuse(self, name: str, problem: str, *, applied: bool = False) -> None:
        self._conflicts.append(Conflict(name, problem, applied=applied))

    def _found(self, edit: Edit) -> tuple[str, File | None]:
        """The file, by its name in the tree: without a prefix that only git uses."""
        name, file = edit.name, self._tree.read(edit.name)
        if file is None and edit.action not in {Action.ADD, Action.WRITE}:
            bare = name[2:] if name.startswith(("a/", "b/")) else ""
            file = self._tree.read(bare) if bare else None
            name = bare if file else name
        return name, file

    def _write(self, edit: Edit, name: str, before: File | None) -> None:
        data = edit.text.encode("utf-8", "surrogateescape")
        if edit.action == Action.ADD and before is not None:
            same = before.data == data
            how = "with these very lines" if same else "; update it instead"
            problem = f"cannot add `{name}`: it already exists{how}"
            self._refuse(name, problem, applied=same)
            return
        if before is not None:
            problem = _unwhole(edit, before)
            if problem:
                self._refuse(name, f"cannot write `{name}`: {problem}")
                return
            data = _alike(data, before.data)
        mode = edit.mode or (before.mode if before else _NEW_MODE)
        self._tree.write(name, file := File(data, mode))
        self._files.append(FilePlan(edit.action, name, before=before, after=file))

    def _delete(self, edit: Edit, name: str, before: File | None) -> None:
        if before is None:
            self._refuse(name, f"cannot delete `{name}`: there is no such file")
            return
        if edit.hunks:
            after, _, _ = self._placed(name, before.data, [edit.hunks])
            if after:
                self._refuse(name, f"cannot delete `{name}`: it has more lines")
        self._tree.write(name, None)
        self._files.append(FilePlan(edit.action, name, before=before))

    def _update(self, section: _Section, name: str, before: File | None) -> None:
        edit = section.edit
        if before is None:
            if edit.to is None and all(not hunk.old for hunk in section.hunks):
                self._create(section, name)
            else:
                self._refuse(name, f"cannot update `{name}`: there is no such file")
            return
        problem, applied = _unfit(section, before)
        if problem:
            self._refuse(name, f"cannot update `{name}`: {problem}", applied=applied)
            return
        data, sequel = before.data, False
        placed: tuple[Placed, ...] = ()
        if section.hunks:
            pristine = bool(edit.blob) and before.is_blob(edit.blob)
            data, placed, sequel = self._placed(
                name, before.data, section.parts, pristine=pristine
            )
            if any(one.problem for one in placed):
                return
        file = File(data, before.mode if edit.mode is None else edit.mode)
        moved = edit.to is not None and edit.to != name
        if moved and edit.to is not None:
            self._tree.read(edit.to)
            self._tree.write(name, None)
            self._arrivals.append((name, edit.to, file))
        else:
            self._tree.write(name, file)
        to = edit.to if moved else None
        self._files.append(
            FilePlan(Action.UPDATE, name, to, placed, before, file, sequel)
        )

    def _create(self, section: _Section, name: str) -> None:
        lines = [line for hunk in section.hunks for line in hunk.new]
        text = "".join(line + "\n" for line in lines)
        file = File(text.encode("utf-8", "surrogateescape"))
        self._tree.write(name, file)
        self._files.append(FilePlan(Action.ADD, name, after=file))

    def _placed(
        self,
        name: str,
        data: bytes,
        parts: Sequence[Sequence[Hunk]],
        *,
        pristine: bool = False,
    ) -> tuple[bytes, tuple[Placed, ...], bool]:
        """The file after all hunks, these, and whether they build on each other.

        Conflicts are noted, and the file is then as it was.
        """
        lines = Lines.of(data, name)
        hunks = [hunk for part in parts for hunk in part]
        placed = _place(lines, parts, pristine=pristine)
        if not any(one.problem for one in placed):
            return changed(lines, placed).data(), tuple(placed), False
        if len(parts) > 1:
            sequel = _one_by_one(lines, parts)
            if sequel is not None:
                return *sequel, True
        self._landed += sum(not one.problem for one in placed)
        for number, one in enumerate(placed, 1):
            if one.problem:
                self._conflicts.append(
                    Conflict(name, one.problem, number, len(hunks), one.applied)
                )
        return data, tuple(placed), False


def _unfit(section: _Section, before: File) -> tuple[str, bool]:
    """Why an update is not even tried, and whether it is because it was done before."""
    if _is_made(section.edit, before):
        return "it is already as the patch would make it", True
    gap = gaps.in_hunks(section.hunks, before.data)
    stands = f"the added line `{gap}` stands for lines that were left out"
    return f"{stands}; write them out" if gap else "", False


def _is_made(edit: Edit, file: File) -> bool:
    """Whether git's name for what the patch makes is that of the file."""
    same = edit.mode in {None, file.mode} and edit.to in {None, edit.name}
    return bool(edit.made) and same and file.is_blob(edit.made)


def _advice(conflicts: Sequence[Conflict]) -> str:
    """What to do where the only trouble is that a part was done before."""
    if all(one.applied for one in conflicts):
        return "leave out what is already applied, and send the rest"
    return ""


def _unwhole(edit: Edit, before: File) -> str:
    """Why a text is no whole file, as seen from what it would replace."""
    had = before.data.decode("utf-8", "surrogateescape").replace("\r\n", "\n")
    gap = gaps.in_file(edit.text, had.split("\n"))
    if gap:
        return (
            f"`{gap}` stands for lines that were left out; give the whole file, or "
            "only what changes"
        )
    if edit.fence is not None and gaps.is_part(edit.text, had, edit.fence):
        return (
            "the fence looks like a part of it, and the rest of it would be lost; "
            "send what changes as a patch, or all as JSON with `path` and `content`"
        )
    return ""


def _alike(data: bytes, before: bytes) -> bytes:
    """A whole file with the line ends and the byte order mark of the one before."""
    feeds, returns = before.count(b"\n"), before.count(b"\r\n")
    if returns * 2 > feeds and b"\r\n" not in data:
        data = data.replace(b"\n", b"\r\n")
    marked = before.startswith(BOM_UTF8) and not data.startswith(BOM_UTF8)
    return BOM_UTF8 * marked + data


def _one_by_one(
    lines: Lines, parts: Sequence[Sequence[Hunk]]
) -> tuple[bytes, tuple[Placed, ...]] | None:
    everything: list[Placed] = []
    seen = [hunk.lines for part in parts for hunk in part]
    if len(set(seen)) < len(seen):
        return None  # the same change twice is a mistake, not a sequel
    for part in parts:
        placed = _place(lines, [part])
        if any(one.problem for one in placed):
            return None
        lines = changed(lines, placed)
        everything += placed
    return lines.data(), tuple(everything)


def _place(
    lines: Lines, parts: Sequence[Sequence[Hunk]], *, pristine: bool = False
) -> list[Placed]:
    """Where the hunks land; none that may have been cut off does."""
    placed = place(lines, parts, pristine=pristine)
    return [_unless_cut(lines, one) for one in placed]


def _unless_cut(lines: Lines, placed: Placed) -> Placed:
    """Refuse a hunk that may have been cut off, unless the file ends there as well."""
    if not placed.hunk.unended or not placed.splices:
        return placed
    end = max(splice.stop for splice in placed.splices)
    if not any(map(str.strip, lines.texts[end:])):
        return placed
    problem = "may be cut off: it ends with a change, and its header has no counts"
    return Placed(placed.hunk, problem=problem)


def changed(lines: Lines, placed: Sequence[Placed]) -> Lines:
    ordered = sorted(
        (splice for one in placed for splice in one.splices),
        key=lambda splice: (splice.start, splice.stop),
    )
    return spliced(lines, ordered, ends=_ends([one.hunk for one in placed]))


def _ends(hunks: Iterable[Hunk]) -> bool | None:
    """Whether the patch gives the last line a newline, or takes it away."""
    for hunk in hunks:
        if hunk.ends_old is False and hunk.ends_new is None:
            return True
        if hunk.ends_new is False and hunk.ends_old is None:
            return False
    return None
