from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from spark_cli.workspace.ground import stand
from spark_cli.workspace.root import Root


def test_the_root_is_the_top_of_the_repository(tmp_path: Path) -> None:
    top = tmp_path.resolve()
    subprocess.run(["git", "init", "-q", top], check=True)
    (top / "a/b").mkdir(parents=True)

    root, repo = stand(top / "a/b")

    assert root == Root(top)
    assert repo is not None


def test_without_a_repository_it_is_the_folder(tmp_path: Path) -> None:
    assert stand(tmp_path.resolve()) == (Root(tmp_path.resolve()), None)


def test_a_home_folder_is_too_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    top = tmp_path.resolve()
    subprocess.run(["git", "init", "-q", top], check=True)
    (top / "work").mkdir()
    monkeypatch.setenv("HOME", str(top))

    assert stand(top / "work")[0] == Root(top / "work")
