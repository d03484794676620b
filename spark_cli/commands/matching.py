"""What was probably meant by a few letters: used by completion and by pickers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

_T = TypeVar("_T")


def matching(typed: str, rows: Sequence[_T], text: Callable[[_T], str]) -> list[_T]:
    """The rows that fit, the best first; rows that fit alike stay in their order.

    A row fits if it has every word that was typed, or its letters in their order.
    """
    words = typed.lower().split()
    if not words:
        return list(rows)
    ranked = [(_rank(words, text(row).lower()), row) for row in rows]
    found = [(rank, row) for rank, row in ranked if rank is not None]
    return [row for _, row in sorted(found, key=lambda pair: pair[0])]


def _rank(words: Sequence[str], text: str) -> int | None:
    """0 where the text begins so, 3 for letters in order, `None` if it does not fit."""
    if text.startswith(words[0]) and all(word in text for word in words):
        return 0
    if all(f" {word}" in f" {text}" for word in words):
        return 1
    if all(word in text for word in words):
        return 2
    return 3 if len(words) == 1 and _in_order(words[0], text) else None


def _in_order(letters: str, text: str) -> bool:
    rest = iter(text)
    return all(letter in rest for letter in letters)
