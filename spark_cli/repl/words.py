"""Where words begin and end, as bash has it: letters and digits, nothing else.

prompt_toolkit's words also have underscores, and runs of punctuation are words to it;
fingers that know a shell expect `a_name.py` to be three.
"""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\W_]+")


def end_after(text: str, at: int) -> int:
    """Where Alt-F goes: behind the word that the place is in, or before."""
    word = _WORD.search(text, at)
    return word.end() if word else len(text)


def start_before(text: str, at: int) -> int:
    """Where Alt-B goes: to the first letter of the word that ends here, or before."""
    begun = 0
    for word in _WORD.finditer(text, 0, at):
        begun = word.start()
    return begun
