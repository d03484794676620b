"""The only door to git: a repository, found without running anything.

A repository is other people's data, and its config can name programs: hooks,
pagers, filters, diff drivers, a file system monitor.  Every command that passes
here runs with all of them switched off, without a prompt, a network or a lock that
the user would wait for, and on exactly the repository that was found: nothing of
`GIT_DIR` and its kin is inherited from the environment.

GitPython takes 70 ms to import, so it is imported with the first command that needs
it; plumbing that is on the way of every undo and every shell command runs without it.
Finding the repository and naming the branch need no command.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Collection, Mapping
from functools import cached_property
from pathlib import Path

from spark_cli.core.errors import SparkError

_SETTINGS = {
    "core.alternateRefsCommand": "",
    "core.askPass": "",
    "core.attributesFile": os.devnull,
    "core.fsmonitor": "",
    "core.hooksPath": os.devnull,
    "core.logAllRefUpdates": "false",
    "core.quotePath": "false",
    "color.ui": "false",
    "diff.ignoreSubmodules": "all",
    "diff.mnemonicPrefix": "false",
    "diff.noprefix": "false",
    "gc.auto": "0",
    "log.showSignature": "false",
    "maintenance.auto": "false",
    "protocol.allow": "never",
    "submodule.recurse": "false",
}
"""Overrides of any config file; an empty value means none to each of these."""

_NO_DRIVERS = frozenset({"cat-file", "check-attr", "config", "for-each-ref"}) | {
    "hash-object",
    "ls-files",
    "ls-tree",
    "mktree",
    "rev-parse",
    "symbolic-ref",
    "update-ref",
}
"""Plumbing that never looks at attributes, so that no driver has to be disarmed."""

_DIRECT = frozenset({"cat-file", "check-attr", "config", "diff-files"}) | {
    "for-each-ref",
    "hash-object",
    "ls-files",
    "mktree",
    "rev-parse",
    "update-index",
    "update-ref",
}
"""Plumbing that is run often, and is spared the import of GitPython."""

TIMEOUT_S = 10.0
"""Git waits for ever for a pipe that stands where it expects a file."""

_READ_FIRST = (
    ("HEAD", "commondir", "index"),
    (
        "config",
        "info/attributes",
        "info/exclude",
        "objects/info/alternates",
        "packed-refs",
        "shallow",
    ),
)
"""What git opens before anything else, in the git dir and in the common one."""

_POINTER_BYTES = 4_096
_DIRECT_BYTES = 1 << 31

_DIFFS = frozenset({"diff", "diff-files", "diff-index", "diff-tree", "log", "show"})

_DRIVER = (
    r"^(filter\..*\.(clean|smudge|process|required)|diff\..*\.(command|textconv))$"
)


class Repo:
    """`top` is the folder with the files; `git_dir` is this worktree's own.

    `common_dir` is where objects and branches are, the same as `git_dir` but in a
    linked worktree.
    """

    def __init__(self, top: Path, git_dir: Path, common_dir: Path) -> None:
        self.top = top
        self.git_dir = git_dir
        self.common_dir = common_dir

    @classmethod
    def find(cls, path: Path) -> Repo | None:
        """The innermost repository whose files include `path`.

        `SparkError` for one with a pipe among its files, at which git would hang.
        """
        ceilings = _ceilings()
        here = path.resolve()
        for folder in (here, *here.parents):
            if folder != here and folder in ceilings:
                return None
            git_dir = _git_dir(folder / ".git")
            if git_dir is not None:
                found = cls(folder, git_dir, _common_dir(git_dir))
                found._refuse_pipes()
                return found
        return None

    def git(
        self,
        *arguments: str,
        data: bytes | None = None,
        env: Mapping[str, str] | None = None,
        ok: Collection[int] = (0,),
        folder: Path | None = None,
    ) -> bytes:
        """What git prints, as bytes; `SparkError` for a status that is not in `ok`.

        `data` is its standard input; `folder` is where it runs, `top` by default.
        """
        self._refuse_pipes()
        settings = dict(_SETTINGS)
        name = arguments[0]
        if name not in _NO_DRIVERS or "--filters" in arguments:
            settings |= self._drivers
        if name in _DIFFS:
            arguments = (name, "--no-ext-diff", "--no-textconv", *arguments[1:])
        environment = self._environment(settings) | dict(env or {})
        execute = _execute_directly if name in _DIRECT else _execute
        status, output, complaint = execute(
            folder or self.top, arguments, environment, data
        )
        if status not in ok:
            first = complaint.strip().splitlines()[:1] or [f"status {status}"]
            raise SparkError(f"`git {name}` failed in `{self.top}`: {first[0]}")
        return output

    def files(self, folder: Path | None = None) -> list[str]:
        """Tracked and untracked files that are not ignored, named from `folder`.

        A tracked file that was deleted is still listed, and so is a submodule's folder.
        """
        return sorted(set(self.names(folder)))

    def names(self, folder: Path | None = None) -> list[str]:
        """The same in git's own order, where a name in conflict is there twice.

        Sorting 100,000 names would keep every other thread waiting for 0.1 s.
        """
        told = self.git("ls-files", "-co", "--exclude-standard", "-z", folder=folder)
        return os.fsdecode(told).split("\0")[:-1]

    def branch(self) -> str | None:
        """The branch that is checked out, also before its first commit."""
        try:
            head = _pointer(self.git_dir / "HEAD").decode("utf-8", "replace").strip()
        except OSError:
            return None
        if head == "ref: refs/heads/.invalid":  # the reftable format keeps it elsewhere
            answer = self.git("symbolic-ref", "-q", "HEAD", ok=(0, 1))
            head = "ref: " + answer.decode("utf-8", "replace").strip()
        return head.partition("ref: refs/heads/")[2] or None

    def _refuse_pipes(self) -> None:
        for folder, names in zip(
            (self.git_dir, self.common_dir), _READ_FIRST, strict=True
        ):
            for name in names:
                if _is_endless(f"{folder}/{name}"):
                    raise SparkError(
                        f"`{folder / name}` is a pipe or a device, not a file: "
                        "git would wait for it for ever",
                        "remove it, or work in another folder with `--cd`",
                    )

    def _environment(self, settings: Mapping[str, str]) -> dict[str, str]:
        pairs = {}
        for number, (key, value) in enumerate(settings.items()):
            pairs[f"GIT_CONFIG_KEY_{number}"] = key
            pairs[f"GIT_CONFIG_VALUE_{number}"] = value
        return pairs | {
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": "",
            "GIT_ASKPASS": "",
            "GIT_COMMON_DIR": str(self.common_dir),
            "GIT_CONFIG_COUNT": str(len(settings)),
            "GIT_CONFIG_PARAMETERS": "",
            "GIT_DIR": str(self.git_dir),
            "GIT_EXTERNAL_DIFF": "",
            "GIT_INDEX_FILE": str(self.git_dir / "index"),
            "GIT_LITERAL_PATHSPECS": "1",
            "GIT_NAMESPACE": "",
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_OBJECT_DIRECTORY": str(self.common_dir / "objects"),
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_PAGER": "cat",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_WORK_TREE": str(self.top),
        }

    @cached_property
    def _drivers(self) -> dict[str, str]:
        """Settings that disarm every filter and diff driver that is configured.

        Attributes in the tree choose among drivers by name, and there is no switch
        that turns all of them off, so those that exist are asked for, once.
        """
        listing = self.git(
            "config", "--name-only", "-z", "--get-regexp", _DRIVER, ok=(0, 1)
        )
        disarmed = {"core.pager": "cat"}
        for name in listing.decode("utf-8", "surrogateescape").split("\0"):
            if name:
                disarmed[name] = "false" if name.endswith(".required") else ""
        return disarmed


def _execute(
    folder: Path, arguments: tuple[str, ...], env: Mapping[str, str], data: bytes | None
) -> tuple[int, bytes, str]:
    import tempfile

    try:
        import git
    except ImportError as error:
        raise SparkError(
            "git cannot be run", "install git, or put it on your PATH"
        ) from error
    door = git.cmd.Git(str(folder))
    # A file, not a pipe: it cannot fill up while git is still writing.
    with tempfile.TemporaryFile() as istream:
        istream.write(data or b"")
        istream.seek(0)
        status, output, complaint = door.execute(
            [door.GIT_PYTHON_GIT_EXECUTABLE or "git", "--no-pager", *arguments],
            istream=istream,
            with_extended_output=True,
            with_exceptions=False,
            stdout_as_string=False,
            strip_newline_in_stdout=False,
            env=env,
            kill_after_timeout=TIMEOUT_S,
        )
    if status < 0 and "Timeout" in complaint:
        raise _too_slow(arguments[0], folder)
    return status, output, complaint


def _execute_directly(
    folder: Path, arguments: tuple[str, ...], env: Mapping[str, str], data: bytes | None
) -> tuple[int, bytes, str]:
    from spark_cli.workspace.processes import Bounds, capture

    program = os.environ.get("GIT_PYTHON_GIT_EXECUTABLE") or "git"
    done = capture(
        [program, "--no-pager", *arguments],
        Bounds(TIMEOUT_S, _DIRECT_BYTES),
        cwd=folder,
        env={**os.environ, "LANGUAGE": "C", "LC_ALL": "C", **env},
        data=data or b"",
    )
    if done.timed_out or done.full:
        raise _too_slow(arguments[0], folder)
    return done.code, done.out, done.err.decode("utf-8", "replace")


def _too_slow(name: str, folder: Path) -> SparkError:
    return SparkError(
        f"`git {name}` was ended after {TIMEOUT_S:g} s in `{folder}`",
        "look for a pipe where git expects a file, such as a `.gitignore`",
    )


def _is_endless(path: str) -> bool:
    """Whether to read it may never end; what a link leads to is what counts."""
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116  before every command: no `Path`
        is_kept = stat.S_ISREG(mode) or stat.S_ISDIR(mode)
        return not is_kept and not Path(path).samefile(os.devnull)
    except OSError:
        return False


def _pointer(path: Path) -> bytes:
    """A small file of git's own; `OSError` for what is no file."""
    if not path.is_file():
        raise FileNotFoundError(path)
    with path.open("rb") as file:
        return file.read(_POINTER_BYTES)


def _ceilings() -> frozenset[Path]:
    listed = os.environ.get("GIT_CEILING_DIRECTORIES", "").split(os.pathsep)
    return frozenset(Path(entry) for entry in listed if entry)


def _git_dir(entry: Path) -> Path | None:
    """What `.git` stands for: itself, or the folder that a `.git` file points to."""
    if entry.is_file():
        try:
            pointer = _pointer(entry)
        except OSError:
            return None
        target = re.fullmatch(rb"gitdir: ([^\n\0]+)\n*", pointer)
        if target is None:
            return None
        entry = (entry.parent / os.fsdecode(target[1])).resolve()
    if (entry / "HEAD").is_file() or (entry / "HEAD").is_symlink():
        common = _common_dir(entry)
        if (common / "objects").is_dir() and (common / "refs").is_dir():
            return entry
    return None


def _common_dir(git_dir: Path) -> Path:
    try:
        shared = os.fsdecode(_pointer(git_dir / "commondir")).strip()
        return (git_dir / shared).resolve()
    except (OSError, ValueError):  # a NUL is in no path
        return git_dir
