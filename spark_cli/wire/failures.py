"""What a server says went wrong, as one of spark's errors.

`wire.complaints` reads what was said; `failure` turns it into an error, by its code
where it has one, and by its words where it has not.

    Denied               no key, a refused key, a plan without the model, no credit
    RateLimited          wait; `retry_after_s` where the server says how long
    ServerFailed         5xx, overload: trying again may help
    RouteMissing         this server does not have the endpoint: try another dialect
    ContextOverflow      the conversation is longer than the model's window
    Rejected             the request is not what this server takes; `param` names it
    SocketRefused        the WebSocket handshake failed: HTTP may still work
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass

from spark_cli.core.errors import Denied, RateLimited, SparkError, Unavailable
from spark_cli.wire.complaints import Complaint, shortened
from spark_cli.wire.durations import asked_to_wait, instant, moment, number


class ServerFailed(Unavailable):
    """`final` is true where the server says that trying again is of no use."""

    def __init__(
        self,
        message: str,
        hint: str = "",
        retry_after_s: float | None = None,
        *,
        final: bool = False,
    ) -> None:
        super().__init__(message, hint)
        self.retry_after_s = retry_after_s
        self.final = final


class SocketRefused(Unavailable):
    """`status` is that of the HTTP answer to the handshake, if there was one.

    `reason` is what the answer would mean over HTTP, for when there is no other way.
    """

    def __init__(
        self,
        message: str,
        hint: str = "",
        status: int | None = None,
        reason: SparkError | None = None,
    ) -> None:
        super().__init__(message, hint)
        self.status = status
        self.reason = reason or self


class RouteMissing(SparkError):
    pass


class Rejected(SparkError):
    """`param` is the request's parameter at fault, dotted, where it is known."""

    def __init__(
        self, message: str, hint: str = "", code: str = "", param: str = ""
    ) -> None:
        super().__init__(message, hint)
        self.code = code
        self.param = param


class ContextOverflow(Rejected):
    pass


def failure(said: Complaint, where: str) -> SparkError:
    """The error of a complaint; `where` is the endpoint as the user knows it."""
    return next(rule.error for rule in _RULES if rule.fits(said))(said, where)


_OVERFLOW = re.compile(
    r"context_length|exceed_context|context_window|maximum context|context window"
    r"|(?:prompt|input)(?: is|_)? ?too[ _](?:long|large)|available context size"
    r"|context (?:length|size) (?:exceeded|of)",
    re.IGNORECASE,
)
_PLAN = re.compile(
    r"insufficient_quota|credit_balance|billing|usage_not_included|payment_required"
    r"|current quota|insufficient (?:credit|balance|fund)",
    re.IGNORECASE,
)
_USED_UP = re.compile(r"usage_limit_reached|usage limit", re.IGNORECASE)
_SLOW_DOWN = re.compile(
    r"rate_?limit|rate limit|slow_down|too many requests|too_many_requests",
    re.IGNORECASE,
)
_PARAMETER = re.compile(
    r"unsupported_parameter|unknown_parameter|unsupported_value|unsupported parameter"
    r"|unknown parameter|unrecognized request argument|extra_forbidden",
    re.IGNORECASE,
)
_KEY = re.compile(
    r"invalid_api_key|authentication_error|unauthorized|token_expired"
    r"|incorrect api key|invalid api key",
    re.IGNORECASE,
)
_MODEL = re.compile(
    r"model_not_found|model_not_supported"
    r"|\bmodel\b.{0,80}(?:not found|does not exist|not exist|is not supported)",
    re.IGNORECASE,
)
_ROUTE = re.compile(r"unexpected endpoint or method|invalid url \(", re.IGNORECASE)
_BUSY = re.compile(
    r"overloaded|server_error|service_unavailable|unavailable_error|loading model"
    r"|internal_error|internal server error|api_error|timeout",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"parameters?:? [`'\"]([\w.\[\]]+)[`'\"]")


@dataclass(frozen=True, slots=True)
class _Rule:
    fits: Callable[[Complaint], bool]
    error: Callable[[Complaint, str], SparkError]


def _overflow(said: Complaint, where: str) -> SparkError:
    return ContextOverflow(
        f"{where}: the conversation is longer than the model takes{_because(said)}",
        "`/clear` starts anew with the same files",
        said.code,
    )


def _plan(said: Complaint, where: str) -> SparkError:
    return Denied(
        f"{where} does not serve this plan{_because(said)}",
        "look at the plan and the credit of your account",
    )


