from __future__ import annotations

import shlex

import pytest
from hypothesis import given, strategies as st

from spark_cli.cli.arrange import Grammar, arrange

GRAMMAR = Grammar(
    flags={"-p", "--print", "-q", "-c", "--json", "--here"},
    valued={"-m", "--model", "-C", "-r", "--resume", "-f"},
    commands={"demo", "doctor"},
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("", []),
        ("'fix the bug'", ["--", "fix the bug"]),
        ("fix the bug", ["--", "fix", "the", "bug"]),
        ("'fix it' -m x", ["-m", "x", "--", "fix it"]),
        ("-m x 'fix it' --json", ["-m", "x", "--json", "--", "fix it"]),
        ("-m demo fix", ["-m", "demo", "--", "fix"]),
        ("--model=demo fix", ["--model=demo", "--", "fix"]),
        ("-mdemo fix", ["-mdemo", "--", "fix"]),
        ("-qcm demo fix", ["-q", "-c", "-m", "demo", "--", "fix"]),
        ("-- demo", ["--", "demo"]),
        ("-- -p", ["--", "-p"]),
        ("fix demo", ["--", "fix", "demo"]),
        ("-", ["--", "-"]),
        # commands
        ("demo", ["demo"]),
        ("demo fix -q --here", ["demo", "fix", "-q", "--here"]),
        ("-C dir doctor --json", ["doctor", "-C", "dir", "--json"]),
        ("-q demo -- -p", ["demo", "-q", "--", "-p"]),
        # -p takes the prompt that follows it, or one that comes later, or none
        ("-p 'fix it'", ["-p", "--", "fix it"]),
        ("-p demo", ["-p", "--", "demo"]),
        ("-p -", ["-p", "--", "-"]),
        ("-p", ["-p"]),
        ("-p --json", ["-p", "--json"]),
        ("-p --json 'fix it'", ["-p", "--json", "--", "fix it"]),
        ("-p -q demo", ["-p", "-q", "--", "demo"]),
        ("-p '- one\n- two'", ["-p", "--", "- one\n- two"]),
        ("-p --aproval", ["-p", "--aproval"]),
        ("-qp fix -m x", ["-q", "-p", "-m", "x", "--", "fix"]),
        ("--print=--json", ["--print", "--", "--json"]),
        ("--print fix", ["--print", "--", "fix"]),
        ("-p 'one' 'two'", ["-p", "--", "one", "two"]),
        # -r takes one word, or none
        ("-r", ["--resume="]),
        ("-r 0198", ["--resume=0198"]),
        ("-r 0198 'go on'", ["--resume=0198", "--", "go on"]),
        ("-r 'go on'", ["--resume=", "--", "go on"]),
        ("-r -q", ["--resume=", "-q"]),
        ("--resume=0198", ["--resume=0198"]),
        ("-qr", ["-q", "--resume="]),
        # what is wrong stays for the parser to say
        ("-m", ["-m"]),
        ("-z x", ["-z", "--", "x"]),
    ],
)
def test_a_command_line_is_put_in_order(typed: str, meant: list[str]) -> None:
    found = arrange(shlex.split(typed), GRAMMAR)

    assert found.argv() == meant


WORDS = st.text(min_size=1).filter(lambda word: not word.startswith("-"))


@given(st.lists(WORDS, max_size=4), st.sampled_from([[], ["-q"], ["-m", "x"]]))
def test_words_behind_the_separator_are_never_changed(
    words: list[str], options: list[str]
) -> None:
    found = arrange([*options, "--", *words], GRAMMAR)

    assert (found.command, found.options, found.words) == (None, options, words)


@given(st.lists(st.text(max_size=5), max_size=6))
def test_what_was_arranged_stays_as_it_is(argv: list[str]) -> None:
    once = arrange(argv, GRAMMAR)
    again = arrange(once.argv(), GRAMMAR)

    assert (again.options, again.words) == (once.options, once.words)
