"""Add a function to a file: a known one by its name, or a stub that says what for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from spark_cli.demo.errand import add_file, change_files, not_found
from spark_cli.demo.hands import Hands
from spark_cli.demo.program import Program
from spark_cli.demo.skills import code
from spark_cli.demo.task import FILE, QUOTES, Task

_ADD = re.compile(
    rf"\b(?:add|write|create|make|implement)\s+(?:an?\s+|the\s+|new\s+)*(?:python\s+)?"
    rf"(?:function|method|def)\s+(?:called\s+|named\s+)?"
    rf"[{QUOTES}]?(?P<name>[A-Za-z_]\w*)(?:\((?P<arguments>[^)]*)\))?[{QUOTES}]?(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_PLACE = rf"\b(?:to|in|into|at the end of)\s+(?:the\s+file\s+)?{FILE}"
_PURPOSE = re.compile(
    r"\b(?:that|which|to(?=\s+\w+\s))\s+(?P<purpose>\w.*?)(?=\s+(?:to|in|into)\s+\S+\.\w+|[.\n]|$)",
    re.DOTALL,
)

_KNOWN: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "add": ("a, b", "Return the sum of two values.", ("return a + b",)),
    "average": (
        "values",
        "Return the mean of some values, 0 where there are none.",
        ("values = list(values)", "return sum(values) / len(values) if values else 0"),
    ),
    "clamp": (
        "value, low, high",
        "Return the value, held between low and high.",
        ("return max(low, min(high, value))",),
    ),
    "factorial": (
        "n",
        "Return the product of 1 to n.",
        (
            "result = 1",
            "for factor in range(2, n + 1):",
            "    result *= factor",
            "return result",
        ),
    ),
    "fibonacci": (
        "n",
        "Return the n-th Fibonacci number, counted from 0.",
        ("a, b = 0, 1", "for _ in range(n):", "    a, b = b, a + b", "return a"),
    ),
    "greet": ("name", "Return a greeting.", ('return f"Hello, {name}!"',)),
    "is_even": ("n", "Return whether a number is even.", ("return n % 2 == 0",)),
    "is_prime": (
        "n",
        "Return whether a number is prime.",
        ("return n > 1 and all(n % d for d in range(2, int(n**0.5) + 1))",),
    ),
    "slugify": (
        "text",
        "Return the text as lower-case words joined by hyphens.",
        (
            'words = "".join(c if c.isalnum() else " " for c in text.lower()).split()',
            'return "-".join(words)',
        ),
    ),
}
_KNOWN = {**_KNOWN, "mean": _KNOWN["average"], "hello": _KNOWN["greet"]}


def plan(task: Task, hands: Hands) -> Program[str] | None:
    found = _ADD.search(task.words)
    if not found:
        return None
    place = re.search(_PLACE, found["rest"])
    if not place:
        return None
    purpose = _PURPOSE.search(found["rest"])
    lines = written(
        found["name"],
        found["arguments"],
        " ".join(purpose["purpose"].split()) if purpose else "",
    )
    return _add(found["name"], place["file"].rstrip("."), lines, hands)


def written(name: str, arguments: str | None, purpose: str) -> list[str]:
    """The source of the function."""
    known, sentence, body = _KNOWN.get(name.lower(), ("", "", ()))
    if purpose:
        sentence = f"{purpose[:1].upper()}{purpose[1:]}."
    sentence = sentence or f"{code.words(name).capitalize()}."
    given = known if arguments is None else arguments.strip()
    if not body or (arguments is not None and given != known):
        body = (f'raise NotImplementedError("{name}")',)
    safe = sentence.replace("\\", "\\\\").replace('"""', "'''")
    return [
        f"def {name}({given}):",
        f'    """{safe}"""',
        *(f"    {line}" for line in body),
    ]


def _add(name: str, path: str, lines: list[str], hands: Hands) -> Program[str]:
    source = yield from hands.locate(path, f"I read `{path}`.")
    if source is None and not hands.can_read:
        return not_found(hands, path)
    done = f"Added `{name}` to `{path}`."
    if source is None:
        return (yield from add_file(hands, path, lines, done))
    tree = code.parse(source.lines)
    if tree and any(each.name == name for each in code.definitions(tree)):
        return f"`{source.name}` already has a `{name}`; nothing was changed."
    return (
        yield from change_files(
            hands, [source], lambda each: placed(each.lines, lines), done
        )
    )


def placed(before: Sequence[str], lines: Sequence[str]) -> list[str]:
    """At the end of a module, but before what runs it as a script."""
    at = next(
        (at for at, line in enumerate(before) if re.match(r"if __name__ ==", line)),
        len(before),
    )
    above, below = list(before[:at]), list(before[at:])
    while above and not above[-1].strip():
        above.pop()
    gap = ["", ""]
    return [*above, *(gap if above else []), *lines, *(gap if below else []), *below]
