from __future__ import annotations

from collections.abc import Mapping

import pytest
from prompt_toolkit.output.color_depth import ColorDepth

from spark_cli.config.settings import Theme
from spark_cli.repl.theme import Palette, style, told


@pytest.mark.parametrize(
    ("colorfgbg", "ground"),
    [
        ("15;0", Theme.DARK),
        ("0;15", Theme.LIGHT),
        ("0;default;15", Theme.LIGHT),
        ("12;8", Theme.DARK),
        ("default;default", Theme.AUTO),
        ("", Theme.AUTO),
    ],
)
def test_a_terminal_may_tell_its_background(colorfgbg: str, ground: Theme) -> None:
    assert told({"COLORFGBG": colorfgbg}) is ground


@pytest.mark.parametrize(
    ("chosen", "environment", "depth"),
    [
        (Theme.AUTO, {}, ColorDepth.DEPTH_4_BIT),
        (Theme.AUTO, {"NO_COLOR": ""}, ColorDepth.DEPTH_4_BIT),
        (Theme.DARK, {"NO_COLOR": "1"}, ColorDepth.DEPTH_1_BIT),
        (Theme.NONE, {}, ColorDepth.DEPTH_1_BIT),
    ],
)
def test_no_color_is_none_whoever_says_so(
    chosen: Theme, environment: Mapping[str, str], depth: ColorDepth
) -> None:
    assert Palette(chosen, environment).depth() is depth


def color(palette: Palette, name: str) -> str | None:
    return palette.style.get_attrs_for_style_str(f"class:{name}").color


def test_a_theme_can_be_changed_while_it_is_used() -> None:
    palette = Palette(Theme.DARK)
    assert color(palette, "code") == "ansicyan"
    before = palette.style.invalidation_hash()

    palette.use(Theme.LIGHT)

    assert color(palette, "code") == "ansiblue"
    assert palette.style.invalidation_hash() != before


def test_what_says_nothing_of_its_background_gets_no_yellow() -> None:
    used = {color for _, color in style(Theme.AUTO).style_rules}

    assert not any("yellow" in color for color in used)
    assert color(Palette(Theme.AUTO, {"COLORFGBG": "15;0"}), "warning") == "ansiyellow"
