from __future__ import annotations

import re

import pytest
from hypothesis import example, given, strategies as st

from spark_cli.core.errors import PatchRefused
from spark_cli.patch.lines import Index, Lines, Splice, Tier, spliced


@example(b"")
@example(b"\n")
@example(b"\n\n")
@example(b"\xef\xbb\xbf")
@example(b"\xef\xbb\xbf\n")
@given(st.binary().filter(lambda data: data[:2] not in {b"\xff\xfe", b"\xfe\xff"}))
def test_any_file_comes_back_byte_for_byte(data: bytes) -> None:
    text = Lines.of(data)

    assert text.data() == data
    assert text.joined == Lines(text.raw, ended=text.ended, bom=text.bom).joined


@pytest.mark.parametrize("separator", ["\f", "\v", "\x1c", "\x85", "\u2028", "\r"])
def test_odd_separators_do_not_split_lines(separator: str) -> None:
    assert len(Lines.of(f"a{separator}b\n".encode()).raw) == 1


def test_utf_16_is_refused() -> None:
    with pytest.raises(PatchRefused, match="UTF-16"):
        Lines.of("a\n".encode("utf-16"), "f")


@pytest.mark.parametrize(
    ("before", "splice", "after"),
    [
        (b"a\nb\n", Splice(1, 2, ("c",)), b"a\nc\n"),
        (b"a\r\nb\r\n", Splice(1, 2, ("c",)), b"a\r\nc\r\n"),
        (b"a\r\nb\n", Splice(1, 1, ("c",)), b"a\r\nc\r\nb\n"),
        (b"a\nb\r\n", Splice(1, 2, ("c",)), b"a\nc\r\n"),
        (b"a\nb\r\n", Splice(0, 2, ("c", "d")), b"c\nd\r\n"),
        (b"a\nb", Splice(1, 2, ("c",)), b"a\nc"),
        (b"a\nb", Splice(2, 2, ("c",)), b"a\nb\nc"),
        (b"a\r\nb", Splice(2, 2, ("c",)), b"a\r\nb\r\nc"),
        (b"a\r\nb", Splice(0, 1, ("c",)), b"c\r\nb"),
        (b"", Splice(0, 0, ("c",)), b"c\n"),
        (b"a\n", Splice(0, 1, ()), b""),
        (b"a\nb", Splice(1, 2, ()), b"a"),
        (b"\xef\xbb\xbfa\n", Splice(0, 1, ("c",)), b"\xef\xbb\xbfc\n"),
        (b"\xff\nb\n", Splice(1, 2, ("c",)), b"\xff\nc\n"),
    ],
)
def test_a_splice_ends_lines_as_their_neighbours_do(
    before: bytes, splice: Splice, after: bytes
) -> None:
    assert spliced(Lines.of(before), [splice]).data() == after


@pytest.mark.parametrize(
    ("before", "ends", "after"),
    [(b"a\nb", True, b"a\nc\n"), (b"a\nb\n", False, b"a\nc")],
)
def test_a_patch_may_say_how_the_file_ends(
    before: bytes,
    ends: bool,  # noqa: FBT001 - from the table
    after: bytes,
) -> None:
    assert spliced(Lines.of(before), [Splice(1, 2, ("c",))], ends=ends).data() == after


@given(
    st.lists(st.sampled_from("abc")),
    st.lists(st.sampled_from("abc"), min_size=1, max_size=3),
)
def test_an_index_finds_every_place_of_a_block(
    texts: list[str], block: list[str]
) -> None:
    places = [at for at in range(len(texts)) if texts[at : at + len(block)] == block]
    found = Index(texts, Tier.EXACT).find(block)

    # Places that overlap within one line of each other are all found.
    assert found == places


@given(
    st.lists(st.text("ab_ .\u00e9", max_size=9), max_size=6),
    st.text("ab_ .\u00e9", min_size=1, max_size=5),
)
def test_a_string_is_found_by_its_words_where_a_search_finds_it(
    texts: list[str], string: str
) -> None:
    text = Lines.of("\n".join(texts).encode())
    once = [*text.occurrences(string)]

    for _ in range(30):
        assert [*text.occurrences(string)] == once
    assert once == [
        found.start() for found in re.finditer(re.escape(string), text.joined)
    ]
