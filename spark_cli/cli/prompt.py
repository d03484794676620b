"""The prompt as it is sent: the user's words, and what was piped in or named.

What is not the user's own words stands in a block of its own, marked so that the
model can tell it from them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from spark_cli.cli.options import Options
from spark_cli.cli.stdin import read_piped
from spark_cli.core.errors import UsageError
from spark_cli.workspace.attachment import block, file_block

STDIN = "-"


def prompt(options: Options, warn: Callable[[str], None]) -> str:
    """The whole prompt; `UsageError` if there are no words in it.

    Where the prompt is `-`, stdin is the prompt; else what is piped in is added to it.
    """
    words = options.prompt or ""
    named = [
        file_block(path, str(path)) for path in options.files if str(path) != STDIN
    ]
    if words == STDIN:
        words, piped = _whole_stdin(warn), ""
    elif Path(STDIN) in options.files:
        piped = _whole_stdin(warn)
    else:
        piped = read_piped(0, warn)
    if not (words.strip() or piped.strip()):
        raise UsageError("the prompt is empty", 'say what to do: `spark -p "PROMPT"`')
    if piped.strip():
        named.append(block("stdin", piped))
    return "\n\n".join([part for part in (words, *named) if part])


def _whole_stdin(warn: Callable[[str], None]) -> str:
    if sys.stdin is not None and sys.stdin.isatty():
        return sys.stdin.read()
    return read_piped(0, warn, first_byte_s=None, next_byte_s=None)
