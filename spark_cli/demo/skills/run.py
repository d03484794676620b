"""Run a command that the user gave, with the client's shell."""

from __future__ import annotations

import re

from spark_cli.demo import outputs
from spark_cli.demo.hands import Hands
from spark_cli.demo.program import Program, Step
from spark_cli.demo.task import Task
from spark_cli.demo.toolbox import Skill

_RUN = re.compile(
    r"^\s*(?:please\s+)?(?:run|execute)\s+(?:the\s+command\s+)?"
    r"(?:`(?P<quoted>[^`]+)`|(?P<plain>(?!the\b|my\b|all\b|this\b|it\b)[^\n]+))",
    re.IGNORECASE,
)
_SHOWN_LINES = 20


def plan(task: Task, hands: Hands) -> Program[str] | None:
    found = _RUN.search(task.words)
    return _run((found["quoted"] or found["plain"]).strip(), hands) if found else None


def _run(command: str, hands: Hands) -> Program[str]:
    if Skill.RUN not in hands.grips:
        return f"I have no shell here to run `{command}` in."
    (text,) = yield Step((hands.running(command),), f"I run `{command}`.")
    code, body = outputs.ran(text)
    lines = outputs.split(body)
    shown = "\n".join(lines[-_SHOWN_LINES:])
    ended = "It ran" if code in (None, 0) else f"It ended with exit code {code}"
    if not lines:
        return f"{ended}, and printed nothing."
    return f"{ended}. The last of its {len(lines)} lines:\n\n```\n{shown}\n```"
