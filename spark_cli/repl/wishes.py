"""What a command asks of the live face itself: other colors, other keys."""

from __future__ import annotations

from spark_cli.commands.command import Copy, Dress, SwitchKeys, Wish
from spark_cli.config.settings import Theme
from spark_cli.repl.theme import Palette
from spark_cli.repl.vi import Vi

THEMES = (
    (Theme.AUTO.value, "what the terminal says, or what can be read on any background"),
    (Theme.DARK.value, "for a dark background"),
    (Theme.LIGHT.value, "for a light background"),
    (Theme.PLAIN.value, "no colors"),
)


def grant(wish: Wish, palette: Palette, vi: Vi) -> str:
    """Do it, and say so; nothing where it is not ours to do."""
    match wish:
        case Dress(theme):
            palette.use(Theme(theme))
            return f"The theme is {theme} from here on; the setting `theme` keeps it."
        case SwitchKeys():
            vi.set(on=not vi.on)
            whose = "those of vi" if vi.on else "the usual ones"
            return f"The keys are {whose} now."
        case Copy():
            return ""
