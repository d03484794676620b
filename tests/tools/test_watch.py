from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from spark_cli.core.events import CheckpointMade
from spark_cli.core.ids import CheckpointId, SessionId
from spark_cli.patch.plan import PatchPlan
from spark_cli.tools.watch import started, watch
from spark_cli.workspace.checkpoints import Checkpoints
from spark_cli.workspace.root import Root
from spark_cli.workspace.survey import Survey


@pytest.fixture
def survey(tmp_path: Path) -> Survey:
    top = (tmp_path / "repo").resolve()
    top.mkdir()
    (top / "a").write_text("old\n")
    subprocess.run(["git", "init", "-q", top], check=True)
    subprocess.run(["git", "add", "-A"], cwd=top, check=True)
    return Survey(Checkpoints(Root(top), SessionId("s"), tmp_path / "state"))


def test_what_a_command_changed_is_a_checkpoint(survey: Survey, tmp_path: Path) -> None:
    looked = watch(survey)("run it")
    (tmp_path / "repo/a").write_text("new\n")

    made = looked()

    assert made is not None
    assert (made.files, made.added, made.removed) == (("a",), 1, 1)
    assert "-old\n+new\n" in made.diff


def test_a_command_that_changes_nothing_makes_none(survey: Survey) -> None:
    assert watch(survey)("run it")() is None


def test_where_it_cannot_be_looked_the_command_runs_all_the_same(
    survey: Survey, tmp_path: Path
) -> None:
    (tmp_path / "repo/.git/index").write_bytes(b"not an index")
    written: list[PatchPlan] = []

    def write(plan: PatchPlan) -> CheckpointMade:
        written.append(plan)
        return CheckpointMade(CheckpointId("1"), (), 0, 0, "")

    plan = PatchPlan((), ())
    started(survey, write)(plan)

    assert watch(survey)("run it")() is None
    assert written == [plan]


def test_an_index_that_is_spoilt_by_the_command_is_no_matter(
    survey: Survey, tmp_path: Path
) -> None:
    looked = watch(survey)("run it")
    (tmp_path / "repo/a").write_text("new\n")
    (tmp_path / "repo/.git/index").unlink()

    made = looked()

    assert made is not None
    assert made.files == ("a",)
