"""What a heading says of the place of a hunk: it chooses, or forbids, or nothing."""

from __future__ import annotations

import json

import pytest

from spark_cli.patch.heading import encloses, refuting
from spark_cli.patch.lines import Lines
from tests.patch.test_match import patched, refused, v4a

CSS = ".{} {{\n  color: red;\n}}\n\n"
KINDS = {
    "ini": ("[{}]\nx = 1\n\n", "[{}]", "x = 1", "x = 2"),
    "css": (CSS, ".{} {{", "  color: red;", "  color: blue;"),
    "yaml": ("{}:\n  image: app\n  keep: 1\n", "{}:", "  keep: 1", "  keep: 2"),
    "markdown": ("## {}\n\ntext\n\n", "## {}", "text", "TEXT"),
    "json": ('  "{}": {{\n    "k": 1\n  }},\n', '"{}": {{', '    "k": 1', '    "k": 2'),
    "python": (
        "def {}():\n    return 1\n\n\n",
        "def {}():",
        "    return 1",
        "    pass",
    ),
    "html": ('<p id="{}">\n  <b>x</b>\n</p>\n', '<p id="{}">', "  <b>x</b>", "  y"),
    "rust": (
        "impl {} {{\n    fn go() {{\n        x();\n    }}\n}}\n",
        "impl {} {{",
        "        x();",
        "        y();",
    ),
    "case": ("  case {}:\n    x();\n    break;\n", "case {}:", "    x();", "    y();"),
    "make": ("{}:\n\tgcc x.c\n\n", "{}:", "\tgcc x.c", "\tgcc y.c"),
    "sql": (
        "CREATE TABLE {} (\n  id int\n);\n",
        "CREATE TABLE {} (",
        "  id int",
        "  x",
    ),
    "allman": (
        "int {}(void)\n{{\n    f();\n}}\n",
        "int {}(void)",
        "    f();",
        "    g();",
    ),
    "flat list": ("- {}:\n  x: 1\n", "- {}:", "  x: 1", "  x: 2"),
}


