from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given, strategies as st

from spark_cli.core.effects import Effect
from spark_cli.core.errors import ToolError
from spark_cli.core.hunks import ProposedHunk
from spark_cli.core.ids import SessionId
from spark_cli.patch.apply import disk_writer
from spark_cli.patch.plan import PatchPlan
from spark_cli.tools.drafting import PatchDraft
from spark_cli.tools.tool import Picked
from spark_cli.workspace.checkpoints import Checkpoints
from spark_cli.workspace.root import Root
from spark_cli.workspace.tree import DiskTree, File

TEXT = "".join(f"line {n}\n" for n in range(1, 31))
HUNKS = {
    "h1": ("@@", " line 2", "-line 3", "+LINE 3", " line 4"),
    "h2": ("@@", " line 12", "-line 13", "+LINE 13", " line 14"),
    "h3": ("@@", " line 22", "-line 23", "+LINE 23", " line 24"),
}


def patch(*hunks: Iterable[str], name: str = "f", end: bool = True) -> str:
    lines = [line for hunk in hunks for line in hunk]
    head = ["*** Begin Patch", f"*** Update File: {name}", *lines]
    return "\n".join([*head, "*** End Patch", ""] if end else [*head, ""])


WHOLE = patch(*HUNKS.values())


class Desk:
    """A folder with one file, and drafts of patches for it."""

    def __init__(self, folder: Path) -> None:
        (folder / "tree").mkdir()
        self.file = folder / "tree" / "f"
        self.file.write_text(TEXT)
        root = Root((folder / "tree").resolve())
        known = Checkpoints(root, SessionId("s"), folder / "state")
        self.tree, self.write = DiskTree(root), disk_writer(known)
        self.asked: list[tuple[str, str]] = []

    def draft(self) -> PatchDraft:
        return PatchDraft(self.tree, self.write, self._callers)

    def fed(self, text: str) -> tuple[PatchDraft, list[ProposedHunk]]:
        draft = self.draft()
        formed = draft.look() if draft.feed(text) else []
        return draft, formed

    def changed(self) -> list[int]:
        pairs = zip(TEXT.split("\n"), self.file.read_text().split("\n"), strict=True)
        return [at for at, (one, other) in enumerate(pairs, 1) if one != other]

    def _callers(self, symbol: str, name: str) -> str:
        self.asked.append((symbol, name))
        return "used in 2 places: g:1, g:2"


def no_callers(symbol: str, name: str) -> str:
    return ""


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_hunk_is_shown_at_its_place_as_soon_as_it_is_whole(desk: Desk) -> None:
    _, formed = desk.fed(patch(HUNKS["h1"], HUNKS["h2"], end=False) + "@@\n")

    assert [(one.id, one.line, one.added, one.removed) for one in formed] == [
        ("h1", 3, 1, 1),
        ("h2", 13, 1, 1),
    ]
    assert formed[1].diff.endswith("-line 13\n+LINE 13\n line 14\n line 15\n line 16\n")


def test_a_hunk_that_is_taken_is_on_the_disk_before_the_patch_is_whole(
    desk: Desk,
) -> None:
    draft, _ = desk.fed(patch(HUNKS["h1"], HUNKS["h2"], end=False) + "@@\n")

    outcome = draft.take("h2")

    assert desk.changed() == [13]
    assert outcome.checkpoint is not None
    assert outcome.checkpoint.diff.count("@@") == 2


async def test_what_was_decided_is_not_asked_about_again(desk: Desk) -> None:
    draft, _ = desk.fed(WHOLE)
    draft.take("h1")
    draft.refuse("h2", "keep it")

    plan = draft.plan(WHOLE)

    assert [hunk.id for hunk in plan.hunks] == ["h3"]
    assert plan.preview.count("\n-line ") == 1
    outcome = await plan.act()
    assert desk.changed() == [3, 23]
    assert outcome.text.endswith("; refused by the user: h2, saying: keep it")
    assert outcome.checkpoint is not None
    assert (outcome.checkpoint.added, outcome.checkpoint.removed) == (1, 1)


