from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from spark_cli.core.errors import ConnectionLost, RateLimited, SparkError
from spark_cli.core.events import CallDelta, LimitsSeen, ReasoningDelta, TextDelta
from spark_cli.core.ids import CallId, ItemId
from spark_cli.core.items import AgentMessage, Reasoning, ToolCall
from spark_cli.core.json import JsonObject, JsonValue
from spark_cli.core.usage import Limit, Usage
from spark_cli.wire.codec import Ending
from spark_cli.wire.failures import Rejected, ServerFailed
from spark_cli.wire.responses_events import ResponsesDecoder
from spark_cli.wire.transport import ReplyPart
from tests.wire.servers import answer_of, call_of, called, completed, said

NOON = answer_of(1, "noon")
ITEM: dict[str, JsonValue] = {
    "id": "msg_1",
    "type": "message",
    "status": "completed",
    "content": [{"type": "output_text", "text": "noon"}],
}
EMPTY: dict[str, JsonValue] = {**ITEM, "content": [], "status": "in_progress"}
CALL: dict[str, JsonValue] = {
    "id": "fc_1",
    "type": "function_call",
    "call_id": "call_1",
    "name": "read_file",
    "arguments": '{"path":"a"}',
}
READ_A = call_of(1, "read_file", '{"path":"a"}')
END = completed([])


def added(item: JsonObject, **at: JsonValue) -> JsonObject:
    return {"type": "response.output_item.added", "item": item, **at}


def done(item: JsonObject, **at: JsonValue) -> JsonObject:
    return {"type": "response.output_item.done", "item": item, **at}


def text(piece: str, **at: JsonValue) -> JsonObject:
    return {"type": "response.output_text.delta", "delta": piece, **at}


def args(piece: str, **at: JsonValue) -> JsonObject:
    return {"type": "response.function_call_arguments.delta", "delta": piece, **at}


def event(kind: str, **fields: JsonValue) -> JsonObject:
    return {"type": f"response.{kind}", **fields}


def decode(events: Iterable[JsonObject]) -> tuple[list[ReplyPart], Ending | None]:
    decoder = ResponsesDecoder("`host`")
    for one in events:
        decoder.feed(one)
    return decoder.take(), decoder.ending


def items(events: Iterable[JsonObject]) -> list[ReplyPart]:
    parts, ending = decode(events)
    assert ending is not None
    return [p for p in parts if isinstance(p, AgentMessage | Reasoning | ToolCall)]


def test_an_orderly_reply_is_deltas_an_item_and_an_end() -> None:
    assert decode(said("noon")) == (
        [TextDelta(ItemId("msg_1"), "noon"), NOON],
        Ending("resp_1", "completed", Usage(10, 0, 2, 0)),
    )


def test_a_call_is_told_with_its_name() -> None:
    assert decode(called("read_file", '{"path":"a"}'))[0] == [
        CallDelta(ItemId("fc_1"), "read_file", '{"path":"a"}'),
        READ_A,
    ]


