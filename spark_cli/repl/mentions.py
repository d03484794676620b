"""What a line names with `@`: a file, lines of it, or a hunk of the last diff.

An `@` counts at the beginning of a word only, so that an address or a decorator in
the middle of one is text.  A name with blanks is written in quotes: `@"a b.txt"`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from prompt_toolkit.document import Document

_MENTION = re.compile(
    r'(?<![^\s(\[])@(?:"(?P<quoted>[^"\n]+)"(?P<span>:\d+(?:-\d+)?)?|(?P<bare>\S+))'
)
_SPAN = re.compile(r":(\d+)(?:-(\d+))?$")
_HUNK = re.compile(r"h[1-9]\d{0,3}(?:\.[1-9]\d{0,2})?$")
_WORD = re.compile(r'(?<![^\s(\[])@("[^"\n]*|[^\s"]*)$')
_AROUND = ".,;:!?)]}'"


@dataclass(frozen=True, slots=True)
class Mention:
    """`lines` are numbers from 1, `None` for all; `hunk` is its name, if it can be one.

    `shorter` is the name without the punctuation that may belong to the sentence.
    """

    name: str
    lines: range | None = None
    hunk: str | None = None
    shorter: str = ""


def mentions(text: str) -> list[Mention]:
    """What a text names, each once, in order."""
    return list(dict.fromkeys(_found(text)))


def word_at(document: Document) -> str | None:
    """What was typed of a name before the cursor; `None` if none is being typed."""
    line = document.current_line_before_cursor
    match = _WORD.search(line)
    return match[1].removeprefix('"') if match else None


def spelled(name: str) -> str:
    """A name as it is mentioned."""
    return f'@"{name}"' if re.search(r"\s", name) else f"@{name}"


def _found(text: str) -> Iterator[Mention]:
    for match in _MENTION.finditer(text):
        if match["quoted"]:
            yield _mention(match["quoted"], match["span"] or "")
            continue
        word = match["bare"]
        bare = word.rstrip(_AROUND)
        if _HUNK.match(bare):
            yield Mention(bare, hunk=bare)
            continue
        span = _SPAN.search(bare)
        if span:
            yield _mention(bare[: span.start()], span[0])
        elif bare:
            yield Mention(word, shorter=bare)


def _mention(name: str, span: str) -> Mention:
    match = _SPAN.search(span)
    if match is None:
        return Mention(name)
    first = int(match[1])
    last = int(match[2]) if match[2] else first
    return Mention(name, range(first, last + 1))
