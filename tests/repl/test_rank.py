from __future__ import annotations

import pytest

from spark_cli.repl.rank import SLICE, WEIGHED_MAX, Names, Ranked, ranked, weight

TREE = (
    "README.md",
    "spark_cli/repl/app.py",
    "spark_cli/repl/approve.py",
    "spark_cli/wire/mapper.py",
    "spark_cli/agent/approvals.py",
    "tests/repl/test_app.py",
    "docs/Application Notes.md",
    "src/HttpServer.java",
    "src/chttpsomething.java",
)


def look(typed: str, names: Names) -> Ranked:
    steps = ranked(typed, names)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: Ranked = end.value
            return found


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("app", "spark_cli/repl/app.py"),
        ("approve", "spark_cli/repl/approve.py"),
        ("tapp", "tests/repl/test_app.py"),
        ("agap", "spark_cli/agent/approvals.py"),
        ("repl/ap", "spark_cli/repl/app.py"),
        ("spark_cli/re", "spark_cli/repl/app.py"),
        ("docs/app", "docs/Application Notes.md"),
        ("readme", "README.md"),
        ("hs", "src/HttpServer.java"),
        ("appnot", "docs/Application Notes.md"),
        ("", "README.md"),
    ],
)
def test_the_name_that_was_meant_is_first(typed: str, first: str) -> None:
    assert look(typed, Names.of(TREE)).best[0] == first


@pytest.mark.parametrize("typed", ["zzz", "ppa.yp", "[", ".*", "\\"])
def test_letters_that_are_not_there_in_order_find_nothing(typed: str) -> None:
    assert look(typed, Names.of(TREE)).best == []


def test_every_name_that_fits_is_found_once() -> None:
    found = look("app", Names.of(TREE))

    fits = [name for name in TREE if "app" in name.lower()]
    assert sorted(found.best) == sorted(fits)
    assert found.every is not None
    assert sorted(found.every.names) == sorted(fits)


def test_it_pauses_between_slices_and_ends_early_where_there_is_enough() -> None:
    many = Names.of(f"dir/file{number:06}.py" for number in range(20 * SLICE))

    assert len(list(ranked("nothing", many))) >= 5 * 20
    assert len(list(ranked("file", many))) < 10
    assert look("file", many).every is None
    assert WEIGHED_MAX < SLICE


def test_starts_of_words_weigh_more_than_letters_by_chance() -> None:
    assert weight("fmp", "fix_my_parser.py") > weight("fmp", "afoamopo.py")
    assert weight("app", "repl/app.py") > weight("app", "app/other.py")


def test_names_that_cannot_be_typed_are_left_out() -> None:
    assert look("", Names.of(["a\nb", "a\udcff", "a\u202e", "a\x1b[2J", "c"])).best == [
        "c"
    ]
    assert look("x", Names()).best == []