AT: dict[str, JsonValue] = {"item_id": "msg_1", "output_index": 0}
MESSY = {
    "no item was announced": [text("no", **AT), text("on", **AT), done(ITEM), END],
    "only deltas": [text("no", **AT), text("on", **AT), END],
    "no ids and no indexes": [text("no"), text("on"), END],
    "no ids on deltas": [added(EMPTY), text("no"), text("on"), done(ITEM), END],
    "only indexes": [
        added({"type": "message"}, output_index=0),
        text("noon", output_index=0),
        END,
    ],
    "announced twice": [added(EMPTY), added(EMPTY), text("noon", **AT), END],
    "announced twice, done twice": [
        added(EMPTY),
        added(EMPTY),
        done(ITEM),
        done(ITEM),
        END,
    ],
    "complete when it was announced": [added(ITEM, output_index=0), END],
    "complete when announced, and done": [added(ITEM), done(ITEM), completed([ITEM])],
    "only done": [done(ITEM), END],
    "only in the end": [completed([ITEM])],
    "in the end without an id": [
        text("noon"),
        completed([{**ITEM, "id": None}]),
    ],
    "an id that changes with every event": [
        added({**EMPTY, "id": "x1"}, output_index=0),
        text("no", item_id="x2", output_index=0),
        text("on", item_id="x3", output_index=0),
        done({**ITEM, "id": "x4"}, output_index=0),
        completed([{**ITEM, "id": "x5"}]),
    ],
    "the end corrects the deltas": [text("midn", **AT), completed([ITEM])],
    "the item corrects the deltas": [text("midnight", **AT), done(ITEM), END],
    "the text is told in full": [
        added(EMPTY, output_index=0),
        event("output_text.done", text="noon", **AT),
        END,
    ],
    "the text is told in full, late and without an id": [
        added(EMPTY),
        text("noon"),
        done(ITEM),
        event("output_text.done", text="noon"),
        END,
    ],
    "a done item without its content": [
        text("noon", **AT),
        done({**ITEM, "content": []}, output_index=0),
        END,
    ],
    "deltas after the end of their item": [
        text("noon", **AT),
        done(ITEM, output_index=0),
        text("!!", **AT),
        END,
    ],
    "unknown events and parts": [
        event("created", response={"id": "resp_1", "status": "queued"}),
        event("content_part.added", part={"type": "output_text"}),
        {"type": "keepalive"},
        {"type": 7},
        {"nothing": "known"},
        event("hologram.delta", delta="x"),
        text("noon", **AT),
        END,
    ],
    "deltas that are no text": [
        text("noon", **AT),
        {**text("", **AT), "delta": None},
        {**text("", **AT), "delta": {"a": 1}},
        {**text("", **AT), "item_id": ["list"]},
        END,
    ],
    "an index as a float": [added(EMPTY, output_index=0.0), text("noon", **AT), END],
    "a response that was not streamed": [
        {"object": "response", "id": "resp_1", "output": [ITEM]}
    ],
    "response.done instead of completed": [
        {**completed([ITEM]), "type": "response.done"}
    ],
    "obfuscation and log probabilities": [
        {**text("noon", **AT), "obfuscation": "xyz", "logprobs": []},
        END,
    ],
}


@pytest.mark.parametrize("events", MESSY.values(), ids=MESSY.keys())
def test_a_messy_reply_says_what_it_means_exactly_once(
    events: list[JsonObject],
) -> None:
    found = items(events)

    assert [item.text for item in found if isinstance(item, AgentMessage)] == ["noon"]
    assert len(found) == 1


FULL = event(
    "function_call_arguments.done", item_id="fc_1", arguments=CALL["arguments"]
)
CALLS = {
    "orderly": [
        added({**CALL, "arguments": ""}, output_index=0),
        args('{"path"', item_id="fc_1", output_index=0),
        args(':"a"}', item_id="fc_1", output_index=0),
        event(
            "function_call_arguments.done", item_id="fc_1", arguments=CALL["arguments"]
        ),
        done(CALL, output_index=0),
        completed([CALL]),
    ],
    "never done": [
        added({**CALL, "arguments": ""}),
        args('{"path":"a"}', item_id="fc_1"),
        END,
    ],
    "arguments only told in full": [
        added({**CALL, "arguments": ""}),
        event(
            "function_call_arguments.done", item_id="fc_1", arguments=CALL["arguments"]
        ),
        END,
    ],
    "deltas before the announcement": [
        args('{"path":"a"}', output_index=0),
        added({**CALL, "arguments": ""}, output_index=0),
        END,
    ],
    "other ids, the same call": [
        added({**CALL, "id": "x1", "arguments": ""}),
        done({**CALL, "id": "x2"}),
        completed([{**CALL, "id": "x3"}]),
    ],
    "complete when it was announced": [
        added({**CALL, "status": "completed"}),
        completed([CALL]),
    ],
}


@pytest.mark.parametrize("events", CALLS.values(), ids=CALLS.keys())
def test_a_call_is_made_exactly_once(events: list[JsonObject]) -> None:
    found = items(events)

    assert [(i.call, i.name, i.input) for i in found if isinstance(i, ToolCall)] == [
        (READ_A.call, READ_A.name, READ_A.input)
    ]
    assert len(found) == 1


def test_arguments_may_be_an_object() -> None:
    assert items([done({**CALL, "arguments": {"path": "a"}}), END]) == [READ_A]


def test_a_custom_call_is_free_text() -> None:
    call: JsonObject = {
        "id": "ctc_1",
        "type": "custom_tool_call",
        "call_id": "c",
        "name": "apply_patch",
        "input": "*** Begin",
    }
    delta = event("custom_tool_call_input.delta", item_id="ctc_1", delta="*** Begin")

    assert decode([added({**call, "input": ""}), delta, done(call), END])[0] == [
        CallDelta(ItemId("ctc_1"), "apply_patch", "*** Begin"),
        ToolCall(
            ItemId("ctc_1"), CallId("c"), "apply_patch", "*** Begin", freeform=True
        ),
    ]


