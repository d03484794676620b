from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from spark_cli.core.events import CallDelta, TextDelta
from spark_cli.core.ids import CallId, ItemId
from spark_cli.core.items import AgentMessage, ToolCall
from spark_cli.wire.assembler import Assembler, Kind, mended

M1, M2, C1 = ItemId("m1"), ItemId("m2"), ItemId("c1")


def test_deltas_of_one_item_that_come_together_leave_as_one() -> None:
    assembler = Assembler()
    draft = assembler.open(Kind.MESSAGE, "m1")
    for piece in "no", "o", "n":
        assembler.write(draft, piece)

    assert assembler.take() == [TextDelta(M1, "noon")]
    assert assembler.take() == []


def test_deltas_of_several_items_keep_their_order() -> None:
    assembler = Assembler()
    one, two = assembler.open(Kind.MESSAGE, "m1"), assembler.open(Kind.MESSAGE, "m2")
    for draft, piece in ((one, "a"), (two, "b"), (one, "c")):
        assembler.write(draft, piece)

    assert assembler.take() == [
        TextDelta(M1, "a"),
        TextDelta(M2, "b"),
        TextDelta(M1, "c"),
    ]


def test_an_item_waits_for_the_ones_before_it() -> None:
    assembler = Assembler()
    two = assembler.open(Kind.MESSAGE, "m2", 1)
    assembler.close(two, AgentMessage(M2, "b"))
    assert assembler.take() == [TextDelta(M2, "b")]

    one = assembler.open(Kind.MESSAGE, "m1", 0)
    assembler.close(one, AgentMessage(M1, "a"))

    assert assembler.take() == [
        TextDelta(M1, "a"),
        AgentMessage(M1, "a"),
        AgentMessage(M2, "b"),
    ]


def test_the_end_of_a_reply_lets_go_of_what_waited() -> None:
    assembler = Assembler()
    assembler.close(assembler.open(Kind.MESSAGE, "m2", 5), AgentMessage(M2, ""))
    assert assembler.take() == []

    assembler.finish(cut=False)

    assert assembler.take() == [AgentMessage(M2, "")]


def test_every_open_draft_becomes_an_item_at_the_end() -> None:
    assembler = Assembler()
    for number in range(4):
        assembler.write(assembler.open(Kind.MESSAGE, f"m{number}"), str(number))
    assembler.finish(cut=False)

    items = [part for part in assembler.take() if isinstance(part, AgentMessage)]
    assert [item.text for item in items] == ["0", "1", "2", "3"]


def test_a_call_that_was_cut_is_dropped_and_words_that_were_cut_are_kept() -> None:
    assembler = Assembler()
    words = assembler.open(Kind.MESSAGE, "m1")
    assembler.write(words, "I will")
    call = assembler.open(Kind.CALL, "c1")
    assembler.name(call, "shell", "call_1")
    assembler.write(call, '{"command": "rm -rf ')
    assembler.take()
    assembler.finish(cut=True)

    assert assembler.take() == [AgentMessage(M1, "I will", complete=False)]


def test_a_call_without_a_name_keeps_its_input_until_it_has_one() -> None:
    assembler = Assembler()
    call = assembler.open(Kind.CALL, "c1")
    assembler.write(call, "{")
    assert assembler.take() == []

    assembler.name(call, "read_file", "call_1")
    assembler.write(call, "}")

    assert assembler.take() == [CallDelta(C1, "read_file", "{}")]


def test_what_the_whole_item_adds_is_told_as_a_delta() -> None:
    assembler = Assembler()
    draft = assembler.open(Kind.MESSAGE, "m1")
    assembler.write(draft, "no")
    assembler.take()
    assembler.close(draft, AgentMessage(M1, "noon"))

    assert assembler.take() == [TextDelta(M1, "on"), AgentMessage(M1, "noon")]


def test_ids_that_the_conversation_has_are_replaced() -> None:
    assembler = Assembler({"m1"}, {"call_0"})
    message = assembler.open(Kind.MESSAGE, "m1")
    call = assembler.open(Kind.CALL, "c1")
    assembler.name(call, "shell", "call_0")

    assert message.id.startswith("msg_")
    assert call.call not in (None, "call_0")
    assert assembler.renamed


def test_an_item_and_its_call_may_share_an_id() -> None:
    assembler = Assembler()
    call = assembler.open(Kind.CALL, "same")
    assembler.name(call, "shell", "same")
    assembler.close(call, assembler.tool_call(call, "{}"))

    assert assembler.take()[-1] == ToolCall(
        ItemId("same"), CallId("same"), "shell", "{}"
    )
    assert not assembler.renamed


@given(st.text(), st.data())
def test_a_pair_that_was_cut_between_deltas_is_whole_again(
    text: str, data: st.DataObject
) -> None:
    units = text.encode("utf-16-le", "surrogatepass")
    wide = [
        units[at : at + 2].decode("utf-16-le", "surrogatepass")
        for at in range(0, len(units), 2)
    ]
    assembler = Assembler()
    draft = assembler.open(Kind.MESSAGE, "m1")
    while wide:
        count = data.draw(st.integers(1, len(wide)))
        assembler.write(draft, "".join(wide[:count]))
        del wide[:count]

    assert draft.text == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [("plain", "plain"), ("\ud83d\ude00", "\U0001f600"), ("a\ud83db", "a\ufffdb")],
)
def test_lone_surrogates_are_replaced(text: str, expected: str) -> None:
    assert mended(text) == expected
