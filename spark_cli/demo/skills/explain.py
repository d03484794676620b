"""Explain a file: what it imports, what it defines, and how large it is."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from spark_cli.demo import outputs
from spark_cli.demo.errand import not_found
from spark_cli.demo.hands import Hands, Source
from spark_cli.demo.program import Program
from spark_cli.demo.skills import code
from spark_cli.demo.task import FILE, QUOTES, Task

_EXPLAIN = re.compile(
    r"\b(?:explain|describe|summari[sz]e|outline|what (?:does|is)|what's in|"
    r"walk me through|show me|read|look at)\b(?P<rest>[^\n]*)",
    re.IGNORECASE,
)
# A name that may be a file's, alone after the verb: some files have no dot.
_PLAIN = re.compile(
    rf"\s*(?:in\s+|to\s+me\s+)?(?:the\s+|my\s+|our\s+)?(?P<kind>file\s+)?(?P<open>[{QUOTES}]?)"
    rf"(?P<name>[\w@+-][\w.@+-]*)[{QUOTES}]?(?:\s+(?:file|does|do|is|for|about|please|to"
    r"\s+me))*\s*[?!.]*\s*$",
    re.IGNORECASE,
)
_NO_NAMES = {"it", "me", "more", "please", "that", "this", "us", "you", "yourself"}
_HEAD_LINES = 12


def plan(task: Task, hands: Hands) -> Program[str] | None:
    found = _EXPLAIN.search(task.words)
    if not found:
        return None
    if file := re.search(FILE, found["rest"]):
        return _explain(file["file"].rstrip("."), hands)
    if hands.pasted:
        return _explain_pasted(hands)
    return _plain(found, hands) if hands.can_look_around else None


def _plain(found: re.Match[str], hands: Hands) -> Program[str] | None:
    """What is asked of a name without a dot, where it may be that of a file."""
    plain = _PLAIN.match(found["rest"])
    if plain is None:
        return None
    name = plain["name"].rstrip(".")
    if plain["kind"] or plain["open"] or name != name.lower():
        return _explain(name, hands)
    if found[0].lower().startswith("what") or name in _NO_NAMES:
        return None
    return _explain_word(name, hands)


def _explain_word(name: str, hands: Hands) -> Program[str]:
    """A plain word is a file if there is one, which a list tells without an error."""
    places = yield from hands.named(name, f"I look for a file `{name}`.")
    sources = yield from hands.read(places[:1])
    if not sources:
        return f"There is no file `{name}` here, and files are all that I can explain."
    return outline(sources[0])


def _explain_pasted(hands: Hands) -> Program[str]:
    yield from ()
    sources = (
        Source(name, tuple(outputs.split(text))) for name, text in hands.pasted.items()
    )
    return "\n\n".join(map(outline, sources))


def _explain(name: str, hands: Hands) -> Program[str]:
    source = yield from hands.locate(name, f"I read `{name}`.")
    if source is None:
        return not_found(hands, name)
    return outline(source)


def outline(source: Source) -> str:
    size = sum(len(line.encode()) + 1 for line in source.lines)
    count = len(source.lines)
    head = f"`{source.name}`: {count} line{'s' * (count != 1)}, {size} bytes."
    tree = code.parse(source.lines) if source.name.endswith((".py", ".pyi")) else None
    body = list(_module(tree)) if tree else list(_beginning(source))
    return "\n".join([head, "", *body])


def _module(tree: ast.Module) -> Iterator[str]:
    if doc := ast.get_docstring(tree):
        yield from (f"> {line}" for line in doc.splitlines()[:3])
        yield ""
    if imports := sorted(_imports(tree)):
        yield f"Imports: {', '.join(f'`{name}`' for name in imports)}."
        yield ""
    for each in code.definitions(tree):
        depth = each.name.count(".")
        if depth < 2:
            yield "  " * depth + f"- {_line(each.node)}"


def _line(node: code.Definition) -> str:
    lines = f"lines {node.lineno}-{node.end_lineno}"
    if isinstance(node, ast.ClassDef):
        shown = f"class `{node.name}`, {lines}"
    else:
        shown = f"`{node.name}({', '.join(code.arguments(node))})`, {lines}"
    doc = (ast.get_docstring(node) or "").partition("\n")[0]
    return f"{shown}: {doc}" if doc else shown


def _imports(tree: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names.add("." * node.level + (node.module or ""))
    return names - {"__future__"}


def _beginning(source: Source) -> Iterator[str]:
    headings = [line for line in source.lines if re.match(r"#{1,6} ", line)]
    if headings:
        yield from (f"- {line.lstrip('# ')}" for line in headings[:40])
        return
    yield "It begins:"
    yield ""
    yield "```"
    yield from source.lines[:_HEAD_LINES]
    yield "```"
