"""Run a shell command, exactly as it was approved.

Models are trained on many shells: some write the command as a list of arguments,
call it `cmd`, or name a folder for it.  All of that is made into one line of shell
while planning, and that line is what is shown, approved and run.
"""

from __future__ import annotations

import asyncio
import shlex
import time
from collections.abc import Callable, Mapping

from spark_cli.config.settings import Shell
from spark_cli.core.effects import Effect
from spark_cli.core.errors import SparkError, ToolError
from spark_cli.core.json import JsonObject
from spark_cli.tools import arguments as given, excerpt
from spark_cli.tools.tool import Outcome, Plan, Stopped, Tool
from spark_cli.tools.watch import Watch
from spark_cli.tools.wording import describe
from spark_cli.wire.request import ToolSpec
from spark_cli.workspace.clip import Clip
from spark_cli.workspace.processes import Finished, run
from spark_cli.workspace.root import Root

TIMEOUT_MAX_S = 3_600
_SHELLS = frozenset({"bash", "sh", "zsh", "/bin/bash", "/bin/sh", "/usr/bin/bash"})

SCHEMA: JsonObject = {
    "type": "object",
    "properties": {
        "command": {"type": "string", "description": "What bash runs."},
        "timeout_s": {"type": "integer", "minimum": 1, "maximum": TIMEOUT_MAX_S},
    },
    "required": ["command"],
    "additionalProperties": False,
}


def shell_tool(
    root: Root,
    limits: Shell,
    env: Mapping[str, str],
    on_output: Callable[[str], None] | None = None,
    watch: Watch | None = None,
) -> Tool:
    """`env` is all that a command sees: see `workspace.environment`.

    `watch` looks before and after, so that what a command changed can be taken back.
    """

    def plan(text: str) -> Plan:
        arguments = given.parse(text)
        command = _command(root, arguments)
        timeout_s = min(
            given.whole(arguments, "timeout_s", default=0, least=0) or limits.timeout_s,
            TIMEOUT_MAX_S,
        )

        summary = f"run {excerpt.summary(command)}"

        async def act() -> Outcome:
            looked = await asyncio.to_thread(watch, summary) if watch else None
            heard = Clip(limits.output_bytes)
            begun = time.monotonic()

            def hear(output: str) -> None:
                heard.feed(output.encode())
                if on_output is not None:
                    on_output(output)

            try:
                finished = await run(
                    command,
                    cwd=root.path,
                    timeout_s=timeout_s,
                    output_bytes=limits.output_bytes,
                    env=env,
                    on_output=hear,
                )
            except SparkError as error:
                raise ToolError(error.message) from error
            except asyncio.CancelledError:
                # At once, on this thread: the next thing may be an undo.
                made = looked() if looked else None
                seconds = time.monotonic() - begun
                raise Stopped(
                    Outcome(stopped(heard, seconds), ok=False, checkpoint=made)
                ) from None
            made = await asyncio.to_thread(looked) if looked else None
            ok = finished.code == 0 and not finished.timed_out
            return Outcome(told(finished, timeout_s), ok, made)

        return Plan(summary, Effect.RUN, act, preview=command)

    return Tool(ToolSpec("shell", describe("shell"), SCHEMA), plan)


def stopped(heard: Clip, seconds: float) -> str:
    """What the model is told of a command that the user stopped."""
    output, _ = heard.text()
    said = f"; its output until then:\n{output}" if output else "; it had no output"
    return f"stopped by the user after {seconds:.1f} s{said}"


def told(finished: Finished, timeout_s: float) -> str:
    """How it went in one line, and the output under it."""
    facts = [f"exit code {finished.code}"]
    if finished.timed_out:
        facts = [f"ended after {timeout_s:g} s, its time limit"]
    facts.append(f"{finished.seconds:.2f} s")
    if finished.cut_bytes:
        facts.append(f"{finished.cut_bytes:,} bytes cut from the middle of the output")
    if finished.ended and not finished.timed_out:
        left = excerpt.counted(finished.ended, "process", "processes")
        facts.append(f"{left} left in the background, ended")
    if not finished.output:
        facts.append("no output")
    return ", ".join(facts) + ("\n" + finished.output if finished.output else "")


def _command(root: Root, arguments: given.Arguments) -> str:
    value = arguments.get("command", arguments.get("cmd"))
    if isinstance(value, list) and all(isinstance(word, str) for word in value):
        command = _joined(value)
    else:
        command = given.text({"command": value}, "command")
    if not command.strip() or "\0" in command:
        raise ToolError("`command` must be a line of shell")
    folder = root.resolve(given.text(arguments, "workdir", default=".") or ".")
    if folder == root.path:
        return command
    if not folder.is_dir():
        raise ToolError(f"`workdir` is not a folder: `{root.name(folder)}`")
    return f"cd {shlex.quote(root.name(folder))} && {command}"


def _joined(words: list[str]) -> str:
    """`["bash", "-lc", "ls"]` is `ls`; other lists are one command."""
    if len(words) == 3 and words[0] in _SHELLS and words[1] in {"-c", "-lc"}:
        return words[2]
    return shlex.join(words)
