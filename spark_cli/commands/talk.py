"""Commands about the conversation: go back in it, ask again, go on, only ask."""

from __future__ import annotations

from collections.abc import Sequence

from spark_cli.commands.command import (
    Answer,
    Choice,
    Choices,
    Command,
    Desk,
    Rows,
    Shown,
    busy,
    problem,
)
from spark_cli.commands.lookups import Change
from spark_cli.commands.session import no_message, numbered
from spark_cli.commands.story import Said
from spark_cli.commands.workspace import about, size
from spark_cli.core.ids import CheckpointId
from spark_cli.core.ops import Ask, Compact, Continue, Op, Prompt, Rewind, Undo
from spark_cli.core.printable import brief

INIT = (
    "Write an `AGENTS.md` for this repository, in its root: what an engineer who is "
    "new here must know to work well, and cannot see at a glance. Look around "
    "first: the README, the build and lint configuration, the CI, the layout, a few "
    "typical files and tests. Tell how to set up, build, test (also one test alone) "
    "and lint, how the code is laid out and why, which conventions it really "
    "follows, and what is easy to get wrong. Only what you have seen; no advice "
    "that is true everywhere. At most 60 lines. If there is an `AGENTS.md` already, "
    "keep what is right and mend the rest."
)

_WORDS = 60


def _rewind(argument: str, desk: Desk) -> Answer:
    if desk.running:
        return busy()
    number, _, what = argument.partition(" ")
    if not number:
        return (
            Answer(shown=_messages(desk)) if desk.story.said() else no_message("", desk)
        )
    said = numbered(number, desk)
    if said is None:
        return no_message(number, desk)
    if what.strip() not in {"", *REWIND.values}:
        return problem(
            f"`/rewind` takes back {_ALL}, not `{what.strip()}`", REWIND.usage
        )
    return Answer(looked_up=lambda: _rewound(said, what.strip(), desk))


def _messages(desk: Desk) -> Choices:
    rows = [
        Choice(f"{one.number}", brief(one.text, _WORDS), f"/rewind {one.number}")
        for one in reversed(desk.story.said())
    ]
    return Choices("go back to before which message?", rows)


def _rewound(said: Said, what: str, desk: Desk) -> Shown | Answer:
    """What is to be done; what would change is shown first, if there is anything."""
    changes = _since(said, desk)
    if changes and not what:
        return _parts(said, changes)
    if what in {"files", "both"} and not changes:
        return Answer(shown=problem("no file was changed since that message").shown)
    first = changes[0].id if changes else None
    if what == "files":
        return Answer(ops=(Undo(first, onward=True),))
    back = Rewind(said.item, first if what == "both" else None)
    return Answer(steps=(back,), draft=said.text)


def _parts(said: Said, changes: Sequence[Change]) -> Choices:
    line = f"/rewind {said.number}"
    rows = [
        Choice("conversation", "the files stay as they are", f"{line} conversation"),
        Choice("files", "what was said stays; /redo brings them back", f"{line} files"),
        Choice("both", "the files first, then the conversation", f"{line} both"),
        Choice("nothing", "leave it all as it is", ""),
    ]
    return Choices("take back what?", rows, _changed(changes))


def _changed(changes: Sequence[Change]) -> Rows:
    rows = [(size(one), f"{about(one)}{_named(one)}") for one in changes]
    return Rows([("since then", ""), *rows])


def _named(one: Change) -> str:
    """The files that its label does not name."""
    names = [name for name in one.files if name not in one.label]
    return f": {', '.join(names)}" if names else ""


def _since(said: Said, desk: Desk) -> list[Change]:
    """The changes since that message that still stand, oldest first."""
    if not said.since:
        return []
    made: set[CheckpointId] = set(said.since)
    return [one for one in desk.look.changes() if one.id in made and one.standing]


def _retry(argument: str, desk: Desk) -> Answer:
    if desk.running:
        return busy()
    said = desk.story.said()
    if not said:
        return no_message("", desk)
    if argument not in {"", *RETRY.values}:
        return problem(
            f"`/retry` takes `keep` or `undo`, not `{argument}`", RETRY.usage
        )
    return Answer(looked_up=lambda: _retried(said[-1], argument, desk))


def _retried(said: Said, what: str, desk: Desk) -> Shown | Answer:
    changes = _since(said, desk) if what != "keep" else []
    if changes and not what:
        rows = [
            Choice("keep", "ask again, the files stay as they are", "/retry keep"),
            Choice("undo", "take the changes back, then ask again", "/retry undo"),
            Choice("nothing", "leave it all as it is", ""),
        ]
        return Choices("what of its changes?", rows, _changed(changes))
    first = changes[0].id if changes else None
    steps: tuple[Op, ...] = (
        Rewind(said.item, first),
        Prompt(said.text, said.attached),
    )
    return Answer(steps=steps)


def _continue(argument: str, desk: Desk) -> Answer:
    del argument
    return busy() if desk.running else Answer(ops=(Continue(),))


def _ask(argument: str, desk: Desk) -> Answer:
    if not argument:
        return problem("`/ask` takes a question", ASK.usage)
    return busy() if desk.running else Answer(ops=(Ask(argument),), echoed=False)


def _btw(argument: str, desk: Desk) -> Answer:
    if not argument:
        return problem("`/btw` takes a question", BTW.usage)
    question = Ask(argument, aside=True)
    return busy() if desk.running else Answer(ops=(question,), echoed=False)


def _compact(argument: str, desk: Desk) -> Answer:
    return busy() if desk.running else Answer(ops=(Compact(argument),))


def _init(argument: str, desk: Desk) -> Answer:
    also = f"\n\n{argument}" if argument else ""
    return busy() if desk.running else Answer(ops=(Prompt(f"{INIT}{also}"),))


_ALL = "`conversation`, `files` or `both`"

REWIND = Command(
    "rewind",
    "go back to before a message: the conversation, the files, or both",
    _rewind,
    "[N [WHAT]]",
    values=("conversation", "files", "both"),
)
RETRY = Command(
    "retry",
    "ask the last thing again",
    _retry,
    "[WHAT]",
    aliases=("again",),
    values=("keep", "undo"),
)
CONTINUE = Command("continue", "go on where the answer was stopped", _continue)
COMPACT = Command(
    "compact",
    "sum up what was said, to make room; your words and the end stay",
    _compact,
    "[FOCUS]",
)
ASK = Command("ask", "a question: nothing is changed or run", _ask, "TEXT")
BTW = Command(
    "btw",
    "a question aside, as `/ask`: the conversation goes on without it",
    _btw,
    "TEXT",
    aliases=("side",),
)
INIT_ = Command("init", "let the model write an `AGENTS.md`", _init, "[TEXT]")
