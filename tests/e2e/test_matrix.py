"""Every key at every phase of a turn, in a real terminal.

A cell brings spark into a phase, presses a key, and looks at what came of it.  After
that the same holds for all of them: the words that were typed are somewhere, the
session answers, what it sent can be sent, Esc wrote nothing, and the terminal is as
it should be.
"""

from __future__ import annotations

import itertools
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from spark_cli.repl.rewinding import LATE_S
from spark_cli.store.replay import LOST, replay
from tests.e2e.phases import TALE, Stage, staged, unsound
from tests.e2e.terminal import (
    CTRL_C,
    CTRL_D,
    CTRL_G,
    CTRL_J,
    CTRL_L,
    CTRL_R,
    CTRL_Z,
    ENTER,
    ESC,
    TAB,
    UP,
    Terminal,
)

pytestmark = pytest.mark.terminal

CTRL_A, CTRL_S, CTRL_U, SHIFT_TAB = "\x01", "\x13", "\x15", "\x1b[Z"
CTRL_E, DOWN = "\x05", "\x1b[B"
WALK_STEPS, ESC_S = 200, 0.2
PASTES_ON, PASTES_OFF = b"\x1b[?2004h", b"\x1b[?2004l"
HUNK_LETTERS = "yYnadADqjke"
RUNNING = ("Esc stops", "Enter redirects", "your turn")
FORMED, OFFERED = "h1, 2 left: tale.txt:3 +1 -1? y n j k, or", "a d q j k e, or"
ESC_ENDS = (*RUNNING, "why not", "is refused", "find:", "search:")

CONFIG = """\
provider = "stage"
notify = "off"
[providers.stage]
base_url = "{url}"
transport = "websocket"
model = "fake-1"
"""

EDITOR = """\
#!/bin/sh
case "$1" in
    *.diff) sed -i 's/^+line.*/&, by hand/' "$1" ;;
    *) printf ' and more' >> "$1" ;;
esac
"""

JOBS = Path(__file__).with_name("jobs.py")


