from __future__ import annotations

import asyncio

import pytest

from spark_cli.core.errors import SparkError
from spark_cli.repl.files import FRESH_S, PAUSE, Files


class Tree:
    """A listing that can be changed, fail, and take its time."""

    def __init__(self) -> None:
        self.now = 0.0
        self.there = ["a.py"]
        self.looks = 0
        self.took_s = 0.0
        self.error: Exception | None = None
        self.files = Files(self.look, lambda: self.now, asyncio.create_task)

    def look(self) -> list[str]:
        self.looks += 1
        self.now += self.took_s
        if self.error is not None:
            raise self.error
        return list(self.there)

    async def names(self) -> list[str]:
        return list((await self.files.names()).names)

    async def settled(self) -> list[str]:
        """The names, once a listing that was begun has ended."""
        await self.files.names()
        if self.files._making is not None:
            await self.files._making
        return await self.names()


@pytest.fixture
def tree() -> Tree:
    return Tree()


async def test_nothing_is_listed_before_it_is_wanted(tree: Tree) -> None:
    assert tree.looks == 0
    assert await tree.names() == ["a.py"]
    assert await tree.names() == ["a.py"]
    assert tree.looks == 1


async def test_what_is_known_is_used_while_a_new_list_is_made(tree: Tree) -> None:
    await tree.names()
    tree.there.append("b.py")
    tree.now += FRESH_S

    assert await tree.names() == ["a.py"]
    assert await tree.settled() == ["a.py", "b.py"]
    assert tree.looks == 2


async def test_a_turn_makes_the_list_old(tree: Tree) -> None:
    await tree.names()
    tree.there.append("b.py")

    tree.files.changed()

    assert await tree.settled() == ["a.py", "b.py"]


async def test_a_slow_listing_is_not_made_all_the_time(tree: Tree) -> None:
    tree.took_s = 2.0
    await tree.names()

    tree.now += 2.0 * PAUSE - 0.1
    await tree.settled()
    assert tree.looks == 1


@pytest.mark.parametrize(
    "error", [SparkError("git is gone"), PermissionError(13, "Permission denied")]
)
async def test_a_listing_that_fails_leaves_what_is_known(
    tree: Tree, error: Exception
) -> None:
    await tree.names()
    tree.error = error
    tree.files.changed()

    assert await tree.settled() == ["a.py"]


async def test_one_that_stops_waiting_does_not_stop_the_listing(tree: Tree) -> None:
    first = asyncio.create_task(tree.files.names())
    await asyncio.sleep(0)
    first.cancel()

    assert await tree.names() == ["a.py"]
    assert tree.looks == 1
