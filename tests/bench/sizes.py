"""Patches that are big, or of big files, beside what others apply with.

    python -m tests.bench.sizes

CPU seconds of a whole process, the least of three: `spark apply`, with its journal and
its checkpoint, `git apply`, and the Codex `apply_patch` ($CODEX_BIN, or the one behind
`codex` on the path).  What a program refuses is marked, as some of it has to be.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from tests.bench.patches import codex_binary

TIMES = 3
HUNKS = 10_000
NAME = "f.txt"


class Case(NamedTuple):
    """A file and a patch of it as V4A and as a unified diff, or in another format."""

    name: str
    text: bytes
    v4a: str = ""
    unified: str = ""
    other: str = ""


def line(number: int) -> str:
    return f"line {number} of a file with some text in it, about fifty"


def both(name: str, text: bytes, hunks: Iterable[tuple[int, str]]) -> Case:
    """`hunks` have the number of their first line, and their lines with signs."""
    told = list(hunks)
    v4a = "".join(f"@@\n{body}" for _, body in told)
    unified = "".join(
        f"@@ -{at},{_size(body, ' -')} +{at},{_size(body, ' +')} @@\n{body}"
        for at, body in told
    )
    return Case(
        name,
        text,
        f"*** Begin Patch\n*** Update File: {NAME}\n{v4a}*** End Patch\n",
        f"--- a/{NAME}\n+++ b/{NAME}\n{unified}",
    )


def _size(body: str, signs: str) -> int:
    return sum(one[:1] in signs for one in body.split("\n") if one)


def cases() -> Iterator[Case]:
    at = 450_000
    big = "".join(f"{line(number)}\n" for number in range(900_000)).encode()
    inner = f" {line(at)}\n-{line(at + 1)}\n+new\n {line(at + 2)}\n"
    yield both("50 MB, one hunk", big, [(at + 1, inner)])
    deep = f"   {line(at)}\n-  {line(at + 1)}\n+  new\n   {line(at + 2)}\n"
    yield both("50 MB, at another depth", big, [(at + 1, deep)])
    stale = inner.replace(f"-{line(at + 1)}", f"-{line(at + 1)}!")
    yield both("50 MB, a near miss", big, [(at + 1, stale)])
    every = range(3, HUNKS * 8, 8)
    many = "".join(f"{line(number)}\n" for number in range(HUNKS * 8)).encode()
    hunks = [
        (at, f" {line(at - 1)}\n-{line(at)}\n+new {at}\n {line(at + 1)}\n")
        for at in every
    ]
    yield both("10,000 hunks", many, hunks)
    blocks = "".join(
        f"<<<<<<< SEARCH\n{line(at)}\n=======\nnew {at}\n>>>>>>> REPLACE\n"
        for at in every
    )
    yield Case("10,000 blocks", many, other=f"{NAME}\n```\n{blocks}```\n")
    edits = [{"path": NAME, "old": line(at), "new": f"new {at}"} for at in every]
    yield Case("10,000 JSON edits", many, other=json.dumps({"edits": edits}))
    long = b"a\n" + b"x" * 10_000_000 + b"\nb\nc\n"
    yield both("a line of 10 MB beside", long, [(3, "-b\n+B\n c\n")])
    yield both("a line of 10 MB itself", long, [(2, f"-{'x' * 10_000_000}\n+y\n b\n")])
    same = b"same\n" * 60_000
    miss = " same\n" * 199 + "-other\n+x\n"
    yield both("60,000 equal lines, a near miss", same, [(30_000, miss)])


def cpu_s(folder: Path, case: Case, patch: str, *argv: str) -> str:
    """The least of several, with a mark where the file is not another one then."""
    taken, changed = [], False
    file, told = folder / NAME, folder / "patch"
    told.write_text(patch)
    for _ in range(TIMES):
        file.write_bytes(case.text)
        before = os.times()
        with told.open("rb") as stdin:
            subprocess.run(
                argv,
                cwd=folder,
                stdin=stdin,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=False,
            )
        after = os.times()
        taken.append(
            after.children_user
            - before.children_user
            + after.children_system
            - before.children_system
        )
        changed = file.read_bytes() != case.text
    return f"{min(taken):8.2f}" + (" " if changed else "!")


def main() -> None:
    folder = Path(tempfile.mkdtemp()).resolve()
    os.environ["SPARK_HOME"] = str(folder / "home")
    top = folder / "tree"
    top.mkdir()
    subprocess.run(["git", "init", "-q", top], check=True)
    spark = (sys.executable, "-m", "spark_cli", "apply", "-q")
    os.environ["PYTHONPATH"] = str(Path(__file__).resolve().parents[2])
    codex = codex_binary()
    link = folder / "apply_patch"
    if codex is not None:
        link.symlink_to(codex)
    print(f"{'CPU s; ! nothing changed':34}   spark V4A  unified  git apply    codex")
    for case in cases():
        runs: list[tuple[str, tuple[str, ...]]] = [(case.other, spark)]
        if not case.other:
            runs = [(case.v4a, spark), (case.unified, spark)]
            runs.append((case.unified, ("git", "apply", "-p1", "-")))
            runs += [(case.v4a, (str(link),))] if codex else []
        cells = [cpu_s(top, case, patch, *argv) for patch, argv in runs]
        print(f"{case.name:34} " + " ".join(f"{cell:>10}" for cell in cells))
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
