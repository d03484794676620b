from __future__ import annotations

import pytest

from spark_cli.config.settings import Provider
from spark_cli.core.errors import Denied, SparkError, Unavailable
from spark_cli.core.json import JsonValue
from spark_cli.core.secret import Secret
from spark_cli.wire.catalogue import models, names
from tests.wire.servers import Asked, Respond, http, plain


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"data": [{"id": "a"}, {"id": "b"}, {"id": "a"}]}, ["a", "b"]),
        ({"models": [{"slug": "a"}]}, ["a"]),
        ({"models": [{"name": "a", "model": "a:latest"}]}, ["a"]),
        ([{"id": "a"}], ["a"]),
        ({"data": ["a", 3, None, {}]}, ["a"]),
        ({"data": []}, []),
        ({"data": None}, None),
        ({}, None),
        ("x", None),
        (None, None),
    ],
)
def test_models_are_found_in_every_shape(
    answer: JsonValue, expected: list[str] | None
) -> None:
    assert names(answer) == expected


def always(answer: bytes) -> Respond:
    async def respond(asked: Asked, *_: object) -> bytes:
        return answer

    return respond


async def test_the_list_is_asked_for_with_the_key() -> None:
    async with http(always(plain("200 OK", b'{"data":[{"id":"a"}]}'))) as bench:
        assert await models(Provider(base_url=bench.url), Secret("sk-1")) == ["a"]

    assert bench.paths == ["GET /v1/models"]
    assert bench.asked[0].headers["authorization"] == "Bearer sk-1"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (plain("401 X"), Denied),
        (plain("200 OK", b"<html>"), Unavailable),
        (b"garbage\r\n\r\n", SparkError),
    ],
)
async def test_no_list_is_an_error(answer: bytes, error: type[SparkError]) -> None:
    async with http(always(answer)) as bench:
        with pytest.raises(error):
            await models(Provider(base_url=bench.url), None)
