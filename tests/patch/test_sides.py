from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from spark_cli.patch.edits import Sign
from spark_cli.patch.sides import compare, hunk_of

TEXTS = st.lists(st.sampled_from("abcdef"), max_size=30)


@given(TEXTS, TEXTS)
def test_the_steps_lead_from_one_text_to_the_other(
    old: list[str], new: list[str]
) -> None:
    made: list[str] = []
    at = 0
    for one, two, three, four, same in compare(old, new):
        assert one == at
        assert not same or old[one:two] == new[three:four]
        made += old[one:two] if same else new[three:four]
        at = two

    assert (made, at) == (new, len(old))


@given(TEXTS, TEXTS)
def test_steps_are_the_same_and_different_in_turn(
    old: list[str], new: list[str]
) -> None:
    kinds = [step.same for step in compare(old, new)]

    assert all(one != other for one, other in pairwise(kinds))


@given(TEXTS, TEXTS)
def test_a_hunk_has_both_texts(old: list[str], new: list[str]) -> None:
    hunk = hunk_of(old, new)

    assert [line.text for line in hunk.old] == old
    assert list(hunk.new) == new


def test_lines_that_are_there_once_hold_the_texts_together() -> None:
    hunk = hunk_of(["{", "one", "}", "{", "two", "}"], ["{", "two", "}"])

    kept = [line.text for line in hunk.lines if line.sign == Sign.KEPT]
    assert "two" in kept


@pytest.mark.timeout(10)
@pytest.mark.parametrize("step", [1, 7919, -1])
def test_a_big_change_costs_little(step: int) -> None:
    old = [str(number % 500) for number in range(20_000)]
    new = [old[number * step % 20_000] for number in range(20_000)]

    assert compare(old, new)
