"""Writers that are killed, and writers that meet.

    python -m tests.bench.kills [KILLS] [ROUNDS]

A writer changes eight files (one is moved, one added, one deleted, modes change) from
one whole state to another and back, as fast as it can, each time with a checkpoint.  It
is killed at a random moment; then the tree must be mended to one of the two states,
byte for byte, with nothing of ours left in it.  Then two writers add lines to the same
file, each reading it anew when it was changed under its hands: no line may be lost.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from spark_cli.core.errors import PatchRefused
from spark_cli.core.ids import SessionId
from spark_cli.workspace.checkpoints import Checkpoints, recovered
from spark_cli.workspace.root import Root
from spark_cli.workspace.tree import Change, DiskTree, File

State = dict[str, tuple[bytes, int]]

ONE: State = {
    "a": (b"one\n" * 2_000, 0o644),
    "b": (b"one\n", 0o755),
    "deep/er/c": (b"one", 0o644),
    "private": (b"secret one\n", 0o600),
    "moved/from": (b"stays\n", 0o644),
    "deleted": (b"there\n", 0o644),
    "mode": (b"same\n", 0o644),
}
OTHER: State = {
    "a": (b"other\n" * 2_000, 0o644),
    "b": (b"other\n", 0o755),
    "deep/er/c": (b"other", 0o644),
    "private": (b"secret other\n", 0o600),
    "moved/to": (b"stays\n", 0o644),
    "added": (b"here\n", 0o644),
    "mode": (b"same\n", 0o755),
}


def changes(old: State, new: State) -> list[Change]:
    return [
        Change(name, _file(old.get(name)), _file(new.get(name)))
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    ]


def _file(state: tuple[bytes, int] | None) -> File | None:
    return None if state is None else File(*state)


def standing(top: Path) -> State:
    return {
        path.relative_to(top).as_posix(): (
            path.read_bytes(),
            path.stat().st_mode & 0o777,
        )
        for path in top.rglob("*")
        if path.is_file() and ".git" not in path.parts
    }


def swing(top: Path, state: Path) -> None:
    """Change the tree back and forth until killed; a line is said at the start."""
    os.umask(0o022)
    checkpoints = Checkpoints(Root(top), SessionId("kills"), state)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    old, new = (ONE, OTHER) if standing(top) == ONE else (OTHER, ONE)
    while True:
        checkpoints.write(changes(old, new), "swing")
        old, new = new, old


def add_lines(top: Path, state: Path, who: str, rounds: int) -> None:
    checkpoints = Checkpoints(Root(top), SessionId(who), state)
    tree = DiskTree(checkpoints.root)
    for number in range(rounds):
        while True:
            before = tree.read("shared") or File(b"")
            after = File(before.data + f"{who} {number}\n".encode(), before.mode)
            try:
                checkpoints.write([Change("shared", before, after)], "line")
                break
            except PatchRefused as error:
                if "changed" not in str(error):
                    raise


def killed(top: Path, state: Path, kills: int, seed: int = 0) -> Counter[str]:
    """How many kills left what; `half` must not be among it."""
    chance = random.Random(seed)
    for name, (data, mode) in ONE.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_bytes(data)
        (top / name).chmod(mode)
    seen: Counter[str] = Counter()
    for _ in range(kills):
        writer = _start("swing", top, state)
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(chance.uniform(0, 0.06))  # the moment of the kill, not a wait
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
        own = {name for name in standing(top) if "spark-" in name}
        left = {name: file for name, file in standing(top).items() if name not in own}
        torn = left not in (ONE, OTHER)
        said = recovered(Root(top), state)
        now = standing(top)
        seen["half" if now not in (ONE, OTHER) else "whole"] += 1
        seen["was torn until mended"] += torn
        seen["something to mend"] += bool(said)
        folders = {path.name for path in top.rglob("*") if path.is_dir()}
        seen["litter"] += any("spark-" in name for name in [*now, *folders])
    return seen


def met(top: Path, state: Path, rounds: int) -> Counter[str]:
    (top / "shared").write_bytes(b"")
    writers = [_start("lines", top, state, who, str(rounds)) for who in ("x", "y")]
    codes = [writer.wait() for writer in writers]
    for writer in writers:
        if writer.stdout is not None:
            writer.stdout.close()
    lines = (top / "shared").read_text().splitlines()
    expected = [f"{who} {number}" for who in ("x", "y") for number in range(rounds)]
    lost = len(set(expected) - set(lines))
    return Counter(lines=len(lines), lost=lost, failed=sum(map(bool, codes)))


def _start(role: str, top: Path, state: Path, *more: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, __file__, role, str(top), str(state), *more],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )


def main(kills: int = 1_000, rounds: int = 200) -> None:
    for kind in ("in a repository", "without one"):
        folder = Path(tempfile.mkdtemp()).resolve()
        top, state = folder / "tree", folder / "state"
        top.mkdir()
        if kind == "in a repository":
            subprocess.run(["git", "init", "-q", top], check=True)
        print(f"{kills} kills {kind}: {dict(killed(top, state, kills))}")
        print(f"two writers, {rounds} rounds each: {dict(met(top, state, rounds))}")
        shutil.rmtree(folder)


if __name__ == "__main__":
    if sys.argv[1:2] == ["swing"]:
        swing(Path(sys.argv[2]), Path(sys.argv[3]))
    elif sys.argv[1:2] == ["lines"]:
        add_lines(Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4], int(sys.argv[5]))
    else:
        main(*map(int, sys.argv[1:]))
