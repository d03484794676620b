"""Where spark keeps its own files: the XDG folders, or one folder named `SPARK_HOME`.

Nothing is ever kept in the user's repository.

Source: XDG Base Directory Specification 0.8 (a relative path is to be ignored).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from spark_cli.core.errors import ConfigError


class Paths(NamedTuple):
    """Folders, absolute; they need not exist.  `private` makes them."""

    config: Path
    state: Path
    cache: Path
    data: Path

    @property
    def config_file(self) -> Path:
        return self.config / "config.toml"

    @property
    def sessions(self) -> Path:
        return self.state / "sessions"

    @property
    def history(self) -> Path:
        return self.state / "history"

    @property
    def logs(self) -> Path:
        return self.state / "logs"


def paths(environ: Mapping[str, str]) -> Paths:
    """The folders of the user whose environment this is."""
    home = environ.get("SPARK_HOME")
    if home:
        root = Path(home).expanduser().absolute()
        return Paths(root, root / "state", root / "cache", root / "data")
    return Paths(
        _xdg(environ, "XDG_CONFIG_HOME", ".config"),
        _xdg(environ, "XDG_STATE_HOME", ".local/state"),
        _xdg(environ, "XDG_CACHE_HOME", ".cache"),
        _xdg(environ, "XDG_DATA_HOME", ".local/share"),
    )


def private(folder: Path) -> Path:
    """Make the folder, readable by its owner alone, and give it back.

    So is every folder above it that has to be made.  Raises `ConfigError` where
    that cannot be.
    """
    missing = [above for above in (folder, *folder.parents) if not above.exists()]
    try:
        for above in reversed(missing):
            above.mkdir(mode=0o700, exist_ok=True)
        if not folder.is_dir():
            raise NotADirectoryError(0, "a file is in its place")
    except OSError as error:
        raise ConfigError(
            f"cannot make the folder `{shown(folder)}`: {error.strerror}",
            "name another with `SPARK_HOME`",
        ) from error
    return folder


def shown(path: Path) -> str:
    """The path as a user writes it: `~` for the home folder."""
    try:
        return f"~/{path.relative_to(Path.home()).as_posix()}"
    except (ValueError, RuntimeError):
        return str(path)


def _xdg(environ: Mapping[str, str], variable: str, default: str) -> Path:
    given = environ.get(variable)
    if given and Path(given).is_absolute():
        return Path(given) / "spark"
    home = environ.get("HOME")
    try:
        return (Path(home) if home else Path.home()) / default / "spark"
    except RuntimeError:
        raise ConfigError(
            "cannot tell where the home folder is", "set `HOME` or `SPARK_HOME`"
        ) from None
