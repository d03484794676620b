"""Three ways to search files, which give the same answers.

ripgrep where it is installed, else git's grep with PCRE, else Python.  Each is told
exactly which files to look at, so none applies ignore rules, hidden-file rules or
link rules of its own, and each is told to take CRLF as an end of line and a NUL byte
as the mark of a binary file.  A pattern that one of them does not understand goes to
Python, whose word is final.

Each runs as a process that can be ended: by time, by the amount that it prints, and
by whoever holds the leash.
"""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, TypeAlias

from spark_cli.core.errors import SparkError, ToolError
from spark_cli.tools import excerpt
from spark_cli.tools.scan import BAD_PATTERN
from spark_cli.workspace.processes import Bounds, Captured, Leash, capture

OUTPUT_BYTES_MAX = 8_000_000
_BATCH_BYTES = 250_000
"""Of file names in one command line: macOS takes a megabyte, environment included."""
_GIT_BATCH_BYTES = 16_000
"""Git compares each file with each name: 30,000 took 5 s in the larger batches."""


class Hit(NamedTuple):
    """One line that matches; `start` is where, in characters."""

    name: str
    number: int
    start: int
    line: str


@dataclass(frozen=True, slots=True)
class Query:
    pattern: str
    fixed: bool = False
    ignore_case: bool = False


@dataclass(slots=True)
class Hunt:
    """One search: what it may still use, and what it has found so far."""

    root: Path
    timeout_s: float
    leash: Leash
    hits: list[Hit] = field(default_factory=list)
    timed_out: bool = False
    full: bool = False
    left_bytes: int = OUTPUT_BYTES_MAX
    _ends: float = field(init=False)

    def __post_init__(self) -> None:
        self._ends = time.monotonic() + self.timeout_s

    @property
    def over(self) -> bool:
        return self.timed_out or self.full

    def run(
        self, argv: Sequence[str], env: Mapping[str, str], data: bytes = b""
    ) -> Captured:
        bounds = Bounds(max(self._ends - time.monotonic(), 0.001), self.left_bytes)
        done = capture(
            argv, bounds, cwd=self.root, env=env, data=data, leash=self.leash
        )
        self.left_bytes -= len(done.out)
        self.timed_out |= done.timed_out
        self.full |= done.full
        return done


class NotUnderstood(Exception):
    """The engine cannot take this pattern; another may."""


Engine: TypeAlias = Callable[[Query, Sequence[str], Hunt], None]


def engines(root: Path) -> list[Engine]:
    """What this machine has, the best first; nothing that lies in the workspace."""
    programs: list[tuple[str, Engine]] = [("rg", ripgrep), ("git", git_grep)]
    found = [engine for program, engine in programs if _installed(program, root)]
    return [*found[:1], python]


def search(
    query: Query, names: Sequence[str], hunt: Hunt, chosen: Sequence[Engine]
) -> None:
    """Fill the hunt's hits; `ToolError` for a pattern that no engine understands."""
    complaint = "there is nothing to search with"
    for engine in chosen:
        hunt.hits.clear()
        try:
            engine(query, names, hunt)
        except (NotUnderstood, SparkError) as error:
            complaint = str(error)
        else:
            rank = {name: index for index, name in enumerate(names)}
            hunt.hits.sort(key=lambda hit: (rank[hit.name], hit.number))
            return
    pattern = excerpt.summary(query.pattern)
    raise ToolError(f"cannot search for `{pattern}`: {excerpt.line(complaint, 400)}")


def ripgrep(query: Query, names: Sequence[str], hunt: Hunt) -> None:
    # Without `--no-mmap` it sees a NUL byte or not depending on the number of files.
    argv = ["rg", "--json", "--no-config", "--no-mmap", "--no-ignore", "--crlf"]
    argv += ["--encoding", "none"]
    argv += ["-i"] * query.ignore_case + ["-F"] * query.fixed
    for batch in _batches(names, _BATCH_BYTES):
        done = hunt.run([*argv, "-e", query.pattern, "--", *batch], os.environ)
        records = [_record(line) for line in done.out.split(b"\n") if line]
        if not hunt.over and not any(one.get("type") == "summary" for one in records):
            raise NotUnderstood(_last_line(done.err))
        hunt.hits += _from_ripgrep(records)
        if hunt.over:
            return


