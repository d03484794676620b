from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from spark_cli.core.errors import ConnectionLost, RateLimited, SparkError
from spark_cli.core.events import ReasoningDelta, TextDelta
from spark_cli.core.items import AgentMessage, Reasoning, ToolCall
from spark_cli.core.json import JsonObject, JsonValue
from spark_cli.core.usage import Usage
from spark_cli.wire.chat_chunks import ChatDecoder
from spark_cli.wire.codec import Ending
from spark_cli.wire.failures import Rejected, ServerFailed
from spark_cli.wire.transport import ReplyPart

TOOLS = frozenset({"read_file", "shell"})
STOP: JsonObject = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}


def chunk(**delta: JsonValue) -> JsonObject:
    return {"id": "c1", "choices": [{"index": 0, "delta": delta}]}


def ends(reason: str) -> JsonObject:
    return {"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}


def piece(
    arguments: JsonValue = None, name: str | None = None, **at: JsonValue
) -> dict[str, JsonValue]:
    function: dict[str, JsonValue] = {}
    if name is not None:
        function["name"] = name
    if arguments is not None:
        function["arguments"] = arguments
    return {**at, "function": function}


def calling(*pieces: JsonObject) -> JsonObject:
    return chunk(tool_calls=pieces and list(pieces))


def decode(
    chunks: Iterable[JsonObject], *, done: bool = True
) -> tuple[list[ReplyPart], Ending | None]:
    decoder = ChatDecoder("`host`", tools=TOOLS)
    for one in chunks:
        decoder.feed(one)
    if done:
        decoder.done()
    decoder.finish()
    return decoder.take(), decoder.ending


def calls(*chunks: JsonObject, reason: str = "tool_calls") -> list[tuple[str, str]]:
    parts, _ = decode([*chunks, ends(reason)])
    return [(p.name, p.input) for p in parts if isinstance(p, ToolCall)]


A, B = ("read_file", '{"path":"a"}'), ("read_file", '{"path":"b"}')
SHELL = ("shell", '{"command":"ls"}')
CALLS = {
    "as OpenAI does": (
        [
            calling(piece("", "read_file", index=0, id="x")),
            calling(piece('{"path"', index=0)),
            calling(piece(':"a"}', index=0)),
        ],
        [A],
    ),
    "two, interleaved": (
        [
            calling(piece("", "read_file", index=0, id="x")),
            calling(piece("", "shell", index=1, id="y")),
            calling(piece('{"path":"a', index=0), piece('{"command":"l', index=1)),
            calling(piece('"}', index=0), piece('s"}', index=1)),
        ],
        [A, SHELL],
    ),
    "complete in one delta, as Ollama does": (
        [calling(piece(A[1], A[0], index=0, id="x"))],
        [A],
    ),
    "several whole in one delta, without indexes": (
        [calling(piece(A[1], A[0], id="x"), piece(B[1], B[0], id="y"))],
        [A, B],
    ),
    "several whole, without indexes and ids": (
        [calling(piece(A[1], A[0]), piece(SHELL[1], SHELL[0]))],
        [A, SHELL],
    ),
    "the same twice, without indexes and ids": (
        [calling(piece(A[1], A[0])), calling(piece(B[1], B[0]))],
        [A, B],
    ),
    "all with index 0, as Gemini does": (
        [
            calling(piece(A[1], A[0], index=0, id="x")),
            calling(piece(B[1], B[0], index=0, id="y")),
        ],
        [A, B],
    ),
    "the first delta without arguments": (
        [
            calling({"index": 0, "id": "x", "function": {"name": "read_file"}}),
            calling(piece(A[1], index=0)),
        ],
        [A],
    ),
    "name and id with every piece": (
        [
            calling(piece('{"path"', "read_file", index=0, id="x")),
            calling(piece(':"a"}', "read_file", index=0, id="x")),
        ],
        [A],
    ),
    "a new id with every piece": (
        [
            calling(piece('{"path"', "read_file", index=0, id="x")),
            calling(piece(':"a"}', index=0, id="y")),
        ],
        [A],
    ),
    "empty id and name with every piece": (
        [
            calling(piece('{"path"', "read_file", index=0, id="x")),
            calling(piece(':"a"}', "", index=0, id="")),
        ],
        [A],
    ),
    "a name in pieces": (
        [
            calling(piece(None, "read_", index=0, id="x")),
            calling(piece(None, "file", index=0)),
            calling(piece(A[1], index=0)),
        ],
        [A],
    ),
    "no index after the first piece": (
        [
            calling(piece('{"path"', "read_file", id="x")),
            calling(piece(':"a"}')),
        ],
        [A],
    ),
    "arguments as an object": (
        [calling(piece({"path": "a"}, "read_file", index=0, id="x"))],
        [A],
    ),
    "arguments null": (
        [calling({"index": 0, "function": {"name": "shell", "arguments": None}})],
        [("shell", "")],
    ),
    "an empty object before the real one": (
        [
            calling(piece("{}", "read_file", index=0, id="x")),
            calling(piece(A[1], index=0)),
        ],
        [A],
    ),
    "all again at the end": (
        [
            calling(piece('{"path"', "read_file", index=0, id="x")),
            calling(piece(':"a"}', index=0)),
            calling(piece(A[1], "read_file", index=0, id="x")),
        ],
        [A],
    ),
    "an index as text": (
        [
            calling(piece('{"path"', "read_file", index="0", id="x")),
            calling(piece(':"a"}', index="0")),
        ],
        [A],
    ),
    "the older function_call": (
        [
            chunk(function_call={"name": "read_file", "arguments": '{"path"'}),
            chunk(function_call={"arguments": ':"a"}'}),
        ],
        [A],
    ),
    "pieces that are nothing": (
        [
            chunk(tool_calls=None),
            chunk(tool_calls=[]),
            chunk(tool_calls=[None, 3]),
            calling(piece(A[1], A[0], index=0, id="x")),
        ],
        [A],
    ),
}


@pytest.mark.parametrize(("chunks", "expected"), CALLS.values(), ids=CALLS.keys())
def test_calls_come_whole_out_of_any_fragments(
    chunks: list[JsonObject], expected: list[tuple[str, str]]
) -> None:
    assert calls(*chunks) == expected


def test_calls_have_ids_of_their_own_even_where_the_server_gives_none() -> None:
    decoder = ChatDecoder("`host`", calls={"call_0"}, tools=TOOLS)
    decoder.feed(calling(piece("{}", "shell", index=0, id="call_0")))
    decoder.feed(calling(piece("{}", "shell", index=1)))
    decoder.done()

    made = [part.call for part in decoder.take() if isinstance(part, ToolCall)]
    assert len({*made, "call_0", ""}) == 4


@pytest.mark.parametrize(
    ("text", "expected"), [('{"path":"a"}', [A]), ('{"path":"', []), ("", [])]
)
def test_a_limit_drops_the_call_that_it_cut(
    text: str, expected: list[tuple[str, str]]
) -> None:
    whole = [("read_file", "")] if text == "" else expected
    made = calls(calling(piece(text, "read_file", index=0)), reason="length")

    assert made == (whole if text == "" else expected)


WORDS = {
    "pieces": [chunk(role="assistant", content=""), chunk(content="noon"), STOP],
    "null content first": [chunk(content=None), chunk(content="noon"), STOP],
    "typed parts": [chunk(content=[{"type": "text", "text": "noon"}]), STOP],
    "a message that was not streamed": [
        {"choices": [{"message": {"content": "noon"}, "finish_reason": "stop"}]}
    ],
    "heartbeats without choices": [{"id": "c"}, chunk(content="noon"), {}, STOP],
    "an empty list of choices": [{"choices": []}, chunk(content="noon"), STOP],
    "the end twice": [chunk(content="noon"), STOP, STOP],
    "no reason to end": [chunk(content="noon")],
    "a refusal": [chunk(refusal="noon"), STOP],
}


@pytest.mark.parametrize("chunks", WORDS.values(), ids=WORDS.keys())
def test_words_are_found_wherever_they_are(chunks: list[JsonObject]) -> None:
    parts, ending = decode(chunks)

    assert ending is not None
    assert ending.status == "completed"
    assert [p.text for p in parts if isinstance(p, AgentMessage)] == ["noon"]


@pytest.mark.parametrize(
    "delta",
    [
        {"reasoning_content": "hm"},
        {"reasoning": "hm"},
        {"reasoning": "hm", "reasoning_content": "hm"},
        {"reasoning": "hm", "reasoning_details": [{"text": "hm"}]},
        {"reasoning_details": [{"type": "reasoning.text", "text": "hm"}]},
        {"reasoning_details": [{"type": "reasoning.summary", "summary": "hm"}]},
        {"content": [{"type": "thinking", "thinking": [{"text": "hm"}]}]},
    ],
)
def test_reasoning_is_found_in_every_field(delta: dict[str, JsonValue]) -> None:
    parts, _ = decode([chunk(**delta), chunk(content="noon"), STOP])

    assert [type(part) for part in parts] == [
        ReasoningDelta,
        TextDelta,
        Reasoning,
        AgentMessage,
    ]
    thought = parts[2]
    assert isinstance(thought, Reasoning)
    assert thought.summary == ("hm",)


USAGE: JsonObject = {
    "prompt_tokens": 10,
    "completion_tokens": 4,
    "prompt_tokens_details": {"cached_tokens": 3},
    "completion_tokens_details": {"reasoning_tokens": 2},
}


@pytest.mark.parametrize(
    "chunks",
    [
        [{**STOP, "usage": USAGE}],
        [STOP, {"choices": [], "usage": USAGE}],
        [STOP, {"choices": [{"index": 0, "delta": {}}], "usage": USAGE}],
        [STOP, {"usage": USAGE}],
        [{**chunk(), "usage": {"prompt_tokens": 1}}, {**STOP, "usage": USAGE}],
        [{"choices": [{**STOP["choices"][0], "usage": USAGE}]}],  # type: ignore[index,dict-item]  # known shape
    ],
)
def test_usage_is_found_anywhere(chunks: list[JsonObject]) -> None:
    _, ending = decode([chunk(content="noon"), *chunks])

    assert ending is not None
    assert ending.usage == Usage(10, 3, 4, 2)


@pytest.mark.parametrize("usage", [None, {}, {"prompt_tokens": "x"}, [], 3])
def test_usage_that_is_none_counts_nothing(usage: JsonValue) -> None:
    _, ending = decode([{**chunk(content="noon"), "usage": usage}, STOP])

    assert ending == Ending("c1", "completed", Usage())


@pytest.mark.parametrize(
    ("failing", "error"),
    [
        ({"error": {"code": 502, "message": "no"}}, ServerFailed),
        ({"error": {"code": 429, "message": "no"}, "choices": []}, RateLimited),
        ({"choices": [{"error": {"code": 429}, "delta": {}}]}, RateLimited),
        ({"choices": [{"delta": {}, "finish_reason": "error"}]}, Rejected),
        ({"object": "error", "message": "no", "code": 500}, ServerFailed),
        ({"detail": "no"}, Rejected),
    ],
)
def test_an_error_inside_a_stream_is_raised(
    failing: JsonObject, error: type[Exception]
) -> None:
    decoder = ChatDecoder("`host`")
    decoder.feed(chunk(content="no"))
    with pytest.raises(error):
        decoder.feed(failing)

    assert [type(part) for part in decoder.release()] == [TextDelta]


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        ("stop", "completed"),
        ("tool_calls", "completed"),
        ("length", "max_output_tokens"),
        ("content_filter", "content_filter"),
        ("Bearer sk-0123", "incomplete"),
    ],
)
def test_how_a_reply_ended_is_said_in_one_language(reason: str, status: str) -> None:
    parts, ending = decode([chunk(content="noon"), ends(reason)], done=False)

    assert ending is not None
    assert ending.status == status
    (message,) = (part for part in parts if isinstance(part, AgentMessage))
    assert message.complete == (status == "completed")


