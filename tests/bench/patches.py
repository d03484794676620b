"""The patch applier on a corpus of drifted patches, beside what others apply with.

    python -m tests.bench.patches [--corpus FOLDER] [--limit N] [--show]

The corpus (`--corpus`, $SPARK_PATCH_CORPUS, or `../shared/patch_corpus`) is scored by
its own `score.py`: each format by spark in process, unified diffs by `git apply` and
GNU `patch`, V4A by the Codex `apply_patch` ($CODEX_BIN, or the one behind `codex` on
the path).  Then the time of one patch: in process, and process against process.

*exact* is the expected tree to the byte, *refused* means that nothing was changed,
*WRONG* is a success with any other tree, *partial* a failure that left changes.

Why what is refused is refused, mode by mode:

dup_ctx, dup_ctx_badnum, natural_dup
    The hunk fits in several places to the letter, and nothing in it says which.
missing_end, truncated
    A patch without its end was cut off, and may lack the better part.
stale_ctx, ctx_typo
    A hunk with one kept line that tells the place, and that one has changed; or one
    that only adds, where the lines above and below it have both changed.
tabs_spaces
    Two indentations of the patch would have to become one, or lines are added at a
    depth that no line of the hunk has, and two rules explain the rest.
wrong_counts
    The last header announces lines near the end of the file that are not there: the
    same as a diff that was cut off.
missing_at
    Two hunks that came as one, and their lines also fit as one hunk that is stale.
u0 (edits)
    Lines go with their line break, and a blank line follows that may go too.
already_applied
    Lines that were only removed at an edge of the hunk leave no trace there, so that
    a removal that was done cannot be told from text that has changed.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

TOP = Path(__file__).resolve().parents[2]
FORMATS = ("v4a", "udiff", "sr", "edits")
SERVER = f"{sys.executable} -m tests.bench.patches --serve"
CODEX = "**/vendor/*/bin/codex"
MUST_REFUSE = {"atomic", "stale_target", "truncated"}

Scores: TypeAlias = dict[str, dict[str, int]]
"""For each mode: n, exact, refused, wrong, partial, bad."""


def serve() -> None:
    """Answer one request a line, as the scorer's `--server` speaks."""
    from spark_cli.core.errors import SparkError

    for line in sys.stdin:
        request = json.loads(line)
        try:
            apply(Path(request["cwd"]), request["patch"])
            answer: dict[str, object] = {"rc": 0, "err": ""}
        except SparkError as error:
            answer = {"rc": 1, "err": error.message}
        print(json.dumps(answer), flush=True)


def apply(folder: Path, patch: str) -> None:
    """Plan a patch against a folder, and carry it out without a checkpoint."""
    from spark_cli.patch import formats
    from spark_cli.patch.plan import plan
    from spark_cli.workspace.root import Root
    from spark_cli.workspace.tree import DiskTree

    for change in plan(formats.read(patch), DiskTree(Root(folder.resolve()))).changes:
        path = folder / change.name
        if change.after is None:
            path.unlink()
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(change.after.data)
        path.chmod(change.after.mode)


def scored(
    corpus: Path, name: str, command: str, form: str, limit: int | None
) -> Scores:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "scores.json")
        line = [sys.executable, str(corpus / "score.py"), command]
        line += ["--format", form, "--name", name, "--json", str(out), "--quiet"]
        line += ["--server"] if command == SERVER else []
        line += ["--limit", str(limit)] if limit else []
        subprocess.run(line, check=True, cwd=TOP)
        modes: Scores = json.loads(out.read_bytes())["modes"]
        return modes


def rivals(form: str, folder: Path) -> Iterator[tuple[str, str]]:
    """What else applies patches of a format here, by name, with its command."""
    if form == "udiff":
        yield "git apply", "git apply -p1 -"
        if shutil.which("patch"):
            yield "GNU patch", "patch -p1 --batch --forward --no-backup-if-mismatch"
    codex = codex_binary()
    if form == "v4a" and codex is not None:
        link = folder / "apply_patch"
        link.unlink(missing_ok=True)
        link.symlink_to(codex)
        yield "codex apply_patch", str(link)


def codex_binary() -> Path | None:
    """The native program behind npm's `codex`, which goes by the name it is given."""
    if named := os.environ.get("CODEX_BIN"):
        return Path(named)
    script = shutil.which("codex")
    if script is None:
        return None
    package = Path(script).resolve().parents[1]
    tops = (package, package.parent)
    return next((one for top in tops for one in top.glob(CODEX)), None)