class Session(Terminal):
    """spark on the stage, in a folder with a tale."""

    patience_s = 10.0

    def __init__(self, stage: Stage, folder: Path) -> None:
        self.stage, self.root = stage, folder / "root"
        self.stops, self.state = folder / "stops", folder / "home/.local/state/spark"
        self.stops.touch()
        kept = {k: os.environ[k] for k in ("PATH", "LANG") if k in os.environ}
        super().__init__(
            [sys.executable, "-S", str(JOBS), sys.executable, "-m", "spark_cli"],
            {
                **kept,
                "HOME": str(folder / "home"),
                "EDITOR": str(folder / "editor"),
                "SPARK_TEST_STOPS": str(self.stops),
            },
            cwd=self.root,
            columns=100,
            rows=30,
        )
        self.shows("fake-1 ·")

    @property
    def chrome(self) -> str:
        """What is asked, the draft, and the line below it."""
        lines = self.text.split("\n")
        signs = [at for at, line in enumerate(lines) if line.startswith(">")]
        return "\n".join(lines[max(signs[-1] - 4, 0) :]) if signs else ""

    @property
    def open(self) -> set[str]:
        """What an Esc would end."""
        chrome = self.chrome
        signs = {sign for sign in ESC_ENDS if sign in chrome}
        below = self._below
        return signs | (
            {"menu"} if len(below) > 2 and below[0][1:2] in {"/", "@"} else set()
        )

    @property
    def standing(self) -> object:
        return self.open, self.draft, self.blank, self.chrome.count("queued ")

    @property
    def blank(self) -> bool:
        """Whether nothing at all is in the line."""
        return [line.strip() for line in self._below[:-1]] == [""]

    @property
    def _below(self) -> list[str]:
        """The rows from the draft on; the last one is the status line."""
        return f"\n{self.chrome}".rpartition("\n>")[2].split("\n")

    @property
    def running(self) -> bool:
        return not self.open.isdisjoint(RUNNING)

    def until(self, met: Callable[[], bool], what: str) -> Session:
        """Nobody sees half of a frame."""

        def seen() -> bool:
            whole = self.raw.rfind(b"\x1b[?2026l") > self.raw.rfind(b"\x1b[?2026h")
            return whole and met()

        return super().until(seen, what)

    def asks(self, text: str) -> Session:
        return self.until(lambda: text in self.chrome, f"asked {text!r}")

    def drafts(self, text: str) -> Session:
        return self.until(lambda: self.draft == text, f"had the draft {text!r}")

    def hears(self, text: str) -> Session:
        return self.until(lambda: text in self.stage.heard, f"told the model {text!r}")

    def rests(self) -> Session:
        return self.until(lambda: not self.running, "came to rest")

    def files(self) -> dict[str, str]:
        return {path.name: path.read_text() for path in self.root.glob("[a-z]*")}

    def prints(self, text: str, *keys: str) -> Session:
        """Send keys, and see it go by: it may not stay on the screen."""
        before = len(self.raw)
        self.send(*keys)
        return self.until(lambda: text.encode() in self.raw[before:], f"said {text!r}")

    def suspend(self) -> Session:
        """Ctrl-Z; the shell goes on at once."""
        before = self.stops.stat().st_size
        left = self.raw.rfind(PASTES_OFF)
        self.send(CTRL_Z)
        self.until(lambda: self.stops.stat().st_size > before, "stopped")
        return self.until(
            lambda: left < self.raw.rfind(PASTES_OFF) < self.raw.rfind(PASTES_ON),
            "came back",
        )

    @property
    def told_anew(self) -> int:
        return self.files()["tale.txt"].count("told anew")

    @property
    def history(self) -> str:
        files = (self.state / "history").glob("*")
        return "\n".join(path.read_text() for path in files).replace("\n+", "\n")

    @property
    def journal(self) -> Path:
        (path,) = self.state.glob("sessions/**/*.jsonl")
        return path


def made(folder: Path, url: str) -> Path:
    """A folder to work in, and a home."""
    (folder / "root").mkdir(parents=True)
    (folder / "root" / "tale.txt").write_text(TALE)
    (folder / "root" / "readme.md").write_text("# A tale\n")
    config = folder / "home/.config/spark/config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(CONFIG.format(url=url))
    (folder / "editor").write_text(EDITOR)
    (folder / "editor").chmod(0o755)
    return folder


# Phases


@dataclass(frozen=True)
class Phase:
    """`enter` brings a session there, given what marks the cell.

    `letters` are those that answer; `refuses` is where a sentence is a refusal.
    """

    name: str
    enter: Callable[[Session, str], object]
    running: bool = True
    letters: str = ""
    refuses: bool = False
    partly: bool = False


def says(name: str, sign: str) -> Callable[[Session, str], object]:
    def enter(at: Session, mark: str) -> object:
        at.send(f"{name} {mark}", ENTER)
        return at.asks("Esc stops").shows(sign.format(mark=mark))

    return enter


def asked(name: str, sign: str) -> Callable[[Session, str], object]:
    def enter(at: Session, mark: str) -> object:
        at.send(f"{name} {mark}", ENTER).drafts("").shows(f"> {name} {mark}")
        return at.asks(sign)

    return enter


def offered(at: Session, mark: str) -> object:
    asked("offer", FORMED)(at, mark)
    return at.send(ESC).rests().asks(OFFERED)


def in_shell(at: Session, mark: str) -> object:
    asked("shell", "run this?")(at, mark)
    return at.send("y", ENTER).shows(f"run echo {mark}; sleep 600 ...")


