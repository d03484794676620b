r"""The one door through which untrusted text reaches a terminal or a script.

Model text, tool output, file names and server errors may carry escape sequences
that set the title, write the clipboard or hide a link.  Every C0 and C1 control
but newline and tab, and every character that reorders or hides its neighbours, is
made visible instead.  The rule looks at single characters, so it holds for any
piece of a stream: `printable(a) + printable(b) == printable(a + b)`, except that
a `\r\n` that is split shows its `\r`.

Source: ECMA-48 (C0, C1); Unicode TR 36 and TR 9 (bidirectional overrides).
"""

from __future__ import annotations

_KEPT = {0x09, 0x0A}
_CONTROLS = [*range(0x20), 0x7F, *range(0x80, 0xA0)]
_HIDING = [
    0x00AD,  # soft hyphen
    0x034F,  # combining grapheme joiner
    0x061C,  # Arabic letter mark
    0x115F,  # Hangul fillers: letters without ink, with U+1160, U+3164 and U+FFA0
    0x1160,
    *range(0x180B, 0x1810),  # Mongolian variation selectors, vowel separator
    0x200B,  # zero width space
    *range(0x200E, 0x2010),  # direction marks
    *range(0x2028, 0x202F),  # line and paragraph separators, embeddings, overrides
    *range(0x2060, 0x2070),  # word joiner, isolates
    0x2800,  # Braille without a dot
    0x3164,
    *range(0xFE00, 0xFE0E),  # variation selectors, but those of text and emoji
    0xFEFF,
    0xFFA0,
    *range(0xFFF9, 0xFFFC),
    *range(0xE0000, 0xE0080),  # tags
    *range(0xE0100, 0xE01F0),  # more variation selectors: any bytes can hide in them
]


def _picture(code: int) -> str:
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else f"<U+{code:04X}>"


_VISIBLE = {
    code: _picture(code) for code in [*_CONTROLS, *_HIDING] if code not in _KEPT
} | dict.fromkeys(range(0xD800, 0xE000), "\ufffd")


def printable(text: str) -> str:
    """The text with every character visible that could drive a terminal."""
    if text.isascii() and text.isprintable():
        return text
    return text.replace("\r\n", "\n").translate(_VISIBLE)


def brief(text: str, most: int) -> str:
    """A text on one line, and of a long one the beginning: `most` characters."""
    words = " ".join(text.split())
    return words if len(words) <= most else f"{words[: most - 1]}…"


def printable_line(text: str) -> str:
    """The same for a name or a one-line message: newlines and tabs are shown too."""
    return printable(text).replace("\n", "\u240a").replace("\t", "\u2409")
