from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest
from prompt_toolkit.application import Application
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.data_structures import Size
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.layout import HSplit, Layout, Window
from prompt_toolkit.layout.controls import BufferControl
from prompt_toolkit.output import DummyOutput

from spark_cli.commands.command import Choice, Choices
from spark_cli.repl.lines import columns_of_line, plain
from spark_cli.repl.picker import ROWS_MAX, Listing, Picker

MODELS = Choices(
    "which?",
    [
        Choice("big-1", "now, 200k", "/model big-1"),
        Choice("small\x1b[2J", "32k, tests", "/model small"),
        Choice("小さい", "", "/model 3"),
    ],
    at=1,
)
MANY = Choices("which?", [Choice(f"row {n}", "x" * 90, f"{n}") for n in range(1000)])


def shown(listing: Listing, columns: int = 40, most: int = 8) -> list[str]:
    return [plain(line) for line in listing.lines(columns, most)]


def test_rows_are_shown_with_the_usual_one_chosen() -> None:
    listing = Listing(MODELS)

    assert shown(listing) == [
        "  big-1      now, 200k",
        "  small\u241b[2J  32k, tests",
        "  小さい   ",
    ]
    assert listing.chosen == MODELS.rows[1]


def test_what_is_typed_narrows_the_list_and_chooses_the_best() -> None:
    listing = Listing(MODELS)

    listing.narrow("big")
    assert (listing.chosen, len(listing.found)) == (MODELS.rows[0], 1)
    listing.narrow("nothing")
    assert (listing.chosen, shown(listing)) == (None, ["  nothing fits"])
    listing.narrow("")
    assert listing.chosen == MODELS.rows[1]


@pytest.mark.parametrize(
    ("moves", "at"),
    [([1], 1), ([-1], 999), ([-7], 0), ([7, 7], 14), ([-1, 1], 0), ([-1, 7], 999)],
)
def test_a_step_goes_around_and_a_page_does_not(moves: list[int], at: int) -> None:
    listing = Listing(MANY)
    for by in moves:
        listing.move(by)

    assert listing.at == at


@pytest.mark.parametrize("columns", [10, 40, 200])
@pytest.mark.parametrize("at", [0, 3, 500, 998, 999])
def test_the_chosen_row_is_among_those_shown_and_each_fits(
    columns: int, at: int
) -> None:
    listing = Listing(MANY)
    listing.move(at)
    lines = listing.lines(columns, 8)

    assert len(lines) == 8
    assert all(columns_of_line(line) < columns for line in lines)
    chosen = [line for line in lines if line[0][0] == "class:chosen"]
    assert len(chosen) == 1
    assert listing.chosen is not None
    assert plain(chosen[0]).strip()[:3] == listing.chosen.name[:3]


def test_an_empty_list_has_nothing_to_move_to() -> None:
    listing = Listing(Choices("which?", []))
    listing.move(1)
    listing.move(7)

    assert (listing.chosen, listing.at) == (None, 0)


class Stage:
    """A picker beside a draft, with keys from a pipe."""

    def __init__(self, keys: PipeInput) -> None:
        self.keys = keys
        self.taken: list[str] = []
        self.draft = Buffer()
        self.picker = Picker(lambda: Size(24, 80))
        draft = BufferControl(self.draft)
        body = HSplit([Window(draft), self.picker.container])
        self.app: Application[None] = Application(
            Layout(body, focused_element=draft), input=keys, output=DummyOutput()
        )
        self.app.timeoutlen = self.app.ttimeoutlen = 0.01
        self._drawn = asyncio.Event()
        self.app.after_render += lambda _: self._drawn.set()

    async def drawn(self) -> None:
        await self._drawn.wait()

    async def type(self, keys: str) -> None:
        """Press keys, and wait until all of them have been taken."""
        self._drawn.clear()
        self.keys.send_text(keys)
        await self._drawn.wait()


@pytest.fixture
async def stage() -> AsyncGenerator[Stage, None]:
    with create_pipe_input() as keys:
        made = Stage(keys)
        begun = asyncio.Event()

        def open_it() -> None:
            made.picker.open(MODELS, made.taken.append)
            begun.set()

        running = asyncio.ensure_future(made.app.run_async(pre_run=open_it))
        await begun.wait()
        await made.drawn()
        yield made
        made.app.exit()
        await running


async def test_keys_go_to_the_list_until_a_row_is_taken(stage: Stage) -> None:
    assert stage.picker.rows == 5

    await stage.type("big\r")
    await stage.type("hello")

    assert stage.taken == ["/model big-1"]
    assert (stage.picker.is_open, stage.picker.rows) == (False, 0)
    assert stage.draft.text == "hello"


async def test_arrows_move_and_esc_takes_nothing(stage: Stage) -> None:
    await stage.type("\x1b[B\x1b[B\x1b[A")
    await stage.type("\x1b")
    assert not stage.picker.is_open
    await stage.type("x")

    assert (stage.taken, stage.draft.text) == ([], "x")


async def test_where_nothing_fits_enter_takes_nothing(stage: Stage) -> None:
    await stage.type("zzz\r")

    assert (stage.taken, stage.picker.is_open) == ([], True)
    assert stage.picker.rows == 3
    assert stage.draft.text == ""


def test_a_list_is_never_higher_than_its_place() -> None:
    assert len(Listing(MANY).lines(80, ROWS_MAX)) == ROWS_MAX