PHASES = (
    Phase("idle", lambda at, _: at, running=False),
    Phase("waiting", says("waiting", "waiting for")),
    Phase("reconnecting", says("reconnecting", "waiting for")),
    Phase("retrying", says("retrying", "{mark}: try again in 50s")),
    Phase("reasoning", says("reasoning", "Weighing {mark}")),
    Phase("text", says("text", "This is {mark}.")),
    Phase("call", says("call", "shell")),
    Phase("patch", asked("patch", FORMED), letters="yYnjk"),
    Phase("hunks", asked("hunks", "your turn"), letters=HUNK_LETTERS, refuses=True),
    Phase("command", asked("command", "run this?"), letters="yYn", refuses=True),
    Phase("offer", offered, running=False, letters=HUNK_LETTERS),
    Phase("shell", in_shell),
    Phase(
        "own command",
        lambda at, mark: at.send(f"!echo $((7 * 6)){mark}; sleep 600", ENTER).shows(
            f"42{mark}"
        ),
    ),
)


# Keys


@dataclass
class Cell:
    """A session in its phase; `word` is what is typed there, and must not be lost."""

    at: Session
    phase: Phase
    word: str
    mark: str
    left: bool = False
    typed: str = ""
    before: dict[str, str] = field(default_factory=dict)

    def drafted(self) -> Session:
        self.typed = self.word
        return self.at.send(self.word).drafts(self.word)


Check = Callable[[Cell], object]


def keeps(*keys: str) -> Check:
    """With a draft, the key leaves it as it is."""

    def check(cell: Cell) -> object:
        cell.drafted().send(*keys)
        return cell.at.send("!").drafts(f"{cell.word}!")

    return check


def leaves(cell: Cell) -> None:
    cell.left = True
    assert cell.at.ends() == 0


def enter(cell: Cell) -> object:
    return cell.at.send(ENTER, CTRL_A, "x").drafts("x")


def enter_with_a_draft(cell: Cell) -> object:
    return cell.drafted().send(ENTER).drafts("").hears(cell.word)


def esc(cell: Cell) -> object:
    if cell.phase.running:
        return cell.at.send(ESC).rests()
    return calm(cell).send(ESC).asks("Esc again").send("x").drafts("x")


def esc_with_a_draft(cell: Cell) -> object:
    return cell.drafted().send(ESC).rests().drafts(cell.word)


def esc_esc(cell: Cell) -> object:
    if cell.phase.running:
        return cell.at.send(ESC).rests().send(ESC, "x").drafts("x")
    return calm(cell).send(ESC).asks("Esc again").send(ESC).shows("find:")


def calm(cell: Cell) -> Session:
    """An Esc that comes right after a turn was meant for the turn."""
    until = time.monotonic() + LATE_S
    return cell.at.until(lambda: time.monotonic() > until, "was calm")


def ctrl_c(cell: Cell) -> object:
    cell.at.send(CTRL_C)
    return cell.at.rests() if cell.phase.running else cell.at.asks("Ctrl-C again")


def ctrl_c_with_a_draft(cell: Cell) -> object:
    cell.drafted().send(CTRL_C)
    if cell.phase.running:
        return cell.at.rests().drafts(cell.word)
    return cell.at.drafts("").send(UP).drafts(cell.word)


def ctrl_c_twice(cell: Cell) -> None:
    if not cell.phase.running:
        cell.at.send(CTRL_C).asks("Ctrl-C again").send(CTRL_C)
        leaves(cell)
    else:
        cell.at.send(CTRL_C, CTRL_C).rests()


def ctrl_d(cell: Cell) -> None:
    cell.at.send(CTRL_D)
    leaves(cell)


def tab_with_a_draft(cell: Cell) -> object:
    cell.drafted().send(TAB)
    if cell.phase.running:
        return cell.at.drafts("").shows(f"queued {cell.word}")
    return cell.at.drafts(cell.word)


def shift_tab(cell: Cell) -> object:
    cell.at.send(SHIFT_TAB).asks("auto-edit")
    for mode in ("read-only", "ask"):
        cell.at.send(SHIFT_TAB)
        cell.at.until(lambda: cell.at.text.endswith(mode), f"was in {mode}")  # noqa: B023
    return cell.at


