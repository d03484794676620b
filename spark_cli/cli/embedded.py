"""The embedded endpoint for commands that only ask it something."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from spark_cli.config.providers import DEMO
from spark_cli.config.settings import Provider


@contextmanager
def reachable(name: str, provider: Provider) -> Iterator[Provider]:
    """The provider with an address; the embedded one runs for as long as this does."""
    if name != DEMO or provider.base_url:
        yield provider
        return
    from spark_cli.demo.server import serve

    with serve() as demo:
        yield replace(provider, base_url=demo.base_url)
