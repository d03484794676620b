from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from spark_cli.demo.skills import traceback
from spark_cli.demo.skills.traceback import Failure, Frame
from tests.demo.desk import CODEX, SPARK, work


def failing(line: int, error: str, file: str = "app.py") -> str:
    return (
        "please fix this:\n\nTraceback (most recent call last):\n"
        '  File "/usr/lib/python3.11/runpy.py", line 88, in _run_code\n'
        f'  File "{file}", line {line}, in run\n'
        f'  File "/usr/lib/python3.11/json/x.py", line 3, in load\n'
        f"{error}\n"
    )


@pytest.mark.parametrize(
    ("source", "line", "error", "fixed"),
    [
        (
            "x = a / b",
            1,
            "ZeroDivisionError: division by zero",
            "x = a / b if b else 0",
        ),
        (
            "    if a % len(b) > 1:",
            1,
            "ZeroDivisionError: integer modulo by zero",
            "    if (a % len(b) if len(b) else 0) > 1:",
        ),
        (
            "count = 1\nprint(cuont)",
            2,
            "NameError: name 'cuont' is not defined",
            "count = 1\nprint(count)",
        ),
        (
            "a.items = itmes()",
            1,
            "NameError: name 'itmes' is not defined. Did you mean: 'iters'?",
            "a.items = iters()",
        ),
        (
            "# Doc\nfrom __future__ import annotations\n\nimport sys\n\njson.dumps(1)",
            6,
            "NameError: name 'json' is not defined",
            "# Doc\nfrom __future__ import annotations\n\nimport json\nimport sys\n\n"
            "json.dumps(1)",
        ),
        (
            '"""Doc."""\n\nPath(".")',
            3,
            "NameError: name 'Path' is not defined",
            '"""Doc."""\n\nfrom pathlib import Path\n\nPath(".")',
        ),
        (
            "d = {'colour': 1}\nd['color']",
            2,
            "KeyError: 'color'",
            "d = {'colour': 1}\nd['colour']",
        ),
        ("v = menu[name]", 1, "KeyError: 'tea'", "v = menu.get(name)"),
        ("v = 2 * menu[name]", 1, "KeyError: 'tea'", "v = 2 * menu.get(name, 0)"),
        (
            "def append(): ...\nx.appned(1)",
            2,
            "AttributeError: 'T' object has no attribute 'appned'",
            "def append(): ...\nx.append(1)",
        ),
        (
            "import math\nmath.sqroot(4)",
            2,
            "AttributeError: module 'math' has no attribute 'sqroot'. "
            "Did you mean: 'sqrt'?",
            "import math\nmath.sqrt(4)",
        ),
        (
            "for i in range(len(x) + 1):\n    print(x[i])",
            2,
            "IndexError: list index out of range",
            "for i in range(len(x)):\n    print(x[i])",
        ),
        (
            "first = args[0]",
            1,
            "IndexError: list index out of range",
            "first = args[0] if args else None",
        ),
        (
            "import jsn",
            1,
            "ModuleNotFoundError: No module named 'jsn'",
            "import json",
        ),
    ],
)
@pytest.mark.parametrize("kit", [SPARK, CODEX], ids=["spark", "codex"])
def test_each_kind_of_error_has_its_smallest_repair(
    tmp_path: Path, kit: object, source: str, line: int, error: str, fixed: str
) -> None:
    (tmp_path / "app.py").write_text(source + "\n")

    talk = work(tmp_path, failing(line, error), SPARK if kit is SPARK else CODEX)

    assert (tmp_path / "app.py").read_text() == fixed + "\n", talk.said


def test_a_misspelt_attribute_is_looked_up_where_its_class_is(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text("class Till:\n    def total(self): ...\n")
    (tmp_path / "app.py").write_text("till.totl()\n")
    error = "AttributeError: 'Till' object has no attribute 'totl'"

    work(tmp_path, failing(1, error), SPARK)

    assert (tmp_path / "app.py").read_text() == "till.total()\n"


@pytest.mark.parametrize(
    "error",
    ["TypeError: 'int' object is not callable", "ValueError", "KeyError: 'zzz'"],
)
def test_an_error_without_an_obvious_repair_is_shown_and_left_alone(
    tmp_path: Path, error: str
) -> None:
    (tmp_path / "app.py").write_text("one\ntwo()\nthree\n")

    said = work(tmp_path, failing(2, error), SPARK).said

    assert ">    2  two()" in said
    assert (tmp_path / "app.py").read_text() == "one\ntwo()\nthree\n"


def test_a_path_from_another_machine_is_found_by_its_end(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("x = 1 / n\n")
    error = "ZeroDivisionError: division by zero"

    work(tmp_path, failing(1, error, "/home/somebody/else/app.py"), SPARK)

    assert (tmp_path / "app.py").read_text() == "x = 1 / n if n else 0\n"


def test_a_path_that_is_nowhere_is_told(tmp_path: Path) -> None:
    said = work(tmp_path, failing(1, "KeyError: 1", "gone.py"), SPARK).said

    assert "I cannot read `gone.py`" in said


@pytest.mark.parametrize(
    ("lines", "line", "at"),
    [
        (["a", "b = c / d", "e"], 2, 1),
        (["new", "a", "b = c / d", "e"], 2, 2),
        (["b = c / d", "x", "x", "b = c / d"], 3, 3),
        (["a", "else"], 2, None),
        ([], 1, None),
    ],
)
def test_the_line_is_found_where_it_stands_now(
    lines: Sequence[str], line: int, at: int | None
) -> None:
    assert traceback.place(Frame("x.py", line, "b = c / d"), lines) == at


def test_the_last_error_and_the_innermost_own_frame_count() -> None:
    text = (
        'File "a.py", line 1, in f\n    g()\nKeyError: 1\n\n'
        "During handling of the above exception, another exception occurred:\n\n"
        'File "b.py", line 7, in h\n    i()\n    ~^^\n'
        'File "/x/site-packages/lib.py", line 3, in i\n'
        "my.own.CustomError: no\n"
    )

    assert traceback.parse(text) == Failure(
        Frame("b.py", 7, "i()"), "CustomError", "no"
    )


def test_the_end_of_a_pytest_failure_is_a_traceback_too() -> None:
    text = (
        "E   ZeroDivisionError: division by zero\n\ncafe/till.py:12: ZeroDivisionError"
    )

    assert traceback.parse(text) == Failure(
        Frame("cafe/till.py", 12, ""), "ZeroDivisionError", "division by zero"
    )


@pytest.mark.parametrize("text", ["", "fix it", "KeyError: 1", 'File "a.py", line 1'])
def test_what_is_no_traceback_is_none(text: str) -> None:
    assert traceback.parse(text) is None
