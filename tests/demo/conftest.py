from __future__ import annotations

from collections.abc import Iterator

import pytest

from spark_cli.demo.server import Demo, serve


@pytest.fixture(scope="session")
def fast() -> Iterator[Demo]:
    """An endpoint that answers as fast as it can, for tests that share it."""
    with serve(rate=0) as demo:
        yield demo
