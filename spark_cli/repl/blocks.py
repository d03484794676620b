"""What each kind of event looks like once it is over: lines for the scrollback."""

from __future__ import annotations

from spark_cli.commands.command import Diff, Problem, Shown, Text
from spark_cli.core.effects import Effect
from spark_cli.core.events import (
    ApprovalRequested,
    CheckpointMade,
    CheckpointUndone,
    Level,
    Notice,
)
from spark_cli.core.printable import printable, printable_line
from spark_cli.repl.diffs import Tally, diff_lines, tally
from spark_cli.repl.lines import Flow, Line
from spark_cli.repl.markdown import Markdown
from spark_cli.repl.scene import Scene

USER_LINES = 12
OUTPUT_LINES = 8
CALL_LINES = 12
_CALL_CHARS = 4000
_SIGNS = {Level.INFO: "class:quiet", Level.WARNING: "class:warning"}


def user(text: str, columns: int) -> list[Line]:
    """What the user said; of a long paste, its beginning."""
    told = printable(text).strip("\n").split("\n")
    lines: list[Line] = []
    for line in told[:USER_LINES]:
        first: Line = [] if lines else [("class:prompt", "> ")]
        rest: Line = [("", "  ")]
        flow = Flow(columns, first or rest, rest)
        flow.push("class:user", line)
        lines.extend(flow.end())
    if len(told) > USER_LINES:
        more = f"  ({len(told) - USER_LINES:,} more lines)"
        lines.append([("class:quiet", more)])
    return lines


def markdown(text: str, columns: int) -> list[Line]:
    stream = Markdown(columns)
    stream.feed(printable(text))
    return stream.close()


def shown(what: Shown, columns: int) -> list[Line]:
    """What a command has to show."""
    match what:
        case Text(text):
            return markdown(text, columns)
        case Diff(text):
            return diff_lines(text)
        case Problem(message, hint):
            return notice(Notice(Level.ERROR, message, hint), columns)


def greeting(scene: Scene) -> list[Line]:
    quiet = "class:quiet"
    lines: list[Line] = [
        [
            ("class:strong", "spark"),
            (quiet, f" with {printable_line(scene.model)}"),
            (quiet, f" on {printable_line(scene.provider)}, in "),
            (quiet, printable_line(str(scene.root))),
        ],
        [(quiet, "/help lists the commands, ? the keys")],
    ]
    if scene.suggestions:
        lines.append([])
        lines.append([(quiet, "things to try:")])
        lines.extend([[("", f"  {printable_line(one)}")] for one in scene.suggestions])
    return lines


def notice(event: Notice, columns: int) -> list[Line]:
    lines = _wrapped(event.level.value, event.text, event.level, columns)
    if event.hint:
        lines.extend(_wrapped("hint", event.hint, Level.INFO, columns))
    return lines


def _wrapped(label: str, text: str, level: Level, columns: int) -> list[Line]:
    style = _SIGNS.get(level, "class:error")
    sign: Line = [] if label == Level.INFO.value else [(style, f"{label}: ")]
    lines: list[Line] = []
    for part in printable(text).split("\n"):
        flow = Flow(columns, sign if not lines else [], [])
        flow.push("class:quiet" if level is Level.INFO else "", part)
        lines.extend(flow.end())
    return lines


def did(summary: str) -> Line:
    return [("class:quiet", f"· {printable_line(summary)}")]


def failed(summary: str, text: str) -> Line:
    because = printable_line(text.strip().split("\n")[0])
    told = f"{printable_line(summary)}: " if summary else ""
    return [("class:error", "x "), ("class:quiet", f"{told}{because}")]


def output(text: str) -> list[Line]:
    """The last lines of what a command said."""
    told = printable(text).strip("\n").split("\n")
    cut = len(told) - OUTPUT_LINES
    lines: list[Line] = [
        [("class:quiet", f"  {line}")] for line in told[-OUTPUT_LINES:] if told != [""]
    ]
    if cut > 0:
        lines.insert(0, [("class:quiet", f"  ({cut:,} lines above)")])
    return lines


def asked(event: ApprovalRequested) -> list[Line]:
    """Exactly what is going to happen: the diff, or the command."""
    if event.effect is Effect.EDIT:
        return diff_lines(event.preview)
    command = printable(event.preview or event.summary).split("\n")
    first: Line = [("class:prompt", "$ "), ("class:strong", command[0])]
    rest: list[Line] = [[("", "  "), ("class:strong", line)] for line in command[1:]]
    return [first, *rest]


def question(event: ApprovalRequested, *, refusing: bool) -> Line:
    """What is asked, and the keys that answer it."""
    if refusing:
        return [
            ("class:question", "why not? "),
            ("class:quiet", "Enter tells the model, with a reason or without"),
        ]
    if event.effect is Effect.EDIT:
        asks = f"apply this to {tally(event.preview)}? "
    else:
        asks = "run this? " if event.effect is Effect.RUN else "allow this? "
    return [
        ("class:question", asks),
        ("class:key", "y"),
        ("class:quiet", "es, "),
        ("class:key", "n"),
        ("class:quiet", "o, or say what to do instead"),
    ]


def changed(event: CheckpointMade) -> Line:
    size = Tally(len(event.files), event.added, event.removed)
    names = ", ".join(printable_line(name) for name in event.files[:3])
    more = f" and {len(event.files) - 3} more" if len(event.files) > 3 else ""
    return [
        ("class:done", "· changed "),
        ("", f"{names}{more} "),
        ("class:quiet", f"({size}; /undo takes it back)"),
    ]


def undone(event: CheckpointUndone) -> Line:
    names = ", ".join(printable_line(name) for name in event.files)
    return [("class:done", "· taken back "), ("", names)]


def call_tail(name: str, raw: str, size: int, rows: int) -> list[Line]:
    """The end of a tool call that is being written, and how long it is by now."""
    shown = readable(raw[-_CALL_CHARS:]).split("\n")[-min(rows, CALL_LINES) :]
    lines: list[Line] = [[(_diff_style(line), line)] for line in shown if shown != [""]]
    return [[("class:quiet", f"{printable_line(name)}, {size:,} characters")], *lines]


def readable(raw: str) -> str:
    """A call's input for the eye: JSON's escapes resolved where it is JSON."""
    if "\n" in raw.strip():
        return printable(raw)
    text = raw.replace("\\\\", "\0").replace("\\n", "\n").replace("\\t", "\t")
    return printable(text.replace('\\"', '"').replace("\0", "\\"))


def _diff_style(line: str) -> str:
    if line.startswith(("***", "@@")):
        return "class:hunk"
    return {"+": "class:added", "-": "class:removed"}.get(line[:1], "class:quiet")
