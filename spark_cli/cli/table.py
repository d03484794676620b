"""Columns that fit the terminal: Rich measures wide characters and wraps long cells.

Where nobody looks (a pipe, a file) a row stays one line, so that scripts can cut it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import TextIO

PIPE_COLUMNS = 2000


@dataclass(frozen=True, slots=True)
class Column:
    """`width` is in cells, where it is not to follow the content."""

    right: bool = False
    width: int | None = None
    style: str = ""


def aligned(
    rows: Iterable[Sequence[str]],
    columns: Sequence[Column],
    stream: TextIO,
    *,
    colored: bool = False,
) -> str:
    """The rows as lines of text; cells must be printable already."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(
            justify="right" if column.right else "left",
            width=column.width,
            no_wrap=column.width is not None,
            overflow="fold",
        )
    for row in rows:
        cells = zip(row, columns, strict=True)
        table.add_row(*(Text(text, column.style) for text, column in cells))
    terminal = shutil.get_terminal_size().columns
    page = StringIO()
    Console(
        file=page,
        width=terminal if stream.isatty() else PIPE_COLUMNS,
        force_terminal=colored,
        color_system="standard" if colored else None,
        legacy_windows=False,
    ).print(table)
    return "".join(f"{line.rstrip()}\n" for line in page.getvalue().splitlines())
