"""The layers of settings, each from its own place, and what each may set.

The project's file may come from a stranger: it can set only what is marked so in
`config.settings`, and only lower what bounds the agent.  The rest of it is ignored,
and said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from spark_cli.config.check import checked, did_you_mean, slot
from spark_cli.config.overlay import Entry, Key, Layer, Origin, Source, dotted, leaves
from spark_cli.config.paths import shown
from spark_cli.core.effects import Approval
from spark_cli.core.errors import ConfigError
from spark_cli.core.events import Level, Notice

_VARIABLES: Mapping[str, Key] = {
    "SPARK_MODEL": ("model",),
    "SPARK_PROVIDER": ("provider",),
    "SPARK_APPROVAL": ("approval",),
    "OPENAI_BASE_URL": ("providers", "openai", "base_url"),
}


@dataclass(frozen=True, slots=True)
class Given:
    """A setting that a flag made."""

    key: Key
    value: object
    flag: str


@dataclass(frozen=True, slots=True)
class Document:
    """A file's tables, and the line on which each key first stands, from 1."""

    file: Path
    tables: Mapping[str, object]
    lines: Mapping[Key, int]

    def entries(
        self, source: Source, tables: Mapping[str, object], above: Key = ()
    ) -> Iterator[tuple[Key, Entry]]:
        """The leaves of `tables`, which stand below `above`, checked."""
        name = above[-1] if above else ""
        for key, value in leaves(tables):
            line = self.lines.get((*above, *key))
            origin = Origin(source, self.file, line, name)
            yield key, checked(key, Entry(value, origin))


def user_layers(document: Document, profile: str | None) -> Iterator[Layer]:
    """The user's own settings, and those of the profile that was asked for."""
    tables = dict(document.tables)
    profiles = tables.pop("profiles", {})
    yield dict(document.entries(Source.USER, tables))
    if not isinstance(profiles, Mapping):
        raise ConfigError(f"`profiles` must be a table, in `{shown(document.file)}`")
    # All of them are checked, so that a mistake is found before it is needed.
    layers = {
        name: dict(document.entries(Source.PROFILE, _table(name, below, document), key))
        for name, below in profiles.items()
        for key in [("profiles", name)]
    }
    if profile is None:
        return
    if profile not in layers:
        raise ConfigError(
            f"there is no profile `{profile}` in `{shown(document.file)}`",
            did_you_mean(profile, layers)
            if layers
            else f"make a table `[profiles.{profile}]` there",
        )
    yield layers[profile]


def _table(name: str, value: object, document: Document) -> Mapping[str, object]:
    if isinstance(value, Mapping):
        return value
    line = document.lines.get(("profiles", name))
    raise ConfigError(
        f"`profiles.{name}` must be a table, in `{shown(document.file)}`, line {line}"
    )


def project_layer(document: Document, below: Layer, notices: list[Notice]) -> Layer:
    """What the project's file may say, given the layers below it.

    A notice is added for each key of it that is ignored.
    """
    tables = dict(document.tables)
    closed: list[Key] = []
    if tables.pop("profiles", None) is not None:
        closed.append(("profiles",))
    layer: dict[Key, Entry] = {}
    for key, entry in document.entries(Source.PROJECT, tables):
        rule = slot(key[:1], entry.origin).metadata.get("project", False)
        if rule == "narrow" and not _narrower(entry, below.get(key)):
            notices.append(_ignored(key, entry.origin, "a project can only lower it"))
        elif not rule:
            closed.append(key)
        else:
            layer[key] = entry
    for key in closed:
        origin = Origin(Source.PROJECT, document.file, document.lines.get(key))
        notices.append(_ignored(key, origin, "a project cannot set it"))
    return layer


def _ignored(key: Key, origin: Origin, why: str) -> Notice:
    return Notice(
        Level.WARNING,
        f"`{dotted(key)}` in {origin} is ignored: {why}",
        "set it in your own file: `spark config edit`",
    )


def _narrower(entry: Entry, below: Entry | None) -> bool:
    new, old = entry.value, below.value if below else None
    if isinstance(new, Approval) and isinstance(old, Approval):
        order = list(Approval)
        return order.index(new) <= order.index(old)
    return isinstance(new, int) and isinstance(old, int) and new <= old


def environment(environ: Mapping[str, str]) -> Layer:
    """What variables say; an empty one says nothing."""
    return {
        key: checked(key, Entry(environ[name], Origin(Source.ENVIRONMENT, name=name)))
        for name, key in _VARIABLES.items()
        if environ.get(name)
    }


def command_line(given: Iterable[Given]) -> Layer:
    """What flags said; of two that say the same, the later one counts."""
    return {
        one.key: checked(
            one.key, Entry(one.value, Origin(Source.COMMAND_LINE, name=one.flag))
        )
        for one in given
    }
