from __future__ import annotations

import pytest
from prompt_toolkit.document import Document

from spark_cli.repl.mentions import Mention, mentions, spelled, word_at


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see @a.py", [Mention("a.py", shorter="a.py")]),
        ("see @a.py, and", [Mention("a.py,", shorter="a.py")]),
        ("(@a.py)", [Mention("a.py)", shorter="a.py")]),
        ("@a.py:10-40 is", [Mention("a.py", range(10, 41))]),
        ("@a.py:7.", [Mention("a.py", range(7, 8))]),
        ("why @h2?", [Mention("h2", hunk="h2")]),
        ("why @h2.1?", [Mention("h2.1", hunk="h2.1")]),
        ("why @h0", [Mention("h0", shorter="h0")]),
        ('@"a b.txt":3', [Mention("a b.txt", range(3, 4))]),
        ("@a @a", [Mention("a", shorter="a")]),
        ("me@example.com", []),
        ("x @ y", []),
        ("@", []),
    ],
)
def test_what_a_line_names(text: str, found: list[Mention]) -> None:
    assert mentions(text) == found


@pytest.mark.parametrize(
    ("before", "word"),
    [
        ("see @co", "co"),
        ("@", ""),
        ("first\n@x/y", "x/y"),
        ('@"a b', "a b"),
        ("(@co", "co"),
        ("me@co", None),
        ("@co ", None),
        ("co", None),
    ],
)
def test_the_word_that_is_typed(before: str, word: str | None) -> None:
    assert word_at(Document(before)) == word


def test_a_name_with_blanks_is_spelled_in_quotes() -> None:
    assert (spelled("a.py"), spelled("a b.py")) == ("@a.py", '@"a b.py"')
    assert mentions(spelled("a b.py")) == [Mention("a b.py")]
