from __future__ import annotations

from pathlib import Path

import pytest

from spark_cli.config.paths import Paths, paths, private, shown
from spark_cli.core.errors import ConfigError


def test_the_folders_are_those_of_the_xdg_specification() -> None:
    assert paths({"HOME": "/h"}) == Paths(
        Path("/h/.config/spark"),
        Path("/h/.local/state/spark"),
        Path("/h/.cache/spark"),
        Path("/h/.local/share/spark"),
    )


def test_a_variable_moves_a_folder_and_a_relative_one_is_ignored() -> None:
    moved = paths({"HOME": "/h", "XDG_STATE_HOME": "/s", "XDG_CACHE_HOME": "rel"})

    assert (moved.state, moved.cache) == (Path("/s/spark"), Path("/h/.cache/spark"))


def test_one_folder_holds_everything_where_it_is_named() -> None:
    one = paths({"HOME": "/h", "SPARK_HOME": "/one", "XDG_CONFIG_HOME": "/c"})

    assert one.config_file == Path("/one/config.toml")
    assert one.sessions == Path("/one/state/sessions")


def test_a_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"

    assert private(folder) == folder
    assert private(folder) == folder

    for made in (folder, folder.parent):
        assert made.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(ConfigError, match="cannot make the folder"):
            private(folder)


def test_the_home_folder_is_shown_as_a_tilde(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/h")

    assert shown(Path("/h/x/y")) == "~/x/y"
    assert shown(Path("/hx/y")) == "/hx/y"
