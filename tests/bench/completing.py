"""Key echo and the menu while file names are completed in a tree of 100,000 files.

    python -m tests.bench.completing [FILES]

A repository is made in a temporary folder, and spark runs in it, in a pseudo-terminal,
with the demo endpoint.  After the `@` come letters at the pace of a fast typist, and
each is timed until it is on the screen (echo), and until the menu has what it names.
"""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.e2e.terminal import CTRL_C, ESC, Terminal

FOLDERS = (
    *("core", "data", "user", "auth", "token", "parser", "view", "model", "render"),
    *("stream", "socket", "index", "query", "table", "shell", "patch", "hunk", "file"),
)
TYPED = ("parser", "usrvw", "strsock9", "zzzz", "core/user", "patch_hunk77")
PACE_S = 0.06
WARM_S = 2.0
"""By then all is loaded that is loaded behind the first prompt."""


def planted(root: Path, count: int) -> None:
    """A repository with so many files, a quarter of them untracked."""
    choose = random.Random(1)
    for number in range(count):
        depth = choose.randint(1, 3)
        folder = root.joinpath(*(choose.choice(FOLDERS) for _ in range(depth)))
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{choose.choice(FOLDERS)}_{choose.choice(FOLDERS)}{number}.py"
        (folder / name).touch()
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.com"]
    subprocess.run([*git, "init", "-q"], cwd=root, check=True)
    tracked = [f"{name}/" for name in FOLDERS[::2] if (root / name).is_dir()]
    subprocess.run([*git, "add", *tracked], cwd=root, check=True)
    subprocess.run([*git, "commit", "-qm", "start"], cwd=root, check=True)


def timed(screen: Terminal, met: Callable[[], bool], patience_s: float = 5.0) -> float:
    """Milliseconds until the screen is as asked, -1 if it never is."""
    begun = time.perf_counter()
    while not met():
        if time.perf_counter() - begun > patience_s:
            return -1
        screen.read(0.002)
    return (time.perf_counter() - begun) * 1000


def echo(screen: Terminal, text: str) -> float:
    """Milliseconds until the last letter of the text is on the screen."""
    if len(text) == 1:
        screen.send(CTRL_C).until(lambda: screen.draft == "", "cleared")
    screen.send(text[-1])
    return timed(screen, lambda: screen.draft == text)


def rest(screen: Terminal, seconds: float) -> None:
    until = time.perf_counter() + seconds
    while (left := until - time.perf_counter()) > 0:
        screen.read(left)


def menu(screen: Terminal) -> list[str]:
    at = next((i for i, row in enumerate(screen.lines) if row.startswith("> ")), -1)
    return [row for row in screen.lines[at + 1 :] if row.startswith("  ")]


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "tree"
        root.mkdir()
        planted(root, count)
        screen = Terminal(
            [sys.executable, "-m", "spark_cli", "--provider", "demo"],
            {**os.environ, "HOME": folder, "SPARK_HOME": f"{folder}/home"},
            cwd=root,
        )
        try:
            measure(screen, count)
        finally:
            screen.close()


def measure(screen: Terminal, count: int) -> None:
    screen.shows("context left")
    rest(screen, WARM_S)
    plain = [echo(screen, word[:end]) for word in TYPED for end in range(1, len(word))]
    told("key echo of plain text", plain)
    screen.send(CTRL_C).until(lambda: screen.draft == "", "cleared")
    screen.send("@")
    at = timed(screen, lambda: screen.draft == "@")
    first = timed(screen, lambda: bool(menu(screen)), 30)
    print(f"{count:,} files; first `@`: echo {at:.1f} ms, menu {first:.0f} ms more")
    echoes: list[float] = []
    fresh: list[float] = []
    for word in TYPED:
        screen.send(CTRL_C).until(lambda: screen.draft == "", "cleared")
        screen.send("@").until(lambda: bool(menu(screen)), "opened the menu")
        for end in range(1, len(word) + 1):
            before, sent = menu(screen), time.perf_counter()
            echoes.append(echo(screen, "@" + word[:end]))
            changed = timed(screen, lambda b=before: menu(screen) != b, 0.3)  # type: ignore[misc]  # bound now
            if changed >= 0:
                fresh.append((time.perf_counter() - sent) * 1000)
            rest(screen, PACE_S - (time.perf_counter() - sent))
    told("key echo", echoes)
    told("menu after the key", fresh)
    screen.send(ESC)


def told(what: str, times: list[float]) -> None:
    ordered = sorted(times)
    p99 = ordered[min(len(ordered) - 1, round(0.99 * len(ordered)))]
    print(
        f"{what}: p50 {statistics.median(ordered):.1f} ms, p99 {p99:.1f} ms, "
        f"most {ordered[-1]:.1f} ms, of {len(ordered)}"
    )


if __name__ == "__main__":
    main()
