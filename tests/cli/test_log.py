from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from spark_cli.cli.log import begin


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    for handler in set(root.handlers) - set(handlers):
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)


def test_nothing_is_logged_to_the_screen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert begin(tmp_path, debug=False) is None

    logging.getLogger("asyncio").warning("socket.send() raised exception.")

    assert capsys.readouterr().err == ""
    assert list(tmp_path.iterdir()) == []


def test_a_debug_log_is_private_and_shows_no_headers(tmp_path: Path) -> None:
    path = begin(tmp_path, debug=True)

    logging.getLogger("websockets.client").debug("> Authorization: Bearer sk-123")
    logging.getLogger("spark_cli.agent").debug("a turn begins")

    assert path is not None
    assert path.stat().st_mode & 0o777 == 0o600
    assert "a turn begins" in path.read_text()
    assert "sk-123" not in path.read_text()


def test_a_debug_log_has_no_key_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Law 9: no log contains a secret, not even in the trace of an error."""
    monkeypatch.setenv("MINE_API_KEY", "0123456789abcdef")
    path = begin(tmp_path, debug=True)

    error = ValueError("bad header `Bearer 0123456789abcdef`")
    logging.getLogger("spark_cli.agent").error("a turn failed", exc_info=error)

    assert path is not None
    assert "a turn failed" in path.read_text()
    assert "0123456789abcdef" not in path.read_text()
