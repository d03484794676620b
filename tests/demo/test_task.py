from __future__ import annotations

import pytest

from spark_cli.demo.task import scope


@pytest.mark.parametrize(
    ("words", "place"),
    [
        ("in LICENSE", "LICENSE"),
        ("in the LICENSE file.", "LICENSE"),
        ("in the file LICENSE please", "LICENSE"),
        ("in all of LICENSE", "LICENSE"),
        ("in my tests folder", "tests"),
        ("throughout docs, please", "docs"),
        ("in README.md.", "README.md"),
        ("in ./src/", "./src"),
        ("in code", "code"),
        ("in the `files` folder", "files"),
        ("in this repo", ""),
        ("in all of the files", ""),
        ("in the whole code base", ""),
        ("in this directory please", ""),
        ("in the Book class", ""),
        ("in google style", ""),
        ("everywhere", ""),
    ],
)
def test_a_scope_is_a_place_by_its_name(words: str, place: str) -> None:
    assert scope(words) == place
