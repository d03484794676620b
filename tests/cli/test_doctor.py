from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from spark_cli.cli.doctor import Check, line, run_doctor
from spark_cli.cli.options import Listing
from spark_cli.config.settings import Provider
from spark_cli.core.secret import Secret


@dataclass(frozen=True)
class Tried:
    name: str
    ok: bool
    detail: str = ""
    hint: str = ""
    seconds: float = 0.001


class Script:
    """A probe that plays steps, and keeps what it was asked."""

    def __init__(self, *steps: Tried) -> None:
        self.steps = steps
        self.asked: list[tuple[str, str | None, str]] = []

    async def __call__(
        self, provider: Provider, key: Secret | None, model: str
    ) -> AsyncIterator[Tried]:
        self.asked.append((provider.base_url, key.reveal() if key else None, model))
        for step in self.steps:
            yield step


REPLY = Tried("sse reply", ok=True)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("SPARK_CONFIG", "OPENAI_BASE_URL", "SPARK_MODEL", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SPARK_HOME", str(tmp_path))
    monkeypatch.setenv("OPENAI_API_KEY", "sk-0123456789abcdef")
    return tmp_path


def test_a_session_that_would_work_is_0(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = Script(Tried("websocket", ok=False, hint="HTTP then"), REPLY)

    assert run_doctor(Listing(model="m"), script) == 0

    assert script.asked == [
        ("https://api.openai.com/v1", "sk-0123456789abcdef", "m"),
    ]
    out = capsys.readouterr().out
    assert "no  websocket " in out
    assert "   hint: HTTP then\n" in out
    assert "the model answers over sse" in out


def test_without_a_reply_it_is_1(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = Script(Tried("tcp", ok=True), Tried("sse reply", ok=False, detail="401"))

    assert run_doctor(Listing(json=True), script) == 1

    report = json.loads(capsys.readouterr().out)
    steps = {step["name"]: step for step in report["steps"]}
    assert (report["v"], report["ok"]) == (1, False)
    assert steps["sse reply"]["detail"] == "401"
    assert steps["tcp"]["seconds"] == 0.001
    assert not steps["connection"]["ok"]


def test_a_key_that_is_missing_ends_it_before_the_network(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    monkeypatch.delenv("SPARK_API_KEY_FILE", raising=False)
    script = Script(REPLY)

    assert run_doctor(Listing(), script) == 1
    assert script.asked == []
    assert "no key " in capsys.readouterr().out


def test_a_config_that_cannot_be_is_a_step_that_failed(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "config.toml").write_text("modle = 1")

    assert run_doctor(Listing(), Script(REPLY)) == 1
    assert "did you mean `model`?" in capsys.readouterr().out


@pytest.mark.parametrize("listing", [Listing(), Listing(json=True)])
def test_no_key_is_ever_shown(
    home: Path, listing: Listing, capsys: pytest.CaptureFixture[str]
) -> None:
    leak = Tried("sse reply", ok=True, detail="bad key sk-0123456789abcdef \x1b[31m")

    run_doctor(listing, Script(leak))

    out = capsys.readouterr().out
    assert "bad key ***" in out
    assert "\x1b" not in out


def test_a_key_in_the_clear_is_warned_of(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://far.example/v1")

    assert run_doctor(Listing(), Script(REPLY)) == 0
    assert "in the clear" in capsys.readouterr().out


def test_the_demo_endpoint_runs_while_it_is_probed(home: Path) -> None:
    script = Script(REPLY)

    assert run_doctor(Listing(provider="demo"), script) == 0
    [(url, key, model)] = script.asked
    assert url.startswith("http://127.0.0.1:")
    assert (key, model) == (None, "demo")


def test_the_doctor_does_not_send_you_to_the_doctor(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hint = "`spark doctor` tries each step and says which one fails"

    run_doctor(Listing(), Script(Tried("tcp", ok=False, hint=hint)))

    assert "spark doctor" not in capsys.readouterr().out


def test_an_address_is_shown_without_its_password(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "https://me:hunter2@h/v1")

    run_doctor(Listing(), Script(REPLY))

    out = capsys.readouterr().out
    assert "https://***@h/v1" in out
    assert "hunter2" not in out


def test_a_line_is_colored_by_how_bad_it_is() -> None:
    lines = [
        line(Check("n", "d"), colored=True),
        line(Check("n", "d", ok=False), colored=True),
        line(Check("n", "d", ok=False, needed=False), colored=True),
    ]

    assert [text[:5] for text in lines] == ["\x1b[32m", "\x1b[31m", "\x1b[33m"]
    assert line(Check("n", "d", seconds=1.5), colored=False).split() == (
        ["ok", "n", "1,500", "ms", "d"]
    )
