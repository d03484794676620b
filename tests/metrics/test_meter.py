from __future__ import annotations

from dataclasses import replace

import pytest

from spark_cli.core.effects import Approval
from spark_cli.core.events import (
    Cleared,
    Configured,
    Event,
    ItemCompleted,
    LimitsSeen,
    ReplyEnded,
    Rewound,
    TurnEnded,
    TurnStarted,
    TurnStatus,
)
from spark_cli.core.ids import ItemId, TurnId
from spark_cli.core.items import UserMessage
from spark_cli.core.usage import Limit, Usage
from spark_cli.metrics.meter import Meter
from spark_cli.metrics.report import lines

REPLY = ReplyEnded(
    "r", "completed", Usage(1000, 900, 120, 0), "websocket", 300, 9000, 0.1, 0.2
)


def metered() -> Meter:
    times = iter([10.0, 12.5])
    meter = Meter(lambda: next(times))
    meter.see(TurnStarted(TurnId("t")))
    meter.see(REPLY)
    meter.see(REPLY)
    meter.see(LimitsSeen((Limit("weekly", 0.83, 3600.0),)))
    meter.see(TurnEnded(TurnId("t"), TurnStatus.COMPLETED, Usage()))
    return meter


def test_a_meter_adds_up_what_replies_cost() -> None:
    meter = metered()

    assert meter.usage == Usage(2000, 1800, 240, 0)
    assert (meter.requests, meter.sent_bytes, meter.received_bytes) == (2, 600, 18000)
    assert (meter.turns, meter.turn_s) == (1, 2.5)


@pytest.mark.parametrize("cut", [Cleared(), Rewound(ItemId("u"))])
def test_of_a_conversation_that_was_cut_the_old_size_is_not_told(cut: Event) -> None:
    meter = metered()

    meter.see(cut)

    assert meter.context_tokens == 0


def test_a_rewind_brings_the_size_of_before_that_message_back() -> None:
    meter = Meter()
    meter.see(ItemCompleted(UserMessage(ItemId("u1"), "one")))
    meter.see(REPLY)
    meter.see(ItemCompleted(UserMessage(ItemId("u2"), "two")))
    meter.see(replace(REPLY, usage=Usage(2000, 0, 500, 0)))

    meter.see(Rewound(ItemId("u2")))

    assert meter.context_tokens == 1120


def test_a_reply_that_was_cut_short_has_an_estimated_size() -> None:
    meter = metered()

    meter.see(replace(REPLY, usage=Usage(), transport="", context_tokens=1300))

    assert (meter.context_tokens, meter.transport) == (1300, "websocket")


def test_a_rate_is_the_one_of_the_model_that_was_asked() -> None:
    meter = Meter()
    meter.see(Configured("one", "demo", Approval.ASK))
    meter.see(TurnStarted(TurnId("t")))
    meter.see(Configured("two", "demo", Approval.ASK))
    meter.see(REPLY)
    assert meter.speeds == {"one": 1200}

    meter.see(replace(REPLY, duration_s=0.16))
    assert meter.speeds == {"one": 1200, "two": pytest.approx(2000)}


def test_a_rate_counts_from_the_first_token() -> None:
    assert metered().tokens_per_s == 1200


def test_a_short_reply_has_no_rate() -> None:
    meter = Meter()
    meter.see(replace(REPLY, usage=Usage(1000, 0, 12, 0), duration_s=0.1001))

    assert meter.tokens_per_s is None


def test_the_report_names_what_is_left() -> None:
    shown = dict(lines(metered(), 128_000, now=0.0))

    assert shown["context"] == "1,120 of 128,000 tokens, 99 % left"
    assert shown["last reply"] == "first token after 100 ms, 1,200 tokens/s"
    assert shown["limit weekly"].startswith("83 % left, resets at")
    assert shown["limit weekly"].endswith("(in 60 min)")
