"""What each kind of text looks like: the sixteen colors of the terminal, no others.

They are the user's own colors, so they can be read on a light background and on a
dark one; nothing sets a background.  What is told by color is told by a sign too.
"""

from __future__ import annotations

from collections.abc import Mapping

from prompt_toolkit.output.color_depth import ColorDepth
from prompt_toolkit.styles import Style

STYLES = {
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
    "decorator": "ansiyellow",
    "added": "ansigreen",
    "removed": "ansired",
    "changed": "bold underline",
    "hunk": "ansicyan",
    "file": "bold",
    "done": "ansigreen",
    "warning": "ansiyellow",
    "error": "bold ansired",
    "question": "bold ansiyellow",
    "key": "bold",
    "chosen": "reverse",
    "waiting": "dim",
}


def style() -> Style:
    return Style.from_dict(STYLES)


def color_depth(environment: Mapping[str, str]) -> ColorDepth:
    """No color where `NO_COLOR` is set and not empty: bold and dim stay."""
    if environment.get("NO_COLOR"):
        return ColorDepth.DEPTH_1_BIT
    return ColorDepth.DEPTH_4_BIT
