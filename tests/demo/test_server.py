from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

from spark_cli.demo.server import Demo, serve


def test_small_messages_leave_at_once(fast: Demo) -> None:
    """asyncio switches Nagle's algorithm off only where it knows that it is TCP."""
    assert fast._listener.proto == socket.IPPROTO_TCP


def test_it_listens_on_loopback_only_and_on_a_port_of_its_own(fast: Demo) -> None:
    with serve() as other:
        assert fast._listener.getsockname()[0] == "127.0.0.1"
        assert fast.base_url == f"http://127.0.0.1:{fast.port}/v1"
        assert fast.port != other.port


def test_the_model_loads_no_server() -> None:
    code = (
        "import sys, spark_cli.demo.model, spark_cli.demo.sample\n"
        "print(sorted({'asyncio', 'git', 'starlette', 'uvicorn'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert done.stdout == "[]\n"


def test_serving_forever_tells_its_address_and_ends_with_an_interrupt(
    tmp_path: Path,
) -> None:
    code = (
        "import os, signal, urllib.request\n"
        "from spark_cli.demo.server import serve_forever\n"
        # A shell that is not interactive starts what is in the background without it.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "def ready(url):\n"
        "    print(url, flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "try:\n"
        "    serve_forever(0, 0, ready)\n"
        "except KeyboardInterrupt:\n"
        "    print('interrupted')\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert done.stderr == ""
    address, end = done.stdout.splitlines()
    assert address.startswith("http://127.0.0.1:")
    assert end == "interrupted"