async def test_nothing_is_asked_where_all_is_decided(desk: Desk) -> None:
    draft, _ = desk.fed(patch(HUNKS["h1"]))
    draft.refuse("h1", "not now")

    plan = draft.plan(patch(HUNKS["h1"]))

    assert plan.effect is Effect.READ
    assert (await plan.act()).text == "refused by the user: h1, saying: not now"
    assert desk.changed() == []


@pytest.mark.parametrize("chosen", [["h2"], ["h1", "h3"], ["h1", "h2", "h3"]])
async def test_any_hunks_of_a_plan_can_be_picked(desk: Desk, chosen: list[str]) -> None:
    plan = desk.draft().plan(WHOLE)
    assert plan.only is not None

    outcome = await plan.only(Picked(chosen, "no thanks")).act()

    lines = {"h1": 3, "h2": 13, "h3": 23}
    assert desk.changed() == [lines[id_] for id_ in chosen]
    assert ("no thanks" in outcome.text) == (len(chosen) < 3)


async def test_a_hunk_with_several_changes_can_be_taken_in_part(desk: Desk) -> None:
    both = ("@@", "-line 3", "+LINE 3", " line 4", " line 5", "-line 6", "+LINE 6")
    plan = desk.draft().plan(patch(both))
    (hunk,) = plan.hunks

    assert [part.id for part in hunk.parts] == ["h1.1", "h1.2"]
    assert plan.only is not None
    await plan.only(Picked(["h1.2"])).act()
    assert desk.changed() == [6]


async def test_a_hunk_can_be_edited_before_it_is_taken(desk: Desk) -> None:
    plan = desk.draft().plan(WHOLE)
    assert plan.only is not None
    mine = plan.hunks[1].diff.replace("+LINE 13", "+mine")

    await plan.only(Picked(["h2"], "", [("h2", mine)])).act()

    assert desk.file.read_text().split("\n")[12] == "mine"
    assert desk.changed() == [13]


async def test_a_file_that_changed_under_the_review_makes_its_hunk_stale(
    desk: Desk,
) -> None:
    draft, _ = desk.fed(patch(HUNKS["h1"], HUNKS["h2"], end=False) + "@@\n")
    draft.take("h1")
    desk.file.write_text("mine\n")

    with pytest.raises(ToolError, match="has changed"):
        draft.take("h2")

    assert desk.file.read_text() == "mine\n"


def test_a_hunk_that_cannot_land_is_known_before_the_patch_is_whole(
    desk: Desk,
) -> None:
    lost = ("@@", " line 12", "-line XIII", "+LINE 13")
    draft, formed = desk.fed(patch(HUNKS["h1"], lost, end=False) + "@@\n")

    assert "does not match" in formed[1].problem
    assert draft.lost.startswith("hunk 2 of `f` does not match")


async def test_what_was_whole_of_a_patch_that_is_cut_off_can_be_taken(
    desk: Desk,
) -> None:
    torn = patch(HUNKS["h1"], HUNKS["h2"], end=False) + "@@\n line 22\n-line"
    draft, _ = desk.fed(torn)
    draft.take("h1")

    cut, rest = draft.cut("stopped"), draft.rest()

    assert cut.input == torn
    assert cut.freeform
    assert "to be reviewed: h2" in cut.told
    assert "accepted and applied: h1" in cut.told
    assert rest is not None
    assert [hunk.id for hunk in rest.hunks] == ["h2"]
    await rest.act()
    assert desk.changed() == [3, 13]


def test_a_patch_in_json_is_kept_as_json_when_it_is_cut_off(desk: Desk) -> None:
    whole = json.dumps({"input": WHOLE})
    draft, _ = desk.fed(whole[: whole.index("line 22")])

    cut = draft.cut("stopped")

    assert not cut.freeform
    assert json.loads(cut.input)["input"].endswith("@@\n ")


