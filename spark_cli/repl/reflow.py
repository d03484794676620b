"""What a terminal does to the rows on its screen when its window gets narrower.

Most break a row anew that is too long, so that what is drawn above the cursor takes
more rows than it was drawn in, and has to be erased from higher up; xterm and the
Linux console cut it off.  No terminal tells, but many are known; of the others it is
believed that they cut, since erasing too little leaves litter, and erasing too much
would take away what was said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_PROGRAMS = {
    *("iTerm.app", "WezTerm", "ghostty", "Apple_Terminal", "vscode", "tmux", "rio"),
}
_SIGNS = ("TMUX", "KITTY_WINDOW_ID", "VTE_VERSION", "WT_SESSION", "ALACRITTY_WINDOW_ID")
_TERMS = ("tmux", "xterm-kitty", "xterm-ghostty", "alacritty", "foot", "wezterm")


def reflows(environment: Mapping[str, str]) -> bool:
    if "STY" in environment and "TMUX" not in environment:
        return False
    return (
        any(sign in environment for sign in _SIGNS)
        or environment.get("TERM_PROGRAM") in _PROGRAMS
        or environment.get("TERM", "").startswith(_TERMS)
    )


def rows_above(widths: Sequence[int], cursor_x: int, columns: int) -> int:
    """How many rows are above the cursor, where there were `len(widths)` before."""
    columns = max(columns, 1)
    return sum(max(-(-width // columns), 1) for width in widths) + cursor_x // columns
