"""The only printer of errors, and the one place where they become exit codes.

Errors go to stderr as `error: ...` and `hint: ...`; stdout is never touched.  What a
message quotes may come from a server, a file or a model: it passes `printable`.
A fault of spark's own is told in a line, and its trace goes to a log.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TextIO

from spark_cli.config.paths import paths, private
from spark_cli.core.errors import Interrupted, SparkError
from spark_cli.core.printable import printable

if TYPE_CHECKING:
    from spark_cli.core.events import Notice

_COLORS = {"error": "31", "warning": "33", "info": "36"}
_SECRET = re.compile(r"\b(sk-[\w-]{4})[\w-]{4,}|(?i:(bearer\s+))[\w.~+/=-]{8,}")
_LOGIN = re.compile(r"(?<=://)[^/?#\s@]*:[^/?#\s@]*@")
_SECRET_NAME = re.compile(r"KEY|TOKEN|SECRET|PASSW", re.IGNORECASE)


def is_colored(
    stream: TextIO, environ: Mapping[str, str], *, forbidden: bool = False
) -> bool:
    """Whether to color what goes to a stream.

    The strongest first: a flag, `NO_COLOR`, `FORCE_COLOR` or `CLICOLOR_FORCE`,
    `TERM=dumb`, and whether it is a terminal.  Source: no-color.org, clicolors.
    """
    if forbidden or environ.get("NO_COLOR"):
        return False
    for name in ("FORCE_COLOR", "CLICOLOR_FORCE"):
        if environ.get(name, "") not in {"", "0"}:
            return True
    return environ.get("TERM", "") != "dumb" and stream.isatty()


def redacted(text: str, environ: Mapping[str, str]) -> str:
    """The text without what looks like a key, and without the keys we know of.

    A short one is looked for as a word, and only if it is a provider's: `1` is the
    value of many variables, and is in many words.
    """
    from spark_cli.config.providers import BUILT_IN  # 2 ms, and most runs say nothing

    of_providers = {provider.env_key for provider in BUILT_IN.values()}
    for name, value in environ.items():
        if len(value) >= 8 and _SECRET_NAME.search(name):
            text = text.replace(value, "***")
        elif value and name in of_providers:
            text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", "***", text)
    text = _LOGIN.sub("***@", text)
    return _SECRET.sub(lambda found: f"{found[1] or found[2]}***", text)


class Reporter(NamedTuple):
    """Tells what went wrong.  `logs` is where traces go; it need not exist.

    `debug` writes the trace of every error, not only of spark's own faults.
    """

    stream: TextIO
    environ: Mapping[str, str]
    logs: Callable[[], Path]
    colored: bool = False
    debug: bool = False

    @classmethod
    def of(cls, *, colorless: bool = False, debug: bool = False) -> Reporter:
        """The one of this process: stderr, its environment, and its log folder."""
        colored = is_colored(sys.stderr, os.environ, forbidden=colorless)
        return cls(
            sys.stderr,
            os.environ,
            lambda: private(paths(os.environ).logs),
            colored=colored,
            debug=debug,
        )

    def notice(self, notice: Notice) -> None:
        """One message, and what to do about it."""
        self._tell(notice.level.value, notice.text, notice.hint)

    def error(self, error: SparkError) -> int:
        """A failure that was foreseen; the answer is the exit code."""
        self._tell("error", error.message, error.hint)
        log = self._log(error) if self.debug else None
        if log is not None:
            self._tell("info", f"the trace is in `{log}`", "")
        return error.exit_code

    def fault(self, error: Exception) -> int:
        """A failure that nobody foresaw."""
        log = self._log(error)
        whose = (
            "the system refused"
            if isinstance(error, OSError)
            else f"a fault in spark itself, {type(error).__name__}"
        )
        self._tell(
            "error",
            f"{whose}: {error}",
            f"the trace is in `{log}`" if log else "`SPARK_HOME` cannot be written",
        )
        return SparkError.exit_code

    def _tell(self, level: str, text: str, hint: str) -> None:
        told = f"{self._painted(f'{level}:', _COLORS[level])} {self._clean(text)}\n"
        if hint:
            told += f"\n{self._painted('hint:', '36')} {self._clean(hint)}\n"
        self.stream.write(told)
        self.stream.flush()

    def _clean(self, text: str) -> str:
        return printable(redacted(text, self.environ)).rstrip()

    def _painted(self, text: str, color: str) -> str:
        return f"\x1b[1;{color}m{text}\x1b[0m" if self.colored else text

    def _log(self, error: BaseException) -> Path | None:
        import time
        import traceback  # 5 ms that only failures pay

        trace = "".join(traceback.format_exception(error))
        try:
            path = self.logs() / f"{time.strftime('%Y%m%dT%H%M%S')}-{os.getpid()}.log"
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
            with os.fdopen(os.open(path, flags, 0o600), "a", encoding="utf-8") as log:
                log.write(redacted(trace, self.environ))
        except (OSError, SparkError):
            return None
        return path


def guarded(action: Callable[[], int], reporter: Callable[[], Reporter]) -> int:
    """Run the action to its exit code, whatever happens in it."""
    try:
        code = action()
        sys.stdout.flush()
    except KeyboardInterrupt:
        code = Interrupted.exit_code
    except SparkError as error:
        code = _told(reporter, error)
    except Exception as error:  # noqa: BLE001  the last door: a trace helps no user
        if isinstance(error, BrokenPipeError) and _reader_has_left():
            _forget_stdout()
            return 0
        code = _told(reporter, error)
    return code


def _told(reporter: Callable[[], Reporter], error: Exception) -> int:
    try:
        if isinstance(error, SparkError):
            return reporter().error(error)
        return reporter().fault(error)
    except OSError:  # stderr is closed: the exit code must do
        return getattr(error, "exit_code", SparkError.exit_code)


def _reader_has_left() -> bool:
    """Whether it is our own stdout that broke, and not a pipe somewhere inside."""
    import select

    try:
        sys.stdout.flush()
        poll = select.poll()
        poll.register(sys.stdout.fileno(), select.POLLOUT)
        return any(
            state & (select.POLLERR | select.POLLHUP) for _, state in poll.poll(0)
        )
    except (OSError, ValueError):
        return True


def _forget_stdout() -> None:
    """What is still buffered would fail again when the interpreter ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
