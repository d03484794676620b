"""What is piped into spark, and the patience with which it is waited for.

Programs that start spark often leave it a pipe that never says anything and never
closes.  With a prompt on the command line, such a pipe is given up after a short
while, and that is said.  Once bytes have come, the writer is taken to be working,
and is waited for much longer.  `-` waits for the end, however long.
"""

from __future__ import annotations

import os
import select
import stat
from collections.abc import Callable

from spark_cli.core.errors import UsageError
from spark_cli.workspace.attachment import BYTES_MAX, decoded

FIRST_BYTE_S = 2.0
NEXT_BYTE_S = 30.0
_CHUNK = 1 << 16


def read_piped(
    file: int,
    warn: Callable[[str], None],
    *,
    first_byte_s: float | None = FIRST_BYTE_S,
    next_byte_s: float | None = NEXT_BYTE_S,
) -> str:
    """Everything that is piped in, as text; empty if nothing is.

    `None` for a time waits for the end.  Bytes that are not UTF-8 are replaced; what
    is binary, or larger than any model's window, is a `UsageError`.
    """
    if not _is_piped(file):
        return ""
    got = bytearray()
    patience = first_byte_s
    while _ready(file, patience):
        piece = os.read(file, _CHUNK)
        if not piece:
            return decoded(bytes(got), "stdin")
        got += piece
        patience = next_byte_s
        if len(got) > BYTES_MAX:
            raise UsageError(
                f"more than {BYTES_MAX:,} bytes came from stdin, which no model takes",
                "pipe in the part that matters: `... | tail -n 200 | spark -p ...`",
            )
    if got:
        warn(
            f"stdin is silent for {patience:g} s; going on with its {len(got):,} bytes"
        )
    else:
        warn(f"nothing came from stdin in {patience:g} s; going on without it")
    return decoded(bytes(got), "stdin")


def _is_piped(file: int) -> bool:
    try:
        mode = os.fstat(file).st_mode
    except OSError:  # it was closed before spark started
        return False
    return not (stat.S_ISCHR(mode) or stat.S_ISDIR(mode))


def _ready(file: int, patience_s: float | None) -> bool:
    return bool(select.select([file], [], [], patience_s)[0])
