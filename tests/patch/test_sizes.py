"""Ten times as much takes about ten times as long, and not a hundred times.

CPU time is compared with itself, with a margin between what is linear (10) and what
is quadratic (100).
"""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Callable

import pytest

from spark_cli.core.errors import PatchRefused
from spark_cli.patch.formats import read
from spark_cli.patch.lines import Lines, Tier
from spark_cli.patch.plan import plan
from spark_cli.workspace.tree import File
from tests.patch.test_round_trip import Memory

FEW, FACTOR, MARGIN = 400, 10, 35


def calls(count: int) -> list[str]:
    return [f"    call(alpha_{number}, {number})" for number in range(count)]


def every_fourth(count: int, hunk: Callable[[int, str], str]) -> str:
    return "".join(hunk(at, f"    call(alpha_{at}, {at})") for at in range(0, count, 4))


def v4a(count: int) -> tuple[list[str], str]:
    hunks = every_fourth(count, lambda at, line: f"@@\n-{line}\n+    done({at})\n")
    return calls(count), f"*** Begin Patch\n*** Update File: f\n{hunks}*** End Patch\n"


def sections(count: int) -> tuple[list[str], str]:
    hunks = every_fourth(
        count, lambda at, line: f"*** Update File: f\n@@\n-{line}\n+    done({at})\n"
    )
    return calls(count), f"*** Begin Patch\n{hunks}*** End Patch\n"


def unified(count: int) -> tuple[list[str], str]:
    hunks = every_fourth(
        count,
        lambda at, line: f"@@ -{at + 1} +{at + 1} @@\n-{line}\n+    done({at})\n",
    )
    return calls(count), f"--- a/f\n+++ b/f\n{hunks}"


def blocks(count: int) -> tuple[list[str], str]:
    hunks = every_fourth(
        count,
        lambda at, line: (
            f"<<<<<<< SEARCH\n{line}\n=======\n    done({at})\n>>>>>>> REPLACE\n"
        ),
    )
    return calls(count), f"f\n{hunks}"


def edits(count: int) -> tuple[list[str], str]:
    entries = [
        {"path": "f", "old": line, "new": f"    done({at})"}
        for at, line in enumerate(calls(count))
        if at % 4 == 0
    ]
    return calls(count), json.dumps({"edits": entries})


def numbered_twins(count: int) -> tuple[list[str], str]:
    hunks = "".join(
        f"@@ -{at + 1},2 +{at + 1},2 @@\n-same\n+done\n {at}\n"
        for at in range(0, count, 2)
    )
    lines = ["same" if at % 2 == 0 else str(at - 1) for at in range(count)]
    return lines, f"--- a/f\n+++ b/f\n{hunks}"


def headed_twins(count: int) -> tuple[list[str], str]:
    hunks = "".join(
        f"@@ def f{at}():\n-    same\n+    done\n" for at in range(0, count, 2)
    )
    lines = [f"def f{at}():" if at % 2 == 0 else "    same" for at in range(count)]
    return lines, f"*** Begin Patch\n*** Update File: f\n{hunks}*** End Patch\n"


def near_miss(count: int) -> tuple[list[str], str]:
    """As many equal lines, and a block of them that fits but for its last line."""
    block = " same\n" * (count // 8)
    patch = f"*** Begin Patch\n*** Update File: f\n@@\n{block}-other\n+x\n"
    return ["same"] * count, f"{patch}*** End Patch\n"


def one_long_line(count: int) -> tuple[list[str], str]:
    return ["x" * 500 * count, "a", "b"], (
        "*** Begin Patch\n*** Update File: f\n@@\n-a\n+A\n b\n*** End Patch\n"
    )


def cpu_s(case: Callable[[int], tuple[list[str], str]], count: int) -> float:
    """The least of three: what disturbs can only add."""
    lines, patch = case(count)
    file = File("".join(f"{line}\n" for line in lines).encode())
    taken = []
    gc.disable()
    for _ in range(3):
        started = time.process_time()
        try:
            plan(read(patch), Memory({"f": file}))
        except PatchRefused:
            assert case is near_miss
        taken.append(time.process_time() - started)
    gc.enable()
    return min(taken)


@pytest.mark.slow
@pytest.mark.parametrize(
    "case",
    [
        v4a,
        sections,
        unified,
        blocks,
        edits,
        numbered_twins,
        headed_twins,
        near_miss,
        one_long_line,
    ],
)
def test_the_cost_of_a_patch_grows_with_its_size_and_no_faster(
    case: Callable[[int], tuple[list[str], str]],
) -> None:
    few, many = cpu_s(case, FEW), cpu_s(case, FEW * FACTOR)

    assert many < MARGIN * few + 0.005


@pytest.mark.parametrize("tier", Tier)
def test_a_few_lines_are_found_without_an_index_of_the_file(tier: Tier) -> None:
    text = Lines.of("".join(f"{line}\n" for line in calls(50)).encode())

    assert text.find(calls(50)[7:9], tier) == [7]
    assert text.containing("alpha_12,") == [12]
    assert text.find(["    call(beta)"], tier) == []
    assert text._indexes == {}
