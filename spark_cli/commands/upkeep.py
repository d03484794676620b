"""Commands about spark itself: settings, checks, the window, keys and looks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from spark_cli.agent.context import chars
from spark_cli.commands.command import (
    Answer,
    Choice,
    Choices,
    Command,
    Desk,
    Dress,
    Rows,
    Shown,
    SwitchKeys,
    Text,
    problem,
)
from spark_cli.commands.lookups import Fixed
from spark_cli.commands.nearest import hinted
from spark_cli.config.settings import ModelTraits
from spark_cli.core.items import (
    AgentMessage,
    Note,
    Reasoning,
    ToolCall,
    ToolOutput,
    UserMessage,
)
from spark_cli.core.usage import CHARS_PER_TOKEN

_KINDS: Mapping[type, str] = {
    UserMessage: "your words",
    AgentMessage: "answers",
    Reasoning: "thoughts",
    ToolCall: "tool calls",
    ToolOutput: "tool outputs",
    Note: "notes",
}


def _config(argument: str, desk: Desk) -> Answer:
    del argument

    def look() -> Shown:
        return Text(f"```toml\n{desk.look.config()}```")

    return Answer(looked_up=look)


def _doctor(argument: str, desk: Desk) -> Answer:
    del argument
    return Answer(looked_up=lambda: Rows(desk.look.doctor()))


def _context(argument: str, desk: Desk) -> Answer:
    del argument
    return Answer(looked_up=lambda: Rows(_filled(desk, desk.look.fixed())))


def _filled(desk: Desk, fixed: Fixed) -> list[tuple[str, str]]:
    """What the next request takes of the window, by kind, as estimates."""
    items = desk.story.items()
    sizes = dict.fromkeys(_KINDS.values(), 0)
    counts = dict(sizes)
    for item in items:
        sizes[_KINDS[type(item)]] += chars(item)
        counts[_KINDS[type(item)]] += 1
    guides = f" with {', '.join(fixed.guides)}" if fixed.guides else ""
    rows = [
        ("instructions", f"{_tokens(fixed.instructions)}{guides}"),
        ("tools", f"{_tokens(fixed.tools)} for {fixed.tool_count}"),
        *(
            (name, f"{_tokens(size)} in {counts[name]:,}")
            for name, size in sizes.items()
            if counts[name]
        ),
    ]
    total = fixed.instructions + fixed.tools + sum(sizes.values())
    window = (desk.look.known(desk.model) or ModelTraits()).context_window
    return [*rows, ("", ""), *_summed(total, desk.context_tokens, window)]


def _summed(total: int, counted: int, window: int) -> list[tuple[str, str]]:
    rows = [("all", f"{_tokens(total)}, estimated")]
    if counted:
        rows.append(("in use", f"{counted:,} tokens, as they were counted last"))
    used = counted or int(total / CHARS_PER_TOKEN)
    left = max(0, 100 - round(100 * used / window)) if window else 0
    return [*rows, ("window", f"{window:,} tokens, {left} % left")]


def _tokens(size: int) -> str:
    return f"~{int(size / CHARS_PER_TOKEN):,} tokens"


def _keys(argument: str, desk: Desk) -> Answer:
    del argument
    return Answer(shown=Rows(desk.keys))


def _theme(argument: str, desk: Desk) -> Answer:
    names = [name for name, _ in desk.themes]
    if not names:
        return problem("there is nothing to choose here: the colors are the terminal's")
    if not argument:
        rows = _dresses(desk.themes)
        return Answer(shown=Choices("which colors?", rows))
    if argument not in names:
        hint = hinted(argument, names, "/theme ", f"one of: {', '.join(names)}")
        return problem(f"there is no theme `{argument}`", hint)
    return Answer(wish=Dress(argument))


def _dresses(themes: Sequence[tuple[str, str]]) -> list[Choice]:
    return [Choice(name, what, f"/theme {name}") for name, what in themes]


def _vim(argument: str, desk: Desk) -> Answer:
    del argument, desk
    return Answer(wish=SwitchKeys())


CONFIG = Command(
    "config", "what is set, and who set it", _config, aliases=("settings",)
)
DOCTOR = Command("doctor", "try each step of the connection", _doctor)
CONTEXT = Command(
    "context", "what fills the model's window", _context, aliases=("tokens",)
)
KEYS = Command("keys", "what each key does", _keys, aliases=("hotkeys", "keymap"))
THEME = Command("theme", "choose the colors", _theme, "[NAME]")
VIM = Command("vim", "vi's keys for what you type, or not", _vim)
