from __future__ import annotations

from pathlib import Path

import pytest

from spark_cli.auth.keys import key_for
from spark_cli.config.providers import BUILT_IN
from spark_cli.config.settings import Provider
from spark_cli.core.errors import Denied

OPENAI = BUILT_IN["openai"]
MINE = Provider("https://mine.example/v1", "MINE_KEY")


def revealed(name: str, provider: Provider, **environ: str) -> str | None:
    key = key_for(name, provider, environ)
    return key.reveal() if key else None


def test_the_key_is_in_the_providers_variable() -> None:
    assert revealed("openai", OPENAI, OPENAI_API_KEY=" sk-1\n") == "sk-1"


@pytest.mark.parametrize("value", ["", "  \n"])
def test_without_a_key_the_variable_is_named(value: str) -> None:
    with pytest.raises(Denied, match="`OPENAI_API_KEY` is not set") as caught:
        key_for("openai", OPENAI, {"OPENAI_API_KEY": value})

    assert "spark demo" in caught.value.hint
    assert caught.value.exit_code == 77


@pytest.mark.parametrize("name", ["ollama", "lmstudio", "llamacpp", "vllm", "demo"])
def test_who_takes_no_key_is_given_none(name: str) -> None:
    assert revealed(name, BUILT_IN[name], OPENAI_API_KEY="sk-1") is None


def test_on_this_machine_a_key_is_sent_but_not_demanded() -> None:
    local = Provider("http://127.0.0.1:9/v1", "OPENAI_API_KEY")

    assert revealed("openai", local) is None
    assert revealed("openai", local, OPENAI_API_KEY="sk-1") == "sk-1"


def test_a_file_holds_the_key_of_who_has_no_variable(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("sk-file\n")
    named = {"SPARK_API_KEY_FILE": str(file)}

    assert revealed("openai", OPENAI, **named) == "sk-file"
    assert revealed("mine", MINE, **named) == "sk-file"
    assert revealed("mine", MINE, MINE_KEY="k", **named) == "k"


def test_the_key_in_the_file_is_not_shown_to_another_company(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("sk-file")

    with pytest.raises(Denied, match="OPENROUTER_API_KEY"):
        revealed("openrouter", BUILT_IN["openrouter"], SPARK_API_KEY_FILE=str(file))


@pytest.mark.parametrize(
    ("data", "message"),
    [(None, "no such file"), (b"", "is empty"), (b"\xff\xfe", "not text")],
)
def test_a_file_without_a_key_is_told(
    tmp_path: Path, data: bytes | None, message: str
) -> None:
    file = tmp_path / "key"
    if data is not None:
        file.write_bytes(data)

    with pytest.raises(Denied, match=f"(?i){message}") as caught:
        revealed("openai", OPENAI, SPARK_API_KEY_FILE=str(file))

    assert "SPARK_API_KEY_FILE" in caught.value.hint


@pytest.mark.parametrize("value", ["sk-1\r\nX-Evil: 1", "sk 1", "sk-\u00e9", "sk-\x1b"])
def test_what_would_break_the_header_is_refused_and_not_shown(value: str) -> None:
    with pytest.raises(Denied) as caught:
        revealed("openai", OPENAI, OPENAI_API_KEY=value)

    assert value not in caught.value.message
