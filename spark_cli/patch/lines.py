"""A file as lines, and back to the same bytes.

Lines are split at line feeds only: form feeds, lone carriage returns and Unicode
separators are text.  A carriage return before the line feed stays on its line, so
that files with mixed line ends keep them; what is compared goes without.  A byte
order mark is kept apart, and bytes that are not UTF-8 become lone surrogates.
"""

from __future__ import annotations

import codecs
import re
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import IntEnum
from functools import cached_property
from itertools import accumulate, islice
from typing import NamedTuple

from spark_cli.core.errors import PatchRefused

_BOM = "\ufeff"
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

_WORD = re.compile(r"\w+")
_RARE = 200
_SEARCHES_MAX = 24
"""So often the text itself is searched before an index of it is worth its while."""

PLACES_MAX = 200_000
"""Places of one block that are looked for; what has more is ambiguous anyway."""


class Tier(IntEnum):
    """How closely a line must resemble, strictest first."""

    EXACT = 0
    BLANKS = 1
    PUNCTUATION = 2
    INDENTATION = 3


_PUNCTUATION = str.maketrans(
    dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-")
    | dict.fromkeys("\u2018\u2019\u201a\u201b", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u201f", '"')
    | dict.fromkeys("\u00a0\u202f\u205f\u3000", " ")
    | {chr(code): " " for code in range(0x2002, 0x200B)}
    | {"\u2026": "..."}
)


def _starts(text: str, string: str, low: int, high: int) -> Iterator[int]:
    at = text.find(string, low, high)
    while at >= 0:
        yield at
        at = text.find(string, at + len(string), high)


def _rows_with(text: str, needle: str) -> Iterator[int]:
    """The lines that contain a string which has no line feed, in order."""
    row = seen = 0
    at = text.find(needle)
    while at >= 0:
        row += text.count("\n", seen, at)
        yield row
        seen = text.find("\n", at)
        at = text.find(needle, seen) if seen >= 0 else -1


def plain(text: str) -> str:
    """The text with typographic punctuation as ASCII."""
    return text if text.isascii() else text.translate(_PUNCTUATION)


_KEYS: dict[Tier, Callable[[str], str]] = {
    Tier.EXACT: lambda text: text,
    Tier.BLANKS: str.rstrip,
    Tier.PUNCTUATION: lambda text: plain(text).rstrip(),
    Tier.INDENTATION: lambda text: plain(text).strip(),
}


def key(text: str, tier: Tier) -> str:
    """What is compared of a line at a tier."""
    return _KEYS[tier](text)


class Index:
    """Where each line of a file is, at one tier.

    Lines become numbers, and a block of lines becomes bytes.  A block is looked for
    where its rarest line is, or, if all of its lines are common, by one search at the
    speed of C: linear also in a file of 60,000 equal lines.
    """

    def __init__(self, texts: Sequence[str], tier: Tier) -> None:
        self.tier = tier
        codes: dict[str, int] = {}
        of = _KEYS[tier]
        self.codes = array("I", [codes.setdefault(of(t), len(codes)) for t in texts])
        self._codes = codes
        self._bytes = self.codes.tobytes()
        self._found: dict[bytes, list[int]] = {}

    def find(self, block: Sequence[str]) -> list[int]:
        """The first lines of all places where the block stands, in order."""
        wanted = self._encode(block)
        if not wanted:
            return []
        whole = wanted.tobytes()
        if whole not in self._found:
            self._found[whole] = self._look_for(wanted)
        return self._found[whole]

    def _look_for(self, wanted: array[int]) -> list[int]:
        rows = [self._rows[code] for code in wanted]
        rare = min(range(len(rows)), key=lambda at: len(rows[at]))
        if len(rows[rare]) > _RARE:
            return self._scan(wanted.tobytes())
        codes, size = self.codes, len(wanted)
        starts = (row - rare for row in rows[rare] if row >= rare)
        return [at for at in starts if codes[at : at + size] == wanted]

    @cached_property
    def _rows(self) -> list[list[int]]:
        """The lines that have each number."""
        rows: list[list[int]] = [[] for _ in self._codes]
        for row, code in enumerate(self.codes):
            rows[code].append(row)
        return rows

    def _scan(self, wanted: bytes) -> list[int]:
        places: list[int] = []
        size, at = self.codes.itemsize, self._bytes.find(wanted)
        while at >= 0 and len(places) < PLACES_MAX:
            if at % size == 0:
                places.append(at // size)
                at += size
            else:
                at += 1
            at = self._bytes.find(wanted, at)
        return places

    def _encode(self, block: Sequence[str]) -> array[int]:
        of, codes = _KEYS[self.tier], self._codes
        try:
            return array("I", [codes[of(text)] for text in block])
        except KeyError:
            return array("I")


class Lines:
    """`raw` is every line without its line feed; `ended` whether the last has one."""

    def __init__(
        self, raw: tuple[str, ...], *, ended: bool, bom: bool, text: str | None = None
    ) -> None:
        """`text` is all of them, with line feeds between, where that is at hand."""
        self.raw = raw
        self.ended = ended
        self.bom = bom
        self._text = text
        self._sought = 0

    @classmethod
    def of(cls, data: bytes, name: str = "") -> Lines:
        if data.startswith(_WIDE):
            raise PatchRefused(f"`{name}` is UTF-16, which cannot be patched as text")
        text = data.decode("utf-8", "surrogateescape")
        bom = text.startswith(_BOM)
        text = text[bom:]
        ended = text[-1:] in {"", "\n"}
        inner = text.removesuffix("\n")
        raw = tuple(inner.split("\n")) if text else ()
        return cls(raw, ended=ended, bom=bom, text=inner)

    def data(self) -> bytes:
        end = "\n" if self.ended and self.raw else ""
        text = _BOM * self.bom + "\n".join(self.raw) + end
        return text.encode("utf-8", "surrogateescape")

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """Every line without its line end."""
        if "\r" not in self._raw_joined:
            return self.raw
        return tuple(line.removesuffix("\r") for line in self.raw)

    @cached_property
    def joined(self) -> str:
        """The text without carriage returns at its line ends."""
        if self.texts is self.raw:
            return self._raw_joined
        return "\n".join(self.texts)

    @cached_property
    def _raw_joined(self) -> str:
        return "\n".join(self.raw) if self._text is None else self._text

    @cached_property
    def starts(self) -> list[int]:
        """Where each line starts in the joined text."""
        return list(accumulate((len(line) + 1 for line in self.texts), initial=0))

    @cached_property
    def headings(self) -> dict[str, list[int]]:
        """The lines that a heading may mean, by heading, as they are found."""
        return {}

    def find(self, block: Sequence[str], tier: Tier) -> list[int]:
        """The first lines of all places where the block stands, in order."""
        if tier in self._indexes or not block or not self.raw:
            return self.index(tier).find(block)
        wanted = [key(line, tier) for line in block]
        asked = tier, tuple(wanted)
        if asked not in self._searches and len(self._searches) < _SEARCHES_MAX:
            self._searches[asked] = self._search(wanted, tier)
        found = self._searches.get(asked)
        return self.index(tier).find(block) if found is None else found

    def _search(self, wanted: Sequence[str], tier: Tier) -> list[int] | None:
        """By the text itself, which for a few blocks is quicker than any index.

        Looks at each line that has the longest line of the block in it.  `None` where
        these are too many.
        """
        text = self.joined if tier < Tier.PUNCTUATION else self._plain
        telling = max(range(len(wanted)), key=lambda at: len(wanted[at].strip()))
        needle = wanted[telling].strip()
        rows = list(islice(_rows_with(text, needle), _RARE)) if needle else []
        if not needle or len(rows) == _RARE:
            return None
        starts = (row - telling for row in rows if row >= telling)
        return [at for at in starts if self._has(at, wanted, tier)]

    def _has(self, at: int, wanted: Sequence[str], tier: Tier) -> bool:
        there = self.texts[at : at + len(wanted)]
        return len(there) == len(wanted) and all(
            key(line, tier) == want for line, want in zip(there, wanted, strict=True)
        )

    def containing(self, wanted: str) -> list[int]:
        """The lines that have a string in them, typography apart."""
        return list(_rows_with(self._plain, wanted))

    def occurrences(self, string: str) -> Iterator[int]:
        """Where in the joined text a string starts, without those that overlap."""
        self._sought += 1
        rows = None if self._sought <= _SEARCHES_MAX else self._rows_of_word_in(string)
        if rows is None:
            yield from _starts(self.joined, string, 0, len(self.joined))
            return
        for row in rows:
            yield from _starts(
                self.joined, string, self.starts[row], self.starts[row + 1]
            )

    def _rows_of_word_in(self, string: str) -> Sequence[int] | None:
        """The lines that have the rarest word which is whole within a string.

        `None` where it has no such word, or more than one line.
        """
        words = [
            self._words.get(word[0], ())
            for word in _WORD.finditer(string)
            if word.start() and word.end() < len(string)
        ]
        return None if "\n" in string or not words else min(words, key=len)

    @cached_property
    def _words(self) -> dict[str, list[int]]:
        words: dict[str, list[int]] = {}
        for row, line in enumerate(self.texts):
            for word in {*_WORD.findall(line)}:
                words.setdefault(word, []).append(row)
        return words

    @cached_property
    def _plain(self) -> str:
        return plain(self.joined)

    @cached_property
    def _searches(self) -> dict[tuple[Tier, tuple[str, ...]], list[int] | None]:
        return {}

    def index(self, tier: Tier) -> Index:
        """The index of a tier, made once."""
        if tier not in self._indexes:
            self._indexes[tier] = Index(self.texts, tier)
        return self._indexes[tier]

    @cached_property
    def exact(self) -> Index:
        """An index in which the carriage return counts."""
        return Index(self.raw, Tier.EXACT)

    @cached_property
    def _indexes(self) -> dict[Tier, Index]:
        return {}

    def returns(self, at: int) -> bool:
        """Whether a line put before line `at` should end with a carriage return.

        It ends as the line above does, or the one below at the top of the file; the
        last line, where it has no end at all, tells nothing.
        """
        last = len(self.raw) - (0 if self.ended else 1)
        for neighbour in (at - 1, at, at - 2):
            if 0 <= neighbour < last:
                return self.raw[neighbour].endswith("\r")
        return False


class Splice(NamedTuple):
    """Lines `start` up to `stop` of a file, counted from 0, become `lines`.

    `raw` lines are taken as they are; others end as their neighbours do.
    """

    start: int
    stop: int
    lines: tuple[str, ...]
    raw: bool = False


def spliced(
    before: Lines, splices: Sequence[Splice], *, ends: bool | None = None
) -> Lines:
    """The file after the splices, which are in order and do not overlap.

    The last line keeps its newline, or the lack of it, unless `ends` says otherwise.
    """
    raw = list(before.raw)
    if raw and not before.ended and before.returns(len(raw)):
        raw[-1] = raw[-1].removesuffix("\r") + "\r"
    after: list[str] = []
    done = 0
    for splice in splices:
        after += raw[done : splice.start]
        after += splice.lines if splice.raw else _ended(before, splice)
        done = splice.stop
    after += raw[done:]
    ended = before.ended if ends is None else ends
    if after and not ended:
        if done < len(raw):
            after[-1] = before.raw[-1]
        elif not (splices and splices[-1].raw):
            after[-1] = after[-1].removesuffix("\r")
    return Lines(tuple(after), ended=ended or not after, bom=before.bom)


def _ended(before: Lines, splice: Splice) -> Iterable[str]:
    """The new lines, each with the line end of the line in whose place it comes."""
    for offset, line in enumerate(splice.lines):
        replaced = splice.start + offset
        at = replaced + 1 if replaced < splice.stop else splice.stop
        yield line + "\r" if before.returns(at) else line
