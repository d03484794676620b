from __future__ import annotations

import pytest

from spark_cli.config.check import checked, did_you_mean
from spark_cli.config.overlay import Entry, Key, Origin, Source
from spark_cli.config.settings import TransportKind
from spark_cli.core.effects import Approval
from spark_cli.core.errors import ConfigError

HERE = Origin(Source.COMMAND_LINE, name="--set")
OPENAI = ("providers", "openai")
MODEL = ("models", "m")


@pytest.mark.parametrize(
    ("key", "value", "meant"),
    [
        (("approval",), "ask", Approval.ASK),
        (("shell", "timeout_s"), 5, 5.0),
        (("instructions_bytes",), 0, 0),
        ((*OPENAI, "transport"), "sse", TransportKind.SSE),
        ((*OPENAI, "base_url"), "https://h/v1//", "https://h/v1"),
        ((*OPENAI, "headers", "X-A"), "b", "b"),
        (("effort",), "low", "low"),
        ((*OPENAI, "base_url"), "http://[::1]:9/v1", "http://[::1]:9/v1"),
        ((*OPENAI, "base_url"), "http://bücher.example", "http://bücher.example"),
        ((*OPENAI, "base_url"), "http://my_host:1", "http://my_host:1"),
        ((*MODEL, "rejects"), ["a", "b"], ("a", "b")),
        ((*MODEL, "max_output_tokens"), 9, 9),
        (OPENAI, {}, {}),
    ],
)
def test_a_value_takes_the_type_of_its_setting(
    key: Key, value: object, meant: object
) -> None:
    found = checked(key, Entry(value, HERE)).value

    assert (found, type(found)) == (meant, type(meant))


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        (("model",), 5, "`model` must be a string, not `5`, in `--set`"),
        (("model",), {}, "`model` must be a string, not a table, in `--set`"),
        (("max_turns",), True, "must be a whole number, not `true`"),
        (("max_turns",), 0, "must be a whole number from 1, not `0`"),
        (("max_turns",), 1.5, "must be a whole number, not `1.5`"),
        (("instructions_bytes",), -1, "must be a whole number from 0, not `-1`"),
        (("shell", "timeout_s"), "1", "must be a number, not a string"),
        (("shell", "timeout_s"), float("nan"), "must be a number above 0"),
        (("shell", "timeout_s"), float("inf"), "must be a number above 0"),
        (("shell", "timeout_s"), False, "must be a number, not `false`"),
        (("shell",), 5, "`shell` must be a table, not `5`"),
        (OPENAI, "x", "`providers.openai` must be a table, not a string"),
        ((*OPENAI, "base_url"), "localhost:80", "`http://` or `https://`"),
        ((*OPENAI, "base_url"), "ftp://h", "`http://` or `https://`"),
        ((*OPENAI, "base_url"), "https://\0", "a host that there can be"),
        ((*OPENAI, "base_url"), "https://h/\x1b[31m", "a host that there can be"),
        ((*OPENAI, "base_url"), "http://xn--é./", "a host that there can be"),
        ((*OPENAI, "base_url"), "http://a..b/v1", "a host that there can be"),
        ((*OPENAI, "base_url"), "http://[::1/v1", "a host that there can be"),
        ((*OPENAI, "base_url"), "http://h:99999/v1", "a host that there can be"),
        (("model",), " ", "`model` must be the name of a model, not empty"),
        ((*OPENAI, "model"), "", "must be the name of a model, not empty"),
        ((*MODEL, "rejects"), ["a", 1], "must be a list of strings"),
        ((*MODEL, "freeform_tools"), "yes", "must be true or false, not a string"),
        (("model", "x"), 1, "`model` is not a table, in `--set`"),
        (("providers", "openai", "headers", "a", "b"), 1, "is not a table"),
    ],
)
def test_a_wrong_value_is_told_with_what_was_expected(
    key: Key, value: object, message: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        checked(key, Entry(value, HERE))

    assert message in caught.value.message


@pytest.mark.parametrize(
    ("wrong", "meant"), [("auto_edit", "auto-edit"), ("fullauto", "full-auto")]
)
def test_a_choice_is_suggested(wrong: str, meant: str) -> None:
    with pytest.raises(ConfigError, match="one of `read-only`") as caught:
        checked(("approval",), Entry(wrong, HERE))

    assert caught.value.hint == f"did you mean `{meant}`?"


@pytest.mark.parametrize("key", ["env_key", "api_key"])
def test_a_key_in_the_config_is_not_shown_again(key: str) -> None:
    secret = "sk-proj-0123456789"

    with pytest.raises(ConfigError) as caught:
        checked((*OPENAI, key), Entry(secret, HERE))

    assert secret not in caught.value.message + caught.value.hint
    assert "variable" in caught.value.message + caught.value.hint


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        (("model_provider",), "did you mean `provider`?"),
        (("approval_policy",), "did you mean `approval`?"),
        (("max-turns",), "did you mean `max_turns`?"),
        ((*OPENAI, "wire_api"), "did you mean `transport`?"),
        ((*MODEL, "contextwindow"), "did you mean `context_window`?"),
        (("zzz",), "there are `approval`, `effort`"),
    ],
)
def test_what_was_meant_is_suggested(key: Key, hint: str) -> None:
    with pytest.raises(ConfigError, match="unknown key") as caught:
        checked(key, Entry("x", HERE))

    assert caught.value.hint.startswith(hint)


def test_without_anything_near_all_names_are_told() -> None:
    assert did_you_mean("zzz", ["b", "a"]) == "there are `a`, `b`"
    assert did_you_mean("nope", ["openai"]) == "there are `openai`"
