"""What each kind of event looks like once it is over: lines for the scrollback."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from spark_cli.commands.command import Diff, Problem, Rows, Shown, Text
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
from spark_cli.repl.lines import Flow, Line, folded, wrapped
from spark_cli.repl.markdown import Markdown
from spark_cli.repl.scene import Scene

_ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')

USER_LINES = 12
OUTPUT_LINES = 8
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
        more = f"  ({_lines(len(told) - USER_LINES, 'more ')})"
        lines.append([("class:quiet", more)])
    return lines


def attached(given: Sequence[str], columns: int) -> list[Line]:
    """What went with the user's words, by name."""
    names = [printable_line(_named(text)) for text in given]
    if not names:
        return []
    return wrapped([("class:quiet", f"  with {', '.join(names)}")], columns)


def _named(text: str) -> str:
    """What a block is, told from its first line: see `workspace.attachment`."""
    head, _, rest = text.partition("\n")
    told = dict(_ATTRIBUTE.findall(head))
    if "path" not in told:
        return f"the output of `{rest.partition(chr(10))[0].removeprefix('$ ')}`"
    lines = f":{told['lines']}" if "lines" in told else ""
    hunk = f"{told['name']} of " if "name" in told else ""
    return f"{hunk}{told['path']}{lines}"


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
            return diff_lines(text, columns)
        case Rows(rows):
            return _table(rows, columns)
        case Problem(message, hint):
            return notice(Notice(Level.ERROR, message, hint), columns)


def _table(rows: Sequence[tuple[str, str]], columns: int) -> list[Line]:
    width = max((len(name) for name, _ in rows), default=0) + 2
    lines: list[Line] = []
    for name, value in rows:
        first: Line = [("class:key", printable_line(name).ljust(width))]
        flow = Flow(columns, first, [("", " " * width)])
        flow.push("", printable_line(value))
        lines.extend(flow.end() if name else [[]])
    return lines


def greeting(scene: Scene, columns: int) -> list[Line]:
    """Who is there, and what can be done."""
    return [row for line in _greeting(scene) for row in wrapped(line, columns)]


def _greeting(scene: Scene) -> list[Line]:
    quiet = "class:quiet"
    lines: list[Line] = [
        [
            ("class:strong", "spark"),
            (quiet, f" with {printable_line(scene.model)}"),
            (quiet, f" on {printable_line(scene.provider)}, in "),
            (quiet, printable_line(_homely(scene.root))),
        ],
        [(quiet, "/help lists the commands, ? the keys")],
    ]
    if scene.suggestions:
        lines.append([])
        lines.append([(quiet, "things to try:")])
        lines.extend([("", f"  {printable_line(one)}")] for one in scene.suggestions)
    return lines


def _homely(path: Path) -> str:
    """A path as a shell's prompt has it."""
    home = Path.home()
    return f"~/{path.relative_to(home)}" if home in path.parents else str(path)


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


def output(text: str, columns: int) -> list[Line]:
    """The last lines of what a command said."""
    told = printable(text).strip("\n").split("\n")
    cut = len(told) - OUTPUT_LINES
    lines: list[Line] = []
    if cut > 0:
        lines.append([("class:quiet", f"  ({_lines(cut)} above)")])
    for line in told[-OUTPUT_LINES:] if told != [""] else []:
        lines.extend(folded([("", "  ")], [("class:quiet", line)], columns))
    return lines


def asked(event: ApprovalRequested, columns: int) -> list[Line]:
    """Exactly what is going to happen: the diff, or the command."""
    if event.effect is Effect.EDIT:
        return diff_lines(event.preview, columns)
    lines: list[Line] = []
    for line in printable(event.preview or event.summary).split("\n"):
        lead = ("", "  ") if lines else ("class:prompt", "$ ")
        lines.extend(folded([lead], [("class:strong", line)], columns))
    return lines


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
    what = "· brought back " if event.redone else "· taken back "
    mixed = ", ".join(printable_line(name) for name in event.merged)
    line: Line = [("class:done", what), ("", names)]
    return [*line, ("class:quiet", f" (merged: {mixed})")] if mixed else line


def _lines(count: int, which: str = "") -> str:
    return f"{count:,} {which}{'line' if count == 1 else 'lines'}"
