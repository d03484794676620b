"""One WebSocket connection, dialed, and read many messages at a time.

The library hands out one message for each turn of a coroutine.  At a thousand
tokens a second several are there at every wake-up, so this connection collects them
as they are parsed, and a reader takes all of them at once.  Pings are answered by
the event loop whatever the reader does.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections import deque

from websockets.asyncio.client import ClientConnection, connect
from websockets.client import ClientProtocol
from websockets.exceptions import (
    InvalidHandshake,
    InvalidProxy,
    InvalidStatus,
    InvalidURI,
    WebSocketException,
)
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.frames import CloseCode, Frame, Opcode
from websockets.protocol import Event, State

from spark_cli.core.errors import ConfigError, ConnectionLost, SparkError, Unavailable
from spark_cli.wire.complaints import answered
from spark_cli.wire.endpoint import Endpoint, certificates
from spark_cli.wire.failures import SocketRefused, failure

MESSAGE_BYTES_MAX = 64 * 1024 * 1024
# Unread messages above the first bound stop the reading, below the second resume it.
WAITING_BYTES_HIGH = 8 * 1024 * 1024
WAITING_BYTES_LOW = 1024 * 1024
# As many messages are handled before others get their turn: about two milliseconds.
TAKEN_MAX = 512
FRAGMENTS_MAX = 100_000
# Edges drop connections that are silent for 100 s.
PING_S = 20.0
# Longer messages leave in pieces, so that a pong can pass between them.
PIECE_CHARS = 256 * 1024

# The library's own offer lets servers choose windows of 4 KiB.  Without a limit they
# are 32 KiB, so that the tools, which go along with every message, cost nothing from
# the second time on: 7.8 kB are 140 bytes on the wire instead of 2,900.
_DEFLATE = ClientPerMessageDeflateFactory(client_max_window_bits=None)

GO_ON = "what was said is kept: say `go on`, or try again"

_DATA = (Opcode.TEXT, Opcode.BINARY, Opcode.CONT)
# The library reports what it survives as errors, on stderr where nobody listens.
_LOG = logging.getLogger("spark.websockets")
_LOG.addHandler(logging.NullHandler())


class Line(ClientConnection):
    """`heard_at` and `opened_at` are in the event loop's time."""

    def __init__(
        self,
        protocol: ClientProtocol,
        *,
        ping_interval: float | None = PING_S,
        ping_timeout: float | None = PING_S,
        close_timeout: float | None = None,
        max_queue: int | tuple[int | None, int | None] | None = None,
        write_limit: int | tuple[int, int | None] = 2**15,
    ) -> None:
        super().__init__(
            protocol,
            ping_interval=ping_interval,
            ping_timeout=ping_timeout,
            close_timeout=close_timeout,
            max_queue=max_queue,
            write_limit=write_limit,
        )
        self.opened_at = self.heard_at = self.loop.time()
        self._ready: deque[bytes] = deque()
        self._ready_bytes = 0
        self._pieces: list[bytes] = []
        self._waiter: asyncio.Future[None] | None = None
        self._watch: asyncio.TimerHandle | None = None
        self._is_paused = False
        self._silence_s = 0.0

    @property
    def is_open(self) -> bool:
        return self.state is State.OPEN and not self.transport.is_closing()

    @property
    def has_unread(self) -> bool:
        return bool(self._ready)

    def process_event(self, event: Event) -> None:
        if not isinstance(event, Frame) or event.opcode not in _DATA:
            super().process_event(event)
            return
        self.heard_at = self.loop.time()
        message = bytes(event.data)
        if not event.fin or self._pieces:
            self._pieces.append(message)
            if len(self._pieces) > FRAGMENTS_MAX:
                self.drop()
            if not event.fin:
                return
            message = b"".join(self._pieces)
            self._pieces.clear()
        self._ready.append(message)
        self._ready_bytes += len(message)
        self._wake()
        if self._ready_bytes > WAITING_BYTES_HIGH and not self._is_paused:
            self._is_paused = True
            self.transport.pause_reading()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if not self.is_open:
            # A close, or a breach of the rules: nothing more will come, though the
            # server may leave the connection hanging.
            self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.unwatch()
        self._wake()

    async def messages(self) -> list[bytes]:
        """What is there, at least one message; `ConnectionLost` at the end."""
        if self._ready:
            # Nobody else, an interrupt least of all, would get a turn otherwise.
            await asyncio.sleep(0)
        while not self._ready:
            if not self.is_open:
                raise ConnectionLost(self._why(), GO_ON)
            self._waiter = self.loop.create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        count = min(len(self._ready), TAKEN_MAX)
        taken = [self._ready.popleft() for _ in range(count)]
        self._ready_bytes -= sum(map(len, taken))
        if self._is_paused and self._ready_bytes < WAITING_BYTES_LOW:
            self._is_paused = False
            self.transport.resume_reading()
        return taken

    async def say(self, text: str) -> None:
        """Send one message; `ConnectionLost` where nobody is there."""
        try:
            if len(text) <= PIECE_CHARS:
                await self.send(text)
            else:
                await self.send(
                    [
                        text[at : at + PIECE_CHARS]
                        for at in range(0, len(text), PIECE_CHARS)
                    ]
                )
        except (WebSocketException, OSError) as error:
            raise ConnectionLost(self._why(), GO_ON) from error

    async def check(self, limit_s: float) -> None:
        """Ping; the line is dropped if it stays silent for so long."""
        try:
            pong = asyncio.ensure_future(await self.ping())
        except (WebSocketException, OSError):
            return
        asked_at = self.loop.time()

        def judge() -> None:
            if not pong.done() and self.heard_at <= asked_at:
                self.drop()

        self.loop.call_later(limit_s, judge)

    def watch(self, silence_s: float) -> None:
        """Drop the line when no message comes for so long, until `unwatch`."""
        self.unwatch()
        self.heard_at = self.loop.time()
        self._silence_s = silence_s
        self._watch = self.loop.call_later(silence_s, self._judge)

    def unwatch(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None

    def leave(self) -> None:
        """Say goodbye, without waiting for an answer."""
        self.unwatch()
        if self.is_open:
            self.protocol.send_close(CloseCode.NORMAL_CLOSURE)
            self.send_data()
        self.transport.close()

    def drop(self) -> None:
        """Be gone at once: there is no other way to stop a model (no close frame)."""
        self.unwatch()
        self.transport.abort()

    def _judge(self) -> None:
        quiet_s = self.loop.time() - self.heard_at
        # Messages that nobody took yet are no silence.
        if quiet_s < self._silence_s or self._ready:
            left_s = max(self._silence_s - quiet_s, 1.0)
            self._watch = self.loop.call_later(left_s, self._judge)
            return
        self.set_connection_exc(TimeoutError(f"no message in {quiet_s:.0f} s"))
        self.drop()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _why(self) -> str:
        if isinstance(self.connection_exc, TimeoutError):
            return f"the connection was silent: {self.connection_exc}"
        for who, close in (
            ("the server closed the connection", self.protocol.close_rcvd),
            ("the server broke the rules of WebSocket", self.protocol.close_sent),
        ):
            if close is not None:
                reason = f": {close.reason}" if close.reason else ""
                return f"{who} ({close.code}){reason}"
        return "the connection broke"


class _Dial(connect):
    """`connect` without redirects: the key goes where the user said, or nowhere."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


async def dial(endpoint: Endpoint, path: str, timeout_s: float | None) -> Line:
    """A new connection; `SocketRefused` where there is a server but no socket."""
    where = endpoint.where
    headers = endpoint.headers()
    try:
        line = await _Dial(
            endpoint.socket_url(path),
            additional_headers=headers,
            user_agent_header=None,
            open_timeout=timeout_s,
            compression=None,
            extensions=[_DEFLATE],
            max_size=MESSAGE_BYTES_MAX,
            logger=_LOG,
            create_connection=Line,
            ping_interval=PING_S,
            ping_timeout=PING_S,
            max_queue=None,
            ssl=certificates() if endpoint.is_secure else None,
        )
    except (InvalidProxy, InvalidURI, UnicodeError) as error:
        raise ConfigError(f"cannot dial {where}: {error}") from error
    except InvalidHandshake as error:
        raise refusal(error, where) from error
    except TimeoutError as error:
        raise SocketRefused(
            f"{where} did not answer the WebSocket handshake"
        ) from error
    except ssl.SSLCertVerificationError as error:
        raise Unavailable(
            f"{where} has a certificate that is not trusted: {error.verify_message}",
            "`SSL_CERT_FILE` names the authorities that are trusted",
        ) from error
    except ImportError as error:
        raise SocketRefused(f"no WebSocket through this proxy: {error}") from error
    except (OSError, EOFError) as error:
        raise Unavailable(
            f"cannot reach {where}: {error}",
            "`spark doctor` tries each step and says which one fails",
        ) from error
    if not isinstance(line, Line):
        raise TypeError("create_connection made another connection")
    return line


def refusal(error: InvalidHandshake, where: str) -> SocketRefused:
    """What was said instead of `101 Switching Protocols`."""
    if not isinstance(error, InvalidStatus):
        return SocketRefused(f"{where} does not speak WebSocket: {error}")
    response = error.response
    status = response.status_code
    said = answered(status, dict(response.headers.raw_items()), response.body or b"")
    reason: SparkError = failure(said, where)
    return SocketRefused(
        f"{where} refused the WebSocket ({status})", reason.hint, status, reason
    )
