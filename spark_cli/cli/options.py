"""Every flag of every command, once: how it is typed, what it says, its type.

The fields are what Typer declares (`cli.declare`), what `--help` shows, and what the
rest of the program reads.  They hold the command line as it was typed; settings are
made of it by `given`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, BadParameter, Context, Option

from spark_cli.core.effects import Approval
from spark_cli.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from spark_cli.config.layers import Given
    from spark_cli.config.load import Loaded

_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}


class OutputFormat(StrEnum):
    TEXT = "text"
    JSON = "json"
    STREAM_JSON = "stream-json"


def seconds(text: str) -> float:
    """`90`, `90s`, `1.5m` or `2h`, in seconds."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", text.strip())
    if match is None or not float(match[1]):
        raise BadParameter(f"`{text}` is not a time such as `90`, `90s` or `5m`")
    return float(match[1]) * _UNITS[match[2]]


def commands(context: Context, incomplete: str) -> list[str]:
    """What a shell offers for the first word: it may be a command."""
    known = getattr(context.command, "commands", ())
    return [name for name in known if name.startswith(incomplete)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """What every command takes."""

    model: Annotated[
        str | None, Option("--model", "-m", metavar="NAME", help="The model to ask.")
    ] = None
    provider: Annotated[
        str | None,
        Option(metavar="NAME", help="Where it is: openai, ollama, demo, ..."),
    ] = None
    profile: Annotated[
        str | None, Option(metavar="NAME", help="Settings of [profiles.NAME].")
    ] = None
    sets: Annotated[
        tuple[str, ...],
        Option("--set", "-K", metavar="KEY=VALUE", help="One setting, as in TOML."),
    ] = ()
    directory: Annotated[
        Path | None, Option("--cd", "-C", metavar="DIR", help="Work in this folder.")
    ] = None
    plain: Annotated[
        bool,
        Option("--plain", help="Only lines: no color, no motion, for a screen reader."),
    ] = False
    no_color: Annotated[bool, Option("--no-color", help="No color.")] = False
    debug: Annotated[
        bool, Option("--debug", help="Write what happened to a log, and say where.")
    ] = False

    def where(self) -> Path:
        """The folder to work in, absolute and with links resolved."""
        folder = (self.directory or Path()).expanduser()
        if not folder.is_dir():
            raise UsageError(
                f"`--cd {folder}`: there is no such folder", "name one that exists"
            )
        try:
            return folder.resolve()
        except FileNotFoundError:  # a relative name needs a folder to start from
            raise UsageError(
                "the folder that you are in was deleted", "`cd` to one that exists"
            ) from None

    def load(self, environ: Mapping[str, str]) -> Loaded:
        """The settings that these flags lead to."""
        from spark_cli.config.load import load

        return load(
            environ,
            self.where(),
            profile=self.profile,
            given=self.given(),
            sets=self.sets,
        )

    def given(self) -> Iterator[Given]:
        """The settings among the flags."""
        from spark_cli.config.layers import Given

        if self.model is not None:
            yield Given(("model",), self.model, "--model")
        if self.provider is not None:
            yield Given(("provider",), self.provider, "--provider")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options(Common):
    """A session's.  `words` are the prompt, which may have been typed unquoted.

    `resume` is a session's id, or empty where `--resume` was typed alone.  `-` names
    standard input, or output, wherever a file is named.
    """

    words: Annotated[
        tuple[str, ...],
        Argument(
            metavar="PROMPT",
            show_default=False,
            help="What to do first.",
            autocompletion=commands,
        ),
    ] = ()
    print_only: Annotated[
        bool,
        Option("--print", "-p", help="Answer PROMPT on stdout; - is stdin."),
    ] = False
    continue_last: Annotated[
        bool, Option("--continue", "-c", help="Go on with the last session here.")
    ] = False
    resume: Annotated[
        str | None,
        Option("--resume", "-r", metavar="[ID]", help="Go on with a session."),
    ] = None
    files: Annotated[
        tuple[Path, ...],
        Option("--file", "-f", metavar="FILE", help="Add a file to the prompt."),
    ] = ()
    approval: Annotated[
        Approval | None,
        Option(metavar="MODE", help="read-only, ask, auto-edit or full-auto."),
    ] = None
    yes: Annotated[
        bool, Option("--yes", "-y", help="The same as --approval full-auto.")
    ] = False
    dry_run: Annotated[
        bool, Option("--dry-run", "-n", help="Show what would change, change nothing.")
    ] = False
    patch: Annotated[
        bool, Option("--patch", help="Print a unified diff only, write nothing.")
    ] = False
    output_format: Annotated[
        OutputFormat | None, Option(metavar="FORMAT", help="text, json, stream-json.")
    ] = None
    json: Annotated[
        bool, Option("--json", help="The same as --output-format json.")
    ] = False
    jsonl: Annotated[
        bool, Option("--jsonl", help="The same as --output-format stream-json.")
    ] = False
    output: Annotated[
        Path | None,
        Option("--output", "-o", metavar="FILE", help="Write the last answer there."),
    ] = None
    schema: Annotated[
        Path | None,
        Option(metavar="FILE", help="The answer is JSON of this JSON Schema."),
    ] = None
    timeout_s: Annotated[
        float | None,
        Option("--timeout", metavar="TIME", parser=seconds, help="End after 90s, 5m."),
    ] = None
    max_turns: Annotated[
        int | None,
        Option(metavar="N", min=1, help="Ask the model at most N times a prompt."),
    ] = None
    no_input: Annotated[
        bool, Option("--no-input", help="Never ask; what needs approval fails.")
    ] = False
    raw: Annotated[
        bool, Option("--raw", help="Print control characters as they are.")
    ] = False
    quiet: Annotated[bool, Option("--quiet", "-q", help="Only the answer.")] = False
    ephemeral: Annotated[
        bool, Option("--ephemeral", help="Keep no journal of the session.")
    ] = False
    version: Annotated[
        bool, Option("--version", "-V", help="Print the version, and end.")
    ] = False

    def __post_init__(self) -> None:
        """Raise `UsageError` for flags that contradict each other."""
        formats = [self.output_format is not None, self.json, self.jsonl]
        if sum(formats) > 1:
            raise UsageError(
                "more than one of `--output-format`, `--json` and `--jsonl`",
                "leave one of them",
            )
        for one, other in self._contradictions():
            raise UsageError(f"`{one}` and `{other}` do not go together", "leave one")

    def _contradictions(self) -> Iterator[tuple[str, str]]:
        if self.continue_last and self.resume is not None:
            yield "--continue", "--resume"
        if self.yes and self.approval not in {None, Approval.FULL_AUTO}:
            yield "--yes", f"--approval {self.approval}"
        if self.yes and self.no_input:
            yield "--yes", "--no-input"
        if self.patch and self.format is not OutputFormat.TEXT:
            yield "--patch", f"--output-format {self.format}"
        if self.patch and self.schema is not None:
            yield "--patch", "--schema"

    @property
    def prompt(self) -> str | None:
        """The prompt in words, `-` for standard input, or nothing."""
        return " ".join(self.words) or None

    @property
    def format(self) -> OutputFormat:
        if self.json:
            return OutputFormat.JSON
        if self.jsonl:
            return OutputFormat.STREAM_JSON
        return self.output_format or OutputFormat.TEXT

    def wants_print(self, *, terminal: bool) -> bool:
        """Whether to answer once and end; `terminal` is a person at both ends."""
        only_printed = (
            self.print_only
            or self.patch
            or self.no_input
            or self.format is not OutputFormat.TEXT
            or self.output is not None
            or self.schema is not None
            or self.timeout_s is not None
        )
        return only_printed or self.prompt == "-" or not terminal

    def given(self) -> Iterator[Given]:
        """The settings among the flags."""
        from spark_cli.config.layers import Given

        yield from Common.given(self)
        if self.yes:
            yield Given(("approval",), Approval.FULL_AUTO, "--yes")
        if self.approval is not None:
            yield Given(("approval",), self.approval, "--approval")
        if self.max_turns is not None:
            yield Given(("max_turns",), self.max_turns, "--max-turns")


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoOptions(Options):
    """A session's on the embedded endpoint, and the endpoint's own."""

    here: Annotated[
        bool, Option("--here", help="Work in this folder, not in a sample repository.")
    ] = False
    serve: Annotated[
        bool, Option("--serve", help="Serve the endpoint only, and print its address.")
    ] = False
    port: Annotated[
        int,
        Option(
            metavar="N",
            min=0,
            max=65535,
            help="The endpoint's port, any by default.",
            show_default=False,
        ),
    ] = 0
    rate: Annotated[
        float,
        Option(metavar="N", min=0, help="Tokens a second; 0 is as fast as can be."),
    ] = 1200.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing(Common):
    """A command's that prints a table."""

    json: Annotated[bool, Option("--json", help="Print JSON.")] = False


class ConfigAction(StrEnum):
    SHOW = "show"
    PATH = "path"
    EDIT = "edit"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigOptions(Listing):
    action: Annotated[ConfigAction, Argument(help="What to do; show is usual.")] = (
        ConfigAction.SHOW
    )


class Shell(StrEnum):
    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"
    POWERSHELL = "powershell"


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletionOptions(Common):
    shell: Annotated[
        Shell | None, Argument(help="Which shell; that of $SHELL is usual.")
    ] = None


class PatchFormat(StrEnum):
    V4A = "v4a"
    UDIFF = "udiff"
    SR = "sr"
    EDITS = "edits"
    WHOLE = "whole"
    UNIFIED = "unified"
    DIFF = "diff"
    BLOCKS = "blocks"
    JSON = "json"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyOptions(Listing):
    """`yes` changes nothing: who hands over a patch has said so."""

    file: Annotated[
        str,
        Argument(metavar="[FILE]", show_default=False, help="The patch; - is stdin."),
    ] = "-"
    form: Annotated[
        PatchFormat | None,
        Option("--format", metavar="FORMAT", help="v4a, udiff, sr, edits; found out."),
    ] = None
    check: Annotated[
        bool, Option("--check", help="Say whether it fits, change nothing.")
    ] = False
    json_lines: Annotated[
        bool,
        Option(
            "--json-lines",
            help='Stay open: a line {"cwd", "patch", "format"}, a reply {"rc", "err"}.',
        ),
    ] = False
    yes: Annotated[
        bool, Option("--yes", "-y", help="Nothing is asked in any case, as with git.")
    ] = False
    quiet: Annotated[bool, Option("--quiet", "-q", help="Only errors.")] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoOptions(Listing):
    checkpoint: Annotated[
        str,
        Argument(metavar="[ID]", show_default=False, help="See `spark checkpoints`."),
    ] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointsOptions(Listing):
    count: Annotated[
        int, Option("--count", "-n", metavar="N", min=1, help="Only the newest N.")
    ] = 20
