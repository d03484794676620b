"""Looking at Python source: its definitions, as far as it can be parsed."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Definition: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True, slots=True)
class Named:
    """A definition and its dotted name."""

    name: str
    node: Definition


def parse(lines: Sequence[str]) -> ast.Module | None:
    try:
        return ast.parse("\n".join(lines))
    except (SyntaxError, ValueError, RecursionError):
        return None


def definitions(tree: ast.AST, prefix: str = "") -> Iterator[Named]:
    """Classes and functions in the order of the file, the outer ones first."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield Named(f"{prefix}{node.name}", node)
            yield from definitions(node, f"{prefix}{node.name}.")
        elif not isinstance(node, ast.expr):
            yield from definitions(node, prefix)


def arguments(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    return [each.arg for each in every if each.arg not in {"self", "cls"}]


def indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def words(name: str) -> str:
    """`net_price` and `netPrice` as plain words."""
    spaced = "".join(f" {each.lower()}" if each.isupper() else each for each in name)
    return " ".join(spaced.replace("_", " ").split())
