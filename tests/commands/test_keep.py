from __future__ import annotations

import pytest

from spark_cli.commands.command import Copy, Problem, Text
from spark_cli.commands.keep import COPY_BYTES, markdown
from spark_cli.commands.lookups import Lookups
from spark_cli.core.ids import CallId, ItemId
from spark_cli.core.items import (
    AgentMessage,
    Item,
    Note,
    Reasoning,
    ToolCall,
    ToolOutput,
    UserMessage,
)
from tests.commands.desks import agent, comes_to, desk, looked_up, refused, user

ANSWER = """\
So:

```python
def f():
    return 1
```

and

~~~~
$ ls
~~~~
"""


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("/copy", ANSWER.strip("\n")),
        ("/copy 1", "def f():\n    return 1\n"),
        ("/copy 2", "$ ls\n"),
    ],
)
def test_the_last_answer_or_a_block_of_it_is_copied(line: str, text: str) -> None:
    wish = comes_to(line, desk(None, agent(1, "before"), agent(2, ANSWER))).wish

    assert isinstance(wish, Copy)
    assert wish.text == text


@pytest.mark.parametrize(
    ("line", "said", "message"),
    [
        ("/copy", "", "there is no answer to copy yet"),
        ("/copy 1", "no code", "the last answer has no block of code"),
        ("/copy 3", ANSWER, "there is no block `3`"),
        ("/copy x", ANSWER, "there is no block `x`"),
        (
            "/copy",
            "x" * (COPY_BYTES + 1),
            "74,001 bytes are too many for the clipboard of a terminal",
        ),
    ],
)
def test_what_cannot_be_copied_is_told(line: str, said: str, message: str) -> None:
    assert refused(line, desk(None, agent(1, said))).message == message


def test_the_conversation_is_a_document() -> None:
    call = CallId("c")
    items: list[Item] = [
        UserMessage(ItemId("u"), "list it"),
        Note(ItemId("n"), "[spark says]"),
        Reasoning(ItemId("r"), ("hm",)),
        ToolCall(ItemId("t"), call, "shell", '{"command": "ls"}'),
        ToolOutput(ItemId("o"), call, "```\nnasty", ok=False),
        AgentMessage(ItemId("a"), "There is", complete=False),
    ]

    assert markdown(items) == (
        "## You\n\nlist it\n\n"
        '**shell**\n\n```\n{"command": "ls"}\n```\n\n'
        "*failed:*\n\n````\n```\nnasty\n````\n\n"
        "There is\n\n*(stopped here)*\n"
    )


def test_an_export_says_where_it_is() -> None:
    saved: list[tuple[str, str]] = []

    def save(name: str, text: str) -> str:
        saved.append((name, text))
        return f"~/{name}"

    at = desk(Lookups(save=save), user(1, "hello"))

    assert looked_up("/export a_b.md", at) == Text(
        "The conversation is in \\~/a\\_b.md"
    )
    assert saved == [("a_b.md", "## You\n\nhello\n")]
    assert refused("/export") == Problem("nothing was said yet")
