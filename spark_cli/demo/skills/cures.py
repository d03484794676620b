"""One repair for each kind of error: lines in, lines out, or nothing."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TypeVar

from spark_cli.demo.skills.traceback import Failure

_HINT = re.compile(r"Did you mean:? '(?:self\.)?(\w+)'")
_FROM: Mapping[str, str] = {
    "Path": "pathlib",
    "dataclass": "dataclasses",
    "field": "dataclasses",
    "defaultdict": "collections",
    "Counter": "collections",
    "deque": "collections",
    "Decimal": "decimal",
    "datetime": "datetime",
    "timedelta": "datetime",
    "partial": "functools",
    "lru_cache": "functools",
    "cache": "functools",
    "chain": "itertools",
    "Iterable": "collections.abc",
    "Sequence": "collections.abc",
    "Mapping": "collections.abc",
    "NamedTuple": "typing",
    "Enum": "enum",
    "sqrt": "math",
    "ceil": "math",
    "floor": "math",
}
N = TypeVar("N", bound=ast.expr)


@dataclass(frozen=True, slots=True)
class Cure:
    lines: tuple[str, ...]
    said: str


def division(
    failure: Failure, lines: Sequence[str], at: int, elsewhere: Sequence[str]
) -> Cure | None:
    """`a / b` becomes `a / b if b else 0`."""
    del failure, elsewhere
    whole = _expression(lines[at], ast.BinOp, _divides)
    if whole is None:
        return None
    code, node = whole
    text, divisor = _source(code, node), _source(code, node.right)
    guarded = f"{text} if {divisor} else 0"
    if not _stands_alone(code, node):
        guarded = f"({guarded})"
    said = f"`{divisor}` can be 0: then the result is 0 now."
    return _swap(lines, at, code, node, guarded, said)


def name(
    failure: Failure, lines: Sequence[str], at: int, elsewhere: Sequence[str]
) -> Cure | None:
    """A misspelt name, or one that was never imported."""
    del elsewhere
    found = re.search(r"name '(\w+)' is not defined", failure.says)
    if not found:
        return None
    wrong = found[1]
    if line := _import_of(wrong):
        return _with_import(lines, line)
    known = {word for each in lines for word in re.findall(r"\b[A-Za-z_]\w*", each)} - {
        wrong
    }
    right = _hinted(failure) or _near(wrong, known)
    return _respell(lines, at, rf"(?<![\w.]){wrong}\b", wrong, right)


def key(
    failure: Failure, lines: Sequence[str], at: int, elsewhere: Sequence[str]
) -> Cure | None:
    """A misspelt key, or else a subscript that becomes `.get`."""
    del elsewhere
    wrong = failure.says.strip().strip("'\"")
    quoted = re.search(rf"(['\"]){re.escape(wrong)}\1", lines[at])
    known = {
        word for each in lines for _, word in re.findall(r"(['\"])([^'\"]+)\1", each)
    } - {wrong}
    right = _near(wrong, known, cutoff=0.75)
    if quoted and right:
        mark = quoted[1]
        pattern = re.escape(f"{mark}{wrong}{mark}")
        return _respell(
            lines, at, pattern, f"{mark}{wrong}{mark}", f"{mark}{right}{mark}"
        )
    whole = _expression(lines[at], ast.Subscript, _is_read)
    if whole is None:
        return None
    code, node = whole
    given = "" if _stands_alone(code, node) else ", 0"
    new = f"{_source(code, node.value)}.get({_source(code, node.slice)}{given})"
    said = f"A key that is missing gives `{given[2:] or 'None'}` now, not a `KeyError`."
    return _swap(lines, at, code, node, new, said)


def attribute(
    failure: Failure, lines: Sequence[str], at: int, elsewhere: Sequence[str]
) -> Cure | None:
    """A misspelt attribute."""
    found = re.search(r"has no attribute '(\w+)'", failure.says)
    if not found:
        return None
    wrong = found[1]
    seek = re.compile(r"\.([A-Za-z_]\w*)|\bdef\s+(\w+)|^\s+(\w+)\s*[:=]")
    known = {
        next(filter(None, groups))
        for each in [*lines, *elsewhere]
        for groups in seek.findall(each)
    } - {wrong}
    right = _hinted(failure) or _near(wrong, known)
    return _respell(lines, at, rf"(?<=\.){wrong}\b", wrong, right)


def index(
    failure: Failure, lines: Sequence[str], at: int, elsewhere: Sequence[str]
) -> Cure | None:
    """One step too far, or the first or last of nothing."""
    del failure, elsewhere
    for near in range(at, max(-1, at - 8), -1):
        for wrong, right in (
            (r"range\(len\((\w+)\) \+ 1\)", r"range(len(\1))"),
            (r"range\(([^()]+), len\((\w+)\) \+ 1\)", r"range(\1, len(\2))"),
            (r"<= len\(", "< len("),
            (r"(\w+)\[len\(\1\)\]", r"\1[-1]"),
        ):
            fixed = re.sub(wrong, right, lines[near])
            if fixed != lines[near]:
                said = f"Line {near + 1} went one step past the end."
                return Cure((*lines[:near], fixed, *lines[near + 1 :]), said)
    whole = _expression(lines[at], ast.Subscript, _is_end)
    if whole is None:
        return None
    code, node = whole
    text, value = _source(code, node), _source(code, node.value)
    guarded = f"{text} if {value} else None"
    if not _stands_alone(code, node):
        guarded = f"({guarded})"
    said = f"`{value}` can be empty: then it is `None` now."
    return _swap(lines, at, code, node, guarded, said)


def imported(
    failure: Failure, lines: Sequence[str], at: int, elsewhere: Sequence[str]
) -> Cure | None:
    """A misspelt import."""
    del elsewhere
    found = re.search(
        r"cannot import name '(\w+)'|No module named '(\w+)", failure.says
    )
    if not found:
        return None
    wrong = found[1] or found[2]
    right = _hinted(failure) or (
        _near(wrong, sys.stdlib_module_names, cutoff=0.75) if found[2] else None
    )
    return _respell(lines, at, rf"\b{wrong}\b", wrong, right)


def _respell(
    lines: Sequence[str], at: int, pattern: str, wrong: str, right: str | None
) -> Cure | None:
    if not right:
        return None
    fixed = re.sub(pattern, lambda _: right, lines[at])
    if fixed == lines[at]:
        return None
    said = f"Line {at + 1} says `{wrong}` where `{right}` is meant."
    return Cure((*lines[:at], fixed, *lines[at + 1 :]), said)


def _import_of(name: str) -> str | None:
    if name in _FROM:
        return f"from {_FROM[name]} import {name}"
    return f"import {name}" if name in sys.stdlib_module_names else None


def _with_import(lines: Sequence[str], line: str) -> Cure:
    """The import goes above the first other one, but below `__future__`."""
    found = [
        at
        for at, each in enumerate(lines)
        if re.match(r"(?:import|from) ", each) and "__future__" not in each
    ]
    said = f"`{line}` was missing."
    if found:
        return Cure((*lines[: found[0]], line, *lines[found[0] :]), said)
    at = _after_head(lines)
    above, below = list(lines[:at]), list(lines[at:])
    gap = [""] if below and below[0].strip() else []
    lead = [""] if above and above[-1].strip() else []
    return Cure((*above, *lead, line, *gap, *below), said)


def _after_head(lines: Sequence[str]) -> int:
    """Where code starts: after the docstring, the comments and `__future__`."""
    try:
        body = ast.parse("\n".join(lines)).body
    except (SyntaxError, ValueError):
        body = []
    at = 0
    for node in body:
        quoted = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
        if not quoted and not future:
            break
        at = node.end_lineno or at
    while at < len(lines) and lines[at].startswith("#"):
        at += 1
    return at


def _hinted(failure: Failure) -> str | None:
    found = _HINT.search(failure.says)
    return found[1] if found else None


def _near(wrong: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    found = get_close_matches(wrong, sorted(known), n=1, cutoff=cutoff)
    return found[0] if found else None


def _expression(
    line: str, kind: type[N], wanted: Callable[[N], bool]
) -> tuple[str, N] | None:
    """The innermost last expression of a kind on a line of its own."""
    code = line.strip()
    for closed in (code, f"{code}\n    pass", f"if 1: pass\n{code}\n    pass"):
        try:
            tree = ast.parse(closed)
        except (SyntaxError, ValueError):
            continue
        nodes: Iterator[N] = (
            node for node in ast.walk(tree) if isinstance(node, kind) and wanted(node)
        )
        found = list(nodes)
        return (closed, found[0]) if found else None
    return None


def _source(code: str, node: ast.expr) -> str:
    return ast.get_source_segment(code, node) or ""


def _stands_alone(code: str, node: ast.expr) -> bool:
    """Whether an expression is all that is returned or assigned."""
    text = _source(code, node)
    return (
        re.fullmatch(
            rf"(?:return |[\w.]+(?:: [\w.\[\], ]+)? = ){re.escape(text)}",
            code.split("\n", maxsplit=1)[0],
        )
        is not None
    )


def _swap(
    lines: Sequence[str], at: int, code: str, node: ast.expr, new: str, said: str
) -> Cure | None:
    text = _source(code, node)
    if not text or "\n" in text or text not in lines[at]:
        return None
    fixed = lines[at].replace(text, new, 1)
    return Cure((*lines[:at], fixed, *lines[at + 1 :]), said)


def _divides(node: ast.BinOp) -> bool:
    zero = not isinstance(node.right, ast.Constant)
    return isinstance(node.op, ast.Div | ast.FloorDiv | ast.Mod) and zero


def _is_read(node: ast.Subscript) -> bool:
    return isinstance(node.ctx, ast.Load)


def _is_end(node: ast.Subscript) -> bool:
    try:
        return _is_read(node) and ast.literal_eval(node.slice) in {0, -1}
    except (ValueError, TypeError):
        return False
