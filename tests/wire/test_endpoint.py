from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from spark_cli.config.settings import Provider
from spark_cli.core.errors import ConfigError, SparkError
from spark_cli.core.secret import Secret
from spark_cli.wire.endpoint import CA_VARIABLES, Endpoint, certificates


def at(url: str, key: str | None = None, **headers: str) -> Endpoint:
    secret = None if key is None else Secret(key)
    return Endpoint(Provider(base_url=url, headers=headers), secret)


@pytest.mark.parametrize(
    ("base", "url", "socket"),
    [
        ("https://h/v1", "https://h/v1/responses", "wss://h/v1/responses"),
        ("http://h:80/v1/", "http://h:80/v1/responses", "ws://h:80/v1/responses"),
        ("wss://h/v1", "https://h/v1/responses", "wss://h/v1/responses"),
        ("http://h", "http://h/responses", "ws://h/responses"),
        ("https://h/v1?v=2", "https://h/v1/responses?v=2", "wss://h/v1/responses?v=2"),
        (
            "http://[::1]:9/v1",
            "http://[::1]:9/v1/responses",
            "ws://[::1]:9/v1/responses",
        ),
    ],
)
def test_addresses_are_made_from_the_base_url(base: str, url: str, socket: str) -> None:
    endpoint = at(base)

    assert (endpoint.url("/responses"), endpoint.socket_url("/responses")) == (
        url,
        socket,
    )


@pytest.mark.parametrize(
    "base", ["", "h/v1", "ftp://h", "http://", "http://h:port/v1", "http://[::1"]
)
def test_what_is_no_url_is_a_mistake_in_the_settings(base: str) -> None:
    with pytest.raises(ConfigError):
        at(base).url("/responses")


def test_errors_name_the_host_without_its_password() -> None:
    assert at("https://me:secret@h:8443/v1").where == "`h:8443`"
    assert at("https://h/v1").address == ("h", 443)


def test_the_key_is_a_bearer_token() -> None:
    headers = at("http://h", " sk-1 \n").headers()

    assert headers["Authorization"] == "Bearer sk-1"
    assert headers["User-Agent"].startswith("spark/")


def test_the_providers_own_headers_go_first() -> None:
    headers = at("http://h", "sk-1", authorization="Basic x", extra="1").headers()

    assert "Authorization" not in headers
    assert headers["authorization"] == "Basic x"
    assert headers["extra"] == "1"


@pytest.mark.parametrize("key", ["sk\r\nX-Evil: 1", "sk-\u2019", "sk\0"])
def test_a_key_that_breaks_headers_is_refused_and_not_quoted(key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        at("http://h", key).headers()

    assert key not in str(caught.value)


def test_an_error_that_quotes_the_key_is_cleaned() -> None:
    error = at("http://h", "sk-very-secret").cleaned(
        SparkError("Incorrect API key provided: sk-very-secret.")
    )

    assert error.message == str(error) == "Incorrect API key provided: ***."


@pytest.mark.parametrize(
    ("key", "said", "shown"),
    [
        ("k7", "bad key k7 (`k7`) at k77", "bad key *** (`***`) at k77"),
        ("a", "a bad banana", "*** bad banana"),
        ("  ", "a bad key", "a bad key"),
    ],
)
def test_a_short_key_is_taken_out_as_a_word(key: str, said: str, shown: str) -> None:
    error = at("http://h", key).cleaned(SparkError(said, said))

    assert (error.message, error.hint) == (shown, shown)


def test_an_address_that_is_none_is_told_without_its_password() -> None:
    with pytest.raises(ConfigError) as caught:
        at("ftp://me:secret@h").url("/x")

    assert "`ftp://***@h`" in caught.value.message


@pytest.mark.parametrize("name", CA_VARIABLES)
def test_certificates_come_from_where_the_environment_says(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for other in CA_VARIABLES:
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setenv(name, str(tmp_path / "missing.pem"))

    with pytest.raises(ConfigError, match=f"`{name}`"):
        certificates()

    monkeypatch.setenv(name, str(tmp_path))
    assert isinstance(certificates(), ssl.SSLContext)
