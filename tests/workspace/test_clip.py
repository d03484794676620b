from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from spark_cli.workspace.clip import Clip


def clipped(limit: int, *pieces: bytes) -> tuple[str, int]:
    clip = Clip(limit)
    for piece in pieces:
        clip.feed(piece)
    return clip.text()


@pytest.mark.parametrize(
    ("limit", "data", "expected"),
    [
        (10, b"", ("", 0)),
        (10, b"0123456789", ("0123456789", 0)),
        (10, b"0123456789a", ("01234\n[... 1 bytes cut ...]\n6789a", 1)),
        (10, b"a\xff b", ("a\ufffd b", 0)),
        (8, "ääääääää".encode(), ("ää\n[... 8 bytes cut ...]\nää", 8)),
        (6, "ääääääää".encode(), ("ä\n[... 12 bytes cut ...]\nä", 12)),
    ],
)
def test_both_ends_are_kept_and_the_cut_is_counted(
    limit: int, data: bytes, expected: tuple[str, int]
) -> None:
    assert clipped(limit, data) == expected


def test_a_line_is_not_torn_where_that_costs_little() -> None:
    data = b"a line of text\n" * 100

    text, cut = clipped(200, data)

    before, after = text.split(f"[... {cut:,} bytes cut ...]\n")
    assert set((before + after).splitlines()) == {"a line of text"}
    assert len(before) + len(after) == len(data) - cut


@given(st.binary(max_size=400), st.integers(2, 60), st.lists(st.integers(0, 400)))
def test_the_pieces_in_which_output_comes_do_not_matter(
    data: bytes, limit: int, places: list[int]
) -> None:
    ends = sorted(min(place, len(data)) for place in places)
    pieces = [
        data[start:end]
        for start, end in zip([0, *ends], [*ends, len(data)], strict=True)
    ]

    assert clipped(limit, *pieces) == clipped(limit, data)


def test_memory_stays_bounded_while_output_streams() -> None:
    clip = Clip(1_000)
    for _ in range(2_000):
        clip.feed(b"x" * 1_000)

    held = len(clip._head) + len(clip._tail)
    assert held < 100_000
    assert clip.text()[1] == 2_000_000 - 1_000
