"""`spark`: the flags, the commands, and the one way out.

Everything heavy is imported inside the function that needs it: `--help` shows what
there is without loading it.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from spark_cli.cli.declare import Act
from spark_cli.cli.options import (
    ApplyOptions,
    CheckpointsOptions,
    CompletionOptions,
    ConfigOptions,
    DemoOptions,
    Listing,
    Options,
    OutputFormat,
    UndoOptions,
)
from spark_cli.cli.report import Reporter, guarded
from spark_cli.cli.root import Root
from spark_cli.core.errors import Interrupted, SparkError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

_SESSION = ""
_COMPLETING = "_SPARK_COMPLETE"


def run(argv: Sequence[str], acts: Mapping[str, Act] | None = None) -> int:
    """Run the command line to its exit code; nothing is raised."""
    _reopen_what_is_closed()
    _spell_what_can_be()
    typed = list(argv)
    options = typed[: typed.index("--")] if "--" in typed else typed

    def reporter() -> Reporter:
        return Reporter.of(
            colorless=not {"--no-color", "--plain"}.isdisjoint(options),
            debug="--debug" in options,
        )

    return guarded(lambda: _dispatch(typed, ACTS if acts is None else acts), reporter)


def _dispatch(argv: list[str], acts: Mapping[str, Act]) -> int:
    if argv[:1] == ["help"] and argv[1:] in [[], *([name] for name in acts)]:
        argv = [*argv[1:], "--help"]
    # A shell that completes names no command in argv, and may need any of them.
    named = acts if _COMPLETING in os.environ else argv
    spark = typer.main.get_command(program(acts, named))
    stdout = sys.stdout
    try:
        chosen = spark(argv, prog_name="spark", standalone_mode=False)
    except typer.TyperException as error:
        raise _usage_error(error) from error
    except typer.Abort:
        return Interrupted.exit_code
    except SystemExit as ended:  # the completion scripts end so
        if sys.stdout is not stdout:  # and so does Typer where a pipe is broken
            sys.stdout = stdout
            raise BrokenPipeError from ended
        chosen = ended.code
    if callable(chosen):
        return int(chosen())
    return chosen if isinstance(chosen, int) else 0


def _usage_error(error: typer.TyperException) -> UsageError:
    text = error.format_message().rstrip(".").replace("'", "`")
    text = text.partition(" (Possible options:")[0]
    meant = getattr(error, "possibilities", None)
    hint = "`spark --help` shows what can be typed"
    if meant:
        hint = f"did you mean `{meant[0]}`?"
    elif "extra argument" in text:
        hint = "`spark -- WORDS` asks the model"
    return UsageError(f"{text[:1].lower()}{text[1:]}", hint)


def _session(options: Options) -> int:
    """A pair programmer in the terminal, for models that answer at once."""
    if options.version:
        from spark_cli import __version__

        sys.stdout.write(f"spark {__version__}\n")
        return 0
    return in_its_format(options, lambda: _open(options))


def _open(options: Options) -> int:
    from spark_cli.cli.session import run_print, run_repl

    loaded = options.load(os.environ)
    terminal = sys.stdin.isatty() and sys.stdout.isatty()
    if not options.wants_print(terminal=terminal):
        return run_repl(options, loaded)
    if options.prompt is None and sys.stdin.isatty():
        raise UsageError("there is no prompt to answer", 'try `spark -p "PROMPT"`')
    words = options.words or ("-",)
    return run_print(replace(options, words=words, print_only=True), loaded)


def _demo(options: DemoOptions) -> int:
    """Try it: no key, no network, no model."""
    from spark_cli.cli.demo import run_demo

    return in_its_format(options, lambda: run_demo(options))


def _models(options: Listing) -> int:
    """List models: context, what they are best for."""
    from spark_cli.cli.models import run_models

    return run_models(options)


def _config(options: ConfigOptions) -> int:
    """Show settings and who made them; path, edit."""
    from spark_cli.cli.config import run_config

    return run_config(options)


def _doctor(options: Listing) -> int:
    """Try each step of a session, and time it."""
    from spark_cli.cli.doctor import run_doctor

    return run_doctor(options)


def _apply(options: ApplyOptions) -> int:
    """Apply a patch of any format, whole or not at all."""
    from spark_cli.cli.apply import Order, run_apply

    order = Order(
        file=options.file,
        folder=str(options.where()),
        form=options.form or "",
        check=options.check,
        json=options.json,
        json_lines=options.json_lines,
        quiet=options.quiet,
    )
    return run_apply(order)


def _undo(options: UndoOptions) -> int:
    """Take back spark's last change here, of any session."""
    from spark_cli.cli.undo import run_undo

    return run_undo(options)


def _redo(options: Listing) -> int:
    """Take back the last undo."""
    from spark_cli.cli.undo import run_redo

    return run_redo(options)


def _checkpoints(options: CheckpointsOptions) -> int:
    """List what spark has changed here."""
    from spark_cli.cli.undo import run_checkpoints

    return run_checkpoints(options)


def _completion(options: CompletionOptions) -> int:
    """Print a shell's completion script."""
    from spark_cli.cli.completion import script

    sys.stdout.write(script(options.shell, os.environ))
    return 0


def in_its_format(options: Options, action: Callable[[], int]) -> int:
    """Run the action; who asked for JSON gets an error as JSON too.

    It is what a run prints that could not begin: a session without a name.
    """
    try:
        return action()
    except SparkError as error:
        if options.format is not OutputFormat.TEXT:
            from spark_cli.core.events import Level, Notice
            from spark_cli.headless.jsonl import face
            from spark_cli.headless.run import Result

            told = Notice(Level.ERROR, error.message, error.hint)
            kind = face(options.format.value, sys.stdout, "")
            kind.end(Result(error.exit_code, told))
        raise


def _reopen_what_is_closed() -> None:
    """What was closed before the start (`>&-`) is `None`, which nobody expects."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            nowhere = Path(os.devnull).open(mode)  # noqa: SIM115  for as long as we run
            setattr(sys, name, nowhere)


def _spell_what_can_be() -> None:
    """A stream that is not UTF-8 shows what it cannot spell, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def program(acts: Mapping[str, Act], named: Collection[str]) -> typer.Typer:
    """The command line; the act named by an empty string is the session's.

    To declare thirty flags costs milliseconds: only the commands that were `named`
    get theirs, of the others there is but a line in the help.
    """
    app = typer.Typer(
        cls=Root,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        help=acts[_SESSION].act.__doc__,
    )
    app.callback(invoke_without_command=True)(acts[_SESSION].command())
    for name, act in acts.items():
        if name:
            app.command(name)(act.command() if name in named else act.mention())
    return app


ACTS: Mapping[str, Act] = {
    _SESSION: Act(Options, _session),
    "demo": Act(DemoOptions, _demo),
    "apply": Act(ApplyOptions, _apply),
    "undo": Act(UndoOptions, _undo),
    "redo": Act(Listing, _redo),
    "checkpoints": Act(CheckpointsOptions, _checkpoints),
    "models": Act(Listing, _models),
    "config": Act(ConfigOptions, _config),
    "doctor": Act(Listing, _doctor),
    "completion": Act(CompletionOptions, _completion),
}