def test_items_that_are_done_out_of_order_leave_in_order() -> None:
    events = [
        added(EMPTY, output_index=0),
        added({**CALL, "arguments": ""}, output_index=1),
        done(CALL, output_index=1),
        done(ITEM, output_index=0),
        END,
    ]

    assert items(events) == [NOON, READ_A]
    assert items([events[2], events[3], END]) == [NOON, READ_A]


def test_two_items_that_claim_one_index_are_two() -> None:
    second = {**ITEM, "id": "msg_2", "content": [{"text": "night"}]}
    events = [
        added(EMPTY, output_index=0),
        text("noon", item_id="msg_1", output_index=0),
        done(ITEM, output_index=0),
        added({**EMPTY, "id": "msg_2"}, output_index=0),
        text("night", item_id="msg_2", output_index=0),
        done(second, output_index=0),
        completed([ITEM, second]),
    ]

    assert items(events) == [NOON, answer_of(2, "night")]


def test_two_calls_without_ids_are_two() -> None:
    nameless = {key: value for key, value in CALL.items() if key != "id"}
    events = [
        added({**nameless, "call_id": "a", "arguments": ""}, output_index=0),
        added({**nameless, "call_id": "b", "arguments": ""}, output_index=1),
        args("{}", output_index=0),
        args("{}", output_index=1),
        END,
    ]

    found = items(events)
    assert [i.call for i in found if isinstance(i, ToolCall)] == ["a", "b"]


def test_reasoning_keeps_its_summary_and_what_is_encrypted() -> None:
    def delta(index: int, piece: str) -> JsonObject:
        return event(
            "reasoning_summary_text.delta",
            item_id="rs_1",
            summary_index=index,
            delta=piece,
        )

    item: JsonObject = {
        "id": "rs_1",
        "type": "reasoning",
        "summary": [{"type": "summary_text", "text": t} for t in ("first", "then")],
        "encrypted_content": "xxx",
    }
    events = [
        added({"id": "rs_1", "type": "reasoning", "encrypted_content": ""}),
        delta(0, "fir"),
        delta(0, "st"),
        delta(1, "then"),
        done(item),
        completed([item]),
    ]

    assert decode(events)[0] == [
        ReasoningDelta(ItemId("rs_1"), "first\n\nthen"),
        Reasoning(ItemId("rs_1"), ("first", "then"), "xxx"),
    ]


def test_open_reasoning_becomes_the_summary() -> None:
    delta = event("reasoning_text.delta", item_id="rs_1", delta="hm")

    assert items([delta, END]) == [Reasoning(ItemId("rs_1"), ("hm",))]


def test_items_of_other_kinds_leave_nothing_and_hold_nothing_up() -> None:
    search = {"id": "ws_1", "type": "web_search_call", "status": "completed"}

    assert items(
        [
            added(search, output_index=0),
            done(search, output_index=0),
            done(ITEM, output_index=1),
            completed([search, ITEM]),
        ]
    ) == [NOON]


def test_a_refusal_is_what_the_model_said() -> None:
    delta = event("refusal.delta", item_id="msg_1", delta="no")
    item = {**ITEM, "content": [{"type": "refusal", "refusal": "no"}]}

    assert items([delta, done(item), END]) == [answer_of(1, "no")]


@pytest.mark.parametrize(
    ("response", "status"),
    [
        ({"incomplete_details": {"reason": "max_output_tokens"}}, "max_output_tokens"),
        ({"incomplete_details": {"reason": "Bearer sk-0123"}}, "incomplete"),
        ({"incomplete_details": {"reason": "x" * 41}}, "incomplete"),
        ({"incomplete_details": {"reason": "\x1b[31m"}}, "incomplete"),
        ({"status": "incomplete"}, "incomplete"),
        ({"status": "incomplete", "incomplete_details": None}, "incomplete"),
    ],
)
@pytest.mark.parametrize("kind", ["incomplete", "completed"])
def test_a_reply_that_was_cut_keeps_its_words_and_drops_its_call(
    response: dict[str, JsonValue], status: str, kind: str
) -> None:
    events = [
        text("no", **AT),
        added({**CALL, "arguments": ""}, output_index=1),
        args('{"pa', item_id="fc_1"),
        event(kind, response={"id": "r", **response}),
    ]
    parts, ending = decode(events)

    assert parts[-1] == AgentMessage(ItemId("msg_1"), "no", complete=False)
    assert ending == Ending("r", status, Usage())


