from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from spark_cli.core.errors import ConnectionLost
from spark_cli.wire import eventstream
from spark_cli.wire.eventstream import EventStream, ServerSent

CASES = [
    (b"data: a\n\n", [ServerSent("a")]),
    (b"data: a\r\n\r\ndata: b\r\n\r\n", [ServerSent("a"), ServerSent("b")]),
    (b"data: a\rdata: b\r\r", [ServerSent("a\nb")]),
    (b"\xef\xbb\xbfdata: a\n\n", [ServerSent("a")]),
    (b": OPENROUTER PROCESSING\n\ndata: a\n\n", [ServerSent("a")]),
    (b"event: x\ndata: {\ndata: }\n\n", [ServerSent("{\n}", "x")]),
    (b"data:a\nid: 7\nretry: 10\n\n", [ServerSent("a")]),
    (b"data:  two\n\n", [ServerSent(" two")]),
    (b"event: lonely\n\ndata: a\n\n", [ServerSent("a")]),
    (b"data: no blank line", [ServerSent("no blank line")]),
    (b"data: [DONE]\n", [ServerSent("[DONE]")]),
    (b"error: {}\n\n", [ServerSent("{}", "error")]),
    (b"data: \xe2\x9c\xa8 \xff\n\n", [ServerSent("\u2728 \ufffd")]),
    (b"data\n\n", [ServerSent("")]),
    (b"", []),
    (b"\n\n\n", []),
]


def read(*chunks: bytes) -> list[ServerSent]:
    stream = EventStream()
    found = [event for chunk in chunks for event in stream.feed(chunk)]
    return found + stream.finish()


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_events_are_read_as_the_standard_says(
    text: bytes, expected: list[ServerSent]
) -> None:
    assert read(text) == expected


@given(st.data())
def test_any_cut_of_the_bytes_gives_the_same_events(data: st.DataObject) -> None:
    text = b"".join(text for text, _ in CASES if text.endswith(b"\n\n")) + b"data: z"
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=12)))
    edges = [0, *cuts, len(text)]
    chunks = [text[a:b] for a, b in pairwise(edges)]

    assert read(*chunks) == read(text)


@given(st.binary(max_size=200))
def test_byte_by_byte_is_the_same_as_at_once(text: bytes) -> None:
    assert read(*(bytes([byte]) for byte in text)) == read(text)


def test_an_event_is_there_as_soon_as_its_blank_line_is() -> None:
    stream = EventStream()

    assert stream.feed(b"data: a\n") == []
    assert stream.feed(b"\n") == [ServerSent("a")]


def test_an_event_without_an_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(eventstream, "EVENT_BYTES_MAX", 1000)
    stream = EventStream()
    for _ in range(100):
        # Comments and whole events do not add up.
        stream.feed(b": keep-alive\n\ndata: x\n\n")

    stream.feed(b"data: " + b"x" * 900)
    with pytest.raises(ConnectionLost):
        stream.feed(b"x" * 900)
