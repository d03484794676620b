from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from spark_cli.core.errors import SparkError
from spark_cli.demo import sample
from spark_cli.workspace.repo import Repo
from tests.demo.desk import SPARK, work


def python(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-B", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_is_a_repository_with_one_commit(tmp_path: Path) -> None:
    sample.make(tmp_path / "new" / "cafe")

    repo = Repo.find(tmp_path / "new" / "cafe")
    assert repo is not None
    assert repo.branch() == "main"
    assert not repo.git("status", "--porcelain", "--untracked-files=no")
    assert repo.files() == sorted(sample.FILES)
    assert repo.git("log", "--format=%s").decode() == "A till for a café\n"


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("keep")

    with pytest.raises(SparkError, match="not empty"):
        sample.make(tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_it_works_and_its_crash_is_a_real_one(tmp_path: Path) -> None:
    sample.make(tmp_path)

    assert python(tmp_path, "-m", "unittest").returncode == 0
    assert "total 3.21" in python(tmp_path, "-m", "cafe", "filter").stdout
    crash = python(tmp_path, "-m", "cafe").stderr.splitlines()
    frames = [line.replace(f"{tmp_path}/", "") for line in crash if "~" not in line]
    told = [line for line in sample.CRASH.splitlines()[1:] if line.strip()]
    assert [line for line in told if line not in frames] == []


@pytest.mark.parametrize("prompt", sample.PROMPTS)
def test_every_suggested_prompt_is_carried_out(tmp_path: Path, prompt: str) -> None:
    sample.make(tmp_path)

    said = work(tmp_path, prompt, SPARK).said

    repo = Repo.find(tmp_path)
    assert repo is not None
    changed = bool(repo.git("status", "--porcelain", "--untracked-files=no"))
    assert changed is ("explain" not in prompt), said
    assert python(tmp_path, "-m", "unittest").returncode == 0


def test_the_crash_is_gone_when_it_was_fixed(tmp_path: Path) -> None:
    sample.make(tmp_path)

    work(tmp_path, sample.PROMPTS[0], SPARK)

    assert python(tmp_path, "-m", "cafe").stdout == "average today: 0.00\n"
