"""The command `spark` itself: a session with commands beside it, and its help.

To Typer it is a group whose own arguments are the session's.  A group stops at its
first word; `cli.arrange` sorts the words before that.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from typer.core import TyperGroup

from spark_cli.cli.arrange import Arranged, Grammar, arrange
from spark_cli.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from typer._click import Command, Context, HelpFormatter, Parameter

_IS_COMMAND = "spark.command"

EXAMPLES = (
    ("spark", "open a session in this folder"),
    ('spark "why is this test flaky?"', "open one with a first prompt"),
    ('spark -p "explain this" -f app.py', "answer on stdout, and end"),
    ('pytest 2>&1 | spark -p "why?"', "add what is piped in"),
    ("spark -c", "go on where you left off"),
    ("spark demo", "try it without a key or a network"),
)


class Root(TyperGroup):
    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Parse a session's arguments, or leave them to the command they name."""
        found = arrange(args, self._grammar(self, ctx, self.commands))
        if found.command is None:
            if not ctx.resilient_parsing:
                _refuse_a_misspelt_command(found, args, self.commands)
            return super().parse_args(ctx, found.argv())
        ctx.meta[_IS_COMMAND] = True
        named = self.commands[found.command]
        found = arrange(found.options, self._grammar(named, ctx, ()))
        return super().parse_args(ctx, [str(named.name), *found.argv()])

    def get_params(self, ctx: Context) -> list[Parameter]:
        """The session's own; beside a command there is no prompt."""
        params = super().get_params(ctx)
        if ctx.meta.get(_IS_COMMAND):
            return [one for one in params if one.param_type_name == "option"]
        return params

    def format_help(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Examples first: they are what most people look for."""
        formatter.write(f"{self.help}\n")
        with formatter.section("Examples"):
            formatter.write_dl(list(EXAMPLES), col_max=40)
        formatter.write_paragraph()
        formatter.write_usage("spark", "[OPTIONS] [PROMPT]")
        formatter.write_usage("spark", "COMMAND [OPTIONS]", prefix="       ")
        self.format_commands(ctx, formatter)
        rows = [param.get_help_record(ctx) for param in self.get_params(ctx)]
        with formatter.section("Options"):
            formatter.write_dl([row for row in rows if row and row[0][:1] == "-"])

    @staticmethod
    def _grammar(
        command: Command,
        ctx: Context,
        commands: Collection[str],
    ) -> Grammar:
        options = [p for p in command.get_params(ctx) if p.param_type_name == "option"]
        flags = {n for p in options if _is_flag(p) for n in p.opts}
        valued = {n for p in options if not _is_flag(p) for n in p.opts}
        return Grammar(flags, valued, set(commands))


def _is_flag(param: Parameter) -> bool:
    return bool(getattr(param, "is_flag", False))


def _refuse_a_misspelt_command(
    found: Arranged, args: Sequence[str], commands: Collection[str]
) -> None:
    """`spark doctr` should not cost a question to the model."""
    if len(found.words) != 1 or "--" in args or {"-p", "--print"} & set(found.options):
        return
    [word] = found.words
    if not word.isalpha():
        return
    meant = get_close_matches(word, commands, 1, 0.8)
    if meant:
        raise UsageError(
            f"there is no command `{word}`",
            f"did you mean `spark {meant[0]}`? `spark -- {word}` asks the model",
        )
