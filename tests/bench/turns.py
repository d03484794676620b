"""A session of 2,000 turns: what the last hundred cost beside the first.

    python -m tests.bench.turns [TURNS]

The live face on a pseudo-terminal, with its journal, against the endpoint of
`tests.bench.endpoint`.  Every turn is a prompt and an answer of some 40 tokens.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count, cycle
from pathlib import Path

from tests.bench.endpoint import end
from tests.bench.screen import LETTERS, endpoint, milliseconds, running, spark
from tests.bench.tty import Tty

TURNS, SPAN = 2_000, 100
MARKS = map("{}{}".format, cycle("ΞΨΦΘΛΠΣΔ"), count())


@dataclass(frozen=True, slots=True)
class Span:
    """A hundred turns: CPU and time of one, and how long a key takes to be seen."""

    cpu_ms: float
    wall_ms: float
    memory_mb: float
    echo_s: Sequence[float]


def turn(tty: Tty) -> None:
    mark, since = next(MARKS), len(tty.raw)
    tty.send(f"bench prose 40 9000 {mark}")
    tty.sees(mark, since)
    tty.send("\r")
    tty.sees(end(mark), since)
    # The prompt is back when the status line no longer offers to stop.
    tty.rest(0.03)


def echoes(tty: Tty) -> list[float]:
    times = []
    for letter in LETTERS:
        seen = len(tty.raw)
        sent = tty.send(letter)
        times.append(tty.sees(letter, seen) - sent)
        tty.rest(0.02)
    tty.send("\x15")
    tty.rest(0.1)
    return times


def span(tty: Tty) -> Span:
    cpu, began = tty.cpu_s(), time.monotonic()
    for _ in range(SPAN):
        turn(tty)
    wall, used = time.monotonic() - began, tty.cpu_s() - cpu
    memory = tty.memory_mb()
    return Span(1000 * used / SPAN, 1000 * wall / SPAN, memory, echoes(tty))


def main(turns: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "work").mkdir()
        subprocess.run(["git", "init", "-q", folder / "work"], check=True)
        with endpoint(folder) as (url, _), running(spark(folder, url), folder) as tty:
            print(
                f"{'turns':>12}{'CPU ms':>9}{'wall ms':>9}{'MB':>7}  echo p50 / p99, ms"
            )
            for number in range(turns // SPAN):
                got = span(tty)
                tty.raw.clear()
                turns_ = f"{number * SPAN + 1}-{(number + 1) * SPAN}"
                print(
                    f"{turns_:>12}{got.cpu_ms:>9.1f}{got.wall_ms:>9.1f}"
                    f"{got.memory_mb:>7.1f}  {milliseconds(got.echo_s)}",
                    flush=True,
                )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else TURNS)
