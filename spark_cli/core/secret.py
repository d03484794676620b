"""A string that cannot be printed by accident."""

from __future__ import annotations


class Secret:
    """Holds a key; only `reveal` gives it, at the door of the network.

    It prints and formats as a mask, equals only itself, and cannot be pickled.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__

    def __reduce__(self) -> str:
        raise TypeError("a secret is not written anywhere")

    def reveal(self) -> str:
        return self._value
