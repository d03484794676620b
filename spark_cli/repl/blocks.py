"""What each kind of event looks like once it is over: lines for the scrollback."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import unescape
from pathlib import Path
from typing import TypeAlias

from spark_cli.commands.command import Choices, Diff, Problem, Rows, Shown, Text
from spark_cli.core.effects import Effect
from spark_cli.core.events import (
    ApprovalDecided,
    ApprovalRequested,
    CheckpointMade,
    CheckpointUndone,
    Cleared,
    Compacted,
    Configured,
    Level,
    Notice,
    Renamed,
    Rewound,
)
from spark_cli.core.hunks import ProposedHunk
from spark_cli.core.printable import printable, printable_line
from spark_cli.repl.diffs import Tally, diff_lines, hunk_lines, tally
from spark_cli.repl.lines import Flow, Line, folded, wrapped
from spark_cli.repl.markdown import Markdown
from spark_cli.repl.review import Review
from spark_cli.repl.scene import Scene

_GO_ON = "`go on`"
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
    told = {name: unescape(said) for name, said in _ATTRIBUTE.findall(head)}
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
        case Choices():
            return _offered(what, columns)


def _offered(choices: Choices, columns: int) -> list[Line]:
    """What there is to choose, as lines that can be typed."""
    above = [*shown(choices.above, columns), []] if choices.above is not None else []
    rows = [
        (row.line, row.about if row.name in row.line else f"{row.name}  {row.about}")
        for row in choices.rows
        if row.line
    ]
    title: list[Line] = [[("class:question", choices.title)]]
    return [*above, *title, *_table(rows, columns)]


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
    """What all faces are told to say to the model is a command here."""
    lines = _wrapped(event.level.value, event.text, event.level, columns)
    hint = event.hint.replace(_GO_ON, "`/continue`")
    if hint:
        lines.extend(_wrapped("hint", hint, Level.INFO, columns))
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


def switched(before: Configured, after: Configured) -> list[Line]:
    """What is different from here on."""
    told = []
    if (before.model, before.provider) != (after.model, after.provider):
        told.append(f"{after.model} on {after.provider}")
    if before.approval is not after.approval:
        told.append(f"approval is {after.approval.value}")
    if before.effort != after.effort:
        told.append(f"effort is {after.effort or 'as the settings have it'}")
    return [did(f"{one} from here on") for one in told]


Turned: TypeAlias = Cleared | Rewound | Compacted | Renamed


def turned(event: Turned) -> Line:
    """What became of the conversation as a whole."""
    match event:
        case Cleared():
            return did("the conversation starts anew")
        case Rewound(aside=True):
            return did("that was said aside: the conversation goes on without it")
        case Rewound():
            return did("the conversation is cut back, and goes on from here")
        case Compacted():
            size = f"~{event.tokens_before:,} to ~{event.tokens_after:,} tokens"
            kept = "your words" if event.tail is None else "your words and the end"
            return did(f"compacted from {size}; {kept} are kept as they were")
        case Renamed(name):
            return did(f"the session is now called `{name}`")


def summary(event: Turned, columns: int) -> list[Line]:
    """What stands for the conversation now, where that is something new."""
    if isinstance(event, Compacted):
        return markdown(event.summary.text, columns)
    return []


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


def hunk(one: ProposedHunk, columns: int) -> list[Line]:
    """A hunk under its name, and what is to be said of it."""
    lines = wrapped(_hunk_title(one), columns)
    if one.hot:
        lines += wrapped([("class:warning", f"hot: {printable(one.hot)}")], columns)
    if one.problem:
        told = f"cannot land: {printable_line(one.problem)}"
        lines += wrapped([("class:error", told)], columns)
    return lines + hunk_lines(one.diff, columns)


def glimpse(one: ProposedHunk, columns: int, rows: int) -> list[Line]:
    """As much of a hunk as there is room for; all of it is above."""
    lines = hunk_lines(one.diff, columns)
    if len(lines) <= rows:
        return lines
    more = _lines(len(lines) - rows + 1, "more ")
    return [*lines[: rows - 1], [("class:quiet", f"      ({more}, above)")]]


def review(now: Review, why: str, *, refusing: bool) -> Line:
    """Which hunk is asked about, and the keys that answer."""
    if refusing:
        return [
            ("class:question", f"why not {why}? "),
            ("class:quiet", "Enter tells the model, with a reason or without"),
        ]
    line: Line = []
    if why:
        line += [("class:quiet", f"{why} is refused: say why, or go on. ")]
    here = now.here
    if here is None:
        return [*line, ("class:quiet", "every hunk so far is decided")]
    left = len(now.left)
    name = f"{here.id}, {left} left: " if left > 1 else f"{here.id}: "
    line += [("class:question", name), *_hunk_place(here), ("class:question", "? ")]
    if here.hot:
        style = "class:error" if now.warned == here.id else "class:warning"
        line.append((style, f"hot: {printable_line(here.hot)}; "))
    if now.warned == here.id:
        line.append(("class:question", "press Y to accept it. "))
    shown = "Ynadqjkse" if here.hot else "ynadqjkse"
    single = "adq" if len(now.left) < 2 else ""
    letters = "".join(one for one in shown if one in now.letters - set(single))
    return [*line, *_keys(letters), ("class:quiet", ", or say what to do instead")]


def _keys(letters: str) -> Line:
    line: Line = []
    for letter in letters:
        line += [("", " "), ("class:key", letter)] if line else [("class:key", letter)]
    return line


def _hunk_title(one: ProposedHunk) -> Line:
    return [("class:hunk", f"{one.id} "), *_hunk_place(one)]


def _hunk_place(one: ProposedHunk) -> Line:
    at = f":{one.line}" if one.line else ""
    line: Line = [("class:file", f"{printable_line(one.name)}{at}")]
    line += [("class:added", f" +{one.added}")] if one.added else []
    return line + ([("class:removed", f" -{one.removed}")] if one.removed else [])


def decided(hunk: str, reason: str, problem: str, *, accepted: bool) -> Line:
    """What became of one hunk, while the others are still written."""
    if problem:
        return failed(hunk, problem)
    if accepted:
        return [("class:done", f"· {hunk} accepted")]
    return did(f"{hunk} refused: {reason}" if reason else f"{hunk} refused")


def answered(event: ApprovalDecided) -> Line:
    """What was not accepted, and why; nothing where all was."""
    because = f": {event.reason}" if event.reason else ""
    if not event.accepted:
        return did(f"refused{because}")
    if event.hunks:
        return did(f"accepted {', '.join(event.hunks)}, the rest refused{because}")
    return []


def changed(event: CheckpointMade) -> Line:
    size = Tally(len(event.files), event.added, event.removed)
    names = ", ".join(printable_line(name) for name in event.files[:3])
    more = f" and {len(event.files) - 3} more" if len(event.files) > 3 else ""
    return [
        ("class:done", "· changed "),
        ("", f"{names}{more} "),
        (
            "class:quiet",
            f"({size}; checkpoint {event.checkpoint}, /undo)",
        ),
    ]


def undone(event: CheckpointUndone) -> Line:
    names = ", ".join(printable_line(name) for name in event.files)
    what = "· brought back " if event.redone else "· taken back "
    mixed = ", ".join(printable_line(name) for name in event.merged)
    if not names:
        return [
            ("class:done", what),
            ("class:quiet", "nothing: no trace of it is left"),
        ]
    line: Line = [("class:done", what), ("", names)]
    return [*line, ("class:quiet", f" (merged: {mixed})")] if mixed else line


def _lines(count: int, which: str = "") -> str:
    return f"{count:,} {which}{'line' if count == 1 else 'lines'}"
