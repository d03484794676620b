"""Which files count: those that are not ignored, as git sees it where there is git.

Everything that looks at many files starts from this one listing, so that what is
listed, what is searched and what is suggested agree.  `.git` is never in it, no link
is followed, and nothing is opened: devices and pipes are left out by what they are.
"""

from __future__ import annotations

import itertools
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from spark_cli.core.errors import SparkError, ToolError
from spark_cli.workspace.repo import Repo
from spark_cli.workspace.root import Root

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

_Rules: TypeAlias = "list[tuple[str, GitIgnoreSpec]]"
"""Patterns, each with the folder that they are about."""

FILES_MAX = 200_000
_REPOS_MAX = 100
_NEVER = frozenset({".git", ".hg", ".svn", ".jj"})
_IGNORE_FILES = (".gitignore", ".ignore")
_IGNORE_BYTES_MAX = 1_000_000


class Found(NamedTuple):
    """A file, named from the root.  A link is told, and never looked through."""

    name: str
    size_bytes: int
    link: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """Files in order of their names.

    `ignored` says that the folder is itself ignored, and was listed because it was
    asked for by name; `stopped` that there are more than `FILES_MAX`.
    """

    files: tuple[Found, ...]
    ignored: bool = False
    stopped: bool = False


def listing(root: Root, folder: Path) -> Listing:
    """The files at or below `folder`, a resolved path inside the root.

    Plain code that runs git and looks at every file: call it in a thread.
    Raises `ToolError` for what is inside `.git` and its like.
    """
    if not _shown(root.name(folder).lower()):
        raise ToolError(f"`{root.name(folder)}` is version control's own")
    if not folder.is_dir():
        return Listing(tuple(_regular([(root.name(folder), _status(str(folder)))])))
    prefix = "" if folder == root.path else root.name(folder) + "/"
    repo = _repo(folder)
    found = None if repo is None else _from_git(repo, folder, prefix)
    ignored = False
    if repo is None or found is None:
        outer = _outer_rules(root, prefix)
        ignored = outer is None
        found = _first(_walk(folder, prefix, outer or []))
    elif not found and folder != repo.top:
        found = _first(_walk(folder, prefix, []))
        ignored = bool(found)
    stopped = len(found) > FILES_MAX
    return Listing(tuple(sorted(found[:FILES_MAX])), ignored, stopped)


def names(root: Root) -> list[str]:
    """The same names, without a look at each file: for who wants them often.

    So one that was deleted a moment ago, or a submodule's folder, may be among them.
    """
    repo = _repo(root.path)
    if repo is not None:
        try:
            every = dict.fromkeys(repo.names(root.path))
            return [name for name in every if _shown(name)]
        except SparkError:
            pass
    return [found.name for found in listing(root, root.path).files]


def _first(found: Iterable[Found]) -> list[Found]:
    return list(itertools.islice(found, FILES_MAX + 1))


def _status(path: str) -> os.stat_result | None:
    """`None` for a file that is tracked and deleted, or was, a moment ago."""
    try:
        return os.lstat(path)  # a `Path` each would cost more than the look itself
    except OSError:
        return None


def _regular(entries: Iterable[tuple[str, os.stat_result | None]]) -> Iterator[Found]:
    for name, status in entries:
        if status is not None:
            link = stat.S_ISLNK(status.st_mode)
            if link or stat.S_ISREG(status.st_mode):
                yield Found(name, status.st_size, link)


def _from_git(repo: Repo, folder: Path, prefix: str) -> list[Found] | None:
    """What git lists, with submodules and nested repositories; `None` if it cannot."""
    found: list[Found] = []
    pending = [(repo, folder, prefix)]
    for _ in range(_REPOS_MAX):
        if not pending:
            break
        repo, folder, prefix = pending.pop()
        try:
            names = repo.files(folder)
        except SparkError:
            if found:
                continue
            return None
        looked = [(name, _status(f"{folder}/{name}")) for name in names if _shown(name)]
        found += _regular((prefix + name, status) for name, status in looked)
        for name, status in looked:
            if status is not None and stat.S_ISDIR(status.st_mode):
                below = folder / name
                inner = _repo(below)
                if inner is not None and inner.top == below:
                    pending.append((inner, below, f"{prefix}{name.rstrip('/')}/"))
    return found


def _repo(folder: Path) -> Repo | None:
    """`None` also for one that git cannot look at: its files are there all the same."""
    try:
        return Repo.find(folder)
    except SparkError:
        return None


def _shown(name: str) -> bool:
    return _NEVER.isdisjoint(name.split("/"))


def _outer_rules(root: Root, prefix: str) -> _Rules | None:
    """What the folders above `prefix` say; `None` where they ignore it."""
    rules: _Rules = []
    folder, above = root.path, ""
    for part in prefix.split("/")[:-1]:
        rules += _rules(folder, above)
        if _is_ignored(above + part, rules, is_folder=True):
            return None
        folder, above = folder / part, f"{above}{part}/"
    return rules


def _walk(folder: Path, prefix: str, rules: _Rules) -> Iterator[Found]:
    """The tree without a repository, by the ignore files that it has anyway."""
    pending = [(folder, prefix, rules)]
    while pending:
        folder, prefix, rules = pending.pop()
        try:
            entries = list(os.scandir(folder))
        except OSError:
            continue
        rules = rules + _rules(folder, prefix)
        files = []
        for entry in entries:
            is_folder = entry.is_dir(follow_symlinks=False)
            name = prefix + entry.name
            if entry.name in _NEVER or _is_ignored(name, rules, is_folder=is_folder):
                continue
            if is_folder:
                pending.append((folder / entry.name, name + "/", rules))
            else:
                files.append((name, _status(entry.path)))
        yield from _regular(files)


def _rules(folder: Path, prefix: str) -> _Rules:
    rules = []
    for name in _IGNORE_FILES:
        # A link or a pipe of that name is not a list of patterns.
        status = _status(f"{folder}/{name}")
        if status is None or not stat.S_ISREG(status.st_mode):
            continue
        try:
            with (folder / name).open("rb") as file:
                text = file.read(_IGNORE_BYTES_MAX).decode("utf-8", "replace")
        except OSError:
            continue
        rules.append((prefix, _spec(text.split("\n"))))
    return rules


def _spec(lines: list[str]) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec

    try:
        return GitIgnoreSpec.from_lines(lines)
    except ValueError:
        # Git passes over a line that it cannot read, such as a lone `!`.
        return GitIgnoreSpec.from_lines([line for line in lines if _is_pattern(line)])


def _is_pattern(line: str) -> bool:
    from pathspec import GitIgnoreSpec

    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True


def _is_ignored(name: str, rules: _Rules, *, is_folder: bool) -> bool:
    """The innermost file that says anything decides (gitignore(5))."""
    for prefix, spec in reversed(rules):
        answer = spec.check_file(name[len(prefix) :] + "/" * is_folder).include
        if answer is not None:
            return answer
    return False