def up(cell: Cell) -> object:
    return cell.at.send(UP).until(lambda: bool(cell.at.draft), "had a draft")


def hold(cell: Cell) -> object:
    cell.at.send(CTRL_S).shows("held; ")
    return cell.at.send("x").hides("held; ").drafts("x")


def suspend(cell: Cell) -> object:
    return cell.drafted().suspend().drafts(cell.word)


def editor(cell: Cell) -> object:
    return cell.drafted().send(CTRL_G).drafts(f"{cell.word} and more")


def redraw(cell: Cell) -> object:
    return cell.drafted().send(CTRL_L).drafts(cell.word)


def search(cell: Cell) -> object:
    cell.at.send(CTRL_R).shows("search:").send("hello").shows("search: hello")
    cell.at.send(ENTER).hides("search:")
    return cell.at.until(lambda: cell.at.draft.startswith("hello"), "found it")


def newline(key: str) -> Check:
    def check(cell: Cell) -> object:
        cursor = cell.drafted().screen.cursor
        row = cursor.y
        cell.at.send(key).until(lambda: cell.at.screen.cursor.x == 2, "broke it")
        assert cell.at.screen.cursor.y <= row + 1
        cell.at.send("and so").shows("  and so")
        return cell.at.drafts(cell.word)

    return check


def list_keys(cell: Cell) -> object:
    return cell.at.prints("say the last thing again", "?").drafts("")


def helps(cell: Cell) -> object:
    return cell.at.prints("say the last thing again", "/help", ENTER).drafts("")


def complete_a_command(cell: Cell) -> object:
    cell.at.send("/hel").drafts("/hel").send(TAB)
    return cell.at.until(lambda: cell.at.draft.startswith("/help"), "completed it")


def complete_a_file(cell: Cell) -> object:
    cell.at.send("@re").shows("  readme.md").send(TAB)
    return cell.at.until(lambda: cell.at.draft.startswith("@readme.md"), "completed")


def own_command(cell: Cell) -> object:
    cell.at.send(f"!echo $((40 + 2)){cell.word}", ENTER)
    return cell.at.shows(f"42{cell.word}").drafts("")


def again(cell: Cell) -> object:
    """What was said last is said again; under a question it is no answer."""
    cell.at.send(".", ENTER).drafts("")
    return cell.at.asks(FORMED) if cell.phase.name == "offer" else cell.at


def long_paste(cell: Cell) -> object:
    lines = [cell.word, *(f"pasted {number}" for number in range(1, 5000))]
    cell.at.paste("\r".join(lines))
    return cell.at.drafts("[pasted 5,000 lines]")


def resize(cell: Cell) -> object:
    cell.drafted()
    cell.at.resize(60, 30).drafts(cell.word)
    return cell.at.resize(100, 30).drafts(cell.word)


def letter(key: str) -> Check:
    def check(cell: Cell) -> object:
        cell.at.send(key)
        if key not in cell.phase.letters:
            return cell.at.drafts(key)
        answered(cell, key)
        return cell.at

    return check


def answered(cell: Cell, key: str) -> None:
    """The letter was taken; what is written is what was accepted."""
    cell.at.drafts(key).drafts("")
    if cell.phase.name == "command":
        what = f"· run echo {cell.mark}" if key in "yY" else "why not?"
        cell.at.shows(what)
        return
    signs = {
        **dict.fromkeys("yYjke", "h2"),
        **dict.fromkeys("n", "h1 is refused"),
    }
    if key in "jk" and cell.phase.name == "hunks":
        signs["k"] = "h3"
    if key in signs:
        cell.at.asks(signs[key])
    if key in "aA" or (key in "yY" and cell.phase.name == "patch"):
        count = 1 if key in "yY" else 2 + (cell.phase.name == "hunks")
        cell.at.until(lambda: cell.at.told_anew == count, "wrote it")


