"""Layers of settings, one over the other, remembering who said what.

A layer is flat: one entry for each leaf of its tables, by its path.  So the last
one who names a setting wins, whatever else stands in the same table.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

from spark_cli.config.paths import shown

Key: TypeAlias = tuple[str, ...]
"""The path of a setting: `("providers", "openai", "base_url")`."""

DEPTH_MAX = 32
"""Settings are four deep at most; without a limit, Python's own would be met."""

_BARE = re.compile(r"[A-Za-z0-9_-]+")


class Source(StrEnum):
    """Who can set something, from the weakest to the strongest."""

    DEFAULT = "default"
    USER = "user file"
    PROFILE = "profile"
    PROJECT = "project file"
    ENVIRONMENT = "environment"
    COMMAND_LINE = "command line"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a setting was made.  `name` is the variable, the flag or the profile."""

    source: Source
    file: Path | None = None
    line: int | None = None
    name: str = ""

    def __str__(self) -> str:
        if self.file is None:
            return f"`{self.name}`" if self.name else self.source.value
        place = f"`{shown(self.file)}`"
        return place if self.line is None else f"{place}, line {self.line}"


@dataclass(frozen=True, slots=True)
class Entry:
    value: object
    origin: Origin


Layer: TypeAlias = Mapping[Key, Entry]


def over(*layers: Layer) -> dict[Key, Entry]:
    """One layer out of many; the later ones win."""
    return {key: entry for layer in layers for key, entry in layer.items()}


def leaves(
    table: Mapping[str, object], above: Key = ()
) -> Iterator[tuple[Key, object]]:
    """Each leaf of nested tables with its path; an empty table is a leaf.

    `RecursionError` for tables that are nested too deeply.
    """
    if len(above) > DEPTH_MAX:
        raise RecursionError("nested too deeply")
    for name, value in table.items():
        if isinstance(value, Mapping) and value:
            yield from leaves(value, (*above, name))
        else:
            yield (*above, name), value


def dotted(key: Key) -> str:
    """The key as TOML writes it: `models."gpt-5.5".effort`."""
    return ".".join(
        part if _BARE.fullmatch(part) else json.dumps(part, ensure_ascii=False)
        for part in key
    )
