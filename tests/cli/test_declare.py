from __future__ import annotations

import inspect
from dataclasses import fields

import pytest
import typer

from spark_cli.cli.declare import Act
from spark_cli.cli.options import Common, DemoOptions, Listing


def act(options: Common) -> int:
    """Do it."""
    return 0


@pytest.mark.parametrize("kind", [Common, Listing, DemoOptions])
def test_every_field_is_a_parameter(kind: type[Common]) -> None:
    function = Act(kind, act).command()

    parameters = inspect.signature(function).parameters
    assert list(parameters) == ["context", *(field.name for field in fields(kind))]
    assert parameters["context"].annotation is typer.Context
    assert function.__doc__ == "Do it."


def test_a_command_that_was_not_named_has_no_flags() -> None:
    function = Act(DemoOptions, act).mention()

    assert (list(inspect.signature(function).parameters), function.__doc__) == (
        [],
        "Do it.",
    )
    with pytest.raises(AssertionError):
        function()
