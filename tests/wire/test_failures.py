from __future__ import annotations

import pytest

from spark_cli.core.errors import Denied, RateLimited, SparkError
from spark_cli.core.json import JsonValue
from spark_cli.wire.complaints import answered, complaint
from spark_cli.wire.failures import (
    ContextOverflow,
    Rejected,
    RouteMissing,
    ServerFailed,
    failure,
)

SPARK = (
    "Unsupported parameter: 'reasoning.summary' is not supported with the "
    "'gpt-5.3-codex-spark' model."
)


def of_event(body: JsonValue) -> SparkError:
    return failure(complaint(body), "`host`")


def of_http(status: int, body: str, **headers: str) -> SparkError:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return failure(answered(status, named, body.encode()), "`host`")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("rate limit reached", RateLimited),
        ({"error": "the context window is full"}, ContextOverflow),
        ({"error": {"code": "context_length_exceeded"}}, ContextOverflow),
        (
            {"error": {"type": "exceed_context_size_error", "code": 400}},
            ContextOverflow,
        ),
        ({"error": {"message": "prompt is too long: 9 tokens"}}, ContextOverflow),
        ({"error": {"code": 429, "message": "slow"}}, RateLimited),
        ({"error": {"code": "429"}}, RateLimited),
        ({"error": {"code": "slow_down"}}, RateLimited),
        ({"error": {"code": "insufficient_quota"}, "status": 429}, Denied),
        ({"error": {"type": "usage_not_included"}}, Denied),
        ({"error": {"code": "invalid_api_key"}}, Denied),
        ({"error": {"code": "model_not_found"}, "status": 404}, Denied),
        ({"error": {"code": "server_is_overloaded"}, "status_code": 503}, ServerFailed),
        ({"error": {"code": "server_error", "message": "sorry"}}, ServerFailed),
        ({"error": {"code": 503, "message": "Loading model"}}, ServerFailed),
        ({"detail": "Not Found", "status": 404}, RouteMissing),
        (
            {"error": "Unexpected endpoint or method. (POST /v1/responses)"},
            RouteMissing,
        ),
        ({"error": {"code": "invalid_prompt"}}, Rejected),
        ({"response": {"error": {"code": "rate_limit_exceeded"}}}, RateLimited),
        ({"error": '{"error": {"code": "rate_limit_exceeded"}}'}, RateLimited),
        ({"error": {"message": '{"error":{"code":"invalid_api_key"}}'}}, Denied),
        ({"object": "error", "message": "no", "code": 500}, ServerFailed),
        (None, Rejected),
        ([], Rejected),
        (17, Rejected),
        ({"error": []}, Rejected),
        ({"error": {"code": None, "message": None}}, Rejected),
    ],
)
def test_an_error_of_any_shape_is_told_by_what_it_means(
    body: JsonValue, expected: type[SparkError]
) -> None:
    assert type(of_event(body)) is expected


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (401, "", Denied),
        (402, "", Denied),
        (403, "", Denied),
        (404, "404 page not found", RouteMissing),
        (405, "", RouteMissing),
        (408, "", ServerFailed),
        (413, "", ContextOverflow),
        (422, '{"detail":[{"loc":["body","x"],"msg":"bad"}]}', Rejected),
        (429, "<html><title>Too many</title></html>", RateLimited),
        (429, '{"error":{"code":"insufficient_quota"}}', Denied),
        (
            500,
            'data: {"error":{"message":"context_length_exceeded"}}\n\n',
            ContextOverflow,
        ),
        (502, "<html><h1>Bad gateway</h1></html>", ServerFailed),
        (529, "", ServerFailed),
        (302, "", RouteMissing),
        (400, '{"error":{"message":"model \'x\' not found"}}', Denied),
        (400, "not json", Rejected),
    ],
)
def test_a_status_decides_where_words_do_not(
    status: int, body: str, expected: type[SparkError]
) -> None:
    assert type(of_http(status, body)) is expected


