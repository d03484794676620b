from __future__ import annotations

import pytest

from spark_cli.core.errors import ConnectionLost, SparkError
from spark_cli.wire.concessions import Concessions
from spark_cli.wire.failures import Rejected
from spark_cli.wire.responses import REASONING_ITEMS
from tests.wire.servers import request


def unsupported(param: str) -> Rejected:
    return Rejected("no", "", "unsupported_parameter", param)


@pytest.mark.parametrize(
    ("error", "rejected"),
    [
        (unsupported("reasoning.summary"), "reasoning.summary"),
        (unsupported("stream_options"), "stream_options"),
        (Rejected("no", "", "invalid_encrypted_content"), REASONING_ITEMS),
        (Rejected("cannot decrypt the encrypted content"), REASONING_ITEMS),
    ],
)
def test_what_was_refused_is_left_out_from_then_on_and_for_this_model_only(
    error: SparkError, rejected: str
) -> None:
    concessions = Concessions()

    assert concessions.learn(error, request())
    assert concessions.fit(request()).rejects == {rejected}
    assert concessions.fit(request(model="other")).rejects == frozenset()


def test_the_same_refusal_twice_is_given_up() -> None:
    concessions = Concessions()
    concessions.learn(unsupported("x"), request())

    assert not concessions.learn(unsupported("x"), concessions.fit(request()))


def test_custom_tools_become_functions_where_they_are_refused() -> None:
    concessions = Concessions()
    error = Rejected("Invalid value: 'custom'", "", "invalid_value", "tools[0].type")

    assert concessions.learn(error, request(freeform_tools=True))
    assert not concessions.fit(request(freeform_tools=True)).freeform_tools
    assert not concessions.learn(error, request())


@pytest.mark.parametrize(
    "error",
    [
        unsupported(""),
        unsupported("model"),
        unsupported("input[3].content"),
        Rejected("no", "", "invalid_value", "reasoning.effort"),
        ConnectionLost("encrypted"),
    ],
)
def test_nothing_is_learned_from_other_errors(error: SparkError) -> None:
    assert not Concessions().learn(error, request())
