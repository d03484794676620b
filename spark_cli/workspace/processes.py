"""The only door to processes: a command of the model's, and a program of ours.

`run` is for what a model wrote: a session of its own, nothing to read from, one
stream of output with both ends kept, and nothing left running, whether it ends, runs
out of time, is interrupted, or spark itself is killed.  `capture` is for a program
that spark chose, such as ripgrep: plain code, for a thread.
"""

from __future__ import annotations

import codecs
import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Self

from spark_cli.core.errors import SparkError
from spark_cli.workspace import family as families
from spark_cli.workspace.clip import Clip
from spark_cli.workspace.environment import environment
from spark_cli.workspace.family import MARK, Family

if TYPE_CHECKING:
    import asyncio

_CHUNK_BYTES = 65_536
_TERM_S = 2.0
"""How long a command that ran out of time may take to tidy up."""
_INTERRUPT_S = 0.3
"""The same for one that the user stopped, who waits for the prompt."""
_DRAIN_S = 0.5
"""How long output may follow a command's end: `> >(tee log)` is not waited for."""


@dataclass(frozen=True, slots=True)
class Finished:
    """How a command ended.

    `code` is the exit status as a shell tells it: 128 and the number of a signal.
    `output` is standard output and error as they came, at most `output_bytes` and a
    line that says where `cut_bytes` are missing.  `ended` counts processes that were
    left running, and were ended.
    """

    code: int
    output: str
    cut_bytes: int
    timed_out: bool
    seconds: float
    ended: int = 0


async def run(
    command: str,
    *,
    cwd: Path,
    timeout_s: float,
    output_bytes: int,
    env: Mapping[str, str],
    on_output: Callable[[str], None] | None = None,
) -> Finished:
    """Run a shell command to its end; `SparkError` where it cannot be started.

    `on_output` sees the output as it comes, uncut.  A cancelled `run` has ended the
    command, and all that it started, before the cancellation goes on.
    """
    started = time.monotonic()
    mark = secrets.token_hex(8)
    family = Family(mark)
    _GUARD.tell(mark)
    try:
        with _Stream(output_bytes, on_output) as stream:
            process = await _start(command, cwd, {**env, MARK: mark}, stream, family)
            _GUARD.tell(f"{mark} {process.pid}")
            timed_out, ended = await _attend(process, stream, family, timeout_s)
            output, cut = stream.clip.text()
    finally:
        _GUARD.tell(f"{mark} -")
    # No code where it hangs in the kernel, and even SIGKILL has to wait.
    code = -signal.SIGKILL if process.returncode is None else process.returncode
    code = 128 - code if code < 0 else code
    return Finished(code, output, cut, timed_out, time.monotonic() - started, ended)


