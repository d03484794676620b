"""Where a provider is and what opens its door: addresses, headers, certificates.

Sockets and HTTP use the same ones, so that what works for one works for the other.
Proxies need no code: both libraries read them from the environment.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit, urlunsplit

from spark_cli import __version__
from spark_cli.config.providers import without_password
from spark_cli.config.settings import Provider
from spark_cli.core.errors import ConfigError, SparkError
from spark_cli.core.secret import Secret

if TYPE_CHECKING:
    import ssl

_HTTP = {"http": "http", "https": "https", "ws": "http", "wss": "https"}
_SOCKET = {"http": "ws", "https": "wss"}
# What is shorter may be a part of any word: local servers take any key.
_KEY_CHARS = 8
# The names under which curl, OpenSSL and requests look for certificates.
CA_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_DIR")


@dataclass(frozen=True, slots=True)
class Endpoint:
    provider: Provider
    key: Secret | None = None

    def url(self, path: str) -> str:
        """The address of a path below the base URL; its query is kept (Azure)."""
        parts = self._parts()
        return urlunsplit(parts._replace(path=parts.path.rstrip("/") + path))

    def socket_url(self, path: str) -> str:
        parts = urlsplit(self.url(path))
        return urlunsplit(parts._replace(scheme=_SOCKET[parts.scheme]))

    @property
    def where(self) -> str:
        """The endpoint as errors name it."""
        parts = self._parts()
        # A base URL may hold a password: neither it nor the user is shown.
        return f"`{parts.netloc.rpartition('@')[2]}`"

    @property
    def address(self) -> tuple[str, int]:
        parts = self._parts()
        port = parts.port or (443 if parts.scheme == "https" else 80)
        return parts.hostname or "", port

    @property
    def is_secure(self) -> bool:
        return self._parts().scheme == "https"

    def headers(self) -> dict[str, str]:
        """What every request says: who asks, and with which key.

        A provider's own headers go before spark's, the key's included.
        """
        made = {"User-Agent": f"spark/{__version__}"}
        if self.key is not None:
            made["Authorization"] = f"Bearer {self.key.reveal().strip()}"
        own = {name.lower() for name in self.provider.headers}
        made = {name: value for name, value in made.items() if name.lower() not in own}
        made |= self.provider.headers
        for name, value in made.items():
            if not (value.isascii() and value.isprintable()):
                raise ConfigError(
                    f"the header `{name}` for {self.where} cannot be sent: "
                    "it has characters that are not plain ASCII",
                    "look for a line break or a typographic quote in the key",
                )
        return made

    def cleaned(self, error: SparkError) -> SparkError:
        """The error without the key: some servers quote it when they refuse it."""
        error.message, error.hint = self.scrubbed(error.message, error.hint)
        error.args = (error.message,)
        return error

    def scrubbed(self, *texts: str) -> tuple[str, ...]:
        """What a server said, without the key."""
        key = "" if self.key is None else self.key.reveal().strip()
        if not key:
            return texts
        quoted = re.escape(key)
        if len(key) < _KEY_CHARS:
            quoted = rf"(?<!\w){quoted}(?!\w)"
        return tuple(re.sub(quoted, "***", text) for text in texts)

    def _parts(self) -> SplitResult:
        try:
            parts = urlsplit(self.provider.base_url.strip())
            scheme, _ = _HTTP[parts.scheme], parts.port
        except (KeyError, ValueError):
            scheme = ""
        else:
            if parts.hostname:
                return parts._replace(scheme=scheme, fragment="")
        raise ConfigError(
            f"`{without_password(self.provider.base_url)}` "
            "is not the URL of an endpoint",
            "set the provider's `base_url`, such as `http://127.0.0.1:11434/v1`",
        )


def certificates() -> ssl.SSLContext:
    """The trusted authorities: those that the environment names, else the system's."""
    named = ((name, os.environ.get(name, "")) for name in CA_VARIABLES)
    return _trusting(tuple((name, path) for name, path in named if path))


@cache
def _trusting(named: tuple[tuple[str, str], ...]) -> ssl.SSLContext:
    import ssl

    if not named:
        return _of_system()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for name, path in named:
        _load(context, name, Path(path))
    return context


def _of_system() -> ssl.SSLContext:
    """Python's own default finds nothing on some systems; httpx brings `certifi`."""
    import ssl

    context = ssl.create_default_context()
    paths = ssl.get_default_verify_paths()
    if not (paths.cafile or paths.capath):
        import certifi

        context.load_verify_locations(certifi.where())
    return context


def _load(context: ssl.SSLContext, name: str, path: Path) -> None:
    try:
        if path.is_dir():
            context.load_verify_locations(capath=str(path))
        else:
            context.load_verify_locations(cafile=str(path))
    except OSError as error:
        raise ConfigError(
            f"cannot read the certificates in `{path}`, which `{name}` names: "
            f"{error.strerror or error}",
            f"correct or unset `{name}`",
        ) from error
