"""What was asked of a run, held against what came of it, and put where it belongs."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from spark_cli.cli.assemble import Session
from spark_cli.cli.options import Options, OutputFormat
from spark_cli.cli.prompt import STDIN
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
from spark_cli.headless.run import Face, Result


@dataclass(slots=True)
class Witness:
    """A face that passes events on, and remembers what was said and refused last."""

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


def judged(
    options: Options, session: Session, witness: Witness, result: Result
) -> Result:
    """The result of the whole run: a patch, JSON or a file may have been asked for."""
    try:
        if options.patch and result.exit_code in {0, ApprovalMissing.exit_code}:
            _check_patch(session.diff(), witness.refused)
            result = Result(0)
        if options.schema and result.exit_code == 0:
            _check_json(witness.said)
        if result.exit_code == 0:
            _deliver(options, session, witness.said)
    except SparkError as error:
        return Result(error.exit_code, Notice(Level.ERROR, error.message, error.hint))
    return result


def check_output(path: Path | None) -> None:
    """Find out before the model is asked whether the answer can be written."""
    if path is None or str(path) == STDIN:
        return
    if path.is_dir() or not path.parent.is_dir():
        why = "it is a folder" if path.is_dir() else "its folder does not exist"
    elif not os.access(path if path.exists() else path.parent, os.W_OK):
        why = "permission denied"
    else:
        return
    raise UsageError(f"cannot write `{path}`: {why}", "name another `--output`")


def schema(path: Path) -> JsonObject:
    """A JSON Schema from a file; `UsageError` if it holds none."""
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(
            f"cannot read the schema `{path}`: {error}", "it must be a JSON Schema"
        ) from None
    if not isinstance(value, dict):
        raise UsageError(f"the schema `{path}` is not a JSON object")
    return value


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
    except (ValueError, RecursionError) as error:
        raise SparkError(
            f"the answer is not JSON: {error}", "try again, or without `--schema`"
        ) from None


def _deliver(options: Options, session: Session, said: str) -> None:
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
