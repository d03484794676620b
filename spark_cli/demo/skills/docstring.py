"""Add a docstring: to one function or class, or to all in a file that have none."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from spark_cli.demo.errand import change_files, not_found
from spark_cli.demo.hands import Hands, Source
from spark_cli.demo.program import Program
from spark_cli.demo.skills import code
from spark_cli.demo.task import FILE, QUOTES, Task, has_ending, scope

_ADD = re.compile(
    r"\b(?:add|write|put|give|insert)\b[^\n.]*?\b(?:docstrings?|doc comments?)\b"
    r"(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_TO = re.compile(
    rf"\b(?:to|for|on)\s+(?:the\s+)?(?:function\s+|method\s+|class\s+)?"
    rf"[{QUOTES}]?(?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)[{QUOTES}]?(?:\(\))?",
)
_SIGNATURE = (
    r"\b(?:function|func|fn|def|class|struct|interface)\s+{name}\b|\b{name}\s*\("
)


def plan(task: Task, hands: Hands) -> Program[str] | None:
    found = _ADD.search(task.words)
    if not found:
        return None
    file = re.search(
        rf"\b(?:in|of|from|to|at)\s+(?:the\s+file\s+)?{FILE}", found["rest"]
    )
    target = _TO.search(found["rest"])
    name = target["name"] if target else ""
    path = file["file"].rstrip(".") if file else scope(found["rest"])
    whole_file = bool(path) and (not name or path.startswith(name))
    return _add("" if whole_file else name, path, hands)


def _add(name: str, path: str, hands: Hands) -> Program[str]:
    sources: list[Source] = []
    if path and (has_ending(path) or not name):
        source = yield from hands.locate(path, f"I read `{path}`.")
        sources = [source] if source else []
    elif name:
        short = name.rsplit(".", 1)[-1]
        found = yield from hands.find(short, path, f"I look for `{short}`.")
        sources = yield from hands.read(found.names)
    if not sources:
        return not_found(hands, path or name)
    for source in sources:
        after = documented(source, name)
        if after is not None and tuple(after) != source.lines:
            what = f"`{name}`" if name else "what had none"
            return (
                yield from change_files(
                    hands,
                    [source],
                    lambda each: documented(each, name) or each.lines,
                    f"Added a docstring to {what} in `{source.name}`.",
                )
            )
    where = f"`{path}`" if path else "the files that mention it"
    return f"There is no `{name or 'definition'}` without a docstring in {where}."


def documented(source: Source, name: str) -> Sequence[str] | None:
    """The lines with the docstring; `None` where there is nothing to document."""
    tree = code.parse(source.lines)
    if tree is None or not source.name.endswith((".py", ".pyi")):
        return _commented(source, name)
    lines = list(source.lines)
    wanted = [
        each
        for each in code.definitions(tree)
        if ast.get_docstring(each.node) is None
        and (not name or each.name == name or each.name.endswith(f".{name}"))
    ]
    for each in reversed(wanted if not name else wanted[:1]):
        _insert(lines, each.node)
    return lines if wanted else None


def _insert(lines: list[str], node: code.Definition) -> None:
    first = node.body[0]
    start = min([first.lineno, *(each.lineno for each in _decorators(first))])
    margin = code.indent(lines[start - 1])
    text = f'"""{_sentence(node)}"""'
    if start == node.lineno:  # `def f(): return 1`, all on one line
        head, body = lines[start - 1][: first.col_offset], lines[start - 1]
        inner = f"{margin}    "
        lines[start - 1 : start] = [
            head.rstrip(),
            inner + text,
            inner + body[first.col_offset :],
        ]
        return
    lines.insert(start - 1, margin + text)
    if isinstance(node, ast.ClassDef):
        lines.insert(start, "")


def _decorators(node: ast.stmt) -> list[ast.expr]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return node.decorator_list
    return []


def _sentence(node: code.Definition) -> str:
    """What the name, the arguments and the returns say, as a sentence."""
    words = code.words(node.name)
    if isinstance(node, ast.ClassDef):
        return f"{words[:1].upper()}{words[1:]}."
    names = code.arguments(node)
    gives = any(
        isinstance(each, ast.Return) and each.value is not None
        for each in ast.walk(node)
    )
    verb = "Return the " if gives and not _is_verb(words) else ""
    given = f" of {_listed(names)}" if verb and names else ""
    if not verb and names:
        given = f", given {_listed(names)}"
    start = f"{verb}{words}" if verb else f"{words[:1].upper()}{words[1:]}"
    return f"{start}{given}."


def _is_verb(words: str) -> bool:
    return words.split(maxsplit=1)[0] in {
        *("add", "apply", "build", "check", "clean", "compute", "count", "create"),
        *("find", "format", "is", "has", "load", "make", "parse", "print", "read"),
        *("remove", "run", "save", "send", "sort", "split", "to", "update", "write"),
    }


def _listed(names: Sequence[str]) -> str:
    shown = [f"`{name}`" for name in names]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def _commented(source: Source, name: str) -> Sequence[str] | None:
    """Above the definition, in the manner of the languages with braces."""
    seek = re.compile(_SIGNATURE.format(name=re.escape(name.rsplit(".", 1)[-1])))
    at = next((at for at, line in enumerate(source.lines) if seek.search(line)), None)
    if at is None or not name or (at and source.lines[at - 1].strip().endswith("*/")):
        return None
    words = code.words(name)
    note = f"{code.indent(source.lines[at])}/** {words[:1].upper()}{words[1:]}. */"
    return [*source.lines[:at], note, *source.lines[at:]]
