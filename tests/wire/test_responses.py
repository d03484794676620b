from __future__ import annotations

import json

import pytest

from spark_cli.core.ids import CallId, ItemId
from spark_cli.core.items import (
    AgentMessage,
    Item,
    Note,
    Reasoning,
    ToolCall,
    ToolOutput,
    UserMessage,
)
from spark_cli.core.json import JsonObject, JsonValue
from spark_cli.wire.responses import REASONING_ITEMS, body
from tests.wire.servers import HELLO, PATCH, READ, request

CUSTOM = ToolCall(ItemId("1"), CallId("c1"), "apply_patch", "*** Begin", freeform=True)
FUNCTION = ToolCall(ItemId("2"), CallId("c2"), "apply_patch", '{"input":"*** Begin"}')
OTHER = ToolCall(ItemId("3"), CallId("c3"), "read_file", '{"path":"a"}')


def outputs(*calls: ToolCall) -> list[Item]:
    return [ToolOutput(ItemId(f"o-{call.call}"), call.call, "done") for call in calls]


def spelled(*items: Item, **changes: object) -> JsonValue:
    asked = request(*items, tools=(READ, PATCH), **changes)
    return body(asked, previous=None, items=asked.items)["input"]


def test_a_request_is_a_flat_create() -> None:
    asked = request(effort="low", cache_key="k", max_output_tokens=9)

    assert body(asked, previous=None, items=asked.items) == {
        "model": "m",
        "instructions": "Be brief.",
        "input": [
            {
                "type": "message",
                "role": "user",
                "content": [{"type": "input_text", "text": "hello"}],
            }
        ],
        "tools": [],
        "tool_choice": "auto",
        "parallel_tool_calls": True,
        "store": False,
        "stream": True,
        "stream_options": {"include_obfuscation": False},
        "include": ["reasoning.encrypted_content"],
        "prompt_cache_key": "k",
        "reasoning": {"effort": "low", "summary": "auto"},
        "max_output_tokens": 9,
    }


@pytest.mark.parametrize(
    ("rejects", "reasoning"),
    [
        ({"reasoning.summary"}, {"effort": "low"}),
        ({"reasoning.effort"}, {"summary": "auto"}),
        ({"reasoning.summary", "reasoning.effort"}, None),
        ({"reasoning"}, None),
    ],
)
def test_what_a_model_rejects_is_not_sent(
    rejects: set[str], reasoning: JsonObject | None
) -> None:
    asked = request(effort="low", rejects=frozenset(rejects))

    assert body(asked, previous=None, items=()).get("reasoning") == reasoning


def test_nothing_of_reasoning_is_asked_where_no_effort_is_set() -> None:
    assert "reasoning" not in body(request(), previous=None, items=())


def test_a_continuation_names_what_it_continues_and_repeats_the_tools() -> None:
    asked = request(tools=(READ,))
    made = body(asked, previous="resp_1", items=(HELLO,))

    assert made["previous_response_id"] == "resp_1"
    assert made["instructions"] == "Be brief."
    assert made["tools"] == [
        {
            "type": "function",
            "name": "read_file",
            "description": "Read.",
            "parameters": READ.schema,
            "strict": False,
        }
    ]


def test_a_tool_with_a_grammar_is_custom_only_where_models_take_those() -> None:
    kinds = [
        body(request(tools=(PATCH,), freeform_tools=free), previous=None, items=())[
            "tools"
        ]
        for free in (True, False)
    ]

    assert kinds[0] == [
        {
            "type": "custom",
            "name": "apply_patch",
            "description": "Edit files.",
            "format": {
                "type": "grammar",
                "syntax": "lark",
                "definition": "start: /.+/",
            },
        }
    ]
    assert "'type': 'function'" in str(kinds[1])


