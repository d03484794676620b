"""What libraries and rooms log: to a file with `--debug`, else nowhere.

Without a handler Python prints warnings on stderr, in the middle of the screen.
Libraries of the network are kept to warnings: what they log below shows headers.
Traces may quote a key all the same, so every record is redacted.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

from spark_cli.cli.report import redacted
from spark_cli.config.paths import private

_FORMAT = "%(asctime)s %(name)s %(levelname)s %(message)s"


def begin(folder: Path, *, debug: bool) -> Path | None:
    """Set logging up for this process; the answer is the file that is written."""
    root = logging.getLogger()
    if not debug:
        root.addHandler(logging.NullHandler())
        return None
    path = private(folder) / f"debug-{os.getpid()}.log"
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(_Redacting(_FORMAT))
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger("spark_cli").setLevel(logging.DEBUG)
    return path


class _Redacting(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return redacted(super().format(record), os.environ)
