"""The marks inside one line of Markdown: emphasis, code, links, as they arrive.

What a mark means may depend on text that has not come yet.  `Inline` gives a span as
soon as it is certain, so that what was printed never has to change, and `guess` says
how the rest looks if every open mark is going to be closed, so that what is on the
screen does not jump when it is.  A mark that is not closed within `REACH` characters
is not a mark: no text can hold back what follows it for ever.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from spark_cli.repl.lines import Line

REACH = 600
_DEPTH_MAX = 6

_MARK = re.compile(r"[\\`*_~\[!]")
_RUN = re.compile(r"`+|\*+|_+|~+")
_CODE = re.compile(r"`+")
_ESCAPABLE = frozenset("\\`*_{}[]()#+-.!|~<>\"'$%&,/:;=?@^")
_LINK = re.compile(
    r"!?\[([^\[\]]*)\]"
    r"\(<?([^()\s<>]*(?:\([^()\s<>]*\)[^()\s<>]*)*)>?(?:[ ]+\"[^\"]*\")?\)"
)
_LINK_BEGUN = re.compile(r"!?\[[^\[\]]*(?:\](?:\(.*)?)?$|!$")
_STYLES = {
    "***": "class:strong class:emphasis",
    "___": "class:strong class:emphasis",
    "**": "class:strong",
    "__": "class:strong",
    "*": "class:emphasis",
    "_": "class:emphasis",
    "~~": "class:strike",
}


class _Window(NamedTuple):
    """What may be looked at from a mark on.

    `whole` says that nothing which is still to come can count.  Where the line ends
    inside the window, a newline stands for its end: nothing else can contain one.
    """

    text: str
    whole: bool


class _Step(NamedTuple):
    """What a mark turned out to be: its spans, and how much text they took."""

    spans: Line
    taken: int


class Inline:
    """One line's text in any pieces; spans come out in order, each once."""

    def __init__(self, style: str = "") -> None:
        self._style = style
        self._text = ""
        self._before = ""

    def feed(self, text: str) -> Line:
        """The spans that have become certain."""
        self._text += text
        return self._take(final=False)

    def end(self) -> Line:
        """The spans that are left: the line is over."""
        return self._take(final=True)

    def guess(self) -> Line:
        """How what is not certain yet would look, were its marks closed."""
        text = self._text
        run = _RUN.match(text)
        style = _style_of(run.group()) if run else None
        if run is None or style is None:
            return [(self._style, text)] if text else []
        inner = text[run.end() :].rstrip("*_~`")
        return [(_with(self._style, style), inner)] if inner else []

    def _take(self, *, final: bool) -> Line:
        spans, at, self._before = _scan(
            self._text, self._style, self._before, final=final
        )
        self._text = self._text[at:]
        return spans


def styled(text: str, style: str = "", depth: int = 0) -> Line:
    """The spans of a text that is complete."""
    return _scan(text, style, "", final=True, depth=depth)[0]


def _scan(
    text: str, style: str, before: str, *, final: bool, depth: int = 0
) -> tuple[Line, int, str]:
    """The spans that are certain, how far they go, and the character before that."""
    if depth > _DEPTH_MAX:
        return [(style, text)], len(text), text[-1:]
    spans: Line = []
    at = 0
    while at < len(text):
        found = _MARK.search(text, at)
        stop = found.start() if found else len(text)
        if stop > at:
            spans.append((style, text[at:stop]))
            before, at = text[stop - 1], stop
            continue
        step = _mark(_window(text, at, final=final), style, before, depth)
        if step is None:
            break
        spans.extend(step.spans)
        at += step.taken
        before = text[at - 1]
    return spans, at, before


def _window(text: str, at: int, *, final: bool) -> _Window:
    if len(text) - at > REACH:
        return _Window(text[at : at + REACH + 1], whole=True)
    return _Window(text[at:] + "\n" * final, whole=final)


