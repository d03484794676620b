"""What a checkpoint and an undo cost in a big repository, beside `git stash create`.

    python -m tests.bench.checkpoints [FILES]

Milliseconds, the median of several, in a repository of 50,000 tracked files: of a patch
to one file with its checkpoint, of taking it back, of the looks before and after a
shell command; then of whole processes, `spark apply` and `spark undo` beside git's.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from spark_cli.core.ids import SessionId
from spark_cli.workspace.checkpoints import Checkpoints
from spark_cli.workspace.root import Root
from spark_cli.workspace.survey import Survey
from spark_cli.workspace.tree import Change, DiskTree, File

TIMES = 9
NAME = "d0/s1/f2.py"
PATCH = f"""\
--- a/{NAME}
+++ b/{NAME}
@@ -1,2 +1,2 @@
-# 0
+# changed
 # 1
"""
TEXT = "".join(f"# {number}\n" for number in range(40))


def median_ms(act: Callable[[], object], before: Callable[[], object] = int) -> float:
    taken = []
    for _ in range(TIMES):
        before()
        started = time.perf_counter()
        act()
        taken.append((time.perf_counter() - started) * 1e3)
    return sorted(taken)[TIMES // 2]


def run(*argv: object, cwd: Path) -> None:
    subprocess.run(
        [str(word) for word in argv],
        cwd=cwd,
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def made(top: Path, files: int) -> None:
    for number in range(files):
        path = top / f"d{number // 2500}" / f"s{number // 100}" / f"f{number % 100}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(TEXT)
    path = top / NAME
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(TEXT)
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    run("git", "init", "-q", cwd=top)
    run("git", "add", "-A", cwd=top)
    run("git", *identity, "commit", "-qm", "all", cwd=top)
    run("git", "status", cwd=top)


def inside(top: Path, state: Path) -> None:
    checkpoints = Checkpoints(Root(top), SessionId("bench"), state)
    tree = DiskTree(checkpoints.root)
    survey = Survey(checkpoints)

    def change() -> None:
        file = tree.read(NAME)
        assert file is not None
        checkpoints.write([Change(NAME, file, File(file.data + b"#\n"))], "patch")

    show("a change with its checkpoint", median_ms(change))
    show("an undo", median_ms(checkpoints.undo, before=change))
    show("a redo", median_ms(checkpoints.redo, before=checkpoints.undo))
    survey.start()
    show("the look before a command", median_ms(survey.before))
    looks = [survey.before()]

    def spoil() -> None:
        looks.append(survey.before())
        (top / "d0/s2/f3.py").write_text(str(time.time_ns()))

    show(
        "the look after, with a checkpoint",
        median_ms(lambda: survey.after(looks[-1], "run"), before=spoil),
    )
    show("git stash create", median_ms(lambda: run("git", "stash", "create", cwd=top)))
    show("git status", median_ms(lambda: run("git", "status", cwd=top)))
    show("git diff-files", median_ms(lambda: run("git", "diff-files", cwd=top)))


def outside(top: Path, folder: Path) -> None:
    patch = folder / "patch.diff"
    patch.write_text(PATCH)
    spark = (sys.executable, "-m", "spark_cli")

    def reset() -> None:
        run("git", "checkout", "-q", "--", NAME, cwd=top)

    def applied() -> None:
        run(*spark, "apply", "--yes", patch, cwd=top)

    os.environ["SPARK_HOME"] = str(folder / "home")
    git = ("git", "apply", patch)
    show("process: git apply", median_ms(lambda: run(*git, cwd=top), before=reset))
    show("process: spark apply", median_ms(applied, before=reset))
    reset()
    undo = (*spark, "undo")
    show("process: spark undo", median_ms(lambda: run(*undo, cwd=top), before=applied))
    bare = (sys.executable, "-c", "pass")
    show("process: a Python that does nothing", median_ms(lambda: run(*bare, cwd=top)))


def show(what: str, taken_ms: float) -> None:
    print(f"{what:42}{taken_ms:9.1f} ms")


def main(files: int = 50_000) -> None:
    folder = Path(tempfile.mkdtemp()).resolve()
    top = folder / "repo"
    top.mkdir()
    made(top, files)
    inside(top, folder / "state")
    outside(top, folder)
    shutil.rmtree(folder)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
