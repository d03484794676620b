"""What the live screen costs at 1,200 tokens a second, beside Codex's TUI.

    python -m tests.bench.screen [--quick] [spark|codex]

Both run on the same pseudo-terminal of 120x40, on the same loopback endpoint, which
is a process of its own with ready-made frames.  The Codex CLI is taken from PATH or
`CODEX_BIN`; everything runs in a network namespace with nothing but loopback, where
one can be made, and Codex does not run otherwise.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count, cycle
from pathlib import Path

from tests.bench.endpoint import end, go
from tests.bench.tty import Tty

TOKENS, RATE = 12_000, 1_200
LETTERS = "жщюяфэцчбдйлпъыгшзкм"
MARKS = map("{}{}".format, cycle("ΞΨΦΘΛΠΣΔ"), count())
"""Keys whose echo cannot be mistaken for the stream."""

_ECHO = """\
import os, tty
tty.setraw(0)
os.write(1, b"ready")
while data := os.read(0, 99):
    os.write(1, data)
"""
_ALONE = "SPARK_BENCH_ALONE"


@dataclass(frozen=True, slots=True)
class Client:
    """A program, the words that say it was interrupted, and when it is ready."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    ready: str
    stopped: str


class Log:
    """What the endpoint has seen."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def first(self, mark: str) -> tuple[float, int]:
        """When an answer's first token left, and how many there were."""
        for line in self._path.read_text().splitlines():
            told = json.loads(line)
            if told["what"] == "first" and told["mark"] == mark:
                return float(told["at"]), int(told["frames"])
        raise LookupError(mark)

    def wait(self, what: str) -> Mapping[str, object]:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            for line in self._path.read_text().splitlines():
                told: dict[str, object] = json.loads(line)
                if told["what"] == what:
                    return told
            time.sleep(0.05)
        raise TimeoutError(f"the endpoint never said `{what}`")


@contextmanager
def endpoint(folder: Path) -> Iterator[tuple[str, Log]]:
    path = folder / "endpoint.log"
    path.touch()
    process = subprocess.Popen([sys.executable, "-m", "tests.bench.endpoint", path])
    try:
        log = Log(path)
        yield f"http://127.0.0.1:{log.wait('ready')['port']}/v1", log
    finally:
        process.kill()
        process.wait()


def spark(folder: Path, url: str) -> Client:
    home = folder / "spark"
    home.mkdir()
    settings = {
        "providers.bench.base_url": f"'{url}'",
        "providers.bench.transport": "'websocket'",
    }
    words = [sys.executable, "-m", "spark_cli", "--provider", "bench"]
    for key, value in settings.items():
        words += ["--set", f"{key}={value}"]
    environment = {"HOME": str(home), "PATH": os.environ["PATH"]}
    if "PYTHONPATH" in os.environ:
        environment["PYTHONPATH"] = os.environ["PYTHONPATH"]
    return Client("spark", words, environment, "ask", "(stopped")


def codex(folder: Path, url: str, program: str) -> Client:
    home = folder / "codex"
    home.mkdir()
    (home / "config.toml").write_text(
        f"""\
model = "bench-1"
model_provider = "bench"
approval_policy = "never"
sandbox_mode = "danger-full-access"
check_for_update_on_startup = false

[model_providers.bench]
name = "bench"
base_url = "{url}"
env_key = "BENCH_KEY"
wire_api = "responses"
supports_websockets = true

[projects."{folder / "work"}"]
trust_level = "trusted"

[analytics]
enabled = false

[notice]
hide_full_access_warning = true
"""
    )
    environment = {
        "HOME": str(home),
        "CODEX_HOME": str(home),
        "BENCH_KEY": "none",
        "PATH": os.environ["PATH"],
    }
    return Client("codex", [program], environment, "shortcuts", "interrupted")


@contextmanager
def running(client: Client, folder: Path) -> Iterator[Tty]:
    tty = Tty(client.command, client.environment, folder / "work")
    try:
        tty.sees(client.ready, 0)
        tty.rest(2.0)
        yield tty
    finally:
        tty.close()


def ask(tty: Tty, words: str) -> float:
    """Type a prompt and send it; when Enter was pressed.

    The mark at its end begins with a letter that stands nowhere else.
    """
    since = len(tty.raw)
    tty.send(words)
    tty.sees(words.rsplit(" ", 1)[-1][0], since)
    tty.rest(0.3)
    return tty.send("\r")


