"""The endpoints that spark knows by name; the config changes them and adds others.

Local servers are spoken to in chat completions: their Responses endpoints exist, but
differ from version to version, and none of them takes a WebSocket.  They are named
by address, since `localhost` may mean `::1` first, where most of them do not listen.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from spark_cli.config.settings import Provider, TransportKind

_USER = re.compile(r"(?<=//)[^/?#\s]*@")
_KEY_IN_QUERY = re.compile(
    r"([?&][^=&#]*(?:key|token|secret|passw|sig)[^=&#]*=)[^&#\s]*", re.IGNORECASE
)

DEMO = "demo"
"""The embedded endpoint: it has no base URL until it is started."""

BUILT_IN: Mapping[str, Provider] = MappingProxyType(
    {
        "openai": Provider("https://api.openai.com/v1", "OPENAI_API_KEY"),
        "openrouter": Provider(
            "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY", TransportKind.CHAT
        ),
        "ollama": Provider("http://127.0.0.1:11434/v1", transport=TransportKind.CHAT),
        "lmstudio": Provider("http://127.0.0.1:1234/v1", transport=TransportKind.CHAT),
        "llamacpp": Provider("http://127.0.0.1:8080/v1", transport=TransportKind.CHAT),
        "vllm": Provider("http://127.0.0.1:8000/v1", transport=TransportKind.CHAT),
        DEMO: Provider(model="demo"),
    }
)


def without_password(url: str) -> str:
    """An address as it may be shown: who signs in, and with which key, is left out."""
    return _KEY_IN_QUERY.sub(r"\1***", _USER.sub("***@", url))


def on_this_machine(provider: Provider) -> bool:
    """Whether the endpoint is on loopback: what is sent to it stays here."""
    _, _, rest = provider.base_url.partition("://")
    authority = rest.partition("/")[0].rpartition("@")[2]
    host = (
        authority[1:].partition("]")[0]
        if authority.startswith("[")
        else authority.partition(":")[0]
    ).lower()
    return host in {"localhost", "::1"} or _is_loopback_v4(host)


def _is_loopback_v4(host: str) -> bool:
    # `127.0.0.1.example.com` starts alike, and is somewhere else.
    parts = host.split(".")
    return len(parts) == 4 and parts[0] == "127" and all(p.isdecimal() for p in parts)
