from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from spark_cli.cli.models import Catalogue, rows, run_models, table
from spark_cli.cli.options import Listing
from spark_cli.config.build import DEFAULTS
from spark_cli.config.models import BUILT_IN
from spark_cli.config.settings import Provider
from spark_cli.core.errors import Unavailable
from spark_cli.core.secret import Secret


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SPARK_CONFIG", "OPENAI_BASE_URL", "SPARK_MODEL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SPARK_HOME", str(tmp_path))
    monkeypatch.setenv("OPENAI_API_KEY", "sk-0123456789")


def offers(*names: str) -> Catalogue:
    def catalogue(provider: Provider, key: Secret | None) -> Sequence[str]:
        return names

    return catalogue


def silent(provider: Provider, key: Secret | None) -> Sequence[str]:
    raise Unavailable("no answer from `h`", "look at the network")


def test_what_is_offered_is_listed_with_what_is_known_of_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run_models(Listing(), offers("zeta", "gpt-5.5")) == 0

    assert capsys.readouterr().out.splitlines() == [
        "*  gpt-5.3-codex-spark    128k  small, targeted edits, "
        "over 1,000 tokens a second",
        "   gpt-5.5              1,050k  unclear causes, architecture",
        "   zeta",
    ]


def test_a_provider_that_does_not_answer_is_a_warning(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run_models(Listing(json=True), silent) == 0

    told = capsys.readouterr()
    models = json.loads(told.out)["models"]
    assert {model["name"] for model in models} == set(BUILT_IN)
    assert {model["offered"] for model in models} == {None}
    assert models[0]["chosen"]
    assert told.err.startswith("warning: the list is spark's own: no answer from `h`")


def test_a_strangers_name_cannot_drive_the_terminal() -> None:
    text = table(rows(DEFAULTS, ["\x1b]0;x\x07\nfake"]))

    assert "\x1b" not in text
    assert len(text.splitlines()) == 2


def test_json_knows_no_window_of_an_unknown_model(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run_models(Listing(json=True), offers("zeta"))

    [_, zeta] = json.loads(capsys.readouterr().out)["models"]
    assert (zeta["context_window"], zeta["offered"]) == (None, True)


def test_the_demo_endpoint_is_asked_like_any_other(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run_models(Listing(provider="demo", json=True)) == 0

    told = capsys.readouterr()
    [first, *_] = json.loads(told.out)["models"]
    assert (first["name"], first["chosen"], first["offered"]) == ("demo", True, True)
    assert told.err == ""
