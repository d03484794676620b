from __future__ import annotations

import pytest

from spark_cli.core.hunks import ProposedHunk
from spark_cli.repl.review import LETTERS, Review, Step


def hunk(id_: str, name: str = "a.py", hot: str = "", **more: object) -> ProposedHunk:
    return ProposedHunk(id_, name, 1, hot=hot, **more)  # type: ignore[arg-type]


def review(*hunks: ProposedHunk) -> Review:
    return Review(list(hunks))


def three(*, hot: bool = False) -> Review:
    second = hunk("h2", hot="touches a shell" if hot else "")
    return review(hunk("h1"), second, hunk("h3", "b.py"))


@pytest.mark.parametrize(
    ("letters", "accepted", "refused", "at"),
    [
        ("y", ["h1"], [], 1),
        ("n", [], ["h1"], 1),
        ("yny", ["h1", "h3"], ["h2"], 2),
        ("a", ["h1", "h2"], [], 2),
        ("d", [], ["h1", "h2"], 2),
        ("A", ["h1", "h2", "h3"], [], 0),
        ("D", [], ["h1", "h2", "h3"], 0),
        ("yq", ["h1"], ["h2", "h3"], 1),
        ("jy", ["h2"], [], 2),
        ("ky", ["h3"], [], 0),
        ("jjj", [], [], 0),
        ("se", [], [], 0),
    ],
)
def test_letters_mean_what_they_mean_in_git(
    letters: str, accepted: list[str], refused: list[str], at: int
) -> None:
    now = three()

    for letter in letters:
        now.letter(letter)

    assert (now.accepted, list(now.refused), now.at) == (accepted, refused, at)


@pytest.mark.parametrize(
    ("letters", "accepted"),
    [("jy", []), ("jY", ["h2"]), ("a", ["h1"]), ("A", ["h1", "h3"]), ("AjY", ["h2"])],
)
def test_what_is_hot_takes_a_key_of_its_own(letters: str, accepted: list[str]) -> None:
    now = three(hot=True)

    for letter in letters:
        now.letter(letter)

    assert set(accepted) <= set(now.accepted)
    assert ("h2" in now.accepted) == ("Y" in letters)


def test_a_hot_hunk_says_so_when_it_is_passed_by() -> None:
    now = review(hunk("h1", hot="shell"))

    assert now.letter("y") is None
    assert (now.warned, now.accepted) == ("h1", [])
    assert now.letter("Y") is Step.ENDED


def test_a_hunk_is_split_into_its_changes() -> None:
    now = review(hunk("h1", parts=(hunk("h1.1"), hunk("h1.2"))), hunk("h2"))

    for letter in "snyy":
        now.letter(letter)

    assert (now.accepted, list(now.refused), now.whole) == (
        ["h1.2", "h2"],
        ["h1.1"],
        False,
    )


def test_what_cannot_land_is_not_asked_about() -> None:
    now = review(hunk("h1", problem="no such line"), hunk("h2"))
    now.at = 0

    assert now.here is None
    assert [one.id for one in now.left] == ["h2"]
    assert now.letter("y") is None


def test_a_hunk_that_forms_is_looked_at_when_the_others_are_decided() -> None:
    now = review(hunk("h1"))
    now.letter("y")
    assert now.here is None

    now.grow(hunk("h2"))

    assert now.here == hunk("h2")


def test_an_edited_hunk_is_accepted_as_it_was_edited() -> None:
    now = review(hunk("h1"), hunk("h2"))
    assert now.letter("e") is Step.EDIT

    now.revise(now.hunks[0], "@@ mine @@")

    assert (now.accepted, now.edited, now.at) == (["h1"], {"h1": "@@ mine @@"}, 1)


@pytest.mark.parametrize(
    ("reasons", "told"),
    [
        ({"h1": ""}, ""),
        ({"h1": "", "h2": "slow"}, "h2: slow"),
        ({"h1": "slow", "h2": "slow"}, "slow"),
        ({"h1": "slow", "h2": "ugly"}, "h1: slow; h2: ugly"),
    ],
)
def test_reasons_are_told_with_the_hunks_where_they_differ(
    reasons: dict[str, str], told: str
) -> None:
    now = three()
    for id_, why in reasons.items():
        now.explain(id_, why)

    assert now.reason() == told


def test_other_letters_mean_nothing() -> None:
    now = three()

    for letter in set("bcfghilmoprtuvwxz?") - LETTERS:
        assert now.letter(letter) is None
    assert (now.accepted, now.refused) == ([], {})
