"""The HTTP half of the endpoint, over real sockets."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterable, Mapping

import httpx
import pytest

from spark_cli.demo.ask import Answer, Ask
from spark_cli.demo.ledger import Kind
from spark_cli.demo.model import GREETING
from spark_cli.demo.server import Demo, serve

HELLO = {"model": "demo", "input": "hello"}
CHAT = {"model": "demo", "messages": [{"role": "user", "content": "hello"}]}
TOOL = {
    "type": "function",
    "name": "read_file",
    "parameters": {"type": "object", "properties": {"path": {"type": "string"}}},
}
CHAT_TOOL = {
    "type": "function",
    "function": {"name": "read_file", "parameters": TOOL["parameters"]},
}


def post(demo: Demo, path: str, body: object, **headers: str) -> httpx.Response:
    with httpx.Client(trust_env=False) as client:
        data = json.dumps(body)
        return client.post(f"{demo.base_url}/{path}", content=data, headers=headers)


def events(text: str) -> list[dict[str, object]]:
    return [
        json.loads(line.removeprefix("data: "))
        for line in text.splitlines()
        if line.startswith("data: {")
    ]


def deltas(found: Iterable[Mapping[str, object]]) -> str:
    kind = "response.output_text.delta"
    return "".join(str(each["delta"]) for each in found if each["type"] == kind)


@pytest.mark.parametrize("prefix", ["/v1", ""])
def test_models_are_listed(fast: Demo, prefix: str) -> None:
    root = fast.base_url.removesuffix("/v1") + prefix

    listed = httpx.get(f"{root}/models", trust_env=False).json()
    one = httpx.get(f"{root}/models/demo", trust_env=False).json()

    assert [each["id"] for each in listed["data"]] == [
        "demo",
        "gpt-5.3-codex-spark",
        "gpt-5.5",
    ]
    assert one in listed["data"]


def test_a_response_is_one_object(fast: Demo) -> None:
    answer = post(fast, "responses", {**HELLO, "instructions": "be kind"}).json()

    assert answer["object"] == "response"
    assert answer["status"] == "completed"
    assert answer["instructions"] == "be kind"
    assert answer["output"][0]["content"][0]["text"] == GREETING
    assert answer["output"][0]["phase"] == "final_answer"
    assert answer["usage"]["output_tokens"] > 50


def test_a_streamed_response_has_every_event_in_order(fast: Demo) -> None:
    answer = post(fast, "responses", {**HELLO, "stream": True})

    found = events(answer.text)
    kinds = [str(each["type"]).removeprefix("response.") for each in found]
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert f"event: response.{kinds[0]}\ndata: " in answer.text
    assert [each["sequence_number"] for each in found] == list(range(len(found)))
    assert list(dict.fromkeys(kinds)) == [
        "created",
        "in_progress",
        "output_item.added",
        "content_part.added",
        "output_text.delta",
        "output_text.done",
        "content_part.done",
        "output_item.done",
        "completed",
    ]
    assert deltas(found) == GREETING


def test_a_tool_call_is_streamed_with_its_arguments(fast: Demo) -> None:
    body = {
        "model": "demo",
        "input": "explain a.py",
        "tools": [TOOL],
        "stream": True,
        "reasoning": {"summary": "auto"},
    }

    found = events(post(fast, "responses", body).text)

    arguments = "response.function_call_arguments"
    pieces = [each["delta"] for each in found if each["type"] == f"{arguments}.delta"]
    (done,) = (each for each in found if each["type"] == f"{arguments}.done")
    items = [
        each["item"] for each in found if each["type"] == "response.output_item.done"
    ]
    assert "".join(map(str, pieces)) == done["arguments"] == '{"path": "a.py"}'
    assert [dict(item)["type"] for item in items if isinstance(item, dict)] == [
        "reasoning",
        "message",
        "function_call",
    ]


def test_a_stored_response_is_continued_by_its_id(fast: Demo) -> None:
    first = post(fast, "responses", {**HELLO, "input": "write 300 tokens of code"})
    body = {"model": "demo", "input": "explain a.py", "tools": [TOOL]}
    call = post(fast, "responses", {**body, "previous_response_id": first.json()["id"]})
    (item,) = (
        each for each in call.json()["output"] if each["type"] == "function_call"
    )
    output = {
        "type": "function_call_output",
        "call_id": item["call_id"],
        "output": [{"type": "input_text", "text": "def f(x): ..."}],
    }
    more = {"model": "demo", "input": [output], "tools": [TOOL]}
    more["previous_response_id"] = call.json()["id"]

    said = post(fast, "responses", more).json()

    assert "`f(x)`, lines 1-1" in said["output"][0]["content"][0]["text"]
    assert said["usage"]["input_tokens_details"]["cached_tokens"] > 300


def test_a_response_that_was_not_stored_is_not_known(fast: Demo) -> None:
    first = post(fast, "responses", {**HELLO, "store": False}).json()

    again = post(fast, "responses", {**HELLO, "previous_response_id": first["id"]})

    assert again.status_code == 400
    assert again.json()["error"]["code"] == "previous_response_not_found"


@pytest.mark.parametrize(
    ("path", "body", "param", "message"),
    [
        ("responses", {"input": "x"}, "model", "'model'"),
        ("responses", {"model": "m"}, "input", "'input'"),
        ("responses", {"model": "m", "input": 7}, "input", "array"),
        ("responses", {"model": "m", "input": ["x"]}, "input[0]", "object"),
        ("responses", {"model": "m", "input": [{"role": "x"}]}, "input[0].role", "'x'"),
        (
            "responses",
            {"model": "m", "input": [{"type": "function_call", "name": "f"}]},
            "input[0].call_id",
            "call_id",
        ),
        (
            "responses",
            {"model": "m", "input": [{"type": "function_call", "call_id": "c1"}]},
            "input",
            "No tool output found for function call c1.",
        ),
        (
            "responses",
            {"model": "m", "input": [{"type": "function_call_output", "call_id": "c"}]},
            "input",
            "No tool call found for function call output with call_id c.",
        ),
        (
            "responses",
            {**HELLO, "model": "gpt-5.3-codex-spark", "reasoning": {"summary": "auto"}},
            "reasoning.summary",
            "Unsupported parameter: 'reasoning.summary' is not supported with the"
            " 'gpt-5.3-codex-spark' model.",
        ),
        ("responses", {**HELLO, "background": True}, "background", "background"),
        ("responses", [], None, "JSON"),
        ("chat/completions", {"messages": []}, "model", "model"),
        ("chat/completions", {"model": "m", "messages": []}, "messages", "non-empty"),
        ("chat/completions", {"model": "m", "messages": ["x"]}, "messages", "objects"),
        (
            "chat/completions",
            {"model": "m", "messages": [{"role": "bot"}]},
            "messages[0].role",
            "'bot'",
        ),
        (
            "chat/completions",
            {"model": "m", "messages": [{"role": "tool", "tool_call_id": "x"}]},
            "messages",
            "preceding",
        ),
        (
            "chat/completions",
            {
                "model": "m",
                "messages": [
                    {"role": "assistant", "tool_calls": [{"id": "c1"}]},
                    {"role": "user", "content": "x"},
                ],
            },
            "messages",
            "c1",
        ),
    ],
)
def test_a_bad_request_is_told_what_is_wrong_with_it(
    fast: Demo, path: str, body: object, param: str | None, message: str
) -> None:
    answer = post(fast, path, body)

    error = answer.json()["error"]
    assert answer.status_code == 400
    assert (error["type"], error["param"]) == ("invalid_request_error", param)
    assert message in error["message"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "nothing", 404),
        ("GET", "models/none", 404),
        ("GET", "responses", 405),
        ("POST", "models", 405),
    ],
)
def test_unknown_places_are_refused_in_json(
    fast: Demo, method: str, path: str, status: int
) -> None:
    answer = httpx.request(method, f"{fast.base_url}/{path}", trust_env=False)

    assert answer.status_code == status
    assert answer.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"host": "evil.example:80"},
        {"host": ""},
        {"host": "["},
        {"origin": "https://evil.example"},
        {"origin": "null"},
    ],
)
def test_only_loopback_names_are_answered(fast: Demo, headers: dict[str, str]) -> None:
    url = f"{fast.base_url}/models"

    assert httpx.get(url, headers=headers, trust_env=False).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [{"host": "localhost:1"}, {"host": "[::1]"}, {"origin": "http://127.0.0.1:9"}],
)
def test_every_loopback_name_is_answered(fast: Demo, headers: dict[str, str]) -> None:
    url = f"{fast.base_url}/models"

    assert httpx.get(url, headers=headers, trust_env=False).status_code == 200


def test_a_limit_of_tokens_ends_a_response_as_incomplete(fast: Demo) -> None:
    body = {**HELLO, "max_output_tokens": 10}

    answer = post(fast, "responses", body).json()

    assert answer["status"] == "incomplete"
    assert answer["incomplete_details"] == {"reason": "max_output_tokens"}
    assert answer["usage"]["output_tokens"] == 10
    assert GREETING.startswith(answer["output"][0]["content"][0]["text"])


@pytest.mark.parametrize("limit", ["max_tokens", "max_completion_tokens"])
def test_a_limit_of_tokens_ends_a_completion_by_its_length(
    fast: Demo, limit: str
) -> None:
    whole = post(fast, "chat/completions", {**CHAT, limit: 10}).json()
    streamed = post(fast, "chat/completions", {**CHAT, limit: 10, "stream": True})

    assert whole["choices"][0]["finish_reason"] == "length"
    assert events(streamed.text)[-1]["choices"] == [
        {"index": 0, "delta": {}, "logprobs": None, "finish_reason": "length"}
    ]


SCHEMA = {
    "type": "object",
    "properties": {"summary": {"type": "string"}, "score": {"type": "integer"}},
    "required": ["summary", "score"],
}


def test_a_response_fits_the_schema_that_is_asked_for(fast: Demo) -> None:
    form = {"type": "json_schema", "name": "x", "schema": SCHEMA}

    answer = post(fast, "responses", {**HELLO, "text": {"format": form}}).json()

    text = answer["output"][0]["content"][0]["text"]
    assert json.loads(text) == {"summary": GREETING, "score": 0}


@pytest.mark.parametrize(
    ("form", "value"),
    [
        (
            {"type": "json_schema", "json_schema": {"name": "x", "schema": SCHEMA}},
            {"summary": GREETING, "score": 0},
        ),
        ({"type": "json_object"}, {"answer": GREETING}),
    ],
)
def test_a_completion_fits_the_form_that_is_asked_for(
    fast: Demo, form: object, value: object
) -> None:
    answer = post(fast, "chat/completions", {**CHAT, "response_format": form}).json()

    assert json.loads(answer["choices"][0]["message"]["content"]) == value


def test_a_streamed_completion_ends_with_usage_and_a_mark(fast: Demo) -> None:
    body = {**CHAT, "stream": True, "stream_options": {"include_usage": True}}

    text = post(fast, "chat/completions", body).text

    *chunks, finish, usage = events(text)
    said = [dict(chunk)["choices"][0]["delta"] for chunk in chunks]  # type: ignore[index]  # parsed JSON
    assert said[0] == {"role": "assistant", "content": ""}
    assert "".join(delta["content"] for delta in said) == GREETING
    assert finish["usage"] is None
    assert usage["choices"] == []
    assert text.endswith("data: [DONE]\n\n")


def test_a_completion_calls_tools_and_reads_their_outputs(fast: Demo) -> None:
    user = {"role": "user", "content": [{"type": "text", "text": "explain a.py"}]}
    body = {"model": "demo", "messages": [user], "tools": [CHAT_TOOL]}

    first = post(fast, "chat/completions", body).json()["choices"][0]
    (call,) = first["message"]["tool_calls"]
    output = {"role": "tool", "tool_call_id": call["id"], "content": "def f(x): ..."}
    messages = [user, first["message"], output]
    last = post(fast, "chat/completions", {**body, "messages": messages}).json()

    assert first["finish_reason"] == "tool_calls"
    assert call["function"] == {"name": "read_file", "arguments": '{"path": "a.py"}'}
    assert "`f(x)`, lines 1-1" in last["choices"][0]["message"]["content"]


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    ("path", "key", "value"),
    [
        ("responses", "input", "run caf\u00e9 \ud800"),
        ("chat/completions", "messages", [{"role": "user", "content": "run \ud800"}]),
    ],
)
def test_text_that_cannot_be_encoded_is_answered(
    fast: Demo, path: str, key: str, value: object, *, stream: bool
) -> None:
    answer = post(fast, path, {"model": "demo", key: value, "stream": stream})

    assert answer.status_code == 200
    assert "?" in answer.text


def test_a_client_that_leaves_stops_the_stream() -> None:
    body = {"model": "demo", "input": "write 100000 tokens", "stream": True}
    with serve(rate=50) as demo, httpx.Client(trust_env=False) as client:
        with client.stream("POST", f"{demo.base_url}/responses", json=body) as answer:
            next(answer.iter_lines())

        assert demo.wait_for(Kind.CUT)
        assert [entry.kind for entry in demo.log] == [Kind.REQUEST, Kind.CUT]


@pytest.mark.parametrize("body", [HELLO, CHAT])
@pytest.mark.parametrize("stream", [{}, {"stream": True}])
def test_a_bug_of_the_model_is_a_servers_error(
    body: Mapping[str, object],
    stream: Mapping[str, bool],
    caplog: pytest.LogCaptureFixture,
) -> None:
    def model(_: Ask) -> tuple[Answer, ...]:
        raise KeyError("a bug")

    with serve(rate=0, model=model) as demo:
        path = "chat/completions" if body is CHAT else "responses"
        answer = post(demo, path, {**body, **stream})

    assert answer.status_code == 500
    assert answer.json()["error"]["type"] == "server_error"
    assert caplog.records == []


def test_a_port_that_is_taken_is_told(fast: Demo) -> None:
    with pytest.raises(Exception, match=f"cannot listen on `127.0.0.1:{fast.port}`"):
        serve(fast.port)


def test_what_stops_no_longer_listens() -> None:
    demo = serve()
    demo.stop()

    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", demo.port))
