"""A request that the endpoint turns down, in the shape that OpenAI's clients read."""

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
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.param = param
        self.status = status

    def body(self) -> JsonObject:
        return {
            "error": {
                "message": self.message,
                "type": "invalid_request_error",
                "param": self.param,
                "code": self.code,
            }
        }
