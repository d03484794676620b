"""Which of a client's tools can read, list, search, edit and run.

Clients name the same few ideas differently: `read_file{path}`, `read{filePath}`,
`exec_command{cmd}`, `shell{command: [..]}`.  A tool is recognised by its name and by
the properties that its schema has.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from spark_cli.demo import fields, shape
from spark_cli.demo.ask import Use
from spark_cli.demo.fields import Record
from spark_cli.wire.request import ToolSpec


class Skill(StrEnum):
    """What a tool is good for."""

    READ = "read"
    LIST = "list"
    GLOB = "glob"
    SEARCH = "search"
    PATCH = "patch"
    REPLACE = "replace"
    WRITE = "write"
    RUN = "run"


# Role of an argument -> the names that clients give it.
_ROLES: Mapping[str, tuple[str, ...]] = {
    "path": (
        *("path", "file_path", "filePath", "filename", "file"),
        *("target_file", "absolute_path", "dir_path", "directory", "dir"),
    ),
    "start": ("start", "start_line", "offset"),
    "count": ("count", "limit", "num_lines"),
    "glob": ("glob",),
    "fixed": ("fixed",),
    "pattern": ("pattern", "query", "regex"),
    "command": ("cmd", "command", "script"),
    "content": ("content", "contents", "file_text", "text"),
    "old": ("old_string", "oldString", "old_str", "oldText"),
    "new": ("new_string", "newString", "new_str", "newText"),
    "patch": ("input", "patch", "patchText", "diff"),
}

# Skill -> (what its name looks like, the roles that it must have).
_KINDS: Mapping[Skill, tuple[str, tuple[str, ...]]] = {
    Skill.PATCH: (r"patch", ("patch",)),
    Skill.REPLACE: (r"edit|replace", ("path", "old", "new")),
    Skill.WRITE: (r"write|create|save", ("path", "content")),
    Skill.SEARCH: (r"search|grep|find", ("pattern",)),
    Skill.READ: (r"read|view|open|cat\b", ("path",)),
    Skill.LIST: (r"list|^ls$|tree", ("path",)),
    Skill.GLOB: (r"glob", ("pattern",)),
    Skill.RUN: (r"exec|shell|bash|run|command|terminal", ("command",)),
}
_NOT_FILES = re.compile(r"image|web|mcp|tool|todo|session|stdin")


@dataclass(frozen=True, slots=True)
class Grip:
    """A tool, and which of its properties plays which role."""

    spec: ToolSpec
    roles: Mapping[str, str]

    def use(self, **given: object) -> Use:
        """A call with these roles; roles that the tool lacks are left out."""
        if self.spec.grammar is not None:
            return Use(self.spec.name, str(given["patch"]), freeform=True)
        arguments = {
            self.roles[role]: value
            for role, value in given.items()
            if role in self.roles and value is not None
        }
        return Use(self.spec.name, json.dumps(fill(self.spec.schema, arguments)))

    def has(self, role: str) -> bool:
        return role in self.roles

    def kind_of(self, role: str) -> object:
        """The JSON Schema type of a role's property."""
        named = fields.record(self.spec.schema.get("properties"))
        return fields.record(named.get(self.roles[role])).get("type")


def recognise(tools: Sequence[ToolSpec]) -> Mapping[Skill, Grip]:
    """The first tool of each kind."""
    grips: dict[Skill, Grip] = {}
    for spec in tools:
        for skill, (looks, needed) in _KINDS.items():
            grip = _grip(spec, looks, needed)
            if grip is not None:
                grips.setdefault(skill, grip)
                break
    return grips


def fill(schema: Record, given: Mapping[str, object]) -> Mapping[str, object]:
    """The arguments with whatever else the schema requires, as empty as may be.

    Strict function schemas require every property; those that may be null are.
    """
    named = fields.record(schema.get("properties"))
    rest = {
        name: None
        if _nullable(fields.record(named.get(name)))
        else shape.fit(fields.record(named.get(name)), "")
        for name in map(str, fields.listed(schema.get("required")))
        if name not in given
    }
    return {**given, **rest}


def _grip(spec: ToolSpec, looks: str, needed: tuple[str, ...]) -> Grip | None:
    name = spec.name.lower()
    if not re.search(looks, name) or _NOT_FILES.search(name):
        return None
    if spec.grammar is not None:
        return Grip(spec, {"patch": "input"}) if needed == ("patch",) else None
    named = fields.record(spec.schema.get("properties"))
    roles = {
        role: next(each for each in names if each in named)
        for role, names in _ROLES.items()
        if any(each in named for each in names)
    }
    if needed == ("patch",) and len(named) == 1:
        roles["patch"] = next(iter(named))
    return Grip(spec, roles) if all(role in roles for role in needed) else None


def _nullable(schema: Record) -> bool:
    kinds = fields.listed(schema.get("type"))
    options = fields.records(schema.get("anyOf"))
    return "null" in kinds or any(each.get("type") == "null" for each in options)