def _used_up(said: Complaint, where: str) -> SparkError:
    wait_s = _wait_s(said)
    until = said.resets_at
    if until is None and wait_s is not None:
        until = instant(time.time() + wait_s)
    when = (
        ""
        if until is None
        else time.strftime(" until %Y-%m-%d %H:%M", time.localtime(until))
    )
    return RateLimited(
        f"{where}: the plan's limit is reached{when}{_because(said)}",
        "`/model` switches to another model",
        wait_s,
    )


def _slow_down(said: Complaint, where: str) -> SparkError:
    return RateLimited(
        f"{where} asks to wait{_because(said)}",
        "wait a little, or switch with `/model`",
        _wait_s(said),
    )


def _rejected(said: Complaint, where: str) -> SparkError:
    param = said.param
    if not param and (found := _QUOTED.search(said.text)):
        param = found[1]
    code = "unsupported_parameter" if said.says(_PARAMETER) else said.code
    status = f" ({said.status})" if said.status else ""
    return Rejected(
        f"{where} refused the request{status}{_because(said)}", "", code, param
    )


def _key(said: Complaint, where: str) -> SparkError:
    return Denied(
        f"{where} refused the key{_because(said)}",
        "set the variable that the provider's `env_key` names to a valid key",
    )


def _forbidden(said: Complaint, where: str) -> SparkError:
    return Denied(
        f"{where} refused access ({said.status}){_because(said)}",
        "`spark doctor` tries each step and says which one fails",
    )


def _model(said: Complaint, where: str) -> SparkError:
    return Denied(
        f"{where} does not offer this model{_because(said)}",
        "`spark models` lists what there is",
    )


def _route(said: Complaint, where: str) -> SparkError:
    status = f" ({said.status})" if said.status else ""
    return RouteMissing(
        f"{where} has no such endpoint{status}{_because(said)}",
        "set `base_url` and `transport` of the provider",
    )


def _moved(said: Complaint, where: str) -> SparkError:
    to = said.headers.get("location", "elsewhere")
    return RouteMissing(
        f"{where} redirects to {shortened(to)}, and keys do not follow redirects",
        "set `base_url` of the provider to where it leads",
    )


def _busy(said: Complaint, where: str) -> SparkError:
    status = f" ({said.status})" if said.status else ""
    return ServerFailed(
        f"{where} cannot answer now{status}{_because(said)}",
        "try again in a moment; `spark doctor` tries each step",
        _wait_s(said),
        final=said.headers.get("x-should-retry") == "false",
    )


def _any_status(*statuses: int) -> Callable[[Complaint], bool]:
    return lambda said: said.status in statuses


def _any_words(words: re.Pattern[str]) -> Callable[[Complaint], bool]:
    return lambda said: said.says(words)


# The first that fits decides; what a server says goes before its status, since
# 429 may mean an empty purse, 400 and 500 a full context, and 404 an unknown model.
_RULES = (
    _Rule(_any_words(_OVERFLOW), _overflow),
    _Rule(_any_status(413), _overflow),
    _Rule(_any_words(_USED_UP), _used_up),
    _Rule(lambda said: said.status == 402 or said.says(_PLAN), _plan),
    _Rule(lambda said: said.status == 429 or said.says(_SLOW_DOWN), _slow_down),
    _Rule(_any_words(_PARAMETER), _rejected),
    _Rule(lambda said: said.status in (401, 407) or said.says(_KEY), _key),
    _Rule(_any_words(_MODEL), _model),
    _Rule(_any_status(403), _forbidden),
    _Rule(
        lambda said: said.status in (404, 405, 426, 501) or said.says(_ROUTE), _route
    ),
    _Rule(lambda said: said.status is not None and 300 <= said.status < 400, _moved),
    _Rule(lambda said: said.status in (408, 409) or (said.status or 0) >= 500, _busy),
    _Rule(lambda said: said.status is None and said.says(_BUSY), _busy),
    _Rule(lambda _: True, _rejected),
)


def _wait_s(said: Complaint) -> float | None:
    """How long to wait: the header, the field, or the words, in this order."""
    now = time.time()
    if (wait_ms := number(said.headers.get("retry-after-ms"))) is not None:
        return max(0.0, wait_ms / 1000)
    if after := said.headers.get("retry-after"):
        until = moment(after, now)
        if until is not None:
            return max(0.0, until - now)
    if said.resets_at is not None:
        return max(0.0, said.resets_at - now)
    return asked_to_wait(said.text)


def _because(said: Complaint) -> str:
    return f": {said.text}" if said.text else ""
