from __future__ import annotations

import pytest

from spark_cli.core.errors import PatchRefused
from spark_cli.patch.edits import Edit
from spark_cli.patch.formats import Format, read

BODY = "<<<<<<< SEARCH\nx\n=======\ny\n>>>>>>> REPLACE\n"


def parse(text: str) -> list[Edit]:
    return read(text, Format.BLOCKS)


@pytest.mark.parametrize(
    "above",
    [
        "src/a.py\n",
        "src/a.py\n```python\n",
        "**src/a.py**\n```\n",
        "`src/a.py`:\n\n```\n",
        "# src/a.py\n",
        "```python src/a.py\n",
        "```src/a.py\n",
        "**File: src/a.py**\n```python\n",
        "1. `src/a.py`\n```\n",
        "- src/a.py:\n",
        "### File `src/a.py`\n",
        "In `src/a.py`, replace:\n```\n",
        "2. **File: `src/a.py`**\n",
        "src/a.py\nChange this:\n```\n",
    ],
)
def test_the_file_is_named_above_the_block_or_in_its_fence(above: str) -> None:
    (edit,) = parse(above + BODY)

    assert edit.name == "src/a.py"


def test_a_block_without_a_name_is_about_the_file_of_the_last() -> None:
    assert [edit.name for edit in parse(f"a.py\n{BODY}\n{BODY}")] == ["a.py", "a.py"]


@pytest.mark.parametrize("said", ["And then also:", "and now this:", "**Next** step"])
def test_prose_above_a_block_is_no_file(said: str) -> None:
    text = f"a.py\n{BODY}\n{said}\n```\n{BODY}```\n"

    assert [edit.name for edit in parse(text)] == ["a.py", "a.py"]


def test_prose_that_names_a_file_does_not_mean_the_last_one() -> None:
    assert parse(f"a.py\n{BODY}\nSame for b.py\n{BODY}")[1].name != "a.py"


def test_a_block_with_too_many_dividers_is_refused_at_once() -> None:
    lines = "x\n=======\n" * 20_000

    with pytest.raises(PatchRefused, match="20000 `=======` lines"):
        parse(f"a.py\n<<<<<<< SEARCH\n{lines}y\n>>>>>>> REPLACE\n")


def test_an_underline_is_not_the_divider_where_a_block_has_several() -> None:
    (edit,) = parse(
        "a.rst\n<<<<<<< SEARCH\nAuthors\n=======\nme\n"
        "=======\nAuthors\n=======\nyou\n>>>>>>> REPLACE\n"
    )

    (hunk,) = edit.hunks
    assert [line.text for line in hunk.old] == ["Authors", "=======", "me"]
    assert len(hunk.otherwise) == 2
