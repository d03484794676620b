"""Text that is meant as it stands, where Markdown is read."""

from __future__ import annotations


def literal(text: str) -> str:
    """The text so that Markdown shows every character of it."""
    return "".join(f"\\{c}" if c in "\\`*_~[]!|#>" else c for c in text)
