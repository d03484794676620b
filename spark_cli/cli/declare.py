"""A dataclass of flags made into a function that Typer reads.

Typer takes flags from a function's parameters.  Thirty of them belong in a value,
not in a signature: so the signature is made from the value's fields.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields
from functools import partial
from typing import (
    TYPE_CHECKING,
    Annotated,
    get_args,
    get_origin,
    get_type_hints,
)

import typer

from spark_cli.cli.options import Common

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


@dataclass(frozen=True, slots=True)
class Act:
    """What a command does with its flags; the answer is the exit code."""

    flags: type[Common]
    act: Callable[..., int]

    def command(self) -> Callable[..., Callable[[], int] | None]:
        """A function with a parameter for each flag, which answers with what to do.

        It does nothing yet: Typer would turn what is raised into exit codes of its
        own.  A group's function is called before its commands are, and has no answer
        then.
        """
        make: Callable[..., Common] = self.flags

        def called(context: typer.Context, **typed: object) -> Callable[[], int] | None:
            if context.invoked_subcommand is not None:
                return None
            flags = make(**{name: _frozen(value) for name, value in typed.items()})
            return partial(self.act, flags)

        parameters = [_parameter("context", typer.Context), *_parameters(self.flags)]
        called.__annotations__ = {one.name: one.annotation for one in parameters}
        called.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # a function has one where it is set
        called.__doc__ = self.act.__doc__
        return called

    def mention(self) -> Callable[[], int]:
        """A function without flags, for a command that was not named."""

        def called() -> int:
            raise AssertionError("this command was not named")

        called.__doc__ = self.act.__doc__
        return called


def _parameters(kind: type[DataclassInstance]) -> list[inspect.Parameter]:
    hints = get_type_hints(kind, include_extras=True)
    return [
        _parameter(field.name, _listed(hints[field.name]), field.default)
        for field in fields(kind)
    ]


def _parameter(
    name: str, annotation: object, default: object = MISSING
) -> inspect.Parameter:
    return inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        annotation=annotation,
        default=inspect.Parameter.empty if default is MISSING else default,
    )


def _listed(hint: object) -> object:
    """Typer reads a flag that may be repeated as a list; ours are frozen."""
    kind, flag = get_args(hint)
    if get_origin(kind) is tuple:
        kind = list[get_args(kind)[0]]  # type: ignore[misc]  # made while running
    return Annotated[kind, flag]


def _frozen(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value