KEYS: dict[str, Check] = {
    "enter": enter,
    "enter, with a draft": enter_with_a_draft,
    "esc": esc,
    "esc, with a draft": esc_with_a_draft,
    "esc esc": esc_esc,
    "ctrl-c": ctrl_c,
    "ctrl-c, with a draft": ctrl_c_with_a_draft,
    "ctrl-c ctrl-c": ctrl_c_twice,
    "ctrl-d": ctrl_d,
    "ctrl-d, with a draft": keeps(CTRL_D),
    "tab, with a draft": tab_with_a_draft,
    "shift-tab": shift_tab,
    "up": up,
    "ctrl-s x": hold,
    "ctrl-z": suspend,
    "ctrl-g": editor,
    "ctrl-l": redraw,
    "ctrl-r": search,
    "ctrl-j": newline(CTRL_J),
    "alt-enter": newline(ESC + ENTER),
    "?": list_keys,
    "/help": helps,
    "/hel tab": complete_a_command,
    "@re tab": complete_a_file,
    "!echo": own_command,
    ".": again,
    "a paste of 5,000 lines": long_paste,
    "another size": resize,
    **{key: letter(key) for key in "yYnaADdqjkse"},
    "żółw": lambda cell: cell.at.send("żółw").drafts("żółw"),
}


# The matrix

numbers = itertools.count(1)


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with staged() as one:
        yield one


@dataclass
class Sessions:
    """One session for the cells of a phase, for as long as it is sound."""

    stage: Stage
    folders: Iterator[Path]
    open: dict[str, Session] = field(default_factory=dict)

    def take(self, name: str) -> Session:
        """The session that is open for a phase, or a new one."""
        if name not in self.open:
            self.close()
            self.open[name] = Session(
                self.stage, made(next(self.folders), self.stage.demo.base_url)
            )
            hello(self.open[name], "hello 0")
        return self.open[name]

    def close(self) -> None:
        for one in self.open.values():
            one.close()
        self.open.clear()


@pytest.fixture(scope="module")
def sessions(
    stage: Stage, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Sessions]:
    base = tmp_path_factory.mktemp("matrix")
    every = Sessions(stage, (base / str(number) for number in itertools.count()))
    yield every
    every.close()


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("phase", PHASES, ids=lambda phase: phase.name)
def test_a_key_at_a_phase(sessions: Sessions, phase: Phase, key: str) -> None:
    at = sessions.open.get(phase.name) or sessions.take(phase.name)
    mark = f"m{next(numbers)}"
    cell = Cell(at, phase, word=f"word{mark}", mark=mark)
    sound = False
    try:
        phase.enter(at, mark)
        KEYS[key](cell)
        holds(cell)
        sound = not cell.left
    finally:
        at.stage.release()
        if not sound:
            sessions.close()


def holds(cell: Cell) -> None:
    """What is true of every cell."""
    at = cell.at
    if not cell.left:
        if cell.typed:
            at.until(lambda: kept(cell), f"kept {cell.typed!r}")
        settle(cell)
        hello(at, f"hello {cell.mark}")
        assert at.process.poll() is None
    assert at.stage.unsound == []
    past = replay(at.journal)
    assert past.unreadable == 0
    assert unsound(tuple(past.items)) == []
    assert LOST not in "\n".join(getattr(item, "text", "") for item in past.items)
    modes_are_sane(cell)
    (at.root / "tale.txt").write_text(TALE)


def kept(cell: Cell) -> bool:
    """Whether the words that were typed are somewhere."""
    at = cell.at
    return any(
        cell.typed in place for place in (at.draft, at.text, at.stage.heard, at.history)
    )


