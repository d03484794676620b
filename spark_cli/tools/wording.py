"""What the model is told of a tool, kept as prose in `words/*.md`.

The texts are sent with every request and cached by the server as a prefix, so they
are short, and the same byte for byte from one session to the next.
"""

from __future__ import annotations

from pathlib import Path

_WORDS = Path(__file__).with_name("words")


def describe(tool: str) -> str:
    return (_WORDS / f"{tool}.md").read_text("utf-8").strip()