def _mark(window: _Window, style: str, before: str, depth: int) -> _Step | None:
    """The mark at the start of a window; `None` where more is needed to tell."""
    text = window.text
    if text[0] == "\\":
        return _escape(window, style)
    if text[0] in "![":
        return _link(window, style, depth)
    run = _RUN.match(text)
    mark = run.group() if run else ""
    if len(mark) == len(text):
        return _literal(window, mark, style)
    if mark[0] == "`":
        return _code(window, mark, style)
    return _emphasis(window, mark, style, before, depth)


def _literal(window: _Window, text: str, style: str) -> _Step | None:
    return _Step([(style, text)], len(text)) if window.whole else None


def _escape(window: _Window, style: str) -> _Step | None:
    following = window.text[1:2]
    if not following:
        return _literal(window, "\\", style)
    if following in _ESCAPABLE:
        return _Step([(style, following)], 2)
    return _Step([(style, "\\")], 1)


def _link(window: _Window, style: str, depth: int) -> _Step | None:
    match = _LINK.match(window.text)
    if match:
        return _Step(_shown_link(match[1], match[2], style, depth), match.end())
    if _LINK_BEGUN.match(window.text):
        return _literal(window, window.text[0], style)
    return _Step([(style, window.text[0])], 1)


def _shown_link(text: str, address: str, style: str, depth: int) -> Line:
    """The address is always shown: a link that hides where it goes can deceive."""
    link = _with(style, "class:link")
    if text in {"", address}:
        return [(link, address)]
    return [
        *styled(text, link, depth + 1),
        (_with(style, "class:quiet"), f" ({address})"),
    ]


def _code(window: _Window, mark: str, style: str) -> _Step | None:
    end = _code_end(window.text, len(mark), mark)
    if end is None:
        return _literal(window, mark, style)
    inner = window.text[len(mark) : end - len(mark)]
    if inner.startswith(" ") and inner.endswith(" ") and inner.strip():
        inner = inner[1:-1]
    return _Step([(_with(style, "class:code"), inner)], end)


def _code_end(text: str, start: int, mark: str) -> int | None:
    """Where the code ends that was opened by a run of backticks before `start`."""
    for run in _CODE.finditer(text, start):
        if run.end() < len(text) and run.group() == mark:
            return run.end()
    return None


def _emphasis(
    window: _Window, mark: str, style: str, before: str, depth: int
) -> _Step | None:
    text, size = window.text, len(mark)
    added = _STYLES.get(mark)
    inside_word = before.isalnum() and mark not in {"**", "***", "~~"}
    if added is None or inside_word or text[size].isspace():
        return _Step([(style, mark)], size)
    end = _emphasis_end(window, mark)
    if end is None:
        return _literal(window, mark, style)
    inner = styled(text[size : end - size], _with(style, added), depth + 1)
    return _Step(inner, end)


def _emphasis_end(window: _Window, mark: str) -> int | None:
    """Where the emphasis ends; code in between is stepped over."""
    text, at = window.text, len(mark)
    while found := _MARK.search(text, at):
        at = found.start()
        run = _RUN.match(text, at)
        if run is None:
            at += 2 if text[at] == "\\" else 1
        elif text[at] == "`":
            end = _code_end(text, run.end(), run.group())
            if end is None and not window.whole:
                return None
            at = end or run.end()
        elif run.end() == len(text):
            return None
        elif _closes(text, run, mark):
            return run.end()
        else:
            at = run.end()
    return None


def _closes(text: str, run: re.Match[str], mark: str) -> bool:
    if run.group()[0] != mark[0] or text[run.start() - 1].isspace():
        return False
    if mark[0] == "_" and text[run.end()].isalnum():
        return False
    size = len(run.group())
    # `*a **b***`: an odd run can close the single mark, and an even one cannot.
    return size % 2 == 1 if len(mark) == 1 else size >= len(mark)


def _style_of(mark: str) -> str | None:
    return "class:code" if mark[0] == "`" else _STYLES.get(mark)


def _with(style: str, added: str) -> str:
    return f"{style} {added}" if style else added
