"""Colors for code that arrives line by line, by Pygments, each line once.

A line's colors depend only on the lines before it, so a line can be printed as soon
as it is whole.  Pygments lexes whole texts; its `ExtendedRegexLexer` keeps the state
in an object that can be handed in, and that function works for any of its regular
expression lexers, so the stack of states is carried from line to line here.  Block
comments are carried too: many lexers match them with one expression across lines.

Pygments is imported at the first fence; `warm` does it ahead, in a thread.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

from spark_cli.repl.lines import Line

if TYPE_CHECKING:
    from pygments.lexer import Lexer  # type: ignore[import-untyped]  # it ships none

LINE_MAX = 2000
"""A longer line is left plain: minified code is not worth a stutter."""

_STYLES = {
    "Comment": "class:comment",
    "Keyword": "class:keyword",
    "Literal.String": "class:string",
    "Literal.Number": "class:number",
    "Name.Function": "class:definition",
    "Name.Class": "class:definition",
    "Name.Decorator": "class:decorator",
    "Name.Tag": "class:keyword",
    "Operator.Word": "class:keyword",
    "Generic.Inserted": "class:added",
    "Generic.Deleted": "class:removed",
    "Generic.Heading": "class:strong",
    "Generic.Subheading": "class:hunk",
}


def warm() -> None:
    """Import what the first fence is likely to need; call it in a thread."""
    for language in ("python", "bash", "diff"):
        highlighter(language).line("x = 1")


def highlighter(language: str) -> Highlighter:
    lexer = _lexer(language.lower()) if language else None
    return Highlighter(lexer)


class Highlighter:
    """One fence of code."""

    def __init__(self, lexer: Lexer | None) -> None:
        self._lexer = lexer
        self._stack = ["root"]
        self._in_comment = False
        self._resumable = lexer is not None and _is_resumable(lexer)
        self._block_comments = lexer is not None and _has_block_comments(lexer)

    def line(self, text: str) -> Line:
        """The colored line; the next one goes on from where it ends."""
        if self._lexer is None or len(text) > LINE_MAX:
            return [("", text)]
        if self._in_comment:
            return self._comment(text)
        return self._code(text)

    def peek(self, text: str) -> Line:
        """How a line that is not whole yet looks so far."""
        stack, in_comment = list(self._stack), self._in_comment
        line = self.line(text)
        self._stack, self._in_comment = stack, in_comment
        return line

    def _comment(self, text: str) -> Line:
        end = text.find("*/") + 2
        if end < 2:
            return [("class:comment", text)]
        self._in_comment = False
        return [("class:comment", text[:end]), *self._code(text[end:])]

    def _code(self, text: str) -> Line:
        if not self._block_comments:
            return self._lexed(text)
        before = list(self._stack)
        line = self._lexed(text)
        at = _comment_begun(text, line)
        if at is None:
            return line
        self._stack = before
        head = self._lexed(text[:at], newline="")
        self._in_comment = True
        return [*head, ("class:comment", text[at:])]

    def _lexed(self, text: str, newline: str = "\n") -> Line:
        from pygments.lexer import ExtendedRegexLexer, LexerContext

        if self._lexer is None:
            return [("", text)]
        if self._resumable:
            context = LexerContext(text + newline, 0, list(self._stack))
            lex = ExtendedRegexLexer.get_tokens_unprocessed
            try:
                line = _styled(lex(self._lexer, context=context))
            except TypeError:
                # One of its callbacks takes no context.
                self._resumable = False
            else:
                self._stack = context.stack
                return line
        return _styled(self._lexer.get_tokens_unprocessed(text + newline))


def _styled(tokens: Iterable[tuple[int, object, str]]) -> Line:
    """The tokens of one line, without its newline."""
    return [
        (_style(kind), kept)
        for _, kind, piece in tokens
        if (kept := piece.replace("\n", ""))
    ]


def _comment_begun(text: str, line: Line) -> int | None:
    """Where a block comment opens that does not end in this line."""
    at = text.rfind("/*")
    if at < 0 or text.find("*/", at) >= 0:
        return None
    seen = 0
    for style, piece in line:
        if seen <= at < seen + len(piece):
            opens = style != "class:string" and (style != "class:comment" or seen == at)
            return at if opens else None
        seen += len(piece)
    return None


@cache
def _style(kind: object) -> str:
    """The style of a token's kind, or of the nearest kind above it."""
    parts = str(kind).removeprefix("Token.").split(".")
    while parts:
        style = _STYLES.get(".".join(parts))
        if style is not None:
            return style
        parts.pop()
    return ""


@cache
def _aliases() -> dict[str, str]:
    """Every name of a language that can be lexed here, without looking at plugins."""
    from pygments.lexers import (  # type: ignore[import-untyped]  # it ships none
        get_all_lexers,
    )

    known = get_all_lexers(plugins=False)
    lexers = [(names, patterns) for _, names, patterns, _ in known if names]
    # A language's own name counts more than the ending of another's files.
    return {
        pattern[2:].lower(): names[0]
        for names, patterns in lexers
        for pattern in patterns
        if pattern.startswith("*.")
    } | {name.lower(): names[0] for names, _ in lexers for name in names}


@cache
def _lexer(language: str) -> Lexer | None:
    from pygments.lexer import RegexLexer
    from pygments.lexers import find_lexer_class_by_name

    alias = _aliases().get(language)
    if alias is None:
        return None
    lexer = find_lexer_class_by_name(alias)()
    return lexer if isinstance(lexer, RegexLexer) else None


def _is_resumable(lexer: Lexer) -> bool:
    """Whether its state is the stack alone; some lexers carry more in their context."""
    from pygments.lexer import ExtendedRegexLexer

    own = type(lexer).get_tokens_unprocessed
    standard = ExtendedRegexLexer.get_tokens_unprocessed
    return not isinstance(lexer, ExtendedRegexLexer) or own is standard


@cache
def _has_block_comments(lexer: Lexer) -> bool:
    tokens = list(lexer.get_tokens_unprocessed("/* x */"))
    return ("class:comment", "/* x */") in _styled(tokens)