def test_words_are_spelled_by_who_said_them() -> None:
    assert spelled(
        UserMessage(ItemId("1"), "a"),
        Note(ItemId("2"), "b"),
        AgentMessage(ItemId("3"), "c", complete=False),
        AgentMessage(ItemId("4"), "d", phase="final_answer"),
        AgentMessage(ItemId("5"), ""),
        Reasoning(ItemId("rs_1"), ("e",), "xxx"),
        Reasoning(ItemId("rs_2"), ("only shown",)),
    ) == [
        {
            "type": "message",
            "role": "user",
            "content": [{"type": "input_text", "text": "a"}],
        },
        {
            "type": "message",
            "role": "developer",
            "content": [{"type": "input_text", "text": "b"}],
        },
        {
            "type": "message",
            "role": "assistant",
            "content": [{"type": "output_text", "text": "c"}],
        },
        {
            "type": "message",
            "role": "assistant",
            "content": [{"type": "output_text", "text": "d"}],
            "phase": "final_answer",
        },
        {
            "type": "reasoning",
            "id": "rs_1",
            "summary": [{"type": "summary_text", "text": "e"}],
            "encrypted_content": "xxx",
        },
    ]


def test_reasoning_is_left_out_where_the_server_cannot_read_it() -> None:
    item = Reasoning(ItemId("rs_1"), (), "xxx")

    assert spelled(HELLO, item, rejects=frozenset({REASONING_ITEMS})) == spelled(HELLO)


@pytest.mark.parametrize("free", [True, False])
def test_a_call_and_its_output_are_replayed_in_the_form_that_the_model_takes(
    free: bool,  # noqa: FBT001  # a parameter of the table
) -> None:
    calls = (CUSTOM, FUNCTION, OTHER)
    found = spelled(HELLO, *calls, *outputs(*calls), freeform_tools=free)

    patch = "custom_tool_call" if free else "function_call"
    assert isinstance(found, list)
    assert [item["type"] for item in found[1:]] == [
        patch,
        patch,
        "function_call",
        f"{patch}_output",
        f"{patch}_output",
        "function_call_output",
    ]
    field = {"input": "*** Begin"} if free else {"arguments": FUNCTION.input}
    assert found[1].items() >= field.items()
    assert found[2].items() >= field.items()
    assert found[3]["arguments"] == OTHER.input


def test_a_function_call_that_is_torn_is_replayed_as_it_was() -> None:
    torn = ToolCall(ItemId("2"), CallId("c2"), "apply_patch", '{"input":"*** Beg')

    found = spelled(torn, *outputs(torn), freeform_tools=True)

    assert isinstance(found, list)
    assert found[0]["arguments"] == torn.input
    assert found[1]["type"] == "function_call_output"


@pytest.mark.parametrize("call", [CUSTOM, FUNCTION])
def test_a_continuation_answers_a_call_in_the_form_in_which_it_was_made(
    call: ToolCall,
) -> None:
    output = outputs(call)
    asked = request(HELLO, call, *output, tools=(PATCH,), freeform_tools=True)
    made = body(asked, previous="r", items=output)

    kind = "custom_tool_call_output" if call.freeform else "function_call_output"
    assert made["input"] == [{"type": kind, "call_id": call.call, "output": "done"}]


@pytest.mark.parametrize(
    ("schema", "strict"),
    [
        ({"type": "object", "properties": {}}, False),
        (
            {
                "type": "object",
                "properties": {"a": {"type": "string"}},
                "required": ["a"],
                "additionalProperties": False,
            },
            True,
        ),
        (
            {
                "type": "object",
                "properties": {"a": {"type": "object", "properties": {"b": {}}}},
                "required": ["a"],
                "additionalProperties": False,
            },
            False,
        ),
    ],
)
def test_an_answer_of_a_shape_is_strict_where_the_schema_is(
    schema: JsonObject,
    strict: bool,  # noqa: FBT001  # a parameter of the table
) -> None:
    made = body(request(schema=schema), previous=None, items=())

    assert made["text"] == {
        "format": {
            "type": "json_schema",
            "name": "answer",
            "schema": schema,
            "strict": strict,
        }
    }


def test_the_same_request_gives_the_same_bytes() -> None:
    def made() -> str:
        asked = request(tools=(READ, PATCH), effort="low", cache_key="k")
        return json.dumps(body(asked, previous=None, items=asked.items))

    assert made() == made()
