from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from spark_cli.demo.regions import AROUND, gathered, regions


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ([], []),
        ([1], [range(1, 6)]),
        ([50, 20, 20], [range(16, 25), range(46, 55)]),
        ([20, 30], [range(16, 35)]),
    ],
)
def test_what_is_near_each_other_is_one_region(
    lines: list[int], found: list[range]
) -> None:
    assert regions(lines) == found


@given(st.sets(st.integers(1, 2_000), max_size=300))
def test_regions_are_few_and_hold_each_line_with_those_around(lines: set[int]) -> None:
    found = regions(lines)

    assert len(found) <= 12
    held = [number for region in found for number in region]
    assert held == sorted(set(held))
    for line in lines:
        assert set(range(max(1, line - AROUND), line + AROUND + 1)) <= set(held)


def test_seams_are_where_numbers_are_left_out() -> None:
    assert gathered({7: "c", 1: "a", 2: "b", 8: "d", 10: "e"}) == (
        ("a", "b", "c", "d", "e"),
        (2, 4),
    )