def test_a_refused_parameter_is_named_even_where_the_text_speaks_of_the_model() -> None:
    error = of_event(
        {
            "type": "error",
            "status": 400,
            "error": {
                "type": "invalid_request_error",
                "code": "unsupported_parameter",
                "message": SPARK,
                "param": "reasoning.summary",
            },
        }
    )

    assert isinstance(error, Rejected)
    assert (error.code, error.param) == ("unsupported_parameter", "reasoning.summary")


@pytest.mark.parametrize(
    ("body", "param"),
    [
        (
            '{"error":{"message":"Unknown parameter: \'stream_options\'."}}',
            "stream_options",
        ),
        (
            '{"detail":[{"type":"extra_forbidden","loc":["body","prompt_cache_key"],'
            '"msg":"Extra inputs are not permitted"}]}',
            "prompt_cache_key",
        ),
    ],
)
def test_a_refused_parameter_is_found_in_the_words(body: str, param: str) -> None:
    error = of_http(400, body)

    assert isinstance(error, Rejected)
    assert (error.code, error.param) == ("unsupported_parameter", param)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (of_http(429, "", retry_after_ms="1500"), 1.5),
        (of_http(429, "", retry_after="7"), 7.0),
        (of_http(429, "try again in 2s", retry_after="7"), 7.0),
        (of_http(429, "Please try again in 250ms."), 0.25),
        (of_http(429, ""), None),
        (
            of_event({"error": {"code": "slow_down", "headers": {"Retry-After": "3"}}}),
            3.0,
        ),
        (of_event({"headers": {"retry-after": "4"}, "error": {"code": 429}}), 4.0),
        (of_http(503, "", retry_after="9"), 9.0),
    ],
)
def test_how_long_to_wait_is_found_wherever_it_is_said(
    error: SparkError, expected: float | None
) -> None:
    assert isinstance(error, RateLimited | ServerFailed)
    assert error.retry_after_s == pytest.approx(expected, abs=0.5)


def test_a_used_up_plan_says_until_when() -> None:
    error = of_event(
        {"error": {"type": "usage_limit_reached", "message": "x", "resets_at": 4e9}}
    )

    assert isinstance(error, RateLimited)
    assert " until 2096-10-0" in error.message
    assert error.retry_after_s is not None
    assert error.retry_after_s > 1e9


@pytest.mark.parametrize("at", [1e18, 1e30, 10**400, -5, float("nan"), "1e999", "x"])
@pytest.mark.parametrize("field", ["resets_at", "resets_in_seconds"])
def test_a_time_beyond_every_clock_is_left_out(field: str, at: JsonValue) -> None:
    error = of_event({"error": {"type": "usage_limit_reached", field: at}})

    assert isinstance(error, RateLimited)
    if field == "resets_at" or at != -5:
        assert " until " not in error.message


def test_a_wait_without_end_is_no_time() -> None:
    error = of_http(429, f'{{"error":"usage limit, try again in {"9" * 400}s"}}')

    assert isinstance(error, RateLimited)
    assert (error.retry_after_s, " until " in error.message) == (None, False)


def test_a_web_page_is_reduced_to_its_title() -> None:
    error = of_http(
        502, "<!DOCTYPE html><head><title> Bad\tgateway </title>" + "x" * 9999
    )

    assert "`Bad\tgateway`" in error.message or "`Bad gateway`" in error.message
    assert len(error.message) < 200


def test_a_long_complaint_is_shortened() -> None:
    assert len(of_http(400, "x" * 100_000).message) < 600


def test_a_redirect_says_where_it_leads() -> None:
    error = of_http(307, "", location="https://elsewhere.example/v1")

    assert "https://elsewhere.example/v1" in error.message


def test_a_server_that_forbids_to_retry_is_believed() -> None:
    error = of_http(500, "", x_should_retry="false")

    assert isinstance(error, ServerFailed)
    assert error.final


def test_an_error_nested_without_end_is_no_trap() -> None:
    body: JsonValue = {}
    for _ in range(500):
        body = {"error": body}

    assert isinstance(of_event(body), Rejected)
