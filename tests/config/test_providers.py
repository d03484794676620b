from __future__ import annotations

import pytest

from spark_cli.config.providers import BUILT_IN, on_this_machine, without_password
from spark_cli.config.settings import Provider


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://127.0.0.1:11434/v1", True),
        ("http://127.8.8.8", True),
        ("http://localhost:1/v1", True),
        ("http://LOCALHOST/v1", True),
        ("http://[::1]:80/v1", True),
        ("http://user:pw@127.0.0.1/v1", True),
        ("https://api.openai.com/v1", False),
        ("http://127.0.0.1.evil.example/v1", False),
        ("http://localhost@evil.example/v1", False),
        ("http://localhost.evil.example/v1", False),
        ("http://192.168.1.5:11434/v1", False),
        ("", False),
    ],
)
def test_only_loopback_is_this_machine(url: str, *, here: bool) -> None:
    assert on_this_machine(Provider(url)) is here


def test_the_local_servers_need_no_key() -> None:
    local = {"ollama", "lmstudio", "llamacpp", "vllm"}

    assert {n for n, p in BUILT_IN.items() if on_this_machine(p)} == local
    assert {BUILT_IN[name].env_key for name in local} == {None}


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://h/v1", "https://h/v1"),
        ("https://me:secret@h:8/v1", "https://***@h:8/v1"),
        ("https://secret@h", "https://***@h"),
        ("https://a:b@c@h/x@y", "https://***@h/x@y"),
        ("https://h/v1?v=2&api-key=secret&z=1", "https://h/v1?v=2&api-key=***&z=1"),
        ("nonsense", "nonsense"),
        ("", ""),
    ],
)
def test_an_address_is_shown_without_what_opens_it(url: str, shown: str) -> None:
    assert without_password(url) == shown
