from __future__ import annotations

import pytest

from spark_cli.core.errors import PatchRefused
from spark_cli.patch.formats import read
from spark_cli.patch.gaps import says_so
from spark_cli.patch.plan import plan
from spark_cli.workspace.tree import File

FILE = "import os\n\ndef f():\n    return 1\n\ndef g():\n    return 2\n"


class Memory:
    def __init__(self, data: bytes) -> None:
        self.data = data

    def read(self, name: str) -> File | None:
        return File(self.data) if name == "a.py" else None


def written(before: str | bytes, text: str) -> bytes:
    data = before if isinstance(before, bytes) else before.encode()
    (change,) = plan(read(text), Memory(data)).changes
    assert change.after is not None
    return change.after.data


@pytest.mark.parametrize(
    "line",
    [
        "# ... existing code ...",
        "    // ... rest of the function unchanged ...",
        "# rest of the file unchanged",
        "# (existing code here)",
        "/* other methods remain unchanged */",
        "<!-- ... more content ... -->",
        "... (keep the rest as is) ...",
        "// \u2026existing imports\u2026",
        "-- remaining lines omitted for brevity",
    ],
)
def test_a_line_may_stand_for_others(line: str) -> None:
    assert says_so(line)


@pytest.mark.parametrize(
    "line",
    [
        "    ...",
        "# ...",
        "# other methods",
        "# the rest",
        "# existing code paths that call `f` stay slow",
        "rest of the file unchanged",
        "x = rest(file)",
        "# unchanged",
        "print('... and more')",
        "",
    ],
)
def test_a_line_that_says_something_else_is_text(line: str) -> None:
    assert not says_so(line)


@pytest.mark.parametrize(
    ("before", "text", "said"),
    [
        (
            FILE,
            "Change `g` in\n\n`a.py`\n\n```python\ndef g():\n    return 3\n```\n",
            "a part of it",
        ),
        (
            "x = 1\ny = 2\n",
            "Here is\n\na.py:\n```\nTraceback (most recent call last):\n  boom\n```\n",
            "a part of it",
        ),
        (
            "import os\n\ndef f():\n    return 1\n",
            "```python a.py\ndef f():\n    return 2\n```\n",
            "a part of it",
        ),
        (FILE, f"a.py\n```\n{FILE[34:]}```\n", "a part of it"),
        (FILE, f"a.py\n```\n{FILE[:33]}```\n", "a part of it"),
        (FILE, "a.py\n```\n```\n", "a part of it"),
        ("x\ny\n", "a.py\n```\nz\n# rest of the file unchanged\n```\n", "left out"),
        ("x\ny\n", "a.py\n```\nz\n# (existing code here)\n```\n", "left out"),
        (
            "x\ny\n",
            "*** Begin Patch\n*** Update File: a.py\n@@\n-x\n"
            "+# ... existing code ...\n+z\n*** End Patch\n",
            "cannot update `a.py`: the added line .* left out",
        ),
    ],
)
def test_what_would_lose_lines_is_refused(before: str, text: str, said: str) -> None:
    with pytest.raises(PatchRefused, match=said):
        written(before, text)


@pytest.mark.parametrize(
    ("before", "content"),
    [
        (FILE, FILE.replace("return 2", "return 3")),
        (FILE, FILE.replace("import os\n", "")),
        (FILE, FILE + "\n\ndef h():\n    return 3\n"),
        (FILE, "import sys\n" + FILE.replace("return 1", "return sys")),
        ("", "x = 1\n"),
        ('print("Hello")\n', 'print("Hello, world")\n'),
        (
            FILE,
            "import os\n\ndef f() -> int:\n    return 1 + g()\n\n"
            "def g() -> int:\n    return 3\n",
        ),
    ],
)
def test_a_whole_file_is_written_also_from_prose(before: str, content: str) -> None:
    text = f"Here is the new version:\n\na.py\n```python\n{content}```\nEnjoy!\n"

    assert written(before, text).decode() == content


def test_a_file_that_is_sent_bare_may_be_all_new() -> None:
    assert written("x\n", "a.py\n```\nz\n```\n") == b"z\n"


@pytest.mark.parametrize("where", ["removed", "kept"])
def test_a_line_that_the_file_has_may_be_added_again(where: str) -> None:
    line = "# ... existing code ..."
    sign = "-" if where == "removed" else " "
    text = (
        f"*** Begin Patch\n*** Update File: a.py\n@@\n x\n{sign}{line}\n+y\n+{line}\n"
        "*** End Patch\n"
    )

    assert written(f"x\n{line}\n", text).endswith(f"y\n{line}\n".encode())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"x\r\ny\r\n", b"x\r\nz\r\n"),
        (b"\xef\xbb\xbfx\ny\n", b"\xef\xbb\xbfx\nz\n"),
        (b"\xef\xbb\xbfx\r\ny", b"\xef\xbb\xbfx\r\nz\r\n"),
        (b"x\ny\n", b"x\nz\n"),
    ],
)
@pytest.mark.parametrize(
    "text", ["a.py\n```\nx\nz\n```\n", '{"path": "a.py", "content": "x\\nz\\n"}']
)
def test_a_whole_file_keeps_line_ends_and_the_byte_order_mark(
    before: bytes, after: bytes, text: str
) -> None:
    assert written(before, text) == after
