"""What a session has cost and how fast it was: a fold over its events.

Everything is measured by this program on this side of the wire; a rate counts from
the first token, so that waiting does not dilute it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from spark_cli.core.events import (
    Cleared,
    Compacted,
    Configured,
    Event,
    ItemCompleted,
    LimitsSeen,
    ReplyEnded,
    Rewound,
    TurnEnded,
    TurnStarted,
)
from spark_cli.core.ids import ItemId
from spark_cli.core.items import UserMessage
from spark_cli.core.usage import Limit, Usage

# Shorter than this, a rate measures the buffering in between and not the model.
RATE_TOKENS_MIN = 20
RATE_S_MIN = 0.05


@dataclass(slots=True)
class Meter:
    """Hand every event to `see`; read the figures at any time.

    `first_token_s` and `tokens_per_s` are those of the last reply; `context_tokens`
    is what the last request took of the model's window, as far as it still counts.
    `speeds` are the last rates by model.
    """

    clock: Callable[[], float] = monotonic
    usage: Usage = field(default_factory=Usage)
    turns: int = 0
    requests: int = 0
    sent_bytes: int = 0
    received_bytes: int = 0
    first_token_s: float | None = None
    tokens_per_s: float | None = None
    context_tokens: int = 0
    transport: str = ""
    limits: dict[str, Limit] = field(default_factory=dict)
    turn_s: float = 0.0
    speeds: dict[str, float] = field(default_factory=dict)
    _chosen: str = ""
    _model: str = ""
    _before: dict[ItemId, int] = field(default_factory=dict)
    _began: float = 0.0

    def see(self, event: Event) -> None:
        match event:
            case TurnStarted():
                self.turns += 1
                self._model = self._chosen
                self._began = self.clock()
            case TurnEnded():
                self.turn_s = self.clock() - self._began
            case ReplyEnded():
                self._count(event)
            case Configured(model):
                self._chosen = model
            case LimitsSeen(limits):
                self.limits.update({limit.name: limit for limit in limits})
            case _:
                self._weigh(event)

    def _weigh(self, event: Event) -> None:
        """Follow what becomes of the conversation's size between two replies."""
        match event:
            case ItemCompleted(UserMessage(id=item)):
                self._before[item] = self.context_tokens
            case Rewound(item):
                self.context_tokens = self._before.get(item, 0)
            case Compacted(tokens_after=left):
                self.context_tokens = left
            case Cleared():
                self.context_tokens = 0
            case _:
                pass

    def _count(self, reply: ReplyEnded) -> None:
        self.requests += 1
        self.usage += reply.usage
        self.sent_bytes += reply.sent_bytes
        self.received_bytes += reply.received_bytes
        self.transport = reply.transport or self.transport
        if reply.first_token_s:
            self.first_token_s = reply.first_token_s
        told = reply.usage.input_tokens + reply.usage.output_tokens
        self.context_tokens = told or reply.context_tokens or self.context_tokens
        streaming_s = reply.duration_s - reply.first_token_s
        if streaming_s >= RATE_S_MIN and reply.usage.output_tokens >= RATE_TOKENS_MIN:
            self.tokens_per_s = reply.usage.output_tokens / streaming_s
            self.speeds[self._model] = self.tokens_per_s
        self._model = self._chosen
