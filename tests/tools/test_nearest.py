from __future__ import annotations

from pathlib import Path

import pytest

from spark_cli.tools.nearest import missing
from spark_cli.workspace.root import Root


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("setings.py", "did you mean `settings.py`?"),
        ("cfg/settings.py", "did you mean `settings.py`, `deep/Settings.py`?"),
        ("deep/seting.py", "did you mean `deep/Settings.py`?"),
        ("deap/Settings.py", "did you mean `deep`, `deep/Settings.py`, `settings.py`?"),
        ("unlike", "the workspace has `deep`, `empty`, `settings.py`"),
        ("empty/x", "`empty` is empty"),
    ],
)
def test_the_nearest_names_are_offered(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "empty").mkdir()
    (tmp_path / "settings.py").touch()
    (tmp_path / "deep/Settings.py").touch()

    error = missing(Root(tmp_path), name)

    assert str(error).startswith(f"no file `{name}`; ")
    said, wanted = str(error).partition("; ")[2], message
    assert sorted(said.rstrip("?").split("`")) == sorted(wanted.rstrip("?").split("`"))
