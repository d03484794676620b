"""The name that was probably meant, and the hint that says so."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(typed: str, names: Iterable[str]) -> str | None:
    """The closest of the names, `None` where none is close."""
    # difflib costs milliseconds to import, and is needed after a typing error only.
    from difflib import get_close_matches

    known = list(names)
    begun = [name for name in known if typed and name.startswith(typed)]
    close = get_close_matches(typed, known, n=1, cutoff=0.6)
    return close[0] if close else begun[0] if begun else None


def hinted(typed: str, names: Iterable[str], line: str, otherwise: str) -> str:
    """A hint at the name that was meant, as it is typed at the end of `line`."""
    near = nearest(typed.lower(), names)
    return f"did you mean `{line}{near}`?" if near else otherwise
