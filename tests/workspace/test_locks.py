from __future__ import annotations

from pathlib import Path

import pytest

from spark_cli.core.errors import PatchRefused
from spark_cli.workspace.locks import key, locked
from spark_cli.workspace.root import Root


def test_a_writer_that_was_stopped_does_not_stop_the_next_for_ever(
    tmp_path: Path,
) -> None:
    root = Root(tmp_path)

    with (
        locked(root, tmp_path / "state"),
        pytest.raises(PatchRefused, match="another spark has been writing"),
        locked(root, tmp_path / "state", patience_s=0),
    ):
        pass


def test_a_lock_is_free_again_after_an_error(tmp_path: Path) -> None:
    root = Root(tmp_path)

    with pytest.raises(KeyError), locked(root, tmp_path / "state"):
        raise KeyError

    with locked(root, tmp_path / "state", patience_s=0) as folder:
        assert folder == tmp_path / "state" / "writes"


def test_other_roots_have_other_keys(tmp_path: Path) -> None:
    assert key(Root(tmp_path)) != key(Root(tmp_path / "a"))
