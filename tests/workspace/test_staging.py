from __future__ import annotations

import os
from pathlib import Path

import pytest

from spark_cli.core.errors import PatchRefused
from spark_cli.workspace.root import Root
from spark_cli.workspace.staging import opened, stage
from spark_cli.workspace.tree import File


@pytest.mark.parametrize(
    ("old", "new", "replaces", "exact", "made"),
    [
        (0o600, 0o600, True, False, 0o600),
        (0o644, 0o755, True, False, 0o755),
        (None, 0o644, False, False, 0o644),
        (None, 0o600, False, True, 0o600),
        (None, 0o666, False, True, 0o666),
    ],
)
def test_a_staged_file_has_the_mode_it_will_have(
    tmp_path: Path, old: int | None, new: int, *, replaces: bool, exact: bool, made: int
) -> None:
    root = Root(tmp_path.resolve())
    if old is not None:
        (tmp_path / "a").touch()
        (tmp_path / "a").chmod(old)

    with opened(root, "a") as place:
        stage(place, "t", File(b"x", new), replaces=replaces, exact=exact).close()

    assert (tmp_path / "t").stat().st_mode & 0o777 == made


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_what_a_group_may_do_is_not_for_another_group(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise PermissionError

    (tmp_path / "a").touch()
    os.chown(tmp_path / "a", 0, 65534)
    (tmp_path / "a").chmod(0o4664)
    monkeypatch.setattr(os, "fchown", refused)

    with opened(Root(tmp_path.resolve()), "a") as place:
        stage(place, "t", File(b"x", 0o4664), replaces=True).close()

    assert (tmp_path / "t").stat().st_mode & 0o7777 == 0o644


def test_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    with (
        pytest.raises(PatchRefused, match="the folder of `d/a` is gone"),
        opened(Root(tmp_path.resolve()), "d/a"),
    ):
        pass
