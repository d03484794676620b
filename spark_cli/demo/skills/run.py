"""Run a command that the user gave, with the client's shell."""

from __future__ import annotations

import re

from spark_cli.demo import outputs
from spark_cli.demo.hands import Hands
from spark_cli.demo.outputs import Verdict
from spark_cli.demo.program import Program, Step
from spark_cli.demo.task import Task
from spark_cli.demo.toolbox import Skill

_RUN = re.compile(
    r"^\s*(?:please\s+)?(?:run|execute)\s+(?:the\s+command\s+)?"
    r"(?:`(?P<quoted>[^`]+)`|(?P<plain>(?!the\b|my\b|all\b|this\b|it\b)[^\n]+))",
    re.IGNORECASE,
)
_SHOWN_LINES = 20
_NOT_RUN = {Verdict.REFUSED, Verdict.BARRED}
_ENDED = {
    Verdict.DONE: "It ran",
    Verdict.REFUSED: "You did not want that command, so it did not run",
    Verdict.BARRED: "I was not allowed to run that command, so it did not run",
    Verdict.INTERRUPTED: "It was interrupted",
    Verdict.TIMED_OUT: "It took too long and was ended",
    Verdict.RUNNING: "It still runs",
}


def plan(task: Task, hands: Hands) -> Program[str] | None:
    found = _RUN.search(task.words)
    return _run((found["quoted"] or found["plain"]).strip(), hands) if found else None


def _run(command: str, hands: Hands) -> Program[str]:
    if Skill.RUN not in hands.grips:
        return f"I have no shell here to run `{command}` in."
    (text,) = yield Step((hands.running(command),), f"I run `{command}`.")
    ran = outputs.command(text)
    ended = _ENDED.get(ran.verdict, f"It ended with exit code {ran.code}")
    if ran.told:
        ended = f"{ended} (the tool says: {ran.told})"
    if ran.verdict in _NOT_RUN:
        return f"{ended}. Tell me what to do instead."
    lines = outputs.split(ran.output)
    if not lines:
        return f"{ended}, and printed nothing."
    shown = "\n".join(lines[-_SHOWN_LINES:])
    return f"{ended}. The last of its {len(lines)} lines:\n\n```\n{shown}\n```"
