from __future__ import annotations

import copy
import pickle
from collections.abc import Callable

import pytest

from spark_cli.core.secret import Secret


@pytest.mark.parametrize("shown", [repr, str, "{}".format, "{!r}".format, ascii])
def test_a_secret_is_not_shown_by_accident(shown: Callable[[object], str]) -> None:
    """Law 9: a secret has no `repr`."""
    assert shown(Secret("sk-1")) == "Secret(***)"
    assert "sk-1" not in shown([Secret("sk-1")])


@pytest.mark.parametrize("copied", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_secret_is_not_written_anywhere(copied: Callable[[object], object]) -> None:
    with pytest.raises(TypeError, match="not written anywhere"):
        copied(Secret("sk-1"))


def test_a_secret_is_given_only_where_it_is_asked_for() -> None:
    secret = Secret("sk-1")

    assert secret.reveal() == "sk-1"
    assert secret != Secret("sk-1")
