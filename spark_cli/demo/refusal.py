"""A request that the endpoint turns down, in the shape that OpenAI's clients read.

A bug of the demo's own has this shape too: a client that is being tried out against
it should see a server's error, and not a connection that is gone.
"""

from __future__ import annotations

from spark_cli.core.json import JsonObject


class Refusal(Exception):
    """`param` names the part of the request that is wrong, dotted."""

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        status: int = 400,
        kind: str = "invalid_request_error",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.param = param
        self.status = status
        self.kind = kind

    def body(self) -> JsonObject:
        return {
            "error": {
                "message": self.message,
                "type": self.kind,
                "param": self.param,
                "code": self.code,
            }
        }


def refusal(error: Exception) -> Refusal:
    """What the client is told of an error; of a bug, no more than that it is one."""
    if isinstance(error, Refusal):
        return error
    return Refusal(
        "The demo had an error while processing your request: this is a bug of it.",
        code="server_error",
        status=500,
        kind="server_error",
    )