def test_an_unfinished_call_of_the_output_is_not_made() -> None:
    cut = {**CALL, "status": "incomplete", "arguments": '{"pa'}
    end = event("incomplete", response={"id": "r", "output": [cut]})

    assert items([end]) == []


@pytest.mark.parametrize(
    ("failing", "error"),
    [
        (
            event("failed", response={"error": {"code": "rate_limit_exceeded"}}),
            RateLimited,
        ),
        (
            event("completed", response={"error": {"code": "server_error"}}),
            ServerFailed,
        ),
        (event("completed", response={"status": "failed"}), Rejected),
        ({"type": "error", "error": "no", "status": 400}, Rejected),
        ({"type": "error", "code": "server_error", "message": "no"}, ServerFailed),
        ({"error": {"message": "no", "code": 500}}, ServerFailed),
        ({"detail": "no"}, Rejected),
    ],
)
def test_a_failure_is_raised_after_what_was_said(
    failing: JsonObject, error: type[Exception]
) -> None:
    decoder = ResponsesDecoder("`host`")
    decoder.feed(done(CALL, output_index=1))
    decoder.feed(text("no", **AT))
    with pytest.raises(error):
        decoder.feed(failing)

    assert decoder.take()[-1] == TextDelta(ItemId("msg_1"), "no")
    assert decoder.release() == [READ_A]
    assert decoder.ending is None


def test_a_stream_that_ends_early_is_a_lost_connection() -> None:
    decoder = ResponsesDecoder("`host`")
    decoder.feed(text("no"))

    with pytest.raises(ConnectionLost):
        decoder.finish()


def test_limits_are_passed_on() -> None:
    told: JsonObject = {
        "type": "codex.rate_limits",
        "rate_limits": {"primary": {"used_percent": 50}},
    }

    assert decode([told])[0] == [LimitsSeen((Limit("requests", 0.5),))]


def test_ids_from_earlier_replies_are_not_given_again() -> None:
    decoder = ResponsesDecoder("`host`", {"fc_1"}, {"call_1"})
    decoder.feed(done(CALL))
    decoder.feed(completed([CALL]))

    (call,) = (part for part in decoder.take() if isinstance(part, ToolCall))
    assert call.id != "fc_1"
    assert call.call != "call_1"
    assert decoder.renamed


def test_the_phase_of_a_message_is_kept() -> None:
    found = items([done({**ITEM, "phase": "commentary"}), END])

    assert found == [AgentMessage(ItemId("msg_1"), "noon", phase="commentary")]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "item_id", "type", "text", "content", "call_id"])
            | st.text(max_size=3),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
EVENTS = st.fixed_dictionaries(
    {"type": st.sampled_from(sorted(ResponsesDecoder("")._on)) | ANYTHING},
    optional=dict.fromkeys(
        (
            *("item", "item_id", "output_index", "content_index", "delta", "text"),
            *("response", "arguments", "name", "rate_limits"),
        ),
        ANYTHING,
    ),
)


@given(st.lists(EVENTS, max_size=12))
def test_no_event_whatever_it_holds_is_more_than_an_error(
    events: list[dict[str, JsonValue]],
) -> None:
    decoder = ResponsesDecoder("`host`")
    for one in events:
        with suppress(SparkError):
            decoder.feed(one)
    decoder.release()


@given(st.text(min_size=1), st.data())
def test_any_cut_of_a_text_gives_the_same_reply(
    words: str, data: st.DataObject
) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(words)), max_size=8)))
    edges = [0, *cuts, len(words)]
    decoder = ResponsesDecoder("`host`")
    parts: list[ReplyPart] = []
    for start, end in pairwise(edges):
        decoder.feed(text(words[start:end], **AT))
        if data.draw(st.booleans()):
            parts += decoder.take()
    decoder.feed(END)
    parts += decoder.take()

    told = "".join(part.text for part in parts if isinstance(part, TextDelta))
    assert told == words
    assert parts[-1] == answer_of(1, words)
