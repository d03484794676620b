"""One writer at a time: a lock for each root, in a folder that is ours alone.

The locks are a fixed number of files that are never removed: a lock that is removed
while another waits for it is no lock.  Roots may share one, which costs a wait.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

from spark_cli.config.paths import private
from spark_cli.core.errors import PatchRefused, SparkError
from spark_cli.workspace.root import Root

PATIENCE_S = 30.0
_PAUSE_S = 0.005


def key(root: Root) -> str:
    """What a root's own files are called by."""
    return hashlib.sha256(os.fsencode(root.path)).hexdigest()[:20]


@contextlib.contextmanager
def locked(
    root: Root, state_dir: Path, patience_s: float = PATIENCE_S
) -> Iterator[Path]:
    """Hold the root's lock; the answer is the folder for journals.

    `PatchRefused` where that cannot be had: another writer that was stopped in the
    middle must not stop this one for ever.
    """
    folder = state_dir / "writes"
    try:
        handle = os.open(
            private(folder) / f"lock-{key(root)[:2]}",
            os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW,
            0o600,
        )
    except (OSError, SparkError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise PatchRefused(
            f"cannot keep a journal in `{folder}`: {reason}",
            "set XDG_STATE_HOME to a folder that can be written",
        ) from error
    try:
        _wait(handle, root, patience_s)
        yield folder
    finally:
        os.close(handle)


def _wait(handle: int, root: Root, patience_s: float) -> None:
    limit = time.monotonic() + patience_s
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > limit:
                raise PatchRefused(
                    f"another spark has been writing in `{root.path}` for "
                    f"{patience_s:g} s; nothing was changed",
                    "end it, or try again when it is done",
                ) from None
            time.sleep(_PAUSE_S)
        else:
            return
