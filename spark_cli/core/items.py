"""What a conversation is made of: the nouns that are sent to a model again.

Items are what the journal keeps and what every dialect of the wire can be made
from; they say nothing of how a server spells them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from spark_cli.core.ids import CallId, ItemId


@dataclass(frozen=True, slots=True)
class UserMessage:
    """What the user said: `text` is as typed, and what it names comes with it.

    `attached` are blocks, each marked so that a model can tell it from the words.
    """

    id: ItemId
    text: str
    attached: tuple[str, ...] = ()

    @property
    def whole(self) -> str:
        """What the model reads."""
        return "\n\n".join([self.text, *self.attached])


@dataclass(frozen=True, slots=True)
class Note:
    """What spark itself tells the model: an interruption, an undo, a refusal."""

    id: ItemId
    text: str


@dataclass(frozen=True, slots=True)
class AgentMessage:
    """What the model said.

    `complete` is false where it was cut off.  `phase` is the server's own mark
    (`commentary`, `final_answer`) and is sent back unchanged.
    """

    id: ItemId
    text: str
    complete: bool = True
    phase: str | None = None


@dataclass(frozen=True, slots=True)
class Reasoning:
    """What the model thought, as far as it is told.

    `encrypted` is opaque and only of use to the server that made it.
    """

    id: ItemId
    summary: tuple[str, ...] = ()
    encrypted: str | None = None


@dataclass(frozen=True, slots=True)
class ToolCall:
    """What the model asks to be done.

    `input` is as the model wrote it: a JSON object as text, or free text where
    `freeform`.  It may be malformed; the tool that reads it says so.
    """

    id: ItemId
    call: CallId
    name: str
    input: str
    freeform: bool = False


@dataclass(frozen=True, slots=True)
class ToolOutput:
    id: ItemId
    call: CallId
    text: str
    ok: bool = True


Item: TypeAlias = UserMessage | Note | AgentMessage | Reasoning | ToolCall | ToolOutput