def settle(cell: Cell) -> None:
    """Esc, until nothing runs and nothing is open; it writes nothing."""
    at = cell.at
    before = at.files()
    for _ in range(4):
        before_esc = at.open
        if before_esc:
            at.send(ESC).until(
                lambda: bool(at.chrome) and at.open != before_esc,  # noqa: B023
                "took the Esc",
            )
    if not at.blank:
        at.send(CTRL_C).until(lambda: at.blank, "cleared the line")
    if "queued " in at.chrome:
        at.send(CTRL_U).until(lambda: "queued " not in at.chrome, "dropped the queue")
    assert at.files() == before
    if "tale.txt:" in at.chrome and "say what to do instead" in at.chrome:
        at.send("q", ENTER)
        at.until(lambda: "say what to do" not in at.chrome, "gave up the offer")


def hello(at: Session, words: str) -> None:
    at.send(words, ENTER).shows(f"heard {words}").rests().drafts("")


def modes_are_sane(cell: Cell) -> None:
    def seen() -> bool:
        raw = cell.at.raw
        return raw.rfind(b"\x1b[?25h") > raw.rfind(b"\x1b[?25l")

    cell.at.until(seen, "showed the cursor")
    raw = cell.at.raw
    on = not cell.left
    assert (raw.rfind(PASTES_ON) > raw.rfind(PASTES_OFF)) is on
    assert not any(
        f"?{mode}h".encode() in raw for mode in (47, 1047, 1049, 1000, 1002, 1003)
    )


# A walk


WALK_KEYS = (
    *(ENTER, ENTER, ESC, TAB, SHIFT_TAB, UP, DOWN, CTRL_C, CTRL_G, CTRL_J, CTRL_L),
    *(CTRL_R, CTRL_S, ESC + ENTER, "?", ".", "@re", "/hel", "/help\r"),
    *("!echo hi\r", "!sleep 600\r", "\\\r", *(CTRL_E + key for key in HUNK_LETTERS)),
)
SAID = tuple(phase.name for phase in PHASES if phase.name != "own command")


@pytest.mark.timeout(120)
@pytest.mark.parametrize("seed", range(3))
def test_a_walk_over_the_keys_loses_nothing(sessions: Sessions, seed: int) -> None:
    chance = random.Random(seed)
    words: list[str] = []
    at = sessions.take(f"walk {seed}")
    for step in range(WALK_STEPS):
        word = f"w{seed}x{step}z"
        key = chance.choice([*WALK_KEYS, *(f"{chance.choice(SAID)} {word}",) * 12])
        at.send(f"{CTRL_E} {key}" if word in key else key)
        for _ in range(chance.randrange(4)):
            at.read(0.01)
        if word in key and chance.random() < 0.8:
            at.until(lambda: True, "drew whole frames")
            words += [word] if at.draft.endswith(word) else []
            at.send(ENTER if chance.random() < 0.6 else TAB)
        if chance.random() < 0.05:
            at.paste(f"{word}p\r" * 50)
        if chance.random() < 0.03:
            wind_up(at)
            at.suspend()
        assert at.process.poll() is None
    cell = Cell(at, PHASES[0], word="", mark=f"end{seed}")
    at.stage.release()
    wind_up(at)
    holds(cell)
    known = f"{at.history}\n{at.stage.heard}\n{at.scrollback}"
    assert [word for word in words if word not in known] == []


def wind_up(at: Session) -> None:
    """End what runs, and put what is queued or drafted into the history."""
    at.send(CTRL_E)
    state: object = None
    for _ in range(60):
        before, state = state, at.standing
        if at.open and state != before:
            at.send(ESC)
        elif not at.blank:
            at.send(CTRL_C)
        elif "queued " in at.chrome:
            at.send(UP)
        else:
            return
        deadline = time.monotonic() + ESC_S
        at.until(
            lambda: at.standing != state or time.monotonic() > deadline,  # noqa: B023
            "changed",
        )
    pytest.fail(f"never wound up; the screen:\n{at.text}")
