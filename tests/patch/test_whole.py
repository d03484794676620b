from __future__ import annotations

import pytest

from spark_cli.core.errors import PatchRefused
from spark_cli.patch.edits import Action, Edit, Fence
from spark_cli.patch.formats import Format, detect, read

BODY = "import os\n\nprint(1)\n"


@pytest.mark.parametrize(
    "head",
    [
        "src/a.py\n```python",
        "**src/a.py**\n\n```",
        "`src/a.py`:\n```",
        "```python src/a.py",
    ],
)
def test_a_fence_with_a_path_is_a_whole_file(head: str) -> None:
    assert read(f"Sure:\n\n{head}\n{BODY}```\nDone.\n") == [
        Edit(Action.WRITE, "src/a.py", text=BODY, fence=Fence.PROSE)
    ]


@pytest.mark.parametrize(
    ("text", "fence"),
    [
        (f"a.py\n```\n{BODY}```\n", Fence.BARE),
        (f"Here it is:\n\na.py\n```\n{BODY}```\n", Fence.PROSE),
        (f"a.py\n```\n{BODY}```\nThat is all.\n", Fence.PROSE),
        (f"Change `g` in\n\n`a.py`\n\n```python\n{BODY}```\n", Fence.OPEN),
    ],
)
def test_a_fence_is_known_by_what_stands_around_it(text: str, fence: Fence) -> None:
    assert [edit.fence for edit in read(text)] == [fence]
    assert [edit.fence for edit in read(text, Format.WHOLE)] == [None]


def test_several_files_follow_each_other() -> None:
    edits = read(f"a.py\n```\n{BODY}```\n\nb/c.ts\n~~~\n{BODY}~~~\n")

    assert [edit.name for edit in edits] == ["a.py", "b/c.ts"]


@pytest.mark.parametrize(
    "text",
    [
        f"Run this:\n```bash\n{BODY}```\n",
        f"Here is a.py as I would write it\n```\n{BODY}```\n",
        "a.py\n```diff\n-x\n+y\n```\n",
        "It has:\n```\n$ ls\na.py\n```\nand then ```x``` too.\n",
    ],
)
def test_a_fence_without_a_path_is_no_file(text: str) -> None:
    assert detect(text) is None


def test_a_block_in_a_fence_is_still_a_block() -> None:
    text = "a.py\n```python\n<<<<<<< SEARCH\nx\n=======\ny\n>>>>>>> REPLACE\n```\n"

    assert detect(text) is Format.BLOCKS


def test_a_document_may_have_fences_inside() -> None:
    text = "README.md\n````md\nUse:\n```sh\nmake\n```\n````\n"

    assert read(text)[0].text == "Use:\n```sh\nmake\n```\n"
    assert read(text.replace("````", "```"))[0].text == "Use:\n```sh\nmake\n```\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"a.py\n```\n{BODY}", "cut off: the fence at line 2 is not closed"),
        ("README.md\n```\nUse:\n```\nmake\n```\n", "not clear where"),
        ("a.py\n```\n1\n```\na.py\n```\n2\n```\n", "`a.py` comes twice"),
        ("a.py\n```\n1\n```\nno wait, a.py\n```\n2\n```\n", "is `a.py` again"),
    ],
)
def test_a_file_whose_end_is_in_doubt_is_refused(text: str, said: str) -> None:
    with pytest.raises(PatchRefused, match=said):
        read(text)


def test_a_file_may_be_repeated_and_run() -> None:
    text = f"a.py\n```\n{BODY}```\n"
    run = "Run a.py:\n```bash\npython a.py\n```\nwhich prints:\n```\n1 from a.py\n```\n"

    assert [edit.text for edit in read(text + text + run)] == [BODY]
