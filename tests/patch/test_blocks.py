from __future__ import annotations

import pytest

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
    ],
)
def test_the_file_is_named_above_the_block_or_in_its_fence(above: str) -> None:
    (edit,) = parse(above + BODY)

    assert edit.name == "src/a.py"


def test_a_block_without_a_name_is_about_the_file_of_the_last() -> None:
    assert [edit.name for edit in parse(f"a.py\n{BODY}\n{BODY}")] == ["a.py", "a.py"]


def test_an_underline_is_not_the_divider_where_a_block_has_several() -> None:
    (edit,) = parse(
        "a.rst\n<<<<<<< SEARCH\nAuthors\n=======\nme\n"
        "=======\nAuthors\n=======\nyou\n>>>>>>> REPLACE\n"
    )

    (hunk,) = edit.hunks
    assert [line.text for line in hunk.old] == ["Authors", "=======", "me"]
    assert len(hunk.otherwise) == 2
