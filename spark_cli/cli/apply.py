"""`spark apply`: a patch from a file or a pipe, by the engine that models use.

Scripts and other agents call it as they call `git apply`, many times a minute.  So its
flags are read without Typer where they are plain, and nothing of a session is loaded:
no event loop, no network, no screen.  What is odd goes the long way, to the same end.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple, TextIO

from spark_cli.config.paths import paths
from spark_cli.core.errors import NothingToChange, PatchRefused, SparkError, UsageError
from spark_cli.core.ids import CheckpointId, SessionId
from spark_cli.core.printable import printable
from spark_cli.patch.edits import Action, Conflicted, Edit
from spark_cli.patch.formats import Format, read
from spark_cli.patch.plan import FilePlan, PatchPlan, plan
from spark_cli.workspace.checkpoints import Checkpoints, recovered
from spark_cli.workspace.ground import stand
from spark_cli.workspace.root import Root
from spark_cli.workspace.tree import DiskTree

SESSION = SessionId("apply")
STDIN = "-"
FORMATS = {
    "v4a": Format.V4A,
    "udiff": Format.UNIFIED,
    "unified": Format.UNIFIED,
    "diff": Format.UNIFIED,
    "sr": Format.BLOCKS,
    "blocks": Format.BLOCKS,
    "edits": Format.EDITS,
    "json": Format.EDITS,
    "whole": Format.WHOLE,
}
_ALREADY = "already applied"
_LETTERS = {Action.ADD: "A", Action.DELETE: "D", Action.UPDATE: "M", Action.WRITE: "M"}


class Order(NamedTuple):
    """What is asked for.  `form` is a format's name, empty to find out."""

    file: str = STDIN
    folder: str = "."
    form: str = ""
    check: bool = False
    json: bool = False
    json_lines: bool = False
    quiet: bool = False


class Applied(NamedTuple):
    """`checkpoint` is empty where it was only checked, or nothing had to be done."""

    plan: PatchPlan
    checkpoint: CheckpointId


_FLAGS = {
    "--check": "check",
    "--json": "json",
    "--json-lines": "json_lines",
    "--quiet": "quiet",
    "-q": "quiet",
}
_VALUES = {"--format": "form", "--cd": "folder", "-C": "folder"}
_ASSENT = frozenset({"--yes", "-y"})


def ordered(argv: Sequence[str]) -> Order | None:
    """The order in what was typed; `None` where that takes more than a glance."""
    found: dict[str, str | bool] = {}
    words = iter(argv)
    for word in words:
        option, equals, value = word.partition("=")
        if word in _FLAGS:
            found[_FLAGS[word]] = True
        elif option in _VALUES and option[:2] == "--" and equals:
            found[_VALUES[option]] = value
        elif word in _VALUES:
            found[_VALUES[word]] = next(words, "")
        elif word not in _ASSENT:
            if (word[:1] == "-" and word != STDIN) or "file" in found:
                return None
            found["file"] = word
    if found.get("form", "") not in {"", *FORMATS} or not all(found.values()):
        return None
    return Order(**found)  # type: ignore[arg-type]  # the tables above agree


def run_apply(order: Order) -> int:
    """Carry an order out; the answer is the exit code."""
    if order.json_lines:
        return serve(sys.stdin.buffer, sys.stdout)
    try:
        folder = _folder(order.folder)
        said = recovered(stand(folder)[0], paths(os.environ).state)
        if said:
            sys.stderr.write(f"{printable(said)}\n")
        form = FORMATS.get(order.form)
        done = apply(folder, _patch(order), form, check=order.check)
    except SparkError as error:
        if order.json:
            _print(_refusal(error))
        raise
    if order.json:
        _print(_told(done))
    elif not order.quiet:
        lines = [_line(file) for file in done.plan.files]
        for line in lines or [_ALREADY]:
            sys.stdout.write(f"{printable(line)}\n")
    return 0


def apply(
    folder: Path, text: str, form: Format | None = None, *, check: bool = False
) -> Applied:
    """Apply a patch as seen from a folder, whole or not at all.

    One that is applied already is no failure: the files are as it makes them.
    """
    root, _ = stand(folder)
    tree = DiskTree(root)
    edits = _from_top(read(text, form), root, folder, tree)
    intent = plan(edits, tree)
    if not intent.changes and intent.files:
        raise NothingToChange("the patch changes nothing")
    if check or not intent.changes:
        return Applied(intent, CheckpointId(""))
    checkpoints = Checkpoints(root, SESSION, paths(os.environ).state)
    names = ", ".join(change.name for change in intent.changes)
    return Applied(intent, checkpoints.write(intent.changes, f"patch {names}"))


