"""Where settings come from: files, the environment and the command line, in layers.

From the weakest to the strongest: defaults, the user's file, a profile in it, the
project's file, the environment, the command line.

TOML comes in here and nowhere else.  tomli tells values but no lines, so a second
reading finds them: a statement is the shortest run of whole lines that is TOML by
itself, and each key in it stands where the statement begins.
"""

from __future__ import annotations

import collections
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from spark_cli.config.build import built, defaults
from spark_cli.config.layers import (
    Document,
    Given,
    command_line,
    environment,
    project_layer,
    user_layers,
)
from spark_cli.config.overlay import Entry, Key, Origin, Source, dotted, leaves, over
from spark_cli.config.paths import Paths, paths, shown
from spark_cli.config.settings import Settings
from spark_cli.core.errors import ConfigError, UsageError
from spark_cli.core.events import Notice

FILE_BYTES_MAX = 256 * 1024
_STATEMENT_LINES_MAX = 200
_AGAIN_CHARS_MAX = 500_000
"""A statement is read again for each of its lines: in a file with very long ones, what
follows stays unplaced (a tenth of a second is spent until then)."""
_SHOWN_MAX = 100
_TOP: Key = ()


@dataclass(frozen=True, slots=True)
class Loaded:
    """`origins` has an entry for each setting that has a value, by its dotted key.

    `files` are those that were read.
    """

    settings: Settings
    origins: Mapping[str, Origin]
    notices: tuple[Notice, ...]
    paths: Paths
    files: tuple[Path, ...]


def load(
    environ: Mapping[str, str],
    cwd: Path,
    *,
    profile: str | None = None,
    given: Iterable[Given] = (),
    sets: Iterable[str] = (),
) -> Loaded:
    """The settings of a session that starts in `cwd`, an absolute path.

    `sets` are `KEY=VALUE` as typed after `--set`.  Raises `ConfigError` for what
    cannot be, and `UsageError` for a `sets` that is no pair.
    """
    places = paths(environ)
    file = user_file(environ, places)
    documents = [read(file)] if file.exists() else []
    table = documents[0] if documents else Document(file, {}, {})
    own = over(defaults(), *user_layers(table, profile))
    notices: list[Notice] = []
    for path in _project_files(cwd, file):
        documents.append(read(path))
        own = over(own, project_layer(documents[-1], own, notices))
    typed = [*(pair for text in sets for pair in _pairs(text)), *given]
    layer = over(own, environment(environ), command_line(typed))
    layer |= _model_of_provider(layer)
    return Loaded(
        built(layer),
        {dotted(key): entry.origin for key, entry in layer.items()},
        tuple(notices),
        places,
        tuple(document.file for document in documents),
    )


def user_file(environ: Mapping[str, str], places: Paths) -> Path:
    """The user's own file, which need not exist unless `SPARK_CONFIG` names it."""
    named = environ.get("SPARK_CONFIG")
    if not named:
        return places.config_file
    file = Path(named).expanduser().absolute()
    if not file.exists():
        raise ConfigError(
            f"there is no file `{shown(file)}`, which `SPARK_CONFIG` names",
            "unset `SPARK_CONFIG`, or make the file",
        )
    return file


def read(file: Path) -> Document:
    """A TOML file; raises `ConfigError` with the line of what is wrong."""
    import tomli  # most runs have no file to read

    text = _text(file)
    try:
        tables = tomli.loads(text)
        collections.deque(leaves(tables), maxlen=0)  # are they nested too deeply?
        return Document(file, tables, lines_of(text))
    except (ValueError, RecursionError) as error:
        raise ConfigError(_syntax(error, file), "see https://toml.io") from None


def _text(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            data = stream.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        raise ConfigError(f"cannot read `{shown(file)}`: {error.strerror}") from error
    if len(data) > FILE_BYTES_MAX:
        raise ConfigError(f"`{shown(file)}` is larger than {FILE_BYTES_MAX} bytes")
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"`{shown(file)}` is not UTF-8 text, line {line}") from None


