"""Whether a conversation fits the model's window, told before it is sent.

Law 11: context is never cut silently.  A request that cannot fit is not sent; the
estimate learns the ratio of characters to tokens from the server's own counts.
"""

from __future__ import annotations

from spark_cli.core.errors import SparkError
from spark_cli.core.items import Item, Reasoning, ToolCall, UserMessage
from spark_cli.core.usage import CHARS_PER_TOKEN, Usage
from spark_cli.wire.request import Request

ITEM_CHARS = 40  # what an item costs beyond its text


class Context:
    """Counts each item once, so that a long session costs no more per turn."""

    def __init__(self) -> None:
        self._ratio = CHARS_PER_TOKEN
        self._counted = 0
        self._chars = 0
        self._sent_chars = 0

    def check(self, request: Request, window: int) -> None:
        """Raise `SparkError` if the request is larger than `window` tokens."""
        tokens = self.tokens(request)
        if window and tokens > window - (request.max_output_tokens or 0):
            raise SparkError(
                f"the conversation is about {tokens:,} tokens, more than the "
                f"{window:,} that `{request.model}` can take; nothing was cut or sent",
                "start a new session, or take a model with a larger window",
            )

    def tokens(self, request: Request) -> int:
        """The estimated size of a request, in tokens."""
        if len(request.items) < self._counted:
            self.forget()
        self._chars += sum(chars(item) for item in request.items[self._counted :])
        self._counted = len(request.items)
        self._sent_chars = _whole(request, self._chars)
        return int(self._sent_chars / self._ratio)

    def estimate(self, request: Request) -> int:
        """The same for a request that may never be sent: nothing is remembered."""
        return int(_whole(request, sum(map(chars, request.items))) / self._ratio)

    def learn(self, usage: Usage) -> None:
        """Take the server's count of what `tokens` estimated last."""
        if usage.input_tokens > 500:
            measured = self._sent_chars / usage.input_tokens
            self._ratio = min(max(measured, 1.0), 8.0)

    def forget(self) -> None:
        self._counted = self._chars = 0


def tool_chars(request: Request) -> int:
    """What its tools are told with, in characters."""
    return sum(len(tool.description) + len(str(tool.schema)) for tool in request.tools)


def chars(item: Item) -> int:
    """What an item takes of a request, in characters."""
    if isinstance(item, Reasoning):
        return len(item.encrypted or "") + sum(map(len, item.summary))
    if isinstance(item, UserMessage):
        return len(item.whole) + ITEM_CHARS
    text = item.input if isinstance(item, ToolCall) else item.text
    return len(text) + ITEM_CHARS


def _whole(request: Request, conversation: int) -> int:
    return len(request.instructions) + tool_chars(request) + conversation