def total(scores: Scores, modes: Callable[[str], bool]) -> dict[str, int]:
    keys = ("n", "exact", "refused", "wrong", "partial")
    chosen = [score for mode, score in scores.items() if modes(mode)]
    return {key: sum(score[key] for score in chosen) for key in keys}


def row(label: str, score: dict[str, int]) -> str:
    n = score["n"] or 1
    shares = (100 * score[key] / n for key in ("exact", "refused", "wrong", "partial"))
    return f"{label:36} {score['n']:5} " + "".join(f"{share:9.2f}" for share in shares)


def table(form: str, every: dict[str, Scores]) -> None:
    print(f"\n## {form}\n")
    print(f"{'':36} {'n':>5}    exact% refused%   WRONG% partial%")
    for name, scores in every.items():
        print(row(f"{name}: clean", total(scores, lambda mode: mode == "exact")))
        print(row("  drift", total(scores, lambda m: m not in {*MUST_REFUSE, "exact"})))
        print(row("  must be refused", total(scores, lambda mode: mode in MUST_REFUSE)))
    print("\nmode by mode, exact/refused/WRONG/partial of n:")
    for mode in next(iter(every.values())):
        cells = []
        for scores in every.values():
            one = scores[mode]
            parts = (one[key] for key in ("exact", "refused", "wrong", "partial"))
            cells.append(f"{'/'.join(map(str, parts)):>16}")
        n = next(iter(every.values()))[mode]["n"]
        print(f"  {mode:20} {n:4} {' '.join(cells)}")


def clean_cases(
    corpus: Path, form: str, count: int
) -> list[tuple[str, dict[str, bytes]]]:
    base = sqlite3.connect(f"file:{corpus / 'corpus.db'}?mode=ro&immutable=1", uri=True)
    query = "select patch, tree from cas where fmt = ? and mode = 'exact' limit ?"
    cases = []
    for patch, tree in base.execute(query, (form, count)):
        files = {}
        for name, (_, blob) in json.loads(tree).items():
            (packed,) = base.execute(
                "select z from blob where h = ?", (blob,)
            ).fetchone()
            files[name] = zlib.decompress(packed)
        cases.append((patch, files))
    base.close()
    return cases


def timed(
    cases: list[tuple[str, dict[str, bytes]]], work: Callable[[Path, str], object]
) -> float:
    """The median time of one patch, in milliseconds, with the tree already there."""
    times = []
    for patch, files in cases:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            for path, data in files.items():
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_bytes(data)
            start = time.perf_counter()
            work(folder, patch)
            times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times)


def process(*command: str) -> Callable[[Path, str], object]:
    def work(folder: Path, patch: str) -> object:
        return subprocess.run(
            command, cwd=folder, input=patch.encode(), capture_output=True, check=False
        )

    return work


def speed(corpus: Path, folder: Path) -> None:
    print("\n## time of one clean patch, median ms\n")
    cases = clean_cases(corpus, "udiff", 60)
    print(f"spark, in process       {timed(cases, apply):8.2f}")
    compileall.compile_dir(TOP / "spark_cli", quiet=1)  # as installing it does
    run = process(sys.executable, "-m", "spark_cli", "apply", "--yes")
    print(f"spark apply, a process  {timed(cases, run):8.2f}")
    git = process("git", "apply", "-p1", "-")
    print(f"git apply, a process    {timed(cases, git):8.2f}")
    for name, command in rivals("v4a", folder):
        mine = clean_cases(corpus, "v4a", 60)
        print(f"{name}, a process {timed(mine, process(command)):8.2f}")


def main() -> None:
    parser = argparse.ArgumentParser()
    default = os.environ.get("SPARK_PATCH_CORPUS") or TOP.parent / "shared/patch_corpus"
    parser.add_argument("--corpus", type=Path, default=Path(default))
    parser.add_argument("--limit", type=int, help="cases of each mode")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--formats", default=",".join(FORMATS))
    options = parser.parse_args()
    if options.serve:
        serve()
        return
    corpus = options.corpus.resolve()
    if not (corpus / "corpus.db").exists():
        print(f"skipped: there is no corpus in `{corpus}`; name one with --corpus")
        return
    with tempfile.TemporaryDirectory() as name:
        for form in options.formats.split(","):
            every = {"spark": scored(corpus, "spark", SERVER, form, options.limit)}
            for rival, command in rivals(form, Path(name)):
                every[rival] = scored(corpus, rival, command, form, options.limit)
            table(form, every)
        speed(corpus, Path(name))
    print(f"\n{(__doc__ or '').partition('Why what')[2].join(('Why what', ''))}")


if __name__ == "__main__":
    main()
