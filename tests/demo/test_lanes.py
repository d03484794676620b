"""The WebSocket half of the endpoint, over real sockets."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from spark_cli.demo.ask import Answer, Ask
from spark_cli.demo.ledger import Kind
from spark_cli.demo.model import GREETING, answer
from spark_cli.demo.server import Demo, serve

Event = Mapping[str, object]


def dial(demo: Demo, **headers: str) -> ClientConnection:
    url = demo.base_url.replace("http", "ws", 1) + "/responses"
    return connect(url, additional_headers=headers, proxy=None)


@pytest.fixture
def wire(fast: Demo) -> Iterator[ClientConnection]:
    with dial(fast) as connection:
        yield connection


def send(wire: ClientConnection, **event: object) -> None:
    wire.send(json.dumps({"type": "response.create", "model": "demo"} | event))


def next_event(wire: ClientConnection) -> Event:
    event = json.loads(wire.recv(timeout=20))
    assert isinstance(event, dict)
    return event


def events(wire: ClientConnection) -> list[Event]:
    """All events until one that ends a response."""
    found = [next_event(wire)]
    while found[-1]["type"] not in {
        "response.completed",
        "response.incomplete",
        "response.steer.failed",
        "error",
    }:
        found.append(next_event(wire))
    return found


def ask(wire: ClientConnection, **event: object) -> Event:
    """The response object that a request ends with."""
    send(wire, **event)
    response = events(wire)[-1]["response"]
    assert isinstance(response, dict)
    return response


def refused(wire: ClientConnection, **event: object) -> Mapping[str, object]:
    send(wire, **event)
    found = events(wire)[-1]
    assert (found["type"], found["status"]) == ("error", 400)
    error = found["error"]
    assert isinstance(error, dict)
    return error


def text(response: Event) -> str:
    output = response["output"]
    assert isinstance(output, list)
    return str(output[-1]["content"][0]["text"])


def test_one_socket_answers_many_requests(wire: ClientConnection) -> None:
    for _ in range(3):
        assert text(ask(wire, input="hello", stream=True)) == GREETING


def test_text_that_cannot_be_encoded_is_answered(wire: ClientConnection) -> None:
    assert text(ask(wire, input="run `caf\u00e9 \ud800`")) == (
        "I have no shell here to run `café ?` in."
    )


def test_events_are_numbered_from_zero_in_each_response(wire: ClientConnection) -> None:
    for _ in range(2):
        send(wire, input="hello")
        found = events(wire)
        numbers = [event["sequence_number"] for event in found]
        assert numbers == list(range(len(found)))
        assert not any("stream_id" in event for event in found)


def test_a_turn_goes_on_with_only_its_new_items(wire: ClientConnection) -> None:
    tool = {"type": "custom", "name": "apply_patch", "format": {"type": "text"}}
    read = {
        "type": "function",
        "name": "read_file",
        "parameters": {"properties": {"path": {"type": "string"}}},
    }
    base = {"tools": [tool, read], "store": False}
    warm = ask(wire, **base, input=[], generate=False)
    first = ask(
        wire,
        **base,
        previous_response_id=warm["id"],
        input="replace 'a' with 'b' in x.txt",
    )
    reply = ask(wire, **base, **answered(first, "1\ta cat\n2\tsat"))
    patch = calls(reply)[0]["input"]
    last = ask(wire, **base, **answered(reply, "changed 1 file"))

    assert warm["output"] == []
    assert patch == (
        "*** Begin Patch\n*** Update File: x.txt\n@@\n-a cat\n-sat\n"
        "+b cbt\n+sbt\n*** End Patch\n"
    )
    assert text(last).startswith("Replaced `a` with `b`, 3 times.")


def calls(response: Event) -> list[Mapping[str, object]]:
    output = response["output"]
    assert isinstance(output, list)
    return [item for item in output if str(item["type"]).endswith("_call")]


def answered(response: Event, output: str) -> Mapping[str, object]:
    """A continuation that gives every call the same output."""
    items = [
        {"type": f"{call['type']}_output", "call_id": call["call_id"], "output": output}
        for call in calls(response)
    ]
    return {"previous_response_id": response["id"], "input": items}


def test_what_the_connection_does_not_know_is_not_found(
    fast: Demo, wire: ClientConnection
) -> None:
    known = ask(wire, input="hello", store=False)
    with dial(fast) as other:
        error = refused(other, previous_response_id=known["id"], input="x")

    assert error["code"] == "previous_response_not_found"
    assert error["param"] == "previous_response_id"
    assert text(ask(wire, previous_response_id=known["id"], input="hi")) == GREETING


def test_only_the_latest_of_a_lane_is_remembered(wire: ClientConnection) -> None:
    old = ask(wire, input="hello", store=False)
    ask(wire, input="hello", store=False)

    error = refused(wire, previous_response_id=old["id"], input="x")

    assert error["code"] == "previous_response_not_found"


def test_a_failed_continuation_ends_what_it_continued(wire: ClientConnection) -> None:
    first = ask(wire, input="hello", store=False)
    refused(wire, previous_response_id=first["id"], input=7)

    error = refused(wire, previous_response_id=first["id"], input="x")

    assert error["code"] == "previous_response_not_found"
    assert text(ask(wire, input="hello")) == GREETING


def test_lanes_run_side_by_side_and_each_in_order() -> None:
    with serve(rate=300) as demo, dial(demo) as wire:
        send(wire, input="write 200 tokens", stream_id="slow")
        send(wire, input="write 2 tokens", stream_id="slow")
        send(wire, input="write 3 tokens", stream_id="quick")
        ended: list[object] = []
        while len(ended) < 3:
            event = next_event(wire)
            if event["type"] == "response.completed":
                ended.append(event["stream_id"])

    assert ended == ["quick", "slow", "slow"]


def test_a_lane_forks_from_another(wire: ClientConnection) -> None:
    first = ask(wire, input="hello", store=False)

    fork = ask(
        wire, previous_response_id=first["id"], input="x", stream_id="b", store=False
    )
    same = ask(wire, previous_response_id=first["id"], input="x", store=False)

    assert text(fork) == text(same) == GREETING


@pytest.mark.parametrize(
    ("event", "code"),
    [
        ({"type": "response.cancel"}, "unknown_event_type"),
        ({"stream_id": "not good"}, "invalid_stream_id"),
        ({"stream_id": ""}, "invalid_stream_id"),
        ({"stream_id": "x" * 257}, "invalid_stream_id"),
        ({"stream_id": 7}, "invalid_stream_id"),
        ({"model": ""}, "missing_required_parameter"),
        (
            {"model": "x-spark", "reasoning": {"summary": "auto"}},
            "unsupported_parameter",
        ),
    ],
)
def test_a_bad_event_is_an_error_and_the_socket_lives_on(
    wire: ClientConnection, event: Mapping[str, object], code: str
) -> None:
    assert refused(wire, **event)["code"] == code
    assert text(ask(wire, input="hello")) == GREETING


@pytest.mark.parametrize("message", ["", "{", "[]", "null", b"\x00\xff"])
def test_what_is_no_json_object_is_an_error_and_the_socket_lives_on(
    wire: ClientConnection, message: str | bytes
) -> None:
    wire.send(message)

    assert events(wire)[-1]["error"] == {
        "message": "Each message must be a JSON object in a text frame.",
        "type": "invalid_request_error",
        "param": None,
        "code": "invalid_json",
    }
    assert text(ask(wire, input="hello")) == GREETING


def test_an_error_names_the_lane_that_named_itself(wire: ClientConnection) -> None:
    send(wire, model="", stream_id="a.b-c_1")

    assert events(wire)[-1]["stream_id"] == "a.b-c_1"


def test_a_bug_of_the_model_is_a_servers_error_and_the_socket_lives_on(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    def model(ask: Ask) -> tuple[Answer, ...]:
        if len(ask.items) > 1:
            raise KeyError("a bug")
        return answer(ask)

    two = [{"role": "user", "content": "x"}] * 2
    with serve(rate=0, model=model) as demo, dial(demo) as wire:
        send(wire, input=two, stream_id="a")
        event = events(wire)[-1]
        assert text(ask(wire, input="hello", stream_id="a")) == GREETING

    assert event == {
        "type": "error",
        "sequence_number": 0,
        "status": 500,
        "error": {
            "message": (
                "The demo had an error while processing your request: this is a bug"
                " of it."
            ),
            "type": "server_error",
            "param": None,
            "code": "server_error",
        },
        "stream_id": "a",
    }
    assert caplog.records == []
    assert capfd.readouterr() == ("", "")


def test_there_is_a_limit_of_lanes(wire: ClientConnection) -> None:
    for number in range(32):
        ask(wire, input=[], stream_id=str(number))

    assert refused(wire, stream_id="33")["code"] == "websocket_stream_limit_reached"
    assert text(ask(wire, input="hello", stream_id="0")) == GREETING


def test_steering_is_refused_as_it_is_for_this_kind_of_model(
    wire: ClientConnection,
) -> None:
    steer = {"previous_response_id": "resp_1", "input": "faster"}
    send(wire, type="response.steer", **steer)

    event = events(wire)[-1]
    assert event["steer"] == steer
    assert isinstance(event["error"], dict)
    assert event["error"]["code"] == "steering_not_supported"


def test_messages_are_deflated_where_the_client_can(fast: Demo) -> None:
    with dial(fast) as wire:
        assert "permessage-deflate" in str(wire.response and wire.response.headers)
        assert text(ask(wire, input="write 30000 tokens")).count("## Part") > 100


def test_a_client_that_leaves_stops_its_replies() -> None:
    with serve(rate=50) as demo:
        with dial(demo) as wire:
            send(wire, input="write 100000 tokens")
            next_event(wire)

        assert demo.wait_for(Kind.CUT)
        assert [entry.kind for entry in demo.log] == [
            Kind.CONNECT,
            Kind.REQUEST,
            Kind.CUT,
        ]


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}]
)
def test_a_web_page_cannot_connect(fast: Demo, headers: dict[str, str]) -> None:
    with pytest.raises(InvalidStatus) as refusal, dial(fast, **headers):
        pass

    assert refusal.value.response.status_code == 403


def test_stopping_closes_what_is_open() -> None:
    demo = serve(rate=50)
    with dial(demo) as wire:
        send(wire, input="write 100000 tokens")
        next_event(wire)
        demo.stop()
        with pytest.raises(Exception, match="1012|no close frame"):
            for _ in iter(wire.recv, None):
                pass