def _from_top(
    edits: Sequence[Edit], root: Root, folder: Path, tree: DiskTree
) -> list[Edit]:
    """The edits with names from the root's top.

    They are meant from the folder, as every other name that is typed there; but what
    git prints is named from the top, wherever it is printed.
    """
    below = root.name(folder)
    if below == ".":
        return list(edits)

    def named(name: str) -> str:
        return name if name.startswith("/") else f"{below}/{name}"

    moved = [
        edit._replace(name=named(edit.name), to=named(edit.to) if edit.to else None)
        for edit in edits
    ]
    old = [at for at, edit in enumerate(edits) if edit.action is not Action.ADD]
    here = any(tree.read(moved[at].name) for at in old)
    return (
        moved
        if here or not any(tree.read(edits[at].name) for at in old)
        else list(edits)
    )


def serve(requests: BinaryIO, replies: TextIO) -> int:
    """Answer one request a line until there are no more.

    A request is `{"cwd", "patch", "format"?, "check"?}`, and its reply is
    `{"rc", "err"}` with the exit code that `spark apply` would have ended with, and
    the `checkpoint` where there is one.
    """
    import json

    for line in requests:
        if line.strip():
            replies.write(f"{json.dumps(_reply(line))}\n")
            replies.flush()
    return 0


def _reply(line: bytes) -> dict[str, object]:
    try:
        done = _asked(line)
    except SparkError as error:
        hint = f" ({error.hint})" if error.hint else ""
        return {"rc": error.exit_code, "err": f"{error.message}{hint}"}
    except Exception as error:  # noqa: BLE001  one bad request must not end the rest
        return {"rc": SparkError.exit_code, "err": f"{type(error).__name__}: {error}"}
    return {"rc": 0, "err": "", "checkpoint": done.checkpoint}


def _asked(line: bytes) -> Applied:
    import json

    try:
        request = json.loads(line)
    except ValueError as error:
        raise UsageError(f"the request is not JSON: {error}") from None
    given = request if isinstance(request, dict) else {}
    patch, form = given.get("patch"), given.get("format") or ""
    if not isinstance(patch, str) or not isinstance(given.get("cwd", ""), str):
        raise UsageError('a request is `{"cwd": FOLDER, "patch": TEXT}`')
    if form not in {"", *FORMATS}:
        raise UsageError(f"there is no format `{form}`; there are {', '.join(FORMATS)}")
    folder = _folder(given.get("cwd") or ".")
    check = given.get("check") is True
    return apply(folder, patch, FORMATS.get(form), check=check)


def _folder(name: str) -> Path:
    folder = Path(name).expanduser()
    if not folder.is_dir():
        raise UsageError(f"there is no folder `{folder}`", "name one that exists")
    return folder.resolve()


def _patch(order: Order) -> str:
    if order.file == STDIN:
        if sys.stdin.isatty():
            sys.stderr.write("reading a patch from the terminal; Ctrl-D ends it\n")
        data = sys.stdin.buffer.read()
    else:
        try:
            data = Path(order.file).read_bytes()
        except OSError as error:
            raise UsageError(f"cannot read `{order.file}`: {error.strerror}") from error
    if not data.strip():
        raise PatchRefused("the patch is empty")
    return data.decode("utf-8", "surrogateescape")


def _line(file: FilePlan) -> str:
    name = f"{file.name} -> {file.to}" if file.to else file.name
    letter = "R" if file.to else _LETTERS[file.action]
    if file.before is None and file.action is not Action.DELETE:
        letter = "A"
    loose = ", ".join(file.tolerances)
    return f"{letter} {name}" + (f" (despite {loose})" if loose else "")


def _told(done: Applied) -> dict[str, object]:
    files = [
        {
            "action": file.action,
            "name": file.name,
            "to": file.to,
            "hunks": len(file.hunks),
            "tolerances": file.tolerances,
        }
        for file in done.plan.files
    ]
    checked = "checked" if done.plan.changes else "unchanged"
    status = "applied" if done.checkpoint else checked
    return _result(status, 0, files=files, checkpoint=done.checkpoint or None)


def _refusal(error: SparkError) -> dict[str, object]:
    conflicts = [
        {"name": one.name, "problem": one.problem, "hunk": one.hunk, "of": one.of}
        for one in (error.conflicts if isinstance(error, Conflicted) else ())
    ]
    status = "unchanged" if isinstance(error, NothingToChange) else "refused"
    told = {"message": error.message, "hint": error.hint}
    return _result(status, error.exit_code, error=told, conflicts=conflicts)


def _result(status: str, exit_code: int, **facts: object) -> dict[str, object]:
    head = {"type": "apply", "v": 1, "status": status, "exit_code": exit_code}
    return {**head, **facts}


def _print(result: dict[str, object]) -> None:
    import json

    sys.stdout.write(f"{json.dumps(result)}\n")
