from __future__ import annotations

from spark_cli.core.ids import CallId, ItemId
from spark_cli.core.items import (
    AgentMessage,
    Note,
    Reasoning,
    ToolCall,
    ToolOutput,
    UserMessage,
)
from spark_cli.wire.chat import body, messages
from tests.wire.servers import HELLO, PATCH, READ, request

CALL = ToolCall(ItemId("c"), CallId("c1"), "read_file", '{"path":"a"}')
OUTPUT = ToolOutput(ItemId("o"), CallId("c1"), "text")
FREE = ToolCall(ItemId("f"), CallId("c2"), "apply_patch", "*** Begin", freeform=True)
DONE = ToolOutput(ItemId("p"), CallId("c2"), "ok")


def wire(call: str, name: str, arguments: str) -> dict[str, object]:
    function = {"name": name, "arguments": arguments}
    return {"id": call, "type": "function", "function": function}


def test_a_request_is_messages_and_functions() -> None:
    asked = request(tools=(PATCH,), freeform_tools=True, max_output_tokens=5)

    assert body(asked) == {
        "model": "m",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "hello"},
        ],
        "stream": True,
        "stream_options": {"include_usage": True},
        "tools": [
            {
                "type": "function",
                "function": {
                    "name": "apply_patch",
                    "description": "Edit files.",
                    "parameters": PATCH.schema,
                },
            }
        ],
        "max_tokens": 5,
    }


def test_what_only_some_servers_know_is_sent_only_when_asked_for() -> None:
    made = body(request(effort="high", schema={"type": "object"}))

    assert made["reasoning_effort"] == "high"
    assert "json_schema" in str(made["response_format"])
    assert "tools" not in made


def test_what_a_server_rejects_is_left_out() -> None:
    rejects = frozenset({"stream_options", "reasoning_effort"})
    made = body(request(effort="high", rejects=rejects))

    assert made.keys() == {"model", "messages", "stream"}


def test_one_step_of_the_agent_is_one_message_and_outputs_follow_it() -> None:
    history = (
        HELLO,
        Reasoning(ItemId("r"), ("hm",), "xxx"),
        AgentMessage(ItemId("a"), "I look."),
        CALL,
        FREE,
        UserMessage(ItemId("u"), "quick!", ("<file>",)),
        OUTPUT,
        DONE,
        AgentMessage(ItemId("b"), "Done."),
    )

    assert messages("", history) == [
        {"role": "user", "content": "hello"},
        {
            "role": "assistant",
            "content": "I look.",
            "tool_calls": [
                wire("c1", "read_file", '{"path":"a"}'),
                wire("c2", "apply_patch", '{"input":"*** Begin"}'),
            ],
        },
        {"role": "tool", "tool_call_id": "c1", "content": "text"},
        {"role": "tool", "tool_call_id": "c2", "content": "ok"},
        {"role": "user", "content": "quick!\n\n<file>"},
        {"role": "assistant", "content": "Done."},
    ]


def test_two_rounds_of_calls_are_two_messages() -> None:
    second = ToolCall(ItemId("d"), CallId("c9"), "read_file", "{}")
    output = ToolOutput(ItemId("q"), CallId("c9"), "more")

    assert [m["role"] for m in messages("", (HELLO, CALL, OUTPUT, second, output))] == [
        *("user", "assistant", "tool", "assistant", "tool")
    ]


def test_neighbours_of_the_user_are_joined_and_notes_are_marked() -> None:
    interrupted = (
        HELLO,
        AgentMessage(ItemId("a"), "I wo", complete=False),
        Note(ItemId("n"), "interrupted"),
        UserMessage(ItemId("u"), "go on"),
    )

    assert messages("", interrupted) == [
        {"role": "user", "content": "hello"},
        {"role": "assistant", "content": "I wo"},
        {"role": "user", "content": "[note] interrupted\n\ngo on"},
    ]


def test_torn_arguments_are_not_sent_again() -> None:
    torn = ToolCall(ItemId("c"), CallId("c1"), "read_file", '{"pa')

    assert "'arguments': '{}'" in str(messages("", (torn, OUTPUT)))


def test_a_function_that_the_model_called_as_one_stays_one() -> None:
    asked = request(HELLO, CALL, OUTPUT, tools=(READ,))

    assert "'arguments': '{\"path\":\"a\"}'" in str(body(asked)["messages"])
