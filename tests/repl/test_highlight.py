from __future__ import annotations

import pytest

from spark_cli.repl.highlight import LINE_MAX, highlighter
from spark_cli.repl.lines import joined, plain


def colored(language: str, *lines: str) -> list[dict[str, str]]:
    """For each line: its pieces of text and their styles."""
    code = highlighter(language)
    return [{text: style for style, text in joined(code.line(line))} for line in lines]


def test_what_begins_in_one_line_goes_on_in_the_next() -> None:
    lines = colored("python", "x = '''a", "def b", "''' + 1")

    assert lines[1] == {"def b": "class:string"}
    assert lines[2]["1"] == "class:number"


@pytest.mark.parametrize("language", ["c", "css", "java", "js", "rust", "go"])
def test_a_block_comment_goes_on_over_lines(language: str) -> None:
    lines = colored(language, "a { /* one", "int two", "three */ }")

    assert lines[0]["/* one"] == "class:comment"
    assert lines[1] == {"int two": "class:comment"}
    assert "three */" in lines[2]


def test_a_comment_sign_in_a_string_is_no_comment() -> None:
    first, second = colored("js", 'x = "/*"; y = 1', "return 2")

    assert "class:comment" not in first.values()
    assert second["return"] == "class:keyword"


@pytest.mark.parametrize("language", ["", "no-such-language", "text", "yaml", "md"])
def test_any_language_keeps_the_text(language: str) -> None:
    code = highlighter(language)

    for line in ("a: 1  # x", "```", "# t"):
        assert plain(code.line(line)) == line


def test_a_peek_changes_nothing() -> None:
    code = highlighter("python")

    code.peek("x = '''")

    assert ("class:keyword", "return") in code.line("return 1")


def test_a_very_long_line_is_left_plain() -> None:
    line = "x = 1;" * LINE_MAX

    assert highlighter("js").line(line) == [("", line)]


@pytest.mark.parametrize("name", ["py", "ts", "sh", "PYTHON", "c++", "rs"])
def test_languages_are_known_by_their_usual_names(name: str) -> None:
    assert any(style for style, _ in highlighter(name).line('x = "s" // 1'))