@given(st.lists(st.integers(1, len(WHOLE) - 1), max_size=6))
def test_a_hunk_has_one_name_however_the_patch_comes(cuts: list[int]) -> None:
    class Memory:
        def read(self, name: str) -> File | None:
            return File(TEXT.encode()) if name == "f" else None

    def write(plan: PatchPlan) -> None:
        raise AssertionError(plan)

    draft = PatchDraft(Memory(), write, no_callers)
    ends = [0, *sorted(cuts), len(WHOLE)]
    formed: list[ProposedHunk] = []
    for start, stop in pairwise(ends):
        if draft.feed(WHOLE[start:stop]):
            formed += draft.look()

    plan = draft.plan(WHOLE)

    assert [one.id for one in formed] == ["h1", "h2", "h3"]
    assert [(one.id, one.line, one.diff) for one in plan.hunks] == [
        (one.id, one.line, one.diff) for one in formed
    ]


def test_a_change_of_what_others_use_is_hot_and_says_where(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.file.rename(desk.file.with_name("m.py"))
    desk.file.with_name("m.py").write_text("def total(rows):\n    return sum(rows)\n")
    change = ("@@", "-def total(rows):", "+def total(rows, start=0):")

    (hunk,) = desk.draft().plan(patch(change, name="m.py")).hunks

    assert hunk.hot == (
        "changes what `total` is for those who use it; used in 2 places: g:1, g:2"
    )
    assert desk.asked == [("total", "m.py")]


@pytest.mark.parametrize(
    ("hunk", "diff", "said"),
    [
        ("h1", "garbage", "no hunk any more"),
        ("h1", "--- a/f\n+++ b/f\n@@\n-x\n+y\n@@\n-z\n+w\n", "one hunk still"),
        ("h1.1", "garbage", "`h1.1` is no hunk of lines"),
        ("h4", "garbage", "`h4` is no hunk of lines"),
        ("h9", "garbage", "`h9` is no hunk of lines"),
    ],
)
async def test_what_cannot_be_edited_so_is_refused_by_name(
    desk: Desk, hunk: str, diff: str, said: str
) -> None:
    added = "*** Add File: new\n+a\n*** End Patch\n"
    plan = desk.draft().plan(WHOLE.replace("*** End Patch\n", added))
    assert plan.only is not None

    with pytest.raises(ToolError, match=said):
        plan.only(Picked([hunk], "", [(hunk, diff)]))

    assert desk.changed() == []


async def test_hunks_that_start_nowhere_are_edited_one_by_one(desk: Desk) -> None:
    pairs = [{"path": "f", "old": f"line {n}\n", "new": f"LINE {n}\n"} for n in (3, 9)]
    plan = desk.draft().plan(json.dumps({"edits": pairs}))
    assert plan.only is not None
    mine = plan.hunks[1].diff.replace("+LINE 9", "+mine")

    await plan.only(Picked(["h1", "h2"], "", [("h2", mine)])).act()

    lines = desk.file.read_text().split("\n")
    assert (lines[2], lines[8]) == ("LINE 3", "mine")


async def test_a_rest_that_moves_what_was_taken_is_refused(desk: Desk) -> None:
    twins = "a\nx\nb\n" + TEXT
    desk.file.write_text(twins)
    first = patch(("@@", " a", "-x", "+y"), HUNKS["h2"], end=False) + "@@\n"
    draft, _ = desk.fed(first)
    draft.take("h1")

    with pytest.raises(ToolError, match="does not fit what was accepted"):
        draft.plan(patch(HUNKS["h2"], ("@@", " a", "-x", "+z")))

    assert desk.file.read_text() == twins.replace("x", "y", 1)


def test_the_cost_of_a_patch_grows_with_its_size_alone(desk: Desk) -> None:
    def cost(size: int) -> float:
        text = patch(("@@", *(f"+{n}" for n in range(size)))) + " " * 7
        draft = desk.draft()
        began = process_time()
        for at in range(0, len(text), 5):
            draft.feed(text[at : at + 5])
        return process_time() - began

    cost(100)
    assert cost(20_000) < 40 * max(cost(2_000), 0.001)


async def test_what_the_user_saved_elsewhere_in_the_file_stays(desk: Desk) -> None:
    draft, _ = desk.fed(patch(HUNKS["h1"], HUNKS["h2"], end=False) + "@@\n")
    draft.take("h1")
    desk.file.write_text(desk.file.read_text().replace("line 30", "mine"))

    draft.take("h2")
    await draft.plan(WHOLE).act()

    assert desk.changed() == [3, 13, 23, 30]
    assert desk.file.read_text().split("\n")[29] == "mine"


async def test_a_section_that_builds_on_an_earlier_one_is_said_to(desk: Desk) -> None:
    again = ("*** Update File: f", "@@", "-LINE 3", "+LINE THREE")
    draft, _ = desk.fed(patch(HUNKS["h1"], again, end=False) + "@@\n")
    draft.take("h1")

    with pytest.raises(ToolError, match="build on each other, so h1 .*applied: h1"):
        draft.plan(patch(HUNKS["h1"], again))

    assert desk.changed() == [3]


def test_steps_that_stand_on_each_other_are_asked_about_as_one(desk: Desk) -> None:
    added = "*** Add File: n\n+a\n*** Update File: n\n@@\n-a\n+b\n"

    plan = desk.draft().plan(f"*** Begin Patch\n{added}*** End Patch\n")

    assert [hunk.id for hunk in plan.hunks] == ["all"]
    assert plan.hunks[0].diff == plan.preview


def test_so_many_hunks_are_asked_about_as_one_and_are_as_hot(desk: Desk) -> None:
    desk.file.write_text("".join(f"line {n}\n" for n in range(1000)))
    hunks = [("@@", f"-line {n}", f"+other {n}") for n in range(0, 800, 3)]
    hot = ("@@", "-line 900", "+os.system(password)")

    (hunk,) = desk.draft().plan(patch(*hunks, hot)).hunks

    assert (hunk.id, hunk.added) == ("all", 268)
    assert "touches authentication, a shell" in hunk.hot


async def test_the_model_is_told_what_the_user_made_of_a_hunk(desk: Desk) -> None:
    plan = desk.draft().plan(WHOLE)
    assert plan.only is not None
    mine = plan.hunks[0].diff.replace("+LINE 3", "+mine")

    outcome = await plan.only(Picked(["h1", "h2", "h3"], "", [("h1", mine)])).act()

    assert "h1 as the user edited it:\n" + mine in outcome.text


def test_what_was_taken_is_told_where_the_rest_is_refused(desk: Desk) -> None:
    draft, _ = desk.fed(patch(HUNKS["h1"], end=False) + "@@\n")
    draft.take("h1")

    with pytest.raises(ToolError) as caught:
        draft.plan(patch(HUNKS["h1"], ("@@", "-nowhere", "+x")))

    said = str(caught.value)
    assert said.startswith("the rest of the patch was refused: hunk 2 of 2")
    assert said.endswith("; accepted and applied: h1")


def test_many_hunks_form_at_the_same_cost_each(desk: Desk) -> None:
    def cost(count: int) -> float:
        desk.file.write_text("".join(f"line {n}\n" for n in range(count * 4)))
        hunks = [("@@", f"-line {4 * n}", f"+other {n}") for n in range(count)]
        text = patch(*hunks)
        draft = desk.draft()
        began = process_time()
        for at in range(0, len(text), 200):
            if draft.feed(text[at : at + 200]):
                draft.look()
        return process_time() - began

    cost(50)
    assert cost(1_000) < 40 * max(cost(100), 0.001)
