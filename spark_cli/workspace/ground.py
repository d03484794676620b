"""Where spark stands: the repository around a folder, and the root in it."""

from __future__ import annotations

from pathlib import Path

from spark_cli.workspace.repo import Repo
from spark_cli.workspace.root import Root


def stand(folder: Path) -> tuple[Root, Repo | None]:
    """The root for a folder that is absolute and resolved, and its repository.

    It is the repository's top; but a home folder that is a repository is too much.
    """
    repo = Repo.find(folder)
    if repo is None or repo.top == Path.home().resolve():
        return Root(folder), repo
    return Root(repo.top), repo
