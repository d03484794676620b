"""Where a name is used, for whoever is about to change what it is."""

from __future__ import annotations

import re
from collections.abc import Callable

from spark_cli.core.errors import SparkError, ToolError
from spark_cli.patch.heat import defined
from spark_cli.tools import excerpt
from spark_cli.tools.engines import Hit, Hunt, Query, engines, search
from spark_cli.tools.search import scope
from spark_cli.workspace.processes import Leash
from spark_cli.workspace.root import Root

SHOWN = 3
TIMEOUT_S = 0.5
"""It is a help to the eye: better none than a hunk that waits for it."""


def callers_in(root: Root) -> Callable[[str, str], str]:
    """Looks a name up in all files of the root; `used in 3 places: a.py:10, ...`."""

    def callers(symbol: str, name: str) -> str:
        hunt = Hunt(root.path, TIMEOUT_S, Leash())
        query = Query(rf"\b{re.escape(symbol)}\b")
        try:
            search(query, scope(root, root.path, "").names, hunt, engines(root.path))
        except (SparkError, ToolError):
            return ""
        hits = [hit for hit in hunt.hits if defined(hit.line) != symbol]
        return _told(sorted(hits, key=lambda hit: hit.name == name), partly=hunt.over)

    return callers


def _told(hits: list[Hit], *, partly: bool) -> str:
    if not hits:
        return "" if partly else "used nowhere else"
    places = ", ".join(f"{excerpt.name(hit.name)}:{hit.number}" for hit in hits[:SHOWN])
    more = ", ..." if len(hits) > SHOWN else ""
    least = "at least " if partly else ""
    return f"used in {least}{excerpt.counted(len(hits), 'place')}: {places}{more}"
