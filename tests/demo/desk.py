"""Clients of the demo model, without a network: the tools of several, on real files."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from spark_cli.core.ids import CallId, ItemId
from spark_cli.core.items import (
    AgentMessage,
    Item,
    ToolCall,
    ToolOutput,
    UserMessage,
)
from spark_cli.core.json import JsonObject, JsonValue
from spark_cli.demo.ask import Ask, Message, Use
from spark_cli.demo.model import answer
from spark_cli.wire.request import ToolSpec

Run = Callable[[Path, Mapping[str, object], str], str]

ROUNDS_MAX = 40
NO_ID = ItemId("")


@dataclass(frozen=True)
class Kit:
    """The tools that one client declares, and what they do."""

    tools: Sequence[ToolSpec]
    run: Mapping[str, Run]


@dataclass
class Talk:
    """A conversation until the model has nothing more to call."""

    items: list[Item]
    calls: list[Use] = field(default_factory=list)
    rounds: int = 0
    said: str = ""

    def named(self, name: str) -> list[str]:
        return [call.input for call in self.calls if call.name == name]


def work(folder: Path, prompt: str, kit: Kit, before: Sequence[Item] = ()) -> Talk:
    """Let the model work on a folder until it has said its last words."""
    talk = Talk([*before, UserMessage(NO_ID, prompt)])
    while talk.rounds < ROUNDS_MAX:
        talk.rounds += 1
        answers = answer(Ask(tuple(talk.items), tuple(kit.tools)))
        uses = [each for each in answers if isinstance(each, Use)]
        for each in answers:
            if isinstance(each, Message):
                talk.items.append(AgentMessage(NO_ID, each.text))
                talk.said = each.text
        if not uses:
            return talk
        for use in uses:
            talk.calls.append(use)
            call = CallId(f"call_{len(talk.calls)}")
            talk.items.append(ToolCall(NO_ID, call, use.name, use.input, use.freeform))
            talk.items.append(ToolOutput(NO_ID, call, _run(folder, use, kit)))
    raise AssertionError(f"the model goes on for ever: {talk.calls[-3:]}")


def _run(folder: Path, use: Use, kit: Kit) -> str:
    given = {} if use.freeform else json.loads(use.input)
    spec = next(spec for spec in kit.tools if spec.name == use.name)
    named = spec.schema.get("properties")
    assert use.freeform == (spec.grammar is not None)
    assert not given or (isinstance(named, dict) and set(given) <= set(named))
    return kit.run[use.name](folder, given, use.input)


def function(name: str, *, required: Sequence[str] = (), **kinds: str) -> ToolSpec:
    """A function tool; each property is of the JSON Schema type given."""
    properties: dict[str, JsonValue] = {key: {"type": kinds[key]} for key in kinds}
    schema: JsonObject = {
        "type": "object",
        "properties": properties,
        "required": list(required or list(kinds)[:1]),
    }
    return ToolSpec(name, "", schema)


def apply_patch(folder: Path, patch: str) -> str:
    """A strict reader of V4A: each hunk must match in exactly one place."""
    assert patch.startswith("*** Begin Patch\n")
    assert patch.rstrip().endswith("*** End Patch")
    after: dict[Path, str] = {}
    for section in re.split(r"^\*\*\* (?=Update|Add)", patch, flags=re.MULTILINE)[1:]:
        head, _, body = section.partition("\n")
        action, _, name = head.partition(" File: ")
        body = body.split("*** End Patch")[0]
        path = folder / name
        if action == "Add":
            after[path] = "".join(f"{line[1:]}\n" for line in body.splitlines())
            continue
        if not path.is_file():
            return f"Failed to read file to update {name}: No such file"
        text = "\n" + path.read_text()
        for hunk in re.split(r"^@@\n", body, flags=re.MULTILINE)[1:]:
            lines = hunk.split("\n")[:-1]
            assert any(line[0] != " " for line in lines)
            old = "".join(f"\n{line[1:]}" for line in lines if line[0] in " -") + "\n"
            new = "".join(f"\n{line[1:]}" for line in lines if line[0] in " +") + "\n"
            if text.count(old) != 1:
                return f"Failed to find expected lines in {name}:\n{old}"
            text = text.replace(old, new)
        after[path] = text[1:]
    for path, text in after.items():
        path.write_text(text)
    changed = "".join(f"M {path.name}\n" for path in after)
    return f"Success. Updated the following files:\n{changed}"


def shell(folder: Path, command: str | Sequence[str]) -> tuple[int, str]:
    argv = ["bash", "-c", command] if isinstance(command, str) else list(command)
    done = subprocess.run(
        argv, cwd=folder, capture_output=True, text=True, timeout=30, check=False
    )
    return done.returncode, done.stdout + done.stderr


def _numbered(folder: Path, given: Mapping[str, object], count: int = 300) -> str:
    path = folder / str(given["path"])
    if not path.is_file():
        return f"cannot read `{given['path']}`: no such file"
    lines = path.read_text().split("\n")[:-1]
    start, count = int(str(given.get("start", 1))), int(str(given.get("count", count)))
    shown = lines[start - 1 : start - 1 + count]
    body = [f"{start + at}\t{line}" for at, line in enumerate(shown)]
    left = len(lines) - start - len(shown) + 1
    note = [f"({left} more lines of {len(lines)}; go on with start={start + count})"]
    return "\n".join([*body, *(note if left > 0 else [])])


def _searched(folder: Path, given: Mapping[str, object], most: int = 100) -> str:
    where = str(given.get("path", "."))
    if not (folder / where).exists():
        return f"no file `{where}`; the workspace has other files"
    kind = "-F" if given.get("fixed") else "-P"
    _, out = shell(folder, ["grep", "-HrnI", kind, str(given["pattern"]), where])
    lines = sorted(line.replace(":", ": ", 2) for line in out.splitlines())
    lines = [re.sub(r"^(?:\./)?([^:]+): (\d+): ", r"\1:\2: ", line) for line in lines]
    rest = [f"not shown: {len(lines) - most} more"] if len(lines) > most else []
    return "\n".join([f"{len(lines)} matching lines", *lines[:most], *rest])


def _listed(folder: Path) -> str:
    names = sorted(
        p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()
    )
    return "\n".join([f"{len(names)} files", *names])


def _codex(folder: Path, command: str) -> str:
    code, out = shell(folder, command)
    return (
        "Chunk ID: 120660\nWall time: 0.0000 seconds\n"
        f"Process exited with code {code}\nOriginal token count: 6\nOutput:\n{out}"
    )


def _json(folder: Path, command: object) -> str:
    assert isinstance(command, list)
    code, out = shell(folder, command)
    return json.dumps({"output": out, "metadata": {"exit_code": code}})


def _edited(folder: Path, given: Mapping[str, object]) -> str:
    path = folder / str(given["filePath"])
    text = path.read_text()
    if text.count(str(given["oldString"])) != 1:
        return "Error: oldString not found in content"
    path.write_text(text.replace(str(given["oldString"]), str(given["newString"])))
    return "Edit applied successfully."


def _written(folder: Path, given: Mapping[str, object]) -> str:
    (folder / str(given["filePath"])).write_text(str(given["content"]))
    return "Wrote file successfully."


def _padded(folder: Path, given: Mapping[str, object]) -> str:
    path = folder / str(given["filePath"])
    if not path.is_file():
        return f"Error: File not found: {path}"
    lines = path.read_text().split("\n")[:-1]
    body = [f"{at:05d}| {line}" for at, line in enumerate(lines, 1)]
    return "\n".join(["<file>", *body, "</file>"])


SPARK = Kit(
    [
        function("read_file", path="string", start="integer", count="integer"),
        function("list_files", path="string", glob="string"),
        function("search", pattern="string", path="string", fixed="boolean"),
        ToolSpec("apply_patch", "", {}, "start: begin_patch"),
        function("shell", command="string"),
    ],
    {
        "read_file": lambda folder, given, _: _numbered(folder, given),
        "list_files": lambda folder, *_: _listed(folder),
        "search": lambda folder, given, _: _searched(folder, given),
        "apply_patch": lambda folder, _, text: apply_patch(folder, text),
        "shell": lambda folder, given, _: "exit code {}, 0.01 s\n{}".format(
            *shell(folder, str(given["command"]))
        ),
    },
)

CODEX = Kit(
    [
        function("exec_command", cmd="string", workdir="string"),
        function("write_stdin", session_id="number", chars="string"),
        function("view_image", path="string"),
        ToolSpec("apply_patch", "", {}, "start: begin_patch"),
    ],
    {
        "exec_command": lambda folder, given, _: _codex(folder, str(given["cmd"])),
        "apply_patch": lambda folder, _, text: (
            f"Exit code: 0\nWall time: 0 seconds\nOutput:\n{apply_patch(folder, text)}"
        ),
    },
)

OLDER_CODEX = Kit(
    [function("shell", command="array"), function("apply_patch", input="string")],
    {
        "shell": lambda folder, given, _: _json(folder, given["command"]),
        "apply_patch": lambda folder, given, _: apply_patch(
            folder, str(given["input"])
        ),
    },
)

EDITORS = Kit(
    [
        function("read", filePath="string", offset="integer"),
        function("glob", pattern="string", path="string"),
        function("grep", pattern="string", path="string"),
        function(
            "edit",
            required=["filePath", "oldString", "newString"],
            filePath="string",
            oldString="string",
            newString="string",
        ),
        function("write", filePath="string", content="string"),
    ],
    {
        "read": lambda folder, given, _: _padded(folder, given),
        "glob": lambda folder, *_: _listed(folder),
        "grep": lambda folder, given, _: _searched(folder, given),
        "edit": lambda folder, given, _: _edited(folder, given),
        "write": lambda folder, given, _: _written(folder, given),
    },
)

SHELL_ONLY = Kit(
    [function("bash", command="string")],
    {"bash": lambda folder, given, _: shell(folder, str(given["command"]))[1]},
)

NOTHING = Kit([], {})

ALL = {
    "spark": SPARK,
    "codex": CODEX,
    "older codex": OLDER_CODEX,
    "editors": EDITORS,
    "shell only": SHELL_ONLY,
}
