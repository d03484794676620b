from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given, settings, strategies as st

from spark_cli.repl.lines import Line, joined, plain
from spark_cli.repl.markdown import Markdown

TOUR = """# A title with `code`

Some *emphasis*, **strong *both***, ~~struck~~, `code`, snake_case_name, 2 * 3 * 4,
a [link](https://example.com/a_(b)), ![image](x.png), [not](a link, \\*escaped\\*.

- item one
  - nested **bold**
- [ ] open task
- [x] done task
1. first
2) second

> a quote
> > nested

---

| name | count |
|------|------:|
| `a|b` | 1 |
| wide 漢字 | 20 |
not a table
| only one row

```python
def f(x):
    '''doc
    string'''
    return "ok"  # done
```
~~~
``` inside
~~~
```c
/* begins
   ends */ int x;
```
* * *
 indented
日本語の文章は単語の間に空白がないのでどこでも折り返せる
"""

MARKS = st.text(alphabet="ab *_`~[]()!\\|#->1.\n\t :漢👍\"'/", max_size=80)
PROSE = st.lists(
    st.sampled_from(
        [
            *("**bold", "bold**", "`x`", "*a*", "word", "\n", "\n\n", "- ", "> ", "# "),
            *("| a | b |\n", "|---|---|\n", "| `a|b` |\n", "```py\n", "```\n", "/* c"),
            *(
                "___",
                "***",
                "~~",
                "1. ",
                "- [ ] ",
                "    ",
                "漢字",
                "x" * 30,
                "\\",
                "*/",
            ),
            *("[t](u)", "[t](", "**bold *both***"),
        ]
    ),
    max_size=30,
).map("".join)


def shown(*pieces: str, columns: int = 30) -> list[Line]:
    """What is printed in the end when the text comes in these pieces."""
    stream = Markdown(columns)
    lines: list[Line] = []
    for piece in pieces:
        stream.feed(piece)
        stream.tail(5)
        lines.extend(stream.settled())
    lines.extend(stream.close())
    return [joined(line) for line in lines]


def text_of(source: str, columns: int = 60) -> list[str]:
    return [plain(line) for line in shown(source, columns=columns)]


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_a_tour_of_the_dialect_is_the_same_in_any_pieces(size: int) -> None:
    pieces = [TOUR[at : at + size] for at in range(0, len(TOUR), size)]

    assert shown(*pieces) == shown(TOUR)


@settings(max_examples=400)
@given(text=MARKS | PROSE, data=st.data())
def test_any_text_is_the_same_in_any_pieces(text: str, data: st.DataObject) -> None:
    cuts = data.draw(st.lists(st.integers(0, len(text)), max_size=8).map(sorted))
    edges = [0, *cuts, len(text)]
    pieces = [text[a:b] for a, b in pairwise(edges)]

    assert shown(*pieces) == shown(text)


@given(text=MARKS)
def test_letter_by_letter_is_the_same(text: str) -> None:
    assert shown(*text) == shown(text)


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("a\nb", ["a", "b"]),
        ("\n\na\n\n\n\nb\n\n", ["a", "", "b"]),
        ("## Head *ing*", ["## Head ing"]),
        ("- a\n  - b", ["- a", "  - b"]),
        ("snake_case_name and 2*3*4", ["snake_case_name and 2*3*4"]),
        ("**a `b**` c**", ["a b** c"]),
        ("**never closed", ["**never closed"]),
        ("[t](http://u)", ["t (http://u)"]),
        ("[http://u](http://u)", ["http://u"]),
        ("[t](u) [x] [y](", ["t (u) [x] [y]("]),
        ("```py\n  x\n```\ny", ["```py", "  x", "```", "y"]),
        ("  ```\n  a\n   b\n  ```", ["  ```", "a", " b", "  ```"]),
        ("```\nopen", ["```", "open"]),
        ("| a |\nb", ["| a |", "b"]),
        ("|a|b|\n|-|-:|\n|cc|d|", ["| a   |   b |", "|-----|----:|", "| cc  |   d |"]),
        ("\\*a\\*", ["*a*"]),
        ("``a ` b``", ["a ` b"]),
    ],
)
def test_what_is_printed_for_a_text(source: str, lines: list[str]) -> None:
    assert text_of(source) == lines


def test_prose_is_broken_at_words_and_hangs_under_its_sign() -> None:
    assert text_of("- one two three four", columns=10) == [
        "- one two",
        "  three",
        "  four",
    ]


def test_a_word_wider_than_the_screen_is_left_whole() -> None:
    address = "https://example.com/" + "a" * 40

    assert text_of(f"see {address} now", columns=20)[1].startswith(address)


def test_code_is_never_broken_by_us() -> None:
    assert text_of("```\n" + "x " * 100 + "\n```", columns=20)[1] == "x " * 100


def test_a_row_of_prose_is_settled_as_soon_as_it_is_full() -> None:
    stream = Markdown(12)

    stream.feed("one two three four")

    assert [plain(line) for line in stream.settled()] == ["one two"]
    assert [plain(line) for line in stream.tail(5)] == ["three four"]


def test_an_open_mark_is_shown_as_if_it_were_closed() -> None:
    stream = Markdown(40)

    stream.feed("a **bold wo")

    assert stream.settled() == []
    assert joined(stream.tail(5)[0]) == [("", "a "), ("class:strong", "bold wo")]


def test_a_mark_that_is_never_closed_holds_back_only_so_much() -> None:
    stream = Markdown(40)

    stream.feed("x **" + "word " * 400)

    assert len(stream.settled()) > 20


def test_a_long_table_is_printed_while_it_comes() -> None:
    stream = Markdown(40)
    stream.feed("| a | b |\n|---|---|\n")

    stream.feed("| 1 | 2 |\n" * 39)
    assert stream.settled() == []
    stream.feed("| 1 | 2 |\n" * 2)
    assert len(stream.settled()) == 43


def test_a_table_fits_the_screen_by_breaking_its_cells() -> None:
    lines = text_of("|a|b|\n|-|-|\n|x|" + "long words " * 8 + "|", columns=30)

    assert max(map(len, lines)) <= 30
    assert len(lines) > 4


def test_an_endless_line_of_code_costs_no_more_than_its_end() -> None:
    stream = Markdown(80)
    stream.feed("```\n")
    for _ in range(3000):
        stream.feed("x" * 100)

    assert len(plain(stream.tail(5)[0])) < 10_000


@given(text=MARKS | PROSE, at=st.integers(0, 80), columns=st.integers(8, 90))
def test_another_width_loses_nothing_that_was_said(
    text: str, at: int, columns: int
) -> None:
    stream = Markdown(30)
    stream.feed(text[:at])
    stream.resize(columns)
    stream.feed(text[at:])
    lines = stream.close()

    def letters(rows: list[Line]) -> str:
        return re.sub(r"[\s|:>-]", "", "".join(map(plain, rows)))

    assert letters(lines) == letters(shown(text))


def test_a_table_that_is_still_held_fits_the_new_width() -> None:
    stream = Markdown(90)
    stream.feed("|a|b|\n|-|-|\n|x|" + "long words " * 6 + "|\n")

    stream.resize(30)

    assert max(len(plain(line)) for line in stream.tail(9)) <= 30
    assert max(len(plain(line)) for line in stream.close()) <= 30
