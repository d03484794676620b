from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from spark_cli.core.errors import PatchRefused
from spark_cli.patch.edits import Action, Conflicted, Edit, Line, Sign
from spark_cli.patch.formats import read
from spark_cli.patch.plan import plan
from spark_cli.patch.spot import Tolerance
from spark_cli.workspace.tree import File


class Memory:
    def __init__(self, text: str) -> None:
        self.text = text

    def read(self, name: str) -> File | None:
        return File(self.text.encode()) if name == "f" else None


def patch(old: str, new: str, **more: object) -> str:
    return json.dumps({"path": "f", "old": old, "new": new, **more})


def edited(text: str, old: str, new: str, **more: object) -> str:
    (change,) = plan(read(patch(old, new, **more)), Memory(text)).changes
    assert change.after is not None
    return change.after.data.decode()


def test_lines_in_common_are_kept_lines() -> None:
    (edit,) = read(patch("1\n2\n3", "1\n4\n3"))

    assert edit.hunks[0].lines == (
        Line(Sign.KEPT, "1"),
        Line(Sign.REMOVED, "2"),
        Line(Sign.ADDED, "4"),
        Line(Sign.KEPT, "3"),
    )


def test_content_alone_is_the_whole_file() -> None:
    assert read('{"file_path": "f", "content": "a\\n"}') == [
        Edit(Action.WRITE, "f", text="a\n")
    ]


@pytest.mark.parametrize(
    "wrapped",
    [
        '{{"edits": [{0}]}}',
        "[{0}]",
        "```json\n{0}\n```\n",
        "Here:\n\n```\n[{0}]\n```\ndone",
    ],
)
def test_a_list_may_be_wrapped_as_models_do(wrapped: str) -> None:
    (edit,) = read(wrapped.format(patch("a", "b")))

    assert (edit.name, edit.hunks[0].literal is not None) == ("f", True)


@pytest.mark.parametrize(
    ("text", "old", "new", "after"),
    [
        ("x = f(1) + 2\n", "f(1)", "g(3)", "x = g(3) + 2\n"),
        ("hello world\n", "hello", "bye", "bye world\n"),
        ("a(b,\n  c) + d\n", "b,\n  c", "e", "a(e) + d\n"),
        ("    x = 1\n", "x = 1", "x = 2", "    x = 2\n"),
        ("a\nb\nc\n", "b\n", "", "a\nc\n"),
        ("a\nb\nc\n", "b", "", "a\nc\n"),
        ("a\nb\nc\n", "b\n", "x\ny\n", "a\nx\ny\nc\n"),
        ("a\r\nfoo bar\r\n", "foo", "baz", "a\r\nbaz bar\r\n"),
        ("a b", "b", "c", "a c"),
        ("v = '1.0'  # \u00e9\n", "1.0", "2.0", "v = '2.0'  # \u00e9\n"),
    ],
)
def test_a_string_is_replaced_where_it_is(
    text: str, old: str, new: str, after: str
) -> None:
    assert edited(text, old, new) == after


def test_a_string_is_replaced_everywhere_if_so_asked() -> None:
    text = "a.b(a)\nc\na = a\n"

    assert edited(text, "a", "x", replace_all=True) == "x.b(x)\nc\nx = x\n"


@pytest.mark.parametrize(
    ("text", "old", "new", "said"),
    [
        ("foo\nfoobar foo\n", "foo", "x", "places"),
        ("f(1)\ng(1)\n", "(1)", "(2)", "2 places"),
        ("blinker_v2\n", "blinker", "x", "does not match"),
        ("a\nb = c + d\n", "a\nb = c", "a\nb = e", "does not match"),
        ("a\nb\n", "a\nb\n", "x", "does not match"),
        ("a\nb\n\nc\n", "b\n", "", "whether the blank line below goes too"),
        ("  x = 1\n", "x = 1", "if y:\n  x = 1", "how deep they go"),
    ],
)
def test_a_string_that_leaves_a_doubt_is_refused(
    text: str, old: str, new: str, said: str
) -> None:
    with pytest.raises(Conflicted, match=said):
        edited(text, old, new)


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        ("if (a === b)\n", "a ==", "a !="),
        ("if (a <= b)\n", "a <", "a >"),
        ("x = -1.5\n", "x = -1", "x = -2"),
        ("v = 11.5\n", "1.5", "2"),
        ("v = 11.5\n", "5", "6"),
        ("v = 1.55\n", "v = 1.", "v = 2."),
        ("v = 1.5\n", ".5", ".6"),
        (".btn-primary { }\n", ".btn", ".button"),
        ("my-btn { }\n", "btn", "button"),
        ("run --all-x\n", "--all", "--none"),
        ("i++\n", "i+", "j+"),
        ("a -= b\n", "= b", "= c"),
        ("# x = 1\nx = 3\n", "x = 1", "x = 2"),
        ("    // n += 1\n", "n += 1", "n += 2"),
        ('"""Set debug = True to see."""\n', "debug = True", "debug = False"),
    ],
)
@pytest.mark.parametrize("more", [{}, {"replace_all": True}])
def test_a_string_that_goes_on_is_another_one(
    text: str, old: str, new: str, more: Mapping[str, object]
) -> None:
    with pytest.raises(Conflicted, match="does not match"):
        edited(text, old, new, **more)


@pytest.mark.parametrize(
    ("text", "old", "new", "after"),
    [
        ("self.foo.bar()\n", "self.foo", "self.baz", "self.baz.bar()\n"),
        ("open('/etc/x')\n", "/etc", "/tmp", "open('/tmp/x')\n"),
        ("x = a-1\n", "x = a", "x = b", "x = b-1\n"),
        ("let x = 1;\n", "x = 1", "x = 2", "let x = 2;\n"),
        ("x = 1  # y = 2\n", "x = 1", "x = 3", "x = 3  # y = 2\n"),
        ("# see f(1) here\n", "f(1)", "f(2)", "# see f(2) here\n"),
        ("f(a, b)\n", ", b", "", "f(a)\n"),
        ("End of it.\n", "of it", "of all", "End of all.\n"),
    ],
)
def test_a_string_that_ends_where_it_may_is_replaced(
    text: str, old: str, new: str, after: str
) -> None:
    assert edited(text, old, new) == after


@pytest.mark.parametrize("other", ["food", "a-foo", "foo_", "# foo = 2"])
def test_everywhere_is_refused_where_some_are_other_words(other: str) -> None:
    old = "foo = 2" if "=" in other else "foo"

    for alone in (f"({old})", old):
        with pytest.raises(Conflicted, match=r"whether all are meant: line 2 \("):
            edited(f"{alone}\n{other}\n", old, "x", replace_all=True)


def test_a_part_of_a_line_is_a_tolerance_that_is_told() -> None:
    made = plan(read(patch("world", "all")), Memory("hello world\n"))

    assert made.files[0].tolerances == (Tolerance.PART,)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ([], "not empty"),
        ([1], "edit 1 is not an object"),
        ({"path": "f", "old": "a"}, "no string `new`"),
        ({"old": "a", "new": "b"}, "no file name"),
    ],
)
def test_an_edit_that_is_not_whole_is_refused(
    value: Mapping[str, object] | list[object], said: str
) -> None:
    with pytest.raises(PatchRefused, match=said):
        read(json.dumps(value))
