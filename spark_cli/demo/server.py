"""Running the demo endpoint: in a thread of its own, or as the whole program."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Self

import uvicorn
from starlette.applications import Starlette

from spark_cli.core.errors import SparkError
from spark_cli.demo.app import Endpoint, application
from spark_cli.demo.ask import Model
from spark_cli.demo.ledger import Kind, Ledger, Received
from spark_cli.demo.model import answer
from spark_cli.demo.pace import Pace

DEFAULT_RATE = 1200.0
_READY_S = 30.0


class Demo:
    """A running endpoint: it listens before its thread starts, so none is too early."""

    def __init__(self, port: int, rate: float, model: Model) -> None:
        self._ledger = Ledger()
        self._listener = _listen(port)
        self.port = _port(self._listener)
        self._ready = threading.Event()
        self._server = _server(rate, self._ledger, self._ready.set, model)
        self._thread = threading.Thread(
            target=self._run, name="spark-demo", daemon=True
        )
        self._thread.start()
        if not self._ready.wait(_READY_S):
            raise SparkError("the demo endpoint did not start")

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def log(self) -> list[Received]:
        """What has been received until now."""
        return self._ledger.entries()

    def wait_for(self, kind: Kind, timeout_s: float = 10.0) -> bool:
        return self._ledger.wait_for(kind, timeout_s)

    def stop(self) -> None:
        """Close every connection and wait for the thread to end."""
        self._server.should_exit = True
        self._thread.join(_READY_S)
        self._listener.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _run(self) -> None:
        asyncio.run(self._server.serve([self._listener]))


def serve(port: int = 0, rate: float = DEFAULT_RATE, *, model: Model = answer) -> Demo:
    """Start an endpoint; port 0 is any free one, rate 0 is as fast as can be."""
    return Demo(port, rate, model)


def serve_forever(port: int, rate: float, on_ready: Callable[[str], None]) -> None:
    """Serve until interrupted; `on_ready` is told the base URL."""
    listener = _listen(port)
    url = f"http://127.0.0.1:{_port(listener)}/v1"
    server = _server(rate, Ledger(), lambda: on_ready(url))
    asyncio.run(server.serve([listener]))


def _listen(port: int) -> socket.socket:
    # With the protocol left at 0, asyncio does not know it for TCP and leaves Nagle's
    # algorithm on: each reply would then start 40 ms late.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(128)
    except (OSError, OverflowError) as error:
        listener.close()
        raise SparkError(
            f"cannot listen on `127.0.0.1:{port}`: {error}",
            "leave `--port` out to take any free port",
        ) from error
    return listener


def _port(listener: socket.socket) -> int:
    return int(listener.getsockname()[1])


def _server(
    rate: float, ledger: Ledger, on_ready: Callable[[], None], model: Model = answer
) -> uvicorn.Server:
    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        on_ready()
        yield

    config = uvicorn.Config(
        application(Endpoint(Pace(rate), ledger, model), lifespan),
        # The one implementation that does not stand on a deprecated API.
        ws="websockets-sansio",
        http="h11",
        loop="asyncio",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    return uvicorn.Server(config)
