"""`spark undo`, `spark redo`, `spark checkpoints`: what spark changed here, and back.

They know every checkpoint of this folder's repository, whichever session made it, or
`spark apply`.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable

from spark_cli.cli.options import CheckpointsOptions, Listing, UndoOptions
from spark_cli.config.paths import paths
from spark_cli.core.ids import CheckpointId, SessionId
from spark_cli.core.printable import printable
from spark_cli.workspace.checkpoints import Checkpoints, TakenBack
from spark_cli.workspace.ground import stand
from spark_cli.workspace.manifest import Checkpoint, Kind

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def run_undo(options: UndoOptions) -> int:
    """Take back a change, the newest that stands unless one is named."""
    name = CheckpointId(options.checkpoint) if options.checkpoint else None
    return _take_back(options, lambda known: known.undo(name, everywhere=True))


def run_redo(options: Listing) -> int:
    """Take back the newest undo."""
    return _take_back(options, lambda known: known.redo(everywhere=True))


def run_checkpoints(options: CheckpointsOptions) -> int:
    """List the newest checkpoints, the last one at the end."""
    known = _checkpoints(options)
    rows = [row(known, one) for one in known.everything()[-options.count :]]
    if options.json:
        sys.stdout.write(f"{json.dumps(rows)}\n")
        return 0
    if not rows:
        sys.stderr.write("spark has changed nothing here\n")
    now = time.time()
    for one in rows:
        sys.stdout.write(f"{printable(line(one, now))}\n")
    return 0


def line(told: dict[str, object], now: float) -> str:
    """One checkpoint for the eye."""
    old = age(now - float(str(told["made"])))
    size = f"+{told['added']} -{told['removed']}"
    gone = "" if told["standing"] else "  (undone)"
    label = " ".join(str(told["label"]).split())
    return f"{told['id']}  {old:>6}  {size:>9}  {label:.60}{gone}"


def age(seconds: float) -> str:
    """A time in its biggest unit."""
    for size, unit in _UNITS:
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return "now"


def row(known: Checkpoints, one: Checkpoint) -> dict[str, object]:
    """What there is to say of a checkpoint, as JSON has it."""
    from spark_cli.patch.diff import counts

    size = counts(known.changes_of(one))
    return {
        "id": one.id,
        "kind": one.kind.value,
        "label": one.label,
        "made": one.made,
        "session": one.session,
        "standing": one.standing,
        "undoes": one.undoes,
        "files": list(one.files),
        "added": size.added,
        "removed": size.removed,
    }


def _take_back(options: Listing, act: Callable[[Checkpoints], TakenBack]) -> int:
    known = _checkpoints(options)
    done = act(known)
    if options.json:
        sys.stdout.write(f"{json.dumps(_told(done))}\n")
        return 0
    redone = done.checkpoint.kind is Kind.UNDO
    words = "brought back" if redone else "took back"
    told = f"{words} `{done.checkpoint.subject}`"
    if not done.files:
        told += ": no trace of it was left"
    sys.stdout.write(f"{printable(told)}\n")
    for name in done.files:
        note = " (merged with what was changed since)" if name in done.merged else ""
        sys.stdout.write(f"  {printable(name)}{note}\n")
    return 0


def _told(done: TakenBack) -> dict[str, object]:
    return {
        "type": "undo",
        "v": 1,
        "checkpoint": done.checkpoint.id,
        "by": done.by,
        "files": done.files,
        "merged": done.merged,
    }


def _checkpoints(options: Listing) -> Checkpoints:
    root, _ = stand(options.where())
    known = Checkpoints(root, SessionId("undo"), paths(os.environ).state)
    said = known.recover()
    if said:
        sys.stderr.write(f"{printable(said)}\n")
    return known
