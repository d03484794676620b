from __future__ import annotations

import json
from pathlib import Path

import pytest
import tomli

from spark_cli.cli.config import as_json, as_toml, run_config
from spark_cli.cli.options import ConfigAction, ConfigOptions
from spark_cli.config.load import load
from spark_cli.core.errors import ConfigError


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("SPARK_CONFIG", "OPENAI_BASE_URL", "SPARK_MODEL", "VISUAL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SPARK_HOME", str(tmp_path))
    return tmp_path


def edit() -> int:
    return run_config(ConfigOptions(action=ConfigAction.EDIT))


def test_what_is_shown_is_toml_that_means_the_same(home: Path) -> None:
    file = home / "config.toml"
    file.write_text(
        'model = "a\\"b\\u007f\\u001b"\n[models."x.y"]\nrejects = ["p"]\n'
        '[providers.mine]\nbase_url = "http://h"\n'
    )
    environ = {"SPARK_HOME": str(home), "SPARK_APPROVAL": "auto-edit"}
    found = load(environ, home)

    shown = as_toml(found)
    file.write_text(shown)
    again = load({"SPARK_HOME": str(home)}, home)

    assert again.settings == found.settings
    assert f"# {file}, line 1\n" in shown
    assert "# SPARK_APPROVAL\n" in shown
    assert "\x1b" not in shown


def test_a_header_may_hold_a_key_and_is_not_shown(home: Path) -> None:
    (home / "config.toml").write_text(
        '[providers.openai.headers]\nAuthorization = "Basic c2VjcmV0"\n'
    )
    found = load({"SPARK_HOME": str(home)}, home)

    for text in (as_toml(found), as_json(found)):
        assert "c2VjcmV0" not in text
        assert "Authorization" in text


def test_an_address_is_shown_without_its_password(home: Path) -> None:
    (home / "config.toml").write_text(
        '[providers.openai]\nbase_url = "https://me:hunter2@h/v1?api_key=hunter3"\n'
    )
    found = load({"SPARK_HOME": str(home)}, home)

    for text in (as_toml(found), as_json(found)):
        assert "hunter" not in text
        assert "https://***@h/v1?api_key=***" in text


def test_the_settings_as_json_name_their_origins(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_config(ConfigOptions(model="m", json=True)) == 0

    settings = json.loads(capsys.readouterr().out)["settings"]
    assert settings["model"] == {
        "value": "m",
        "origin": "command line",
        "place": "--model",
    }
    assert settings["provider"]["origin"] == "default"


def test_the_path_is_told_even_if_there_is_no_file(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_config(ConfigOptions(action=ConfigAction.PATH)) == 0
    assert capsys.readouterr().out == f"{home}/config.toml\n"


def test_a_new_file_is_made_to_be_edited(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EDITOR", "true --wait")

    assert edit() == 0

    file = home / "config.toml"
    assert tomli.loads(file.read_text()) == {}
    assert file.stat().st_mode & 0o777 == 0o600
    assert "is in order" in capsys.readouterr().out


def test_a_mistake_is_told_when_the_editor_ends(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = home / "editor"
    script.write_text('#!/bin/sh\necho "modle = 1" > "$1"\n')
    script.chmod(0o700)
    monkeypatch.setenv("VISUAL", str(script))
    monkeypatch.setenv("EDITOR", "false")

    with pytest.raises(ConfigError, match="unknown key `modle`"):
        edit()


def test_an_editor_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDITOR", "no-such-editor-at-all")

    with pytest.raises(ConfigError, match="there is no editor `no-such-editor-at-all`"):
        edit()


def test_an_editor_that_gives_up_gives_its_code(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("EDITOR", "false")

    assert edit() == 1
