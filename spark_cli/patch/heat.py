"""Why a hunk wants a second look, told from its lines alone and from the file after it.

Answers that come in a third of a second lower vigilance.  So what is more likely to do
harm needs a key of its own: what others call, what guards the house, what takes away
more than it gives, what no longer parses.
"""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

LINES_MAX = 60
"""A hunk that changes more lines is read too fast."""

_PARSED_MAX = 1_000_000
"""Bytes of a file that is parsed to see whether it still can be."""

_NAMED = re.compile(
    r"^\s*(?:export\s+|default\s+|pub(?:\([a-z]+\))?\s+|public\s+|static\s+|async\s+)*"
    r"(?:def|class|function|func|fn|interface|struct|enum|trait|type)\s+"
    r"(?:\([^)]*\)\s*)?([A-Za-z_]\w*)"
)
_EXPORTED = re.compile(r"^\s*export\s+(?:const|let|var)\s+([A-Za-z_$][\w$]*)")
_CONSTANT = re.compile(r"^([A-Z][A-Z0-9_]{2,})\s*[:=]")

_PLACES = {
    "CI": re.compile(
        r"(^|/)(\.github/workflows|\.circleci|\.ci)(/|$)|\.gitlab-ci\.yml$"
        r"|(^|/)(Jenkinsfile|azure-pipelines\.yml|\.travis\.yml)$"
    ),
    "a lock file": re.compile(
        r"(^|/)(package-lock\.json|yarn\.lock|pnpm-lock\.yaml|poetry\.lock|uv\.lock"
        r"|Cargo\.lock|Gemfile\.lock|go\.sum|composer\.lock|Pipfile\.lock)$"
    ),
    "how it is built": re.compile(
        r"(^|/)(Dockerfile|Makefile|pyproject\.toml|setup\.py|package\.json"
        r"|Cargo\.toml|go\.mod|requirements[\w.-]*\.txt)$"
    ),
    "authentication": re.compile(
        r"(^|[/_.-])(auth|auth[nz]|authenticat\w*|authori[sz]\w*|login|session|oauth|passwd|permission\w*)([/_.-]|$)",
        re.IGNORECASE,
    ),
}
_LINES = {
    "authentication": re.compile(
        r"password|passwd|authenticat|authoriz|api_?key|secret|access_token",
        re.IGNORECASE,
    ),
    "cryptography": re.compile(
        r"\b(hmac|hashlib|crypto\w*|cipher|encrypt\w*|decrypt\w*|sha1|sha256|md5|aes"
        r"|rsa|bcrypt|ssl|verify\s*=\s*False)\b",
        re.IGNORECASE,
    ),
    "SQL": re.compile(
        r"\b(SELECT\s.+\sFROM|INSERT\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM"
        r"|DROP\s+TABLE|ALTER\s+TABLE)\b",
        re.IGNORECASE,
    ),
    "a shell": re.compile(
        r"\bsubprocess\b|\bos\.(system|popen|exec\w*)\b|shell\s*=\s*True"
        r"|\bchild_process\b|\bexecSync\b|\beval\(|\bexec\("
    ),
    "the network": re.compile(
        r"\b(requests|httpx|urllib|aiohttp)\.\w+|\bfetch\(|https?://|\bsocket\.\w+"
    ),
    "removal of files": re.compile(r"\brmtree\b|\bunlink\(|\brm -rf?\b|\brimraf\b"),
}
_PAIRS = {"(": ")", "[": "]", "{": "}"}
_BRACKETED = (".c", ".h", ".cc", ".cpp", ".go", ".rs", ".java", ".kt", ".swift", ".css")
_STRINGS = re.compile(
    r'"(?:\\.|[^"\\\n])*"|' + r"'(?:\\.|[^'\\\n])*'|//[^\n]*|/\*.*?\*/", re.DOTALL
)


class Changed(NamedTuple):
    """Lines that a hunk takes away and puts there, without their signs."""

    removed: Sequence[str]
    added: Sequence[str]

    @classmethod
    def of(cls, diff: str) -> Changed:
        """Those of a unified diff of one file."""
        body = diff.partition("\n@@")[2].split("\n")[1:]
        return cls(
            [line[1:] for line in body if line.startswith("-")],
            [line[1:] for line in body if line.startswith("+")],
        )


def redefined(changed: Changed) -> list[str]:
    """Names that others may use whose definition is removed or reads differently."""
    after = Counter(line.strip() for line in changed.added)
    names = dict.fromkeys(
        name
        for line in changed.removed
        if line.strip() not in after and (name := defined(line))
    )
    return [name for name in names if not name.startswith("_")]


def reasons(name: str, changed: Changed) -> Iterator[str]:
    """Why the change of a file wants a second look; none where it is calm."""
    for symbol in redefined(changed)[:1]:
        yield f"changes what `{symbol}` is for those who use it"
    yield from _touched(name, changed)
    less = len(changed.removed) - len(changed.added)
    if less > 1:
        yield f"takes away {less} lines more than it adds"
    size = len(changed.removed) + len(changed.added)
    if size > LINES_MAX:
        yield f"changes {size} lines at once"


@lru_cache(maxsize=64)
def broken(name: str, before: bytes, after: bytes) -> str:
    """Why a file that could be parsed no longer can; empty where it can, or never did.

    Python and JSON are parsed; of others only the brackets are counted.
    """
    if max(len(before), len(after)) > _PARSED_MAX:
        return ""
    problem = _problem(name, after)
    return problem if problem and not _problem(name, before) else ""


def _touched(name: str, changed: Changed) -> Iterator[str]:
    found = [what for what, place in _PLACES.items() if place.search(name)]
    lines = [*changed.removed, *changed.added]
    found += [what for what, mark in _LINES.items() if any(map(mark.search, lines))]
    if found:
        yield f"touches {', '.join(dict.fromkeys(found))}"


def defined(line: str) -> str:
    """The name that a line defines for others; empty if it defines none."""
    for pattern in (_NAMED, _EXPORTED, _CONSTANT):
        found = pattern.match(line)
        if found:
            return found[1]
    return ""


def _problem(name: str, data: bytes) -> str:
    if not data.strip():
        return ""
    if name.endswith((".py", ".pyi")):
        return _python(data)
    if name.endswith(".json"):
        return _json(data)
    if name.endswith(_BRACKETED):
        return _brackets(data.decode("utf-8", "replace"))
    return ""


def _python(data: bytes) -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(data)
    except SyntaxError as error:
        return f"no longer parses: {error.msg}, line {error.lineno}"
    except (ValueError, RecursionError, MemoryError):
        return "no longer parses"
    return ""


def _json(data: bytes) -> str:
    try:
        json.loads(data)
    except (ValueError, RecursionError) as error:
        return f"is no JSON any more: {error}"
    return ""


def _brackets(text: str) -> str:
    open_: list[str] = []
    for char in _STRINGS.sub("", text):
        if char in _PAIRS:
            open_.append(_PAIRS[char])
        elif char in ")]}" and (not open_ or open_.pop() != char):
            return f"has a `{char}` too many"
    return f"lacks a `{open_[-1]}`" if open_ else ""
