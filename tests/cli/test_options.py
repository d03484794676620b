from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
import typer

from spark_cli.cli.options import Common, Options, OutputFormat, seconds
from spark_cli.core.effects import Approval
from spark_cli.core.errors import UsageError


@pytest.mark.parametrize(
    ("text", "value"), [("90", 90), ("90s", 90), ("1.5m", 90), (" 2h ", 7200)]
)
def test_a_time_has_a_unit_or_is_in_seconds(text: str, value: float) -> None:
    assert seconds(text) == value


@pytest.mark.parametrize("text", ["", "0", "-1", "5 m", "m", "inf", "1d"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="is not a time"):
        seconds(text)


@pytest.mark.parametrize(
    ("flags", "wanted"),
    [
        ({}, False),
        ({"words": ("fix", "it")}, False),
        ({"print_only": True}, True),
        ({"words": ("-",)}, True),
        ({"patch": True}, True),
        ({"json": True}, True),
        ({"output_format": OutputFormat.STREAM_JSON}, True),
        ({"output_format": OutputFormat.TEXT}, False),
        ({"output": Path("x")}, True),
        ({"no_input": True}, True),
        ({"timeout_s": 1.0}, True),
    ],
)
def test_some_flags_make_sense_in_print_mode_only(
    flags: Mapping[str, object], *, wanted: bool
) -> None:
    options = Options(**flags)  # type: ignore[arg-type]  # a table of flags

    assert options.wants_print(terminal=True) is wanted
    assert options.wants_print(terminal=False)


@pytest.mark.parametrize(
    "flags",
    [
        {"json": True, "jsonl": True},
        {"json": True, "output_format": OutputFormat.TEXT},
        {"continue_last": True, "resume": ""},
        {"yes": True, "approval": Approval.ASK},
        {"yes": True, "no_input": True},
        {"patch": True, "json": True},
        {"patch": True, "schema": Path("s")},
    ],
)
def test_flags_that_contradict_each_other_are_refused(
    flags: Mapping[str, object],
) -> None:
    with pytest.raises(UsageError, match="`--"):
        Options(**flags)  # type: ignore[arg-type]  # a table of flags


def test_the_prompt_may_be_typed_without_quotes() -> None:
    assert Options(words=("fix", "the bug")).prompt == "fix the bug"
    assert Options().prompt is None


def test_flags_become_settings(tmp_path: Path) -> None:
    options = Options(
        model="m",
        provider="ollama",
        yes=True,
        max_turns=3,
        sets=("shell.timeout_s=4",),
        directory=tmp_path,
    )

    loaded = options.load({"SPARK_HOME": str(tmp_path)})

    settings = loaded.settings
    assert (settings.model, settings.provider) == ("m", "ollama")
    assert (settings.approval, settings.max_turns) == (Approval.FULL_AUTO, 3)
    assert settings.shell.timeout_s == 4
    assert loaded.origins["approval"].name == "--yes"


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no such folder"):
        Common(directory=tmp_path / "gone").where()
    (tmp_path / "link").symlink_to(tmp_path)
    assert Common(directory=tmp_path / "link").where() == tmp_path.resolve()


def test_a_folder_that_was_deleted_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()

    with pytest.raises(UsageError, match="the folder that you are in was deleted"):
        Common().where()
