from __future__ import annotations

from dataclasses import is_dataclass, replace
from pathlib import Path
from typing import get_args, get_type_hints

from spark_cli.config.build import DEFAULTS, built, defaults, plain
from spark_cli.config.load import load
from spark_cli.config.models import BUILT_IN
from spark_cli.config.overlay import Entry, Origin, Source, leaves
from spark_cli.config.settings import Settings

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"


def test_the_defaults_build_themselves() -> None:
    assert built(defaults()) == DEFAULTS
    assert built({}) == DEFAULTS


def test_settings_survive_being_written_as_tables_and_read_again() -> None:
    origin = Origin(Source.USER)
    changed = built({("shell", "timeout_s"): Entry(7.0, origin)})
    again = {key: Entry(value, origin) for key, value in leaves(plain(changed))}

    assert built(again) == changed != DEFAULTS


def uncommented() -> str:
    """The example with its settings in force: prose has a space behind the `#`."""
    lines = EXAMPLE.read_text().splitlines()
    return "\n".join(
        line[1:] if line[:1] == "#" and line[1:2].strip() else line for line in lines
    )


def test_the_example_holds_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(uncommented())

    found = load({"SPARK_HOME": str(tmp_path)}, tmp_path)

    spark = "gpt-5.3-codex-spark"
    assert found.settings.models == {spark: BUILT_IN[spark]}
    assert replace(found.settings, models={}) == DEFAULTS


def test_the_example_names_every_setting() -> None:
    text = EXAMPLE.read_text()

    for name in names(Settings):
        assert f"{name} = " in text or f"[{name}" in text, name


def names(kind: type) -> set[str]:
    """The settings of a dataclass, and of those that its fields hold."""
    hints = get_type_hints(kind)
    inner = {one for hint in hints.values() for one in (hint, *get_args(hint))}
    tables = [one for one in inner if isinstance(one, type) and is_dataclass(one)]
    return set(hints).union(*map(names, tables))


def test_the_example_changes_nothing_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(EXAMPLE.read_text())

    settings = load({"SPARK_HOME": str(tmp_path)}, tmp_path).settings

    assert settings.providers == DEFAULTS.providers
    assert set(settings.models.values()) <= set(BUILT_IN.values())
