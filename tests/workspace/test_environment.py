from __future__ import annotations

import pytest

from spark_cli.workspace.environment import environment, users_own


@pytest.mark.parametrize(
    "name",
    [
        "OPENAI_API_KEY",
        "ANTHROPIC_AUTH_TOKEN",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "DB_PASSWORD",
        "PGPASSWORD",
        "GITHUB_TOKEN",
        "GOOGLE_APPLICATION_CREDENTIALS",
        "github_token",
        "STRIPE_KEY_LIVE",
        "MYSQL_PWD",
        "VAULTKEY",
    ],
)
def test_what_looks_like_a_key_is_not_passed_on(name: str) -> None:
    assert name not in environment({name: "s3cret", "HOME": "/home/me"})


@pytest.mark.parametrize(
    "name",
    [
        "PATH",
        "HOME",
        "PWD",
        "KEYBOARD",
        "TOKENIZERS_PARALLELISM",
        "SSH_AUTH_SOCK",
        "LANG",
    ],
)
def test_what_is_not_a_key_is_passed_on(name: str) -> None:
    assert environment({name: "value"})[name] == "value"


def test_a_denied_name_is_left_out_and_an_allowed_one_kept() -> None:
    base = {"MY_LLM": "s3cret", "NPM_TOKEN": "kept", "BOTH_KEY": "s3cret"}

    seen = environment(
        base, deny=["MY_LLM", "BOTH_KEY"], allow=["NPM_TOKEN", "BOTH_KEY"]
    )

    assert "s3cret" not in seen.values()
    assert seen["NPM_TOKEN"] == "kept"


def test_nothing_pages_colours_or_asks() -> None:
    seen = environment({"PAGER": "less", "TERM": "xterm-256color"})

    assert (seen["PAGER"], seen["TERM"], seen["GIT_TERMINAL_PROMPT"]) == (
        "cat",
        "dumb",
        "0",
    )


def test_a_command_of_the_users_own_has_all_but_the_providers_keys() -> None:
    base = {"AWS_SECRET_ACCESS_KEY": "a", "OPENAI_API_KEY": "b", "PAGER": "less"}

    made = users_own(base, deny=["OPENAI_API_KEY"])

    assert made["AWS_SECRET_ACCESS_KEY"] == "a"
    assert "OPENAI_API_KEY" not in made
    assert (made["PAGER"], made["TERM"]) == ("cat", "dumb")