def git_grep(query: Query, names: Sequence[str], hunt: Hunt) -> None:
    """Git as a plain grep: it is shown no repository, so nobody's config counts."""
    argv = ["git", "--no-pager", "--literal-pathspecs", "grep", "--no-index", "-a"]
    argv += ["-n", "-z", "--column", "--no-color"]
    argv += ["-i"] * query.ignore_case
    if query.fixed:
        argv += ["-P", "-e", _VERBS + re.escape(query.pattern)]
    else:
        argv += ["-P", "-e", _VERBS + query.pattern]
    env = os.environ | {
        "GIT_DIR": os.devnull,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_COUNT": "0",
    }
    for batch in _batches(names, _GIT_BATCH_BYTES):
        done = hunt.run([*argv, "--", *batch], env)
        if done.code not in {0, 1} and not hunt.over:
            raise NotUnderstood(_last_line(done.err))
        hits = [_from_git(match) for match in _GIT_LINE.finditer(done.out)]
        binary = {name for name in {hit.name for hit in hits} if _is_binary(hunt, name)}
        hunt.hits += [hit for hit in hits if hit.name not in binary]
        if hunt.over:
            return
        _check_crlf(query, hunt)


def _check_crlf(query: Query, hunt: Hunt) -> None:
    r"""Ask Python again about files with CRLF.

    PCRE takes CR for the end of a line, and yet for a character: `\s$` matches it.
    """
    doubtful = sorted({hit.name for hit in hunt.hits if hit.line.endswith("\r")})
    if doubtful:
        found = hunt.hits
        hunt.hits = [hit for hit in found if hit.name not in doubtful]
        try:
            python(query, doubtful, hunt)
        except NotUnderstood:  # and PCRE did
            hunt.hits = found


def python(query: Query, names: Sequence[str], hunt: Hunt) -> None:
    asked = {
        "pattern": query.pattern,
        "fixed": query.fixed,
        "ignore_case": query.ignore_case,
        "names": names,
        "timeout_s": hunt.timeout_s,
    }
    script = Path(__file__).with_name("scan.py")
    done = hunt.run(
        [sys.executable, "-I", "-S", "-X", "utf8", str(script)],
        os.environ,
        json.dumps(asked).encode(),
    )
    if done.code == BAD_PATTERN:
        raise NotUnderstood(_last_line(done.err))
    for line in done.out.split(b"\n")[:-1]:
        index, number, start, text = json.loads(line)
        hunt.hits.append(Hit(names[index], number, start, _shown(text)))


_VERBS = "(*UTF)(*UCP)(*ANYCRLF)"
"""Characters rather than bytes, and CRLF as the end of a line (pcre2pattern(3))."""

_STRAY = re.compile("[\ud800-\udfff]")

_GIT_LINE = re.compile(rb"([^\0]+)\0(\d+)[\0:](\d+)[\0:]([^\n]*)\n")


def _installed(program: str, root: Path) -> bool:
    found = shutil.which(program)
    return found is not None and not Path(found).resolve().is_relative_to(root)


def _batches(names: Sequence[str], size_bytes: int) -> Iterator[list[str]]:
    batch: list[str] = []
    size = 0
    for name in names:
        # `./`, because ripgrep takes a file named `-` for its standard input.
        batch.append(f"./{name}")
        size += len(name) + 3
        if size > size_bytes:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _record(line: bytes) -> dict[str, object]:
    try:
        record = json.loads(line)
    except ValueError:  # cut off where the output was full
        return {}
    return record if isinstance(record, dict) else {}


def _from_ripgrep(records: Sequence[dict[str, object]]) -> Iterator[Hit]:
    """A file's matches count when its end says that it was not binary."""
    pending: list[Hit] = []
    for record in records:
        data = record.get("data")
        if not isinstance(data, dict):
            continue
        if record["type"] == "match":
            raw = _bytes(data["lines"]).removesuffix(b"\n").removesuffix(b"\r")
            parts = data["submatches"]
            column = parts[0]["start"] if parts else 0
            name = _name(_bytes(data["path"]))
            pending.append(_hit(name, data["line_number"], column, raw))
        elif record["type"] == "end":
            if data["binary_offset"] is None:
                yield from pending
            pending = []
    yield from pending


def _bytes(value: Mapping[str, str]) -> bytes:
    if "text" in value:
        return value["text"].encode()
    return base64.b64decode(value["bytes"])


def _from_git(match: re.Match[bytes]) -> Hit:
    path, number, column, raw = match.groups()
    return _hit(_name(path), int(number), int(column) - 1, raw)


def _hit(name: str, number: int, column: int, raw: bytes) -> Hit:
    start = len(raw[:column].decode("utf-8", "surrogateescape"))
    text = raw.decode("utf-8", "surrogateescape")
    return Hit(name, number, start, _shown(text))


def _shown(text: str) -> str:
    """One U+FFFD for each byte that is not UTF-8."""
    return text if text.isascii() else _STRAY.sub("\ufffd", text)


def _name(path: bytes) -> str:
    return os.fsdecode(path.removeprefix(b"./"))


def _is_binary(hunt: Hunt, name: str) -> bool:
    try:
        return b"\0" in (hunt.root / name).read_bytes()
    except OSError:
        return False


def _last_line(complaint: bytes) -> str:
    lines = complaint.decode("utf-8", "replace").strip().splitlines() or ["no reason"]
    return lines[-1].strip()