class _Guard:
    """Ends the commands of a spark that was killed; see `workspace.family`.

    It is started with the first command, and ends when its pipe does.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def tell(self, line: str) -> None:
        """Without a guard a command runs all the same: it is for the worst case."""
        with contextlib.suppress(OSError):
            if self._process is None or self._process.poll() is not None:
                self._process = self._started()
            if self._process.stdin is not None:
                self._process.stdin.write(f"{line}\n".encode())

    @staticmethod
    def _started() -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-I", "-S", families.__file__],
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env=environment(os.environ),
            start_new_session=True,
        )


_GUARD = _Guard()


async def _start(
    command: str, cwd: Path, env: Mapping[str, str], stream: _Stream, family: Family
) -> asyncio.subprocess.Process:
    import asyncio

    try:
        process = await asyncio.create_subprocess_exec(
            shutil.which("bash") or "/bin/sh",
            "-c",
            "--",  # a command may begin with a dash
            command,
            stdin=subprocess.DEVNULL,
            stdout=stream.writing,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env=env,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        raise SparkError(f"the command cannot be started: {error}") from error
    except asyncio.CancelledError:
        family.kill()
        raise
    finally:
        stream.close_writing()
    family.leader = process.pid
    return process


async def _attend(
    process: asyncio.subprocess.Process,
    stream: _Stream,
    family: Family,
    timeout_s: float,
) -> tuple[bool, int]:
    """Wait for the end, or bring it about: whether it was late, who was left."""
    import asyncio

    alone = False
    try:
        timed_out = not await _within(timeout_s, process.wait())
        if timed_out:
            family.terminate()
            await _within(_TERM_S, _over(process, stream))
        await _within(_DRAIN_S, stream.ended.wait())
        left = await asyncio.to_thread(family.kill)
        alone = True
        await _within(_DRAIN_S, stream.ended.wait())
    except asyncio.CancelledError:
        family.terminate()
        await _within(_INTERRUPT_S, _over(process, stream))
        raise
    finally:
        if not alone:
            family.kill()
        await _within(_TERM_S, process.wait())
    return timed_out, left


async def _over(process: asyncio.subprocess.Process, stream: _Stream) -> None:
    """The shell is gone, and so is everyone who could still write."""
    await process.wait()
    await stream.ended.wait()


async def _within(seconds: float, what: Coroutine[object, object, object]) -> bool:
    import asyncio

    try:
        async with asyncio.timeout(seconds):
            await what
    except TimeoutError:
        return False
    return True


class _Stream:
    """Reads a pipe as the event loop says that there is something.

    The pipe is ours rather than asyncio's: a child that keeps the other end open
    must not decide when the command is over.
    """

    def __init__(
        self, output_bytes: int, on_output: Callable[[str], None] | None
    ) -> None:
        import asyncio

        self.clip = Clip(output_bytes)
        self.ended = asyncio.Event()
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._on_output = on_output
        self._loop = asyncio.get_running_loop()
        self._fd, self.writing = os.pipe()

    def __enter__(self) -> Self:
        os.set_blocking(self._fd, False)
        self._loop.add_reader(self._fd, self._ready)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.remove_reader(self._fd)
        os.close(self._fd)

    def close_writing(self) -> None:
        os.close(self.writing)

    def _ready(self) -> None:
        try:
            data = os.read(self._fd, _CHUNK_BYTES)
        except BlockingIOError:
            return
        self.clip.feed(data)
        if self._on_output is not None:
            text = self._decoder.decode(data, final=not data)
            if text:
                self._on_output(text)
        if not data:
            self._loop.remove_reader(self._fd)
            self.ended.set()


@dataclass(frozen=True, slots=True)
class Captured:
    """What a program printed; `out` is cut where `full`, and the program ended."""

    code: int
    out: bytes
    err: bytes
    timed_out: bool = False
    full: bool = False


class Leash:
    """Lets the one who waits for a thread end the program that the thread runs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._cut = False

    def hold(self, process: subprocess.Popen[bytes] | None) -> None:
        with self._lock:
            self._process = process
            if self._cut:
                self._kill()

    def cut(self) -> None:
        """End what runs, and whatever would be started on this leash."""
        with self._lock:
            self._cut = True
            self._kill()

    def kill(self) -> None:
        with self._lock:
            self._kill()

    def _kill(self) -> None:
        # The number of a group that is gone may be another's by now.
        if self._process is not None and self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a program is given: seconds, and bytes of output."""

    timeout_s: float
    output_bytes: int


def capture(
    argv: Sequence[str],
    bounds: Bounds,
    *,
    cwd: Path,
    env: Mapping[str, str],
    data: bytes = b"",
    leash: Leash | None = None,
) -> Captured:
    """Run a program to its end, or until it has used up its bounds.

    `data` is its standard input.  `SparkError` where it cannot be started.
    """
    leash = leash or Leash()
    with tempfile.TemporaryFile() as stdin, tempfile.TemporaryFile() as stderr:
        # Files, not pipes: neither can fill up while the other is waited for.
        stdin.write(data)
        stdin.seek(0)
        try:
            process = subprocess.Popen(
                argv,
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=stderr,
                cwd=cwd,
                env=env,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            raise SparkError(f"`{argv[0]}` cannot be run: {error}") from error
        out, timed_out = _read(process, bounds, leash)
        stderr.seek(0)
        complaint = stderr.read(4_096)
    full = len(out) > bounds.output_bytes
    return Captured(
        process.returncode, out[: bounds.output_bytes], complaint, timed_out, full
    )


def _read(
    process: subprocess.Popen[bytes], bounds: Bounds, leash: Leash
) -> tuple[bytes, bool]:
    expired = threading.Event()

    def expire() -> None:
        expired.set()
        leash.kill()

    timer = threading.Timer(bounds.timeout_s, expire)
    timer.daemon = True
    leash.hold(process)
    timer.start()
    try:
        with process:
            out = _until(process.stdout, bounds.output_bytes)
            if len(out) > bounds.output_bytes:
                leash.kill()
            process.wait()
    finally:
        timer.cancel()
        leash.hold(None)
    return out, expired.is_set()


def _until(stream: IO[bytes] | None, most: int) -> bytes:
    """All that comes, or a little more than `most`."""
    out = bytearray()
    while stream is not None and len(out) <= most:
        data = os.read(stream.fileno(), _CHUNK_BYTES)
        if not data:
            break
        out += data
    return bytes(out)
