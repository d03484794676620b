"""One layer of checked entries made into `Settings`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import TypeVar, get_args, get_origin

from spark_cli.config import models, providers
from spark_cli.config.check import hints, nearest
from spark_cli.config.overlay import Entry, Key, Layer, Origin, Source, dotted, leaves
from spark_cli.config.settings import ModelTraits, Provider, Settings
from spark_cli.core.errors import ConfigError

Value = TypeVar("Value")

DEFAULTS = Settings(providers=providers.BUILT_IN)


def built(layer: Layer) -> Settings:
    """The defaults with the layer over them.

    Raises `ConfigError` for settings that do not fit each other: a provider that
    nobody described, or one without an address.
    """
    tree: dict[str, object] = {}
    for key, entry in layer.items():
        _plant(tree, key, entry.value)
    settings = _filled(DEFAULTS, tree)
    _check_provider(settings, layer)
    return settings


def defaults() -> dict[Key, Entry]:
    """Every setting that has a default, as the weakest layer."""
    origin = Origin(Source.DEFAULT)
    return {key: Entry(value, origin) for key, value in leaves(plain(DEFAULTS))}


def plain(value: object) -> dict[str, object]:
    """Settings as nested tables; what is empty or `None` is left out, as in TOML."""
    return {
        name: _tables(part)
        for name, part in _parts(value).items()
        if part is not None and part not in ({}, "", ())
    }


def _tables(value: object) -> object:
    if isinstance(value, Mapping) or is_dataclass(value):
        return plain(value)
    return value


def _parts(value: object) -> Mapping[str, object]:
    if isinstance(value, Mapping):
        return value
    if is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    raise TypeError(f"{type(value).__name__} is no table")


def _plant(tree: dict[str, object], key: Key, value: object) -> None:
    *above, last = key
    for name in above:
        below = tree.setdefault(name, {})
        if not isinstance(below, dict):
            raise TypeError(f"`{dotted(key)}` was not checked")
        tree = below
    if value == {}:
        tree.setdefault(last, {})
    else:
        tree[last] = value


def _filled(base: Value, tree: Mapping[str, object]) -> Value:
    """The dataclass instance with what the tree says in place of its own."""
    types = hints(type(base))
    changes = {
        name: _merged(types[name], getattr(base, name), below)
        for name, below in tree.items()
    }
    return type(base)(**{**_parts(base), **changes})


def _merged(hint: object, base: object, below: object) -> object:
    if is_dataclass(base) and isinstance(below, Mapping):
        return _filled(base, below)
    if get_origin(hint) is Mapping and isinstance(below, Mapping):
        kind = get_args(hint)[1]
        merged = dict(_parts(base))
        for name, value in below.items():
            merged[name] = _merged(kind, merged.get(name) or _new(kind, name), value)
        return merged
    return below


def _new(kind: object, name: str) -> object:
    """What a table that did not exist starts from: a known model's own traits."""
    if kind is ModelTraits:
        return models.traits(name, {})
    return Provider() if kind is Provider else None


def _check_provider(settings: Settings, layer: Layer) -> None:
    origin = layer[("provider",)].origin if ("provider",) in layer else ""
    if settings.provider not in settings.providers:
        meant = nearest(settings.provider, settings.providers)
        known = ", ".join(f"`{name}`" for name in settings.providers)
        raise ConfigError(
            f"there is no provider `{settings.provider}`, which {origin} names; "
            f"there are {known}",
            f"did you mean `{meant}`?"
            if meant
            else "describe it in a table `[providers.NAME]` of `spark config edit`",
        )
    for name, provider in settings.providers.items():
        if not provider.base_url and name != providers.DEMO:
            raise ConfigError(
                f"the provider `{name}` has no address",
                f"set `base_url` in the table `[providers.{name}]`",
            )
