"""Responses that may be continued by their id.

A lane of a socket remembers its latest response, stored or not; a response that is
stored (the default) can be continued by anyone for a while.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from spark_cli.demo import fields
from spark_cli.demo.fields import Record
from spark_cli.demo.refusal import Refusal

_STORED_MAX = 500


@dataclass(frozen=True, slots=True)
class Remembered:
    """A response and the whole conversation that ends with it."""

    id: str
    items: tuple[Record, ...]


class Shelf:
    """The stored responses, the oldest of which are forgotten."""

    def __init__(self) -> None:
        self._stored: OrderedDict[str, Remembered] = OrderedDict()

    def keep(self, response: Remembered, body: Record) -> None:
        """Store a response, unless its request asked not to."""
        if body.get("store") is False:
            return
        self._stored[response.id] = response
        while len(self._stored) > _STORED_MAX:
            self._stored.popitem(last=False)

    def recall(
        self, body: Record, near: Sequence[Remembered] = ()
    ) -> tuple[Record, ...]:
        """The conversation that a request continues; `near` is what lanes remember."""
        wanted = body.get("previous_response_id")
        if wanted is None:
            return ()
        name = fields.text(wanted)
        found = next((each for each in near if each.id == name), None)
        found = found or self._stored.get(name)
        if found is None:
            raise Refusal(
                f"Previous response with id '{name}' not found.",
                code="previous_response_not_found",
                param="previous_response_id",
            )
        return found.items


def remembered(
    name: str, items: Sequence[Record], output: Sequence[object]
) -> Remembered:
    """A response as it may be continued: a call that was cut off needs no output."""
    whole = [
        item
        for item in fields.records(list(output))
        if item.get("status") != "incomplete"
    ]
    return Remembered(name, (*items, *whole))