def lines_of(text: str) -> dict[Key, int]:
    """The line of each key of a text that is known to be TOML.

    No line inside a string or a bracket ends a statement, so whole lines that parse
    by themselves are one; inside it they do not.
    """
    import tomli

    found: dict[Key, int] = {}
    table = _TOP
    start, size, left = 0, 1, _AGAIN_CHARS_MAX
    lines = text.split("\n")
    while start < len(lines) and size <= _STATEMENT_LINES_MAX and left > 0:
        statement = "\n".join(lines[start : start + size])
        try:
            keys = list(_keys(tomli.loads(statement)))
        except tomli.TOMLDecodeError:
            size += 1
            left -= len(statement)
            continue
        above = table
        if statement.lstrip().startswith("["):
            table, above = max(keys, key=len), _TOP
        for key in keys:
            found.setdefault((*above, *key), start + 1)
        start, size = start + size, 1
    return found


def _keys(tables: Mapping[str, object], above: Key = ()) -> Iterator[Key]:
    """Every key of nested tables, those in the middle too."""
    for name, value in tables.items():
        yield (*above, name)
        inner = value[0] if isinstance(value, list) and value else value
        if isinstance(inner, Mapping):
            yield from _keys(inner, (*above, name))


def _syntax(error: Exception, file: Path) -> str:
    """The parser puts the place at the end of its message, and says it in words."""
    what, _, place = str(error).partition(" (at ")
    line = re.search(r"line (\d+)", place)
    where = f"line {line[1]}" if line else "at its end"
    if isinstance(error, RecursionError):
        what, where = "nested too deeply", "somewhere"
    elif not place:  # Python's own complaint, about more than 4,300 digits
        what, where = "a number is too long", "somewhere"
    return f"`{shown(file)}` is not TOML, {where}: {what[:1].lower()}{what[1:]}"


def _pairs(text: str) -> Sequence[Given]:
    """What `--set KEY=VALUE` says; a value that is not TOML is taken as a string."""
    key, equals, value = text.partition("=")
    try:
        path = _path(key) if equals else None
        found = {} if path is None else _value(value)
        if path is None or len(found) != 1:
            raise UsageError(
                f"`--set {_cut(text)}` is not a pair",
                "write `--set KEY=VALUE`, both as in TOML, once for each setting",
            )
        return [
            Given((*path, *below), one, "--set") for (_, *below), one in leaves(found)
        ]
    except RecursionError:
        raise UsageError(f"`--set {_cut(text)}` is nested too deeply") from None


def _value(text: str) -> Mapping[str, object]:
    """A table with the value, and with whatever else its lines may have said."""
    import tomli

    try:
        return tomli.loads(f"value = {text}")
    except (ValueError, RecursionError):
        return {} if "\n" in text else {"value": text.strip()}


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN_MAX else f"{text[:_SHOWN_MAX]}..."


def _path(key: str) -> Key | None:
    """A dotted key as TOML reads it, `None` where it is none."""
    import tomli

    if "\n" in key:
        return None
    try:
        [(path, _)] = leaves(tomli.loads(f"{key} = 0"))
    except ValueError:
        return None
    return path


def _model_of_provider(layer: Mapping[Key, Entry]) -> Mapping[Key, Entry]:
    """The model that a provider brings, where nobody named one."""
    key = ("model",)
    if layer[key].origin.source is not Source.DEFAULT:
        return {}
    brought = layer.get(("providers", str(layer[("provider",)].value), "model"))
    return {} if brought is None else {key: brought}


def _project_files(cwd: Path, user: Path) -> list[Path]:
    """The files at the repository's root and in the working folder, the latter last.

    Only regular files are read: a stranger's named pipe would never end.
    """
    root = next((d for d in (cwd, *cwd.parents) if (d / ".git").exists()), cwd)
    folders = dict.fromkeys((root, cwd))
    files = (folder / ".spark" / "config.toml" for folder in folders)
    return [file for file in files if file.is_file() and not _same(file, user)]


def _same(one: Path, other: Path) -> bool:
    return other.exists() and one.samefile(other)
