"""How soon a hunk that is accepted while its patch streams is on the disk.

    python -m tests.bench.hunks [ROUNDS]

A patch of three hunks is written by a scripted model into a file of 2,000 lines in a
git repository; the second hunk is accepted while the third is still to come.  Timed
are the hunk's shape on the screen after its last letter (placed, and told as an
event), and the file on the disk, with its checkpoint, after the decision.
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from spark_cli.agent.agent import Agent
from spark_cli.agent.rig import Rig, Selection
from spark_cli.core.effects import Approval
from spark_cli.core.events import CallDelta, HunkDecided, HunkFormed
from spark_cli.core.ids import ItemId, SessionId
from spark_cli.core.ops import Close, DecideHunk, Interrupt, Prompt
from spark_cli.patch.apply import disk_writer
from spark_cli.tools.patch import apply_patch_tool
from spark_cli.tools.tool import Tool
from spark_cli.wire.request import Request
from spark_cli.workspace.checkpoints import Checkpoints
from spark_cli.workspace.root import Root
from spark_cli.workspace.tree import DiskTree
from tests.agent.script import STALL, Script
from tests.agent.test_agent import no_undo

LINES = 2_000
ITEM = ItemId("patch")


def patch() -> list[str]:
    """The pieces of a patch whose third hunk never ends."""
    lines = ["*** Begin Patch", "*** Update File: module.py"]
    for at in (400, 900, 1400):
        lines += ["@@", f" value_{at - 1} = {at - 1}", f"-value_{at} = {at}"]
        lines += [f"+value_{at} = {at + 1}", f" value_{at + 1} = {at + 1}"]
    text = "\n".join(lines[:-2])
    return [text[at : at + 6] for at in range(0, len(text), 6)]


def laid(folder: Path) -> Tool:
    """The tool over a folder with the file as it was."""
    text = "".join(f"value_{n} = {n}\n" for n in range(LINES))
    (folder / "module.py").write_text(text)
    root = Root(folder.resolve())
    known = Checkpoints(root, SessionId("bench"), folder.parent / "state")
    return apply_patch_tool(DiskTree(root), disk_writer(known))


async def once(folder: Path) -> tuple[float, float]:
    """Milliseconds to the hunk, and from the decision to the disk."""
    tool = laid(folder)
    script = Script([*(CallDelta(ITEM, "apply_patch", p) for p in patch()), STALL])

    def rig(chosen: Selection) -> Rig:
        del chosen
        request = Request("m", "", (), freeform_tools=True)
        draft = tool.draft
        assert draft is not None
        return Rig(
            script, request, lambda call: tool.plan(call.input), 0, lambda _: draft()
        )

    agent = Agent(rig, Selection("m", "p", Approval.ASK), no_undo)
    agent.start()
    events = agent.events()
    began = time.perf_counter()
    agent.submit(Prompt("go"))
    formed = 0
    async for event in events:
        formed += isinstance(event, HunkFormed)
        if formed == 2:
            break
    shown_ms = 1000 * (time.perf_counter() - began) / 2
    began = time.perf_counter()
    agent.submit(DecideHunk(ITEM, "h2", accept=True))
    async for event in events:
        if isinstance(event, HunkDecided):
            break
    written_ms = 1000 * (time.perf_counter() - began)
    assert "value_900 = 901" in (folder / "module.py").read_text()
    agent.submit(Interrupt())
    agent.submit(Close())
    return shown_ms, written_ms


def main(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "tree")
        folder.mkdir()
        subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
        times = [asyncio.run(once(folder)) for _ in range(rounds)]
    for label, column in (("formed and placed", 0), ("accepted, on the disk", 1)):
        values = sorted(pair[column] for pair in times)
        p99 = values[int(0.99 * (len(values) - 1))]
        middle = statistics.median(values)
        print(f"{label:24} p50 {middle:6.1f} ms   p99 {p99:6.1f} ms")
    print("wanted: an accepted hunk is on the disk within 20 ms")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
