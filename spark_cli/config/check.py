"""Settings as they were written, held against the settings that there are.

The dataclasses of `config.settings` are walked along a key's path: each part must be
a field, or any name where a table maps names.  A mistake is told with its place, and
with what was probably meant.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import Field, dataclass, field, fields, is_dataclass
from enum import StrEnum
from types import MappingProxyType, NoneType
from typing import TypeVar, get_args, get_origin, get_type_hints
from urllib.parse import urlsplit

from spark_cli.config.overlay import Entry, Key, Origin, dotted
from spark_cli.config.settings import Settings
from spark_cli.core.errors import ConfigError

# What other programs, or habit, call a setting of ours.
_MEANT = {
    "api_key": "env_key",
    "key": "env_key",
    "approval_policy": "approval",
    "approvals": "approval",
    "model_provider": "provider",
    "model_providers": "providers",
    "model_reasoning_effort": "effort",
    "model_context_window": "context_window",
    "reasoning_effort": "effort",
    "url": "base_url",
    "wire_api": "transport",
}
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_URL = re.compile(r"https?://[^/\s]+\S*")
_NEAR = 0.7
"""Of four letters, three must be right: `nope` does not mean `openai`."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a key's path ends: its type, and what its field says of it."""

    hint: object
    metadata: Mapping[str, object] = field(default_factory=dict)


class _Mismatch(Exception):
    """A value that cannot be: what was expected, and what was given instead.

    A string is given back only where it can be no secret.
    """

    def __init__(self, expected: str, given: str = "") -> None:
        super().__init__(f"{expected}, not {given}" if given else expected)


def checked(key: Key, entry: Entry) -> Entry:
    """The entry with its value in the type of its setting, or a `ConfigError`."""
    place = slot(key, entry.origin)
    try:
        value = _converted(place.hint, entry.value)
        value = _RULES.get(key[-1], _as_it_is)(value)
        _check_least(value, place)
    except _Mismatch as mismatch:
        raise ConfigError(
            f"`{dotted(key)}` must be {mismatch}, in {entry.origin}",
            _choice_hint(place.hint, entry.value),
        ) from None
    return Entry(value, entry.origin)


def slot(key: Key, origin: Origin) -> Slot:
    """The setting that a key names, or a `ConfigError`."""
    found = Slot(Settings)
    for depth, name in enumerate(key):
        table = _table(found.hint)
        if table is None:
            raise ConfigError(
                f"`{dotted(key[:depth])}` is not a table, in {origin}",
                f"it holds {_described(found.hint)}",
            )
        found = table(name) or _unknown(key[: depth + 1], found.hint, origin, key)
    return found


def hints(cls: type) -> Mapping[str, object]:
    """The types of a dataclass's fields."""
    return get_type_hints(cls)


