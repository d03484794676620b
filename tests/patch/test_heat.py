from __future__ import annotations

import pytest

from spark_cli.patch.heat import LINES_MAX, Changed, broken, reasons, redefined


def hot(name: str, removed: str, added: str) -> str:
    return "; ".join(reasons(name, Changed(removed.split("\n"), added.split("\n"))))


@pytest.mark.parametrize(
    ("name", "removed", "added", "said"),
    [
        ("a.py", "def f(a):", "def f(a, b):", "changes what `f` is"),
        ("a.ts", "export function f() {", "export function g() {", "what `f` is"),
        ("a.go", "func (s *S) Run() {", "func (s *S) Run(n int) {", "what `Run` is"),
        ("a.rs", "pub fn run() {", "pub(crate) fn run() {", "what `run` is"),
        ("a.py", "LIMIT = 3", "LIMIT = 4", "what `LIMIT` is"),
        ("a.py", "a\nb\nc", "a", "takes away 2 lines more than it adds"),
        ("a.py", "x", 'q = "SELECT id FROM users"', "touches SQL"),
        ("a.py", "x", "subprocess.run(line, shell=True)", "touches a shell"),
        ("a.py", "x", "digest = hashlib.md5(data)", "touches cryptography"),
        ("a.py", "x", "if password == given:", "touches authentication"),
        ("src/auth/token.py", "x", "y", "touches authentication"),
        (".github/workflows/ci.yml", "x", "y", "touches CI"),
        ("poetry.lock", "x", "y", "touches a lock file"),
        ("package.json", "x", "y", "touches how it is built"),
        ("a.py", "x", "\n".join("y" * LINES_MAX), "lines at once"),
    ],
)
def test_what_may_do_harm_is_hot(
    name: str, removed: str, added: str, said: str
) -> None:
    assert said in hot(name, removed, added)


@pytest.mark.parametrize(
    ("name", "removed", "added"),
    [
        ("a.py", "x = 1", "x = 2"),
        ("a.py", "def _f(a):", "def _f(a, b):"),
        ("a.py", "def f(a):", "    def f(a):"),
        ("author.py", "x = 1", "x = 2"),
        ("notes.md", "selected from those", "selected from these"),
    ],
)
def test_what_is_plain_is_calm(name: str, removed: str, added: str) -> None:
    assert hot(name, removed, added) == ""


def test_a_definition_that_only_moves_is_no_change_of_it() -> None:
    assert redefined(Changed(["def f():", "    pass"], ["    pass", "def f():"])) == []


def test_the_lines_of_a_diff_go_without_its_headers() -> None:
    diff = "diff --git a/f b/f\n--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n-a\n+b\n c\n"

    assert Changed.of(diff) == Changed(["a"], ["b"])


@pytest.mark.parametrize(
    ("name", "before", "after", "said"),
    [
        ("a.py", "x = 1\n", "x = (1\n", "no longer parses"),
        ("a.json", "{}", "{", "is no JSON any more"),
        ("a.go", "f() {}", "f() {", "lacks a `}`"),
        ("a.c", "f() {}", "f() {}}", "has a `}` too many"),
    ],
)
def test_a_file_that_no_longer_parses_is_told(
    name: str, before: str, after: str, said: str
) -> None:
    assert said in broken(name, before.encode(), after.encode())
    assert broken(name, after.encode(), after.encode()) == ""


@pytest.mark.parametrize(
    ("name", "after"),
    [("a.py", "x = 2\n"), ("a.go", 'f("{") {}'), ("a.txt", "(("), ("a.py", "")],
)
def test_a_file_that_parses_or_that_nobody_parses_is_not(name: str, after: str) -> None:
    assert broken(name, b"x = 1\n", after.encode()) == ""
