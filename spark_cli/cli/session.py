"""The two ways to have a session: answered once on stdout, or lived in."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from spark_cli.cli import log
from spark_cli.cli.assemble import DEMO_RATE, Session, Wish, open_session
from spark_cli.cli.options import Options, OutputFormat
from spark_cli.cli.prompt import STDIN, prompt
from spark_cli.cli.report import Reporter
from spark_cli.config.load import Loaded
from spark_cli.core.errors import (
    ApprovalMissing,
    NothingToChange,
    PatchRefused,
    SparkError,
    UsageError,
)
from spark_cli.core.events import Event, ItemCompleted, Level, Notice
from spark_cli.core.items import AgentMessage, ToolOutput
from spark_cli.core.json import JsonObject
from spark_cli.core.printable import printable
from spark_cli.headless.run import Face, Result, run

if TYPE_CHECKING:
    from spark_cli.repl.scene import Scene


def run_print(options: Options, loaded: Loaded, demo_rate: float = DEMO_RATE) -> int:
    """Answer one prompt on stdout, and return the exit code."""
    reporter = _reporter(options, loaded)
    text = prompt(options, lambda told: reporter.notice(Notice(Level.WARNING, told)))
    with open_session(loaded, options.where(), _wish(options, demo_rate)) as session:
        for notice in _notices(session):
            reporter.notice(notice)
        witness = _Witness(_face(options, session))
        result = asyncio.run(_answer(session, witness, text, options))
        result = _judged(options, session, witness, result)
        witness.end(result)
        if result.error is not None and options.format is OutputFormat.TEXT:
            reporter.notice(result.error)
        if result.exit_code == 0:
            _deliver(options, session, witness.said)
    return result.exit_code


def run_repl(
    options: Options,
    loaded: Loaded,
    demo_rate: float = DEMO_RATE,
    suggestions: Sequence[str] = (),
) -> int:
    """Open the REPL, with a first prompt if one was given."""
    from spark_cli.repl.curtain import Curtain

    reporter = _reporter(options, loaded)
    with open_session(loaded, options.where(), _wish(options, demo_rate)) as session:
        for notice in _notices(session):
            reporter.notice(notice)
        with Curtain() as curtain:
            from spark_cli.repl.app import run as live

            async def lived() -> int:
                return await live(
                    session.agent(),
                    first_prompt=options.prompt,
                    scene=_scene(session, suggestions),
                    curtain=curtain,
                )

            code = asyncio.run(lived())
        if session.recorded:
            sys.stderr.write(f"go on with `spark -r {session.id}`\n")
    return code


def _scene(session: Session, suggestions: Sequence[str]) -> Scene:
    from spark_cli.repl.scene import Scene

    chosen = session.chosen
    return Scene(
        model=chosen.model,
        provider=chosen.provider,
        approval=chosen.approval,
        root=session.root.path,
        session=session.id,
        history=session.history,
        context_window=session.window(chosen.model),
        past=session.past.items,
        suggestions=suggestions,
        branch=session.branch,
        status=session.status,
        session_diff=session.diff,
        models=session.models,
    )


def _reporter(options: Options, loaded: Loaded) -> Reporter:
    colorless = options.no_color or options.plain
    reporter = Reporter.of(colorless=colorless, debug=options.debug)
    file = log.begin(loaded.paths.logs, debug=options.debug)
    if file is not None:
        reporter.notice(Notice(Level.INFO, f"the log is `{file}`"))
    return reporter


def _wish(options: Options, demo_rate: float) -> Wish:
    return Wish(
        continue_last=options.continue_last,
        resume=options.resume,
        virtual=options.patch or options.dry_run,
        ephemeral=options.ephemeral,
        schema=_schema(options.schema) if options.schema else None,
        demo_rate=demo_rate,
    )


async def _answer(session: Session, face: Face, text: str, options: Options) -> Result:
    return await run(session.agent(), text, face.show, timeout_s=options.timeout_s)


@dataclass(slots=True)
class _Witness:
    """Passes events on, and remembers what was said last and what was refused."""

    face: Face
    said: str = ""
    refused: str = ""

    def show(self, event: Event) -> None:
        match event:
            case ItemCompleted(AgentMessage(text=text)):
                self.said = text
            case ItemCompleted(ToolOutput(ok=False, text=text)):
                self.refused = text
            case _:
                pass
        self.face.show(event)

    def end(self, result: Result, /) -> None:
        self.face.end(result)


def _face(options: Options, session: Session) -> Face:
    if options.format is OutputFormat.TEXT:
        from spark_cli.headless.text import Text

        out = sys.stderr if options.patch else sys.stdout
        return Text(out, sys.stderr, quiet=options.quiet, raw=options.raw)
    from spark_cli.headless.jsonl import Lines, Whole

    kind = Whole if options.format is OutputFormat.JSON else Lines
    return kind(sys.stdout, session.id)


def _judged(
    options: Options, session: Session, witness: _Witness, result: Result
) -> Result:
    """The result, once what was asked for is held against what came of it."""
    try:
        if options.patch and result.exit_code in {0, ApprovalMissing.exit_code}:
            _check_patch(session.diff(), witness.refused)
            return Result(0)
        if options.schema and result.exit_code == 0:
            _check_json(witness.said)
    except SparkError as error:
        return Result(error.exit_code, Notice(Level.ERROR, error.message, error.hint))
    return result


def _check_patch(diff: str, refused: str) -> None:
    if diff:
        return
    if refused:
        first = refused.partition("\n")[0]
        raise PatchRefused(f"there is no patch: {first}", "ask for it in other words")
    raise NothingToChange("there is nothing to change", "the answer is on stderr")


def _check_json(said: str) -> None:
    try:
        json.loads(said)
    except ValueError as error:
        raise SparkError(
            f"the answer is not JSON: {error}", "try again, or without `--schema`"
        ) from None


def _deliver(options: Options, session: Session, said: str) -> None:
    """Put the outcome where it was asked for: a patch on stdout, a copy in a file."""
    diff = session.diff() if options.patch or options.dry_run else ""
    if options.patch or (options.dry_run and options.format is OutputFormat.TEXT):
        _write_text(sys.stdout, diff)
    if options.output is not None and str(options.output) != STDIN:
        _write_file(options.output, diff if options.patch else printable(said))


def _write_text(stream: TextIO, diff: str) -> None:
    """A patch is data, to the last byte; only a terminal is spared its controls."""
    if stream.isatty():
        diff = printable(diff)
    stream.flush()
    stream.buffer.write(diff.encode("utf-8", "surrogateescape"))
    stream.flush()


def _write_file(path: Path, text: str) -> None:
    if text and not text.endswith("\n"):
        text += "\n"
    try:
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
    except OSError as error:
        raise SparkError(f"cannot write `{path}`: {error.strerror}") from error


def _schema(path: Path) -> JsonObject:
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise UsageError(
            f"cannot read the schema `{path}`: {error}", "it must be a JSON Schema"
        ) from None
    if not isinstance(value, dict):
        raise UsageError(f"the schema `{path}` is not a JSON object")
    return value


def _notices(session: Session) -> Iterator[Notice]:
    yield from session.loaded.notices
    recovered = session.recover()
    if recovered:
        yield Notice(Level.WARNING, recovered)
    for name in session.briefing.cut:
        limit = session.loaded.settings.instructions_bytes
        yield Notice(
            Level.WARNING,
            f"`{name}` is cut: all guides together may have {limit:,} bytes",
            "shorten it, or set `instructions_bytes`",
        )
    if session.past.unreadable:
        count = session.past.unreadable
        yield Notice(Level.WARNING, f"{count} lines of the session's journal are lost")
