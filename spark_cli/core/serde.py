"""Items, events and ops as JSON, and back.

A value becomes an object whose `type` is its class in snake case, followed by its
fields; the journal and the JSON lines of headless runs are written in this
spelling.  Reading is tolerant of a newer or older writer: unknown fields are passed
over, missing ones take their defaults, and an unknown type is a `ValueError`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import TypeAlias, Union, cast, get_args, get_origin, get_type_hints

from spark_cli.core.events import Event
from spark_cli.core.items import Item
from spark_cli.core.json import JsonObject, JsonValue
from spark_cli.core.ops import Op

Spoken: TypeAlias = Item | Event | Op

_Reader: TypeAlias = Callable[[object], object]


def dump(value: Spoken) -> dict[str, JsonValue]:
    """The value as a JSON object, `type` first."""
    kind: type[object] = type(value)
    spoken: dict[str, JsonValue] = {"type": _tag(kind)}
    for name in _names(kind):
        spoken[name] = _plain(getattr(value, name))
    return spoken


def load(given: JsonObject) -> Spoken:
    """The value of such an object; `ValueError` if it is none."""
    if not isinstance(given, Mapping):
        raise ValueError(f"expected an object, not {type(given).__name__}")
    kind = _kinds().get(str(given.get("type")))
    if kind is None:
        raise ValueError(f"unknown type {given.get('type')!r}")
    return cast("Spoken", _build(kind, given))


_TAGS: dict[type, str] = {}
_NAMES: dict[type, tuple[str, ...]] = {}
_READERS: dict[type, dict[str, _Reader]] = {}


def _tag(kind: type) -> str:
    if kind not in _TAGS:
        _TAGS[kind] = re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()
    return _TAGS[kind]


def _names(kind: type) -> tuple[str, ...]:
    if kind not in _NAMES:
        _NAMES[kind] = tuple(field.name for field in fields(kind))
    return _NAMES[kind]


@cache
def _kinds() -> dict[str, type]:
    members = (*get_args(Item), *get_args(Event), *get_args(Op))
    return {_tag(kind): kind for kind in members}


def _plain(value: object) -> JsonValue:
    if isinstance(value, Enum):
        return str(value.value)
    if is_dataclass(value):
        kind: type[object] = type(value)
        if _tag(kind) in _kinds():
            return dump(cast("Spoken", value))
        return {name: _plain(getattr(value, name)) for name in _names(kind)}
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return cast("JsonValue", value)


def _build(kind: type, given: Mapping[str, object]) -> object:
    known = {
        name: read(given[name])
        for name, read in _readers(kind).items()
        if name in given
    }
    try:
        return kind(**known)
    except TypeError as error:
        raise ValueError(f"not a whole {_tag(kind)}: {error}") from None


def _readers(kind: type) -> dict[str, _Reader]:
    if kind not in _READERS:
        hints = get_type_hints(kind)
        _READERS[kind] = {name: _reader(hints[name]) for name in _names(kind)}
    return _READERS[kind]


def _reader(hint: object) -> _Reader:
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        return _either(get_args(hint))
    if origin is tuple:
        return _several(_reader(get_args(hint)[0]))
    plain = getattr(hint, "__supertype__", hint)
    if isinstance(plain, type) and is_dataclass(plain):
        return _one_of((plain,))
    if isinstance(plain, type):
        return _scalar(plain)
    raise TypeError(f"no reader for {hint}")


def _either(options: tuple[object, ...]) -> _Reader:
    kinds = tuple(one for one in options if is_dataclass(one))
    if kinds:
        return _one_of(cast("tuple[type, ...]", kinds))
    inner = [_reader(one) for one in options if one is not NoneType]

    def read(value: object) -> object:
        return None if value is None else inner[0](value)

    return read


def _one_of(kinds: tuple[type, ...]) -> _Reader:
    by_tag = {_tag(kind): kind for kind in kinds}

    def read(value: object) -> object:
        if not isinstance(value, Mapping):
            raise ValueError(f"expected an object, not {type(value).__name__}")
        kind = by_tag.get(str(value.get("type")), kinds[0] if len(kinds) == 1 else None)
        if kind is None:
            raise ValueError(f"unknown type {value.get('type')!r}")
        return _build(kind, value)

    return read


def _several(inner: _Reader) -> _Reader:
    def read(value: object) -> object:
        if not isinstance(value, list):
            raise ValueError(f"expected a list, not {type(value).__name__}")
        return tuple(inner(one) for one in value)

    return read


def _scalar(kind: type) -> _Reader:
    def read(value: object) -> object:
        if kind is float and isinstance(value, int):
            return float(value)
        if issubclass(kind, Enum):
            return kind(value)
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise ValueError(f"expected {kind.__name__}, not {type(value).__name__}")
        return value

    return read