@pytest.mark.parametrize("order", ["ab", "ba", "ca", "db", "d", "a"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_heading_chooses_among_twins_whatever_the_order(
    kind: str, order: str
) -> None:
    block, heading, old, new = KINDS[kind]
    text = "".join(map(block.format, "abcd"))
    hunks = (["@@ " + heading.format(n), f"-{old}", f"+{new}"] for n in order)

    done = patched(text, v4a(*[line for hunk in hunks for line in hunk]))

    wanted = {n: block.format(n).replace(f"{old}\n", f"{new}\n") for n in order}
    assert done == "".join(wanted.get(n, block.format(n)) for n in "abcd")


NESTED = (
    ".a {\n  x: 1;\n}\n.b {\n  x: 1;\n}\n@media print {\n  .a {\n    x: 1;\n  }\n}\n"
)
TOML = '[package]\nversion = "1"\n\n[lib]\nversion = "1"\n\n[x]\ny = 1\n\n[z]\n'
TOML += 'version = "1"\n'
MARKDOWN = "# A\n- todo\n# B\n- todo\n\nend of intro\n# C\n- todo\n"
PYTHON = "def a():\n    return 1\n\n\ndef b():\n    return 1\n\n\nLIMIT = 3\n\n\n"
PYTHON += "def c():\n    return 1\n"
TWIN = ["-    return 1", "+    return 2"]
LIMIT = ["-LIMIT = 3", "+LIMIT = 4"]


@pytest.mark.parametrize(
    ("text", "hunks", "wanted"),
    [
        (
            NESTED,
            ["@@ .a {", "-  x: 1;", "+  x: 2;"],
            NESTED.replace("1", "2", 1),
        ),
        (
            TOML,
            ["@@", "-y = 1", "+y = 2", "@@ [package]", '-version = "1"', "+v = 2"],
            TOML.replace("y = 1", "y = 2").replace('version = "1"', "v = 2", 1),
        ),
        (
            MARKDOWN,
            ["@@", "-end of intro", "+END", "@@ # A", "-- todo", "+- done"],
            MARKDOWN.replace("end of intro", "END").replace("todo", "done", 1),
        ),
        (
            PYTHON,
            ["@@", *LIMIT, "@@ def a():", *TWIN],
            PYTHON.replace("= 3", "= 4").replace("return 1", "return 2", 1),
        ),
        ("x\nm\nx\nq\n", ["@@", "-m", "+M", "@@", "-x", "+y"], "x\nM\ny\nq\n"),
    ],
    ids=["nested", "toml", "markdown", "python", "order without a heading"],
)
def test_a_heading_goes_before_the_order(
    text: str, hunks: list[str], wanted: str
) -> None:
    assert patched(text, v4a(*hunks)) == wanted


def test_a_heading_that_no_line_has_leaves_nothing_to_the_order() -> None:
    said = refused(PYTHON, v4a("@@", *LIMIT, "@@ def zzz():", *TWIN))

    assert "3 places that are equally good" in said


BLOCK = "f\n<<<<<<< SEARCH\n{}\n=======\n{}\n>>>>>>> REPLACE\n"
STRINGS = [
    {"old": "LIMIT = 3", "new": "LIMIT = 4"},
    {"old": "    return 1", "new": "    return 2"},
]


@pytest.mark.parametrize(
    "patch",
    [
        BLOCK.format("LIMIT = 3", "x") + BLOCK.format("    return 1", "    return 2"),
        json.dumps({"path": "f", "edits": STRINGS}),
        v4a("@@", *LIMIT, "*** Update File: f", "@@", *TWIN),
    ],
    ids=["blocks", "strings", "sections"],
)
def test_order_says_nothing_where_nobody_keeps_it(patch: str) -> None:
    assert "3 places that are equally good" in refused(PYTHON, patch)


def test_hunks_that_are_the_same_and_fill_all_room_need_no_order() -> None:
    text = "x\nq\nx\nx\nq\nend\n"
    block = BLOCK.format("x", "y")
    last = BLOCK.format("x\nq\nend", "X\nq\nend")

    assert patched(text, block + last + block) == "y\nq\ny\nX\nq\nend\n"
    assert "3 places" in refused(text, block + block)
    assert "equally good" in refused(text, block + last + BLOCK.format("x", "z"))


def test_order_says_nothing_among_hunks_that_are_out_of_order() -> None:
    text = "x\na\nx\nb\nx\n"
    hunks = ["@@", "-b", "+B", "@@", "-a", "+A", "@@", "-x", "+y"]

    assert "equally good" in refused(text, v4a(*hunks))


FLUSH = """class Reader:
    def close(self):
        self.flush()
        self.fd = None


class Writer:
    def close(self):
        self.sync()
        self.fd = None
"""
CONFIG = "[dev]\nhost = a\nport = 1\n\n[prod]\nhost = b\nport = 2\n"
CRATES = '[deps]\na = "1"\nb = "1"\n\n[dev-deps]\nc = "1"\n'
STOPS = "class A:\n    def run(self):\n        return 1\n\nclass B:\n"
STOPS += "    def stop(self):\n        return 1\n"


@pytest.mark.parametrize(
    ("text", "hunk", "row"),
    [
        (FLUSH, ["@@ class Writer:", "-        self.flush()", "+        x()"], 7),
        (FLUSH, ["@@ class Writer", "-        self.flush()", "+        x()"], 7),
        (
            FLUSH,
            ["@@ class Writer:", "@@ def close(self):", "-        self.flush()"],
            7,
        ),
        (FLUSH, ["@@ class Reader:", "-        self.sync()", "+        x()"], 1),
        (CONFIG, ["@@ [prod]", "-port = 1", "+port = 3"], 5),
        (CONFIG, ["@@ [dev]", "-port = 2", "+port = 3"], 1),
        (CRATES, ["@@ [dev-deps]", ' a = "1"', '+x = "1"'], 5),
        (STOPS, ["@@ class B:", "@@ def run(self):", "-        return 1"], 5),
    ],
)
def test_a_place_that_a_heading_contradicts_is_not_taken(
    text: str, hunk: list[str], row: int
) -> None:
    said = refused(text, v4a(*hunk))

    assert f"is at line {row}" in said or "equally good" in said


PARTS = "import os\n\n\n@cached\n# the first\ndef first():\n    one()\n\n\n"
PARTS += "def second():\n    def inner():\n        two()\n    three()\n"


@pytest.mark.parametrize(
    ("heading", "old"),
    [
        ("def first():", "@cached"),
        ("def first():", "# the first"),
        ("def first():", "    one()"),
        ("    def inner():", "    three()"),
        ("def unknown():", "    one()"),
        ("import os", "    one()"),
        ("one()", "    three()"),
    ],
)
def test_a_heading_that_is_only_near_contradicts_nothing(
    heading: str, old: str
) -> None:
    done = patched(PARTS, v4a(f"@@ {heading}", f"-{old}", "+new"))

    assert done == PARTS.replace(old, "new", 1)


def test_a_heading_inside_the_hunk_contradicts_nothing() -> None:
    hunk = ["@@ def second():", "     one()", " ", " ", " def second():", "+    x()"]

    assert "def second():\n    x()\n" in patched(PARTS, v4a(*hunk))


SETUP = "class A:\n    def setup(self):\n        x()\n"


@pytest.mark.parametrize(
    ("text", "hunk"),
    [
        ("# calls setup() early\nx = 1\n", ["@@ setup()", "+y = 2"]),
        ("x = setup()\nx = 1\n", ["@@ setup()", "+y = 2"]),
        ("def setup_all():\n    a()\n", ["@@ def setup", "+    b()"]),
        ("def setup(\n    a,\n    b,\n):\n    x()\n", ["@@ def setup(", "+    y()"]),
        ("@dec\ndef setup():\n    x()\n", ["@@ @dec", "+    y()"]),
        ("@dec\ndef setup():\n    x()\n", ["@@ @dec", "+y()"]),
        (SETUP, ["@@     def setup(self):", "+    y()"]),
        (SETUP, ["@@ def setup(self):", "+    y()"]),
        (SETUP, ["@@ def setup(self):", "+            y()"]),
        ("a:\n\techo a\n\nb:\n\techo b\n", ["@@ b:", "+    echo c"]),
        ("a:\n\techo a\n\nb:\n\techo b\n", ["@@", " b:", "+    echo c"]),
        ("func A() {\n\tx()\n}\n", ["@@", " func A() {", "+    log()"]),
        ("func A() {\n    x()\n}\n", ["@@", " func A() {", "+\tlog()"]),
        ("func A() {\n\tx()\n}\n", ["@@", "+    log()", " }"]),
    ],
)
def test_lines_are_not_added_where_they_break_what_is_there(
    text: str, hunk: list[str]
) -> None:
    refused(text, v4a(*hunk))


@pytest.mark.parametrize(
    ("text", "hunk", "wanted"),
    [
        (
            SETUP,
            ["@@ def setup(self):", "+        y()"],
            ("        x", "        y()\n        x"),
        ),
        (SETUP, ["@@ class A:", "+    y = 1"], ("A:\n", "A:\n    y = 1\n")),
        ("import a\nb\n", ["@@ import a", "+import c"], ("a\n", "a\nimport c\n")),
        ("[x]\na = 1\n", ["@@ [x]", "+b = 2"], ("]\n", "]\nb = 2\n")),
        ("f = {\n\ta\n}\n", ["@@", " f = {", "+\tb"], ("{\n", "{\n\tb\n")),
        ("async def f():\n  x\n", ["@@ def f", "+  y"], (":\n", ":\n  y\n")),
        ("* a {\n}\n", ["@@ * a {", "+  b"], ("{\n", "{\n  b\n")),
    ],
)
def test_lines_are_added_under_their_heading(
    text: str, hunk: list[str], wanted: tuple[str, str]
) -> None:
    assert patched(text, v4a(*hunk)) == text.replace(*wanted, 1)


@pytest.mark.parametrize(
    ("text", "stop"),
    [
        ("a:\n  x\nb:\n", 2),
        ("[a]\nx\n[b]\n", 2),
        ("# a\nx\n## b\n# c\n", 3),
        ("def f(\n    a,\n):\n    x\n\n\ny\n", 6),
        ("int f(void)\n{\n  x;\nout:\n  y;\n}\n\nint g(void)\n", 7),
        ("if x:\n    a\n# note\n    b\nz\n", 4),
    ],
)
def test_what_a_heading_opens_ends_where_the_like_begins(text: str, stop: int) -> None:
    lines = Lines.of(text.encode())

    assert [encloses(lines, 0, at) for at in (stop - 1, stop)] == [True, False]


def test_a_heading_that_two_lines_are_refutes_nothing() -> None:
    text = Lines.of(b"x\n[a]\ny\n[a]\nz\n")

    assert refuting(text, ("[a]",), range(1)) is None
    assert refuting(text, ("z",), range(1)) == 4
