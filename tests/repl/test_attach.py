from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from spark_cli.commands.lookups import Lookups
from spark_cli.core.effects import Approval, Effect
from spark_cli.core.errors import UsageError
from spark_cli.core.events import (
    ApprovalRequested,
    CheckpointMade,
    HunkFormed,
    HunksOffered,
    ItemCompleted,
    ToolStarted,
)
from spark_cli.core.hunks import ProposedHunk
from spark_cli.core.ids import CallId, CheckpointId, ItemId
from spark_cli.core.items import ToolCall, ToolOutput
from spark_cli.repl.attach import Named
from spark_cli.repl.hunks import LastDiff
from spark_cli.repl.mentions import mentions
from spark_cli.repl.scene import Scene
from spark_cli.workspace.attachment import MENTIONED_BYTES_MAX

DIFF = "--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-x\n+y\n"
MADE = CheckpointMade(CheckpointId("1"), ("a.py",), 1, 1, DIFF)


@pytest.fixture
def named(tmp_path: Path) -> Named:
    root = tmp_path.resolve() / "root"
    (root / "lib").mkdir(parents=True)
    (root / "a.py").write_text("one\ntwo\n")
    (root / "lib" / "b c.py").write_text("three\n")
    (root / ".env").write_text("KEY=1\n")
    (root / "link").symlink_to(root / ".env")
    (root.parent / "outside").write_text("no\n")
    return Named(Scene("m", "p", Approval.ASK, root, "s"))


def found(named: Named, text: str) -> list[str]:
    return list(named.blocks(mentions(text)))


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("see @a.py", ['<file path="a.py">\none\ntwo\n</file>']),
        ("see @a.py, and @a.py!", ['<file path="a.py">\none\ntwo\n</file>']),
        ("@a.py:2", ['<file path="a.py" lines="2-2">\ntwo\n</file>']),
        ('@"lib/b c.py"', ['<file path="lib/b c.py">\nthree\n</file>']),
        ("@lib and @john and @../outside and @/etc/passwd", []),
        ("@h1", []),
        ("@a\ud800.py and @a.py\0 and @" + "x/" * 2_500, []),
    ],
)
def test_what_is_a_file_is_attached_and_the_rest_is_text(
    named: Named, text: str, blocks: list[str]
) -> None:
    assert found(named, text) == blocks


@pytest.mark.parametrize("name", [".env", "link"])
def test_a_file_with_keys_is_refused_also_through_a_link(
    named: Named, name: str
) -> None:
    with pytest.raises(UsageError, match="looks like a file with keys"):
        found(named, f"see @{name}")


def test_a_large_file_and_lines_that_are_not_there_are_refused(named: Named) -> None:
    (named.scene.root / "big").write_text("x" * (MENTIONED_BYTES_MAX + 1))

    with pytest.raises(UsageError, match="are the most that is attached"):
        found(named, "@big")
    with pytest.raises(UsageError, match="`a.py` has 2 lines"):
        found(named, "@a.py:3-9")


def test_a_hunk_is_of_the_diff_that_was_shown_last(named: Named) -> None:
    block = f'<hunk name="h1" path="a.py">\n{DIFF}</hunk>'

    named.last.see(MADE)
    assert found(named, "why @h1?") == [block]
    with pytest.raises(UsageError, match="the last diff has no h2"):
        found(named, "why @h2?")

    named.last = LastDiff()
    named.scene = replace(named.scene, look=Lookups(session_diff=lambda: DIFF))
    assert found(named, "why @h1?") == [block]


def proposed(name: str) -> ProposedHunk:
    return ProposedHunk(name, "a.py", diff=f"--- of {name}\n")


def request(call: str, *names: str) -> ApprovalRequested:
    found = tuple(proposed(name) for name in names)
    return ApprovalRequested(CallId(call), "patch", Effect.EDIT, DIFF, found)


def written(named: Named, call: str, *names: str) -> None:
    """A patch is written, and its hunks form."""
    for name in names:
        named.last.see(HunkFormed(ItemId(f"i{call}"), proposed(name)))
    named.last.see(
        ItemCompleted(ToolCall(ItemId(f"i{call}"), CallId(call), "patch", ""))
    )


def of_review(name: str) -> list[str]:
    return [f'<hunk name="{name}" path="a.py">\n--- of {name}\n</hunk>']


def test_a_hunk_keeps_the_name_that_it_was_reviewed_under(named: Named) -> None:
    written(named, "c", "h1", "h2", "h3")
    named.last.see(request("c", "h3"))  # the others were decided while it was written
    named.last.see(ToolStarted(CallId("c"), "patch", "", Effect.EDIT))
    named.last.see(MADE)

    assert found(named, "why @h2?") == of_review("h2")
    assert found(named, "why @h3?") == of_review("h3")
    with pytest.raises(UsageError, match="has no h4") as refusal:
        found(named, "why @h4?")
    assert refusal.value.hint == "it has h1 to h3"


def test_a_part_of_a_hunk_has_a_name_too(named: Named) -> None:
    whole = replace(proposed("h1"), parts=(proposed("h1.1"), proposed("h1.2")))
    named.last.see(HunksOffered(CallId("c"), "patch", DIFF, (whole,)))

    assert found(named, "why @h1.2?") == of_review("h1.2")


def test_the_names_are_those_of_the_newest_patch(named: Named) -> None:
    written(named, "c", "h1", "h2")
    written(named, "d", "h1")
    with pytest.raises(UsageError, match="has no h2"):
        found(named, "@h2")

    named.last.see(ItemCompleted(ToolOutput(ItemId("o"), CallId("d"), "")))
    named.last.see(request("e", "h1", "h2"))
    assert found(named, "@h2") == of_review("h2")

    named.last.see(ToolStarted(CallId("f"), "shell", "", Effect.RUN))
    assert found(named, "@h2") == of_review("h2")
    named.last.see(MADE)
    assert found(named, "@h1") == [f'<hunk name="h1" path="a.py">\n{DIFF}</hunk>']


def test_a_file_of_that_name_comes_before_a_hunk(named: Named) -> None:
    (named.scene.root / "h1").write_text("x\n")
    named.last.see(MADE)

    assert found(named, "@h1") == ['<file path="h1">\nx\n</file>']
