r"""The clipboard, through the terminal: OSC 52, of which only spark writes one.

It is written for a `/copy` of the user and for nothing else; a sequence of that kind in
what a model says is shown and not obeyed (`core.printable`).  tmux hands it on where it
is wrapped, with every Esc doubled (`allow-passthrough`), and keeps a copy of its own
where it is not (`set-clipboard`): it gets both.

Source: xterm, "Operating System Commands"; tmux(1), `allow-passthrough`.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping

_ESC, _BEL = "\x1b", "\x07"


def to_clipboard(text: str, environment: Mapping[str, str]) -> str:
    """The bytes that make a terminal keep the text, if it lets itself be told."""
    data = b64encode(text.encode("utf-8", "replace")).decode("ascii")
    plain = f"{_ESC}]52;c;{data}{_BEL}"
    if not environment.get("TMUX"):
        return plain
    wrapped = plain.replace(_ESC, _ESC * 2)
    return f"{_ESC}Ptmux;{wrapped}{_ESC}\\{plain}"