def nearest(name: str, known: Iterable[str]) -> str | None:
    """What was probably meant by a name that is not known."""
    import difflib  # a mistake is rare, and can wait 3 ms

    known = list(known)
    if _MEANT.get(name) in known:
        return _MEANT[name]
    for guess in (name.lower().replace("-", "_"), name):
        if close := difflib.get_close_matches(guess, known, 1, _NEAR):
            return close[0]
    return None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A hint for a name that is not known."""
    known = sorted(known)
    meant = nearest(name, known)
    if meant is not None:
        return f"did you mean `{meant}`?"
    return f"there are {', '.join(f'`{name}`' for name in known)}"


def _unknown(wrong: Key, hint: object, origin: Origin, whole: Key) -> Slot:
    known = hints(hint) if isinstance(hint, type) else ()
    suggestion = did_you_mean(wrong[-1], known)
    if whole[0] == "models" and len(whole) > 3:
        name = ".".join(whole[1:-1])
        suggestion = f'write `models."{name}".{whole[-1]}`: its name has dots'
    elif _MEANT.get(wrong[-1]) == "env_key":
        suggestion = "name the variable that holds the key in `env_key`"
    raise ConfigError(f"unknown key `{dotted(wrong)}` in {origin}", suggestion)


def _table(hint: object) -> Callable[[str], Slot | None] | None:
    """How to find a name below a type, or `None` where the type is a leaf."""
    if isinstance(hint, type) and is_dataclass(hint):
        here: Mapping[str, Field[object]] = {one.name: one for one in fields(hint)}
        types = hints(hint)
        return lambda name: (
            Slot(types[name], here[name].metadata) if name in here else None
        )
    if get_origin(hint) is Mapping:
        return lambda _: Slot(get_args(hint)[1])
    return None


def _converted(hint: object, value: object) -> object:
    if _table(hint) is not None:
        if value == {}:
            return value
        raise _Mismatch("a table", _kind(value))
    inner = _required(hint)
    if get_origin(inner) is tuple:
        return _strings(value)
    if isinstance(inner, type) and issubclass(inner, StrEnum):
        return _choice(inner, value)
    if inner is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(inner, type) or type(value) is not inner:
        raise _Mismatch(_described(inner), _kind(value))
    return value


Choice = TypeVar("Choice", bound=StrEnum)


def _choice(kind: type[Choice], value: object) -> Choice:
    if isinstance(value, str) and value in list(kind):
        return kind(value)
    raise _Mismatch(
        _described(kind), f"`{value}`" if isinstance(value, str) else _kind(value)
    )


def _strings(value: object) -> tuple[str, ...]:
    if isinstance(value, list | tuple) and all(isinstance(v, str) for v in value):
        return tuple(value)
    raise _Mismatch(
        "a list of strings", "" if isinstance(value, list) else _kind(value)
    )


def _check_least(value: object, place: Slot) -> None:
    if isinstance(value, float) and not (math.isfinite(value) and value > 0):
        raise _Mismatch("a number above 0", _kind(value))
    least = place.metadata.get("least", 1)
    if type(value) is int and isinstance(least, int) and value < least:
        raise _Mismatch(f"a whole number from {least}", _kind(value))


def _base_url(value: object) -> object:
    if not isinstance(value, str) or not _URL.fullmatch(value):
        raise _Mismatch("an address that begins with `http://` or `https://`")
    if not value.isprintable() or not _is_host(value):
        raise _Mismatch("an address with a host that there can be")
    return value.rstrip("/")


def _is_host(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        return parts.port != 0 and (":" in host or bool(host.encode("idna")))
    except ValueError:
        return False


def _model(value: object) -> object:
    if isinstance(value, str) and not value.strip():
        raise _Mismatch("the name of a model, not empty")
    return value


def _env_key(value: object) -> object:
    # Whoever writes the key itself here shall not see it again in an error.
    if not isinstance(value, str) or not _VARIABLE.fullmatch(value):
        raise _Mismatch("the name of an environment variable, not a key itself")
    return value


def _as_it_is(value: object) -> object:
    return value


_RULES: Mapping[str, Callable[[object], object]] = MappingProxyType(
    {"base_url": _base_url, "env_key": _env_key, "model": _model}
)


def _required(hint: object) -> object:
    """`str` for `str | None`: TOML has no null, what is absent is left out."""
    inner = [kind for kind in get_args(hint) if kind is not NoneType]
    return inner[0] if NoneType in get_args(hint) else hint


def _described(hint: object) -> str:
    inner = _required(hint)
    if isinstance(inner, type) and issubclass(inner, StrEnum):
        return "one of " + ", ".join(f"`{choice}`" for choice in inner)
    names: Mapping[object, str] = {
        str: "a string",
        int: "a whole number",
        float: "a number",
        bool: "true or false",
    }
    return names.get(inner, "a list of strings")


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, int | float):
        return f"`{value}`"
    if isinstance(value, str):
        return "a string"
    return "a table" if isinstance(value, Mapping) else "a list or a date"


def _choice_hint(hint: object, value: object) -> str:
    inner = _required(hint)
    if not (isinstance(inner, type) and issubclass(inner, StrEnum)):
        return ""
    meant = nearest(str(value), [str(choice) for choice in inner])
    return f"did you mean `{meant}`?" if meant else ""