def test_a_stream_without_an_end_is_a_lost_connection() -> None:
    with pytest.raises(ConnectionLost):
        decode([chunk(content="no")], done=False)


def test_a_stream_of_nothing_is_a_lost_connection() -> None:
    with pytest.raises(ConnectionLost):
        decode([])


@given(st.text(min_size=1), st.text(max_size=20), st.data())
def test_any_cut_gives_the_same_reply(
    words: str, path: str, data: st.DataObject
) -> None:
    from spark_cli.wire.codec import dump

    arguments = dump({"path": path})

    def cut(text: str) -> list[str]:
        cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
        return [text[a:b] for a, b in pairwise([0, *cuts, len(text)])]

    chunks = [chunk(content=one) for one in cut(words)]
    first = calling(piece("", "read_file", index=0, id="x"))
    rest = [calling(piece(one, index=0)) for one in cut(arguments)]
    parts, _ = decode([*chunks, first, *rest, ends("tool_calls")])

    whole = [p for p in parts if isinstance(p, AgentMessage | ToolCall)]
    assert isinstance(whole[0], AgentMessage)
    assert isinstance(whole[1], ToolCall)
    assert (whole[0].text, whole[1].input) == (words, arguments)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *(
                        "id",
                        "index",
                        "function",
                        "name",
                        "arguments",
                        "content",
                        "text",
                    ),
                    *("delta", "message", "finish_reason", "tool_calls", "reasoning"),
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)


@given(
    st.lists(
        st.fixed_dictionaries(
            {}, optional=dict.fromkeys(("id", "choices", "usage", "error"), ANYTHING)
        ),
        max_size=8,
    )
)
def test_no_chunk_whatever_it_holds_is_more_than_an_error(
    chunks: list[dict[str, JsonValue]],
) -> None:
    with suppress(SparkError):
        decode(chunks)