@dataclass(frozen=True, slots=True)
class Streamed:
    wall: float
    cpu_s: float
    bytes_a_token: float
    echo_s: Sequence[float]


def streamed(tty: Tty, log: Log, kind: str, tokens: int) -> Streamed:
    """One long answer, first left alone, then typed into."""
    mark, since, cpu = next(MARKS), len(tty.raw), tty.cpu_s()
    ask(tty, f"bench {kind} {tokens} {RATE} {mark}")
    ended = tty.sees(end(mark), since)
    began, sent = log.first(mark)
    tty.rest(0.5)
    used, written = tty.cpu_s() - cpu, len(tty.raw) - since
    echoes = typed(tty, kind, tokens)
    return Streamed((ended - began) / (sent / RATE), used, written / sent, echoes)


def typed(tty: Tty, kind: str, tokens: int) -> list[float]:
    """How long each key takes to be seen while an answer streams."""
    mark, since = next(MARKS), len(tty.raw)
    ask(tty, f"bench {kind} {tokens} {RATE} {mark}")
    tty.sees(go(mark), since)
    times: list[float] = []
    count = max(tokens // RATE * 10 - 10, 5)
    for number in range(count):
        letter = LETTERS[number % len(LETTERS)]
        if number and number % len(LETTERS) == 0:
            tty.send("\x15")
            tty.rest(0.1)
        seen = len(tty.raw)
        sent = tty.send(letter)
        times.append(tty.sees(letter, seen) - sent)
        # No multiple of a frame, so that every part of one is met.
        tty.rest(0.073 + 0.0071 * (number % 5))
    tty.send("\x15")
    tty.sees(end(mark), since)
    tty.rest(0.5)
    return times


def stopped(tty: Tty, client: Client, times: int) -> list[float]:
    """From Esc to the words that say it is over."""
    taken: list[float] = []
    for number in range(times):
        mark = next(MARKS)
        since = len(tty.raw)
        ask(tty, f"bench prose 12000 {RATE} {mark}")
        tty.sees(go(mark), since)
        tty.rest(0.4 + 0.0137 * number)
        seen = len(tty.raw)
        sent = tty.send("\x1b")
        taken.append(tty.sees(client.stopped, seen) - sent)
        tty.rest(0.6)
        tty.send("\x15")
        tty.rest(0.1)
    return taken


def redirected(tty: Tty, times: int) -> list[float]:
    """From Enter with new words, in the middle of an answer, to the new one."""
    taken: list[float] = []
    for _ in range(times):
        mark, new = next(MARKS), next(MARKS)
        since = len(tty.raw)
        ask(tty, f"bench prose 6000 {RATE} {mark}")
        tty.sees(go(mark), since)
        tty.rest(0.4)
        seen = len(tty.raw)
        sent = ask(tty, f"bench prose 50 {RATE} {new}")
        taken.append(tty.sees(go(new), seen) - sent)
        tty.sees(end(new), seen)
        tty.rest(0.5)
    return taken


def idle(tty: Tty, seconds: float) -> float:
    """CPU in percent while nobody does anything."""
    tty.rest(2.0)
    before = tty.cpu_s()
    tty.rest(seconds)
    return 100 * (tty.cpu_s() - before) / seconds


def kept_up(tty: Tty, log: Log, rate: int, tokens: int) -> str:
    """Whether every line of a flood is on the screen or in the scrollback."""
    mark, since, cpu = next(MARKS), len(tty.raw), tty.cpu_s()
    ask(tty, f"bench lines {tokens} {rate} {mark}")
    ended = tty.sees(end(mark), since)
    began, sent = log.first(mark)
    wall = (ended - began) / (sent / rate)
    tty.rest(0.5)
    shown = tty.words(since)
    last = 0
    while f"Line {last + 1:06d} says" in shown:
        last += 1
    wanted = max(tokens // 10, 1)
    lost = "none lost" if last >= wanted else f"lost after line {last}"
    return f"{wall:.3f} of ideal, {tty.cpu_s() - cpu:.2f} CPU s, {last} lines, {lost}"


def noise(folder: Path) -> str:
    """The echo of a program that does nothing else: what the machine itself takes."""
    command = [sys.executable, "-c", _ECHO]
    tty = Tty(command, {"PATH": os.environ["PATH"]}, folder)
    try:
        tty.sees("ready", 0)
        times = []
        for number in range(90):
            letter, seen = LETTERS[number % len(LETTERS)], len(tty.raw)
            sent = tty.send(letter)
            times.append(tty.sees(letter, seen) - sent)
            tty.rest(0.073)
        return milliseconds(times)
    finally:
        tty.close()


def milliseconds(times: Sequence[float]) -> str:
    ordered = sorted(times)
    last = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    return (
        f"{statistics.median(ordered) * 1000:.1f} / {last * 1000:.1f}"
        f" (max {ordered[-1] * 1000:.1f}, n {len(ordered)})"
    )


def figures(client: Client, folder: Path, log: Log, *, quick: bool) -> dict[str, str]:
    tokens = TOKENS // 4 if quick else TOKENS
    rows: dict[str, str] = {}
    with running(client, folder) as tty:
        rows["idle CPU, %"] = f"{idle(tty, 5 if quick else 20):.2f}"
        rows["memory, MB (PSS)"] = f"{tty.memory_mb():.0f}"
        for kind in ("prose", "code"):
            got = streamed(tty, log, kind, tokens)
            rows[f"{kind}: wall / ideal"] = f"{got.wall:.3f}"
            rows[f"{kind}: CPU s"] = f"{got.cpu_s:.2f}"
            rows[f"{kind}: bytes a token"] = f"{got.bytes_a_token:.1f}"
            rows[f"{kind}: echo p50 / p99, ms"] = milliseconds(got.echo_s)
        rows["idle CPU after, %"] = f"{idle(tty, 5 if quick else 20):.2f}"
    for name, measure in measures(client, log, 10 if quick else 50):
        with running(client, folder) as tty:
            try:
                rows[name] = measure(tty)
            except TimeoutError as error:
                rows[name] = f"gave up: {str(error).splitlines()[0]}"
    return rows


def measures(
    client: Client, log: Log, times: int
) -> list[tuple[str, Callable[[Tty], str]]]:
    fewer = max(times // 10, 3)
    asked: list[tuple[str, Callable[[Tty], str]]] = [
        (
            "Esc to prompt p50 / p99, ms",
            lambda t: milliseconds(stopped(t, client, times)),
        ),
        (
            "redirect to new text p50 / p99, ms",
            lambda t: milliseconds(redirected(t, fewer)),
        ),
    ]
    asked += [
        (f"{rate:,} tokens/s", lambda t, r=rate: kept_up(t, log, r, 40_000))  # type: ignore[misc]  # the default binds
        for rate in (20_000,)
    ]
    return asked


def alone() -> list[str] | None:
    """The words that leave a command nothing but loopback."""
    words = ["unshare", "-rn", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
    if not shutil.which("unshare") or not shutil.which("ip"):
        return None
    tried = subprocess.run([*words, "true"], capture_output=True, check=False)
    return words if tried.returncode == 0 else None


def main(arguments: Sequence[str]) -> None:
    if not os.environ.get(_ALONE):
        words = alone()
        os.environ[_ALONE] = "yes" if words else "no"
        if words:
            again = [*words, sys.executable, "-m", "tests.bench.screen", *arguments]
            os.execvp(again[0], again)
    quick = "--quick" in arguments
    names = [one for one in arguments if not one.startswith("-")] or ["spark", "codex"]
    program = os.environ.get("CODEX_BIN") or shutil.which("codex")
    columns: dict[str, dict[str, str]] = {}
    print(f"load before: {os.getloadavg()[0]:.2f} on {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "work").mkdir()
        subprocess.run(["git", "init", "-q", folder / "work"], check=True)
        print(f"a bare echo p50 / p99, ms: {noise(folder)}")
        with endpoint(folder) as (url, log):
            if "spark" in names:
                made = spark(folder, url)
                columns["spark"] = figures(made, folder, log, quick=quick)
            if "codex" in names and (program is None or os.environ[_ALONE] != "yes"):
                print("codex: not here, or no network namespace to run it in")
            elif "codex" in names:
                made = codex(folder, url, str(program))
                columns["codex"] = figures(made, folder, log, quick=quick)
    rows = next(iter(columns.values()))
    print(f"{'':36}" + "".join(f"{name:>42}" for name in columns))
    for row in rows:
        print(
            f"{row:36}" + "".join(f"{one.get(row, ''):>42}" for one in columns.values())
        )
    print(f"load after: {os.getloadavg()[0]:.2f}")


if __name__ == "__main__":
    main(sys.argv[1:])
