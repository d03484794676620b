"""`spark config`: the settings and who made each, the file, and an editor on it."""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from spark_cli.cli.options import ConfigAction, ConfigOptions
from spark_cli.cli.report import Reporter
from spark_cli.config.build import plain
from spark_cli.config.load import Loaded, read, user_file
from spark_cli.config.overlay import Key, Origin, Source, dotted, leaves
from spark_cli.config.paths import paths, private, shown
from spark_cli.config.providers import without_password
from spark_cli.core.errors import ConfigError
from spark_cli.core.printable import printable_line

_STARTER = """\
# Settings of spark.  `spark config show` tells all of them and where each was made.

# model = "gpt-5.3-codex-spark"
# provider = "openai"
# approval = "ask"  # read-only, ask, auto-edit, full-auto
"""


def run_config(options: ConfigOptions) -> int:
    """Do what was asked for; `ConfigError` where the settings cannot be."""
    if options.action is ConfigAction.EDIT:
        return _edit(options)
    if options.action is ConfigAction.PATH:
        file = user_file(os.environ, paths(os.environ))
        sys.stdout.write(f"{printable_line(str(file))}\n")
        return 0
    loaded = options.load(os.environ)
    reporter = Reporter.of(colorless=options.no_color or options.plain)
    for notice in loaded.notices:
        reporter.notice(notice)
    sys.stdout.write(as_json(loaded) if options.json else as_toml(loaded))
    return 0


def as_toml(loaded: Loaded) -> str:
    """Every setting as TOML that can be pasted, with its origin as a comment."""
    lines = [(f"{dotted(key)} = {_toml(value)}", at) for key, value, at in _all(loaded)]
    width = min(64, max(len(text) for text, _ in lines))
    return "".join(
        f"{printable_line(f'{text:<{width}}  # {_place(at)}')}\n" for text, at in lines
    )


def as_json(loaded: Loaded) -> str:
    settings = {
        dotted(key): {"value": value, "origin": at.source.value, "place": _place(at)}
        for key, value, at in _all(loaded)
    }
    files = [str(file) for file in loaded.files]
    return json.dumps({"v": 1, "files": files, "settings": settings}, indent=2) + "\n"


def _all(loaded: Loaded) -> Iterator[tuple[Key, object, Origin]]:
    """Each setting that has a value.

    A header may hold a key, and an address a password: they are not shown.
    """
    inherited = Origin(Source.DEFAULT)
    for key, value in leaves(plain(loaded.settings)):
        hidden = len(key) == 4 and key[0] == "providers" and key[2] == "headers"
        if key[-1] == "base_url" and isinstance(value, str):
            value = without_password(value)  # noqa: PLW2901  the one that is shown
        origin = loaded.origins.get(dotted(key), inherited)
        yield key, "***" if hidden else value, origin


def _place(origin: Origin) -> str:
    return str(origin).replace("`", "")


def _toml(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(_toml(one) for one in value)}]"
    if isinstance(value, Mapping):
        return "{}"
    # For strings, numbers and booleans TOML and JSON agree, once DEL is escaped.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _edit(options: ConfigOptions) -> int:
    """Open the user's file in the editor, then say what is wrong with it."""
    file = user_file(os.environ, paths(os.environ))
    if not file.exists():
        private(file.parent)
        _write_new(file, _STARTER)
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    argv = [*shlex.split(editor), str(file)]
    try:
        # The editor needs our own terminal, which workspace/processes.py gives to none.
        code = os.spawnvp(os.P_WAIT, argv[0], argv)  # noqa: S606  see above
    except OSError:
        code = 127
    if code == 127:
        raise ConfigError(
            f"there is no editor `{editor}`", "set `VISUAL` or `EDITOR` to yours"
        )
    if code:
        return code
    read(file)
    options.load(os.environ)
    sys.stdout.write(f"{shown(file)} is in order\n")
    return 0


def _write_new(file: Path, text: str) -> None:
    with os.fdopen(
        os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w"
    ) as f:
        f.write(text)
