"""What each kind of text looks like: the sixteen colors of the terminal, no others.

They are the user's own colors.  Which of them can be read depends on the background:
`dark` and `light` say which it is, `auto` takes the terminal's word in `COLORFGBG` and
else what can be read on both, `none` has no colors.  The terminal is not asked: its
answer would come among the keys, late over a slow line.  Nothing sets a background, and
what is told by color is told by a sign too.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from prompt_toolkit.output.color_depth import ColorDepth
from prompt_toolkit.styles import BaseStyle, DynamicStyle, Style

from spark_cli.config.settings import Theme

_ANY = {
    "prompt": "bold ansimagenta",
    "user": "bold",
    "heading": "bold",
    "strong": "bold",
    "emphasis": "italic",
    "strike": "strike",
    "link": "underline",
    "code": "ansicyan",
    "quiet": "dim",
    "quote": "italic",
    "keyword": "ansimagenta",
    "string": "ansigreen",
    "number": "ansicyan",
    "comment": "dim italic",
    "definition": "bold",
    "decorator": "ansimagenta",
    "added": "ansigreen",
    "removed": "ansired",
    "changed": "bold underline",
    "hunk": "ansicyan",
    "file": "bold",
    "done": "ansigreen",
    "warning": "ansired",
    "error": "bold ansired",
    "question": "bold ansimagenta",
    "key": "bold",
    "chosen": "reverse",
    "waiting": "dim",
}
_ON = {
    Theme.DARK: {
        "decorator": "ansiyellow",
        "warning": "ansiyellow",
        "question": "bold ansiyellow",
    },
    Theme.LIGHT: {"code": "ansiblue", "number": "ansiblue", "hunk": "ansiblue"},
}
_LIGHT_GROUNDS = {"7", "15"}


class Palette:
    """The look of now: `use` changes it, and the next frame has it."""

    def __init__(
        self, chosen: Theme = Theme.AUTO, environment: Mapping[str, str] | None = None
    ) -> None:
        self.chosen = chosen
        self._environment = environment or {}
        self.style: BaseStyle = DynamicStyle(lambda: style(self._ground()))

    def use(self, theme: Theme) -> None:
        self.chosen = theme

    def depth(self) -> ColorDepth:
        """No color where `NO_COLOR` is set and not empty: bold and dim stay."""
        if self.chosen is Theme.NONE or self._environment.get("NO_COLOR"):
            return ColorDepth.DEPTH_1_BIT
        return ColorDepth.DEPTH_4_BIT

    def _ground(self) -> Theme:
        if self.chosen is Theme.AUTO:
            return told(self._environment)
        return self.chosen


@cache
def style(ground: Theme) -> Style:
    return Style.from_dict({**_ANY, **_ON.get(ground, {})})


def told(environment: Mapping[str, str]) -> Theme:
    """What the terminal says of its background, as rxvt does: `15;0` is dark."""
    ground = environment.get("COLORFGBG", "").rpartition(";")[2]
    if not ground.isdigit():
        return Theme.AUTO
    return Theme.LIGHT if ground in _LIGHT_GROUNDS else Theme.DARK
