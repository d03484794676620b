from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from spark_cli.config.build import defaults
from spark_cli.config.layers import Document, Given, command_line, project_layer
from spark_cli.config.settings import Settings
from spark_cli.core.events import Notice
from spark_cli.core.printable import printable


def test_what_a_project_may_set_is_a_list_that_somebody_chose() -> None:
    assert {one.name for one in fields(Settings) if one.metadata.get("project")} == {
        "model",
        "approval",
        "effort",
        "max_turns",
        "instructions_bytes",
        "shell",
        "models",
    }


def test_what_is_ignored_is_told_with_its_line() -> None:
    document = Document(
        Path("/p/.spark/config.toml"),
        {"provider": "ollama", "model": "m"},
        {("provider",): 3},
    )
    notices: list[Notice] = []

    layer = project_layer(document, defaults(), notices)

    assert list(layer) == [("model",)]
    [notice] = notices
    assert notice.text == (
        "`provider` in `/p/.spark/config.toml`, line 3 is ignored: "
        "a project cannot set it"
    )


@pytest.mark.parametrize("name", ["\x1b]0;x\x07", "a\nb"])
def test_a_strangers_key_does_not_break_the_notice(name: str) -> None:
    document = Document(Path("/p"), {"providers": {name: {"base_url": "http://x"}}}, {})
    notices: list[Notice] = []

    project_layer(document, defaults(), notices)

    [notice] = notices
    assert printable(notice.text) == notice.text
    assert "\n" not in notice.text


def test_of_two_flags_that_say_the_same_the_later_counts() -> None:
    layer = command_line(
        [Given(("model",), "a", "--set"), Given(("model",), "b", "--model")]
    )

    assert layer[("model",)].value == "b"
