"""Patches that are out to do harm, or meet a tree that is: each is a row.

Each is applied for real, with a journal and a checkpoint, in a folder with neighbours.
What is refused must leave everything as it was, inside and outside; what is applied
must change what it says and no more.
"""

from __future__ import annotations

import os
import shutil
import socket
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeAlias

import pytest

from spark_cli.cli.apply import apply
from spark_cli.config.paths import paths
from spark_cli.core.errors import NothingToChange, PatchRefused, SparkError
from spark_cli.core.ids import SessionId
from spark_cli.workspace.checkpoints import Checkpoints
from spark_cli.workspace.ground import stand

pytestmark = pytest.mark.timeout(20)

Setup: TypeAlias = "Callable[[Path], object]"


class Entry(NamedTuple):
    """What there is under a name: what kind of thing, and what it holds."""

    mode: int
    held: bytes


@pytest.fixture
def top(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with the files `a` and `b`, and a neighbour that is none of ours."""
    monkeypatch.setenv("SPARK_HOME", str(tmp_path / "home"))
    tmp_path = tmp_path.resolve()
    top = tmp_path / "tree"
    (top / "sub").mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/a").write_bytes(b"one\n")
    for name in ("a", "b", "sub/a"):
        (top / name).write_bytes(b"one\n")
    subprocess.run(["git", "init", "-q", top], check=True)
    return top


def standing(top: Path) -> dict[str, Entry]:
    """All that is there, but for what spark keeps of its own."""
    found = {}
    for path in sorted(top.parent.rglob("*")):
        name = path.relative_to(top.parent).as_posix()
        own = name.startswith("home") or "/refs/spark" in name or "/objects/" in name
        if own:
            continue
        mode = path.lstat().st_mode
        held = path.read_bytes() if stat.S_ISREG(mode) else b""
        held = os.fsencode(path.readlink()) if stat.S_ISLNK(mode) else held
        found[name] = Entry(mode, held)
    return found


def nothing(top: Path) -> None:
    """The tree as it is."""


def linked(name: str, target: str) -> Setup:
    return lambda top: (top / name).symlink_to(target)


def swapped_for(name: str, make: Setup) -> Setup:
    def swap(top: Path) -> None:
        (top / name).unlink()
        make(top / name)

    return swap


def git(*argv: object) -> None:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    allow = ("-c", "protocol.file.allow=always")
    words = [str(word) for word in ("git", *who, *allow, *argv)]
    subprocess.run(words, check=True, capture_output=True)


def made(name: str, text: str = "one\n") -> Setup:
    def make(top: Path) -> None:
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text(text)

    return make


def update(name: str, to: str = "") -> str:
    move = f"*** Move to: {to}\n" if to else ""
    return f"*** Update File: {name}\n{move}@@\n-one\n+two\n"


def move(name: str, to: str) -> str:
    return f"*** Update File: {name}\n*** Move to: {to}\n"


def add(name: str, line: str = "two") -> str:
    return f"*** Add File: {name}\n+{line}\n"


def delete(name: str) -> str:
    return f"*** Delete File: {name}\n"


def patch(*sections: str) -> str:
    return f"*** Begin Patch\n{''.join(sections)}*** End Patch\n"


def diff(name: str) -> str:
    return f"--- {name}\n+++ {name}\n@@ -1 +1 @@\n-one\n+two\n"


def sock(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(os.path.relpath(path))


def device(path: Path) -> None:
    try:
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 3))
    except PermissionError:
        pytest.skip("only root can make a device")


def worktree(top: Path) -> None:
    git("-C", top, "add", "a")
    git("-C", top, "commit", "-qm", "a")
    git("-C", top, "worktree", "add", "-q", top / "linked", "-b", "other")


def submodule(top: Path) -> None:
    inner = top.parent / "inner"
    git("init", "-q", inner)
    made("a")(inner)
    git("-C", inner, "add", "a")
    git("-C", inner, "commit", "-qm", "a")
    git("-C", top, "submodule", "add", "-q", inner, "module")


def nested(top: Path) -> None:
    made("nested/a")(top)
    git("init", "-q", top / "nested")


def apart(top: Path) -> None:
    git("init", "-q", f"--separate-git-dir={top / 'apart'}", top / "nested")
    made("nested/a")(top)


ESCAPES: dict[str, tuple[Setup, str]] = {
    "a name leads up": (nothing, update("../outside/a")),
    "a name leads up from below": (nothing, update("sub/../../outside/a")),
    "a name leads up through a folder that is new": (nothing, add("new/../../x")),
    "a name leads up and comes back": (nothing, update("../tree/a")),
    "a file is added above": (nothing, add("../x")),
    "a file is deleted above": (nothing, delete("../outside/a")),
    "a file is moved up": (nothing, move("a", "../x")),
    "a file is moved in from above": (nothing, move("../outside/a", "x")),
    "a name is absolute": (nothing, update("{top.parent}/outside/a")),
    "a name is absolute and leads up": (nothing, update("{top}/../outside/a")),
    "a name is of a home": (nothing, add("~/x")),
    "a name has a drive": (nothing, add("C:\\x")),
    "a name leads up by backslashes": (nothing, add("..\\x")),
    "a file is a link to outside": (linked("l", "../outside/a"), update("l")),
    "a link to outside is added over": (linked("l", "../outside/a"), add("l")),
    "a link to outside is deleted": (linked("l", "../outside/a"), delete("l")),
    "a link to outside is moved": (linked("l", "../outside/a"), move("l", "x")),
    "a file is a link to inside": (linked("l", "a"), update("l")),
    "a link leads nowhere": (linked("l", "../outside/new"), add("l")),
    "a link leads to itself": (linked("l", "l"), add("l")),
    "a link leads to a link to outside": (
        lambda top: (linked("k", "../outside/a")(top), linked("l", "k")(top)),
        update("l"),
    ),
    "a folder is a link to outside": (linked("l", "../outside"), update("l/a")),
    "a file is added in a link to outside": (linked("l", "../outside"), add("l/x")),
    "a folder is a link to inside": (linked("l", "sub"), update("l/a")),
    "a folder of a folder is a link": (linked("l", ".."), add("l/outside/n/x")),
    "a file is moved onto a link": (linked("l", "../outside/a"), move("a", "l")),
    "a file is moved into a link": (linked("l", "../outside"), move("a", "l/x")),
    "a file is moved onto a link that leads nowhere": (
        linked("l", "../outside/new"),
        move("a", "l"),
    ),
}

GITS: dict[str, tuple[Setup, str]] = {
    "git's config is changed": (nothing, add(".git/config")),
    "a hook is added": (nothing, add(".git/hooks/pre-commit")),
    "git's HEAD is deleted": (nothing, delete(".git/HEAD")),
    "git's HEAD is moved away": (nothing, move(".git/HEAD", "x")),
    "a file is moved into git's hooks": (nothing, move("a", ".git/hooks/post-merge")),
    "git's folder is named with dots": (nothing, add("./.git/./x")),
    "git's folder is named absolutely": (nothing, add("{top}/.git/x")),
    "git's folder is in capitals": (nothing, add(".GIT/hooks/x")),
    "git's folder is in mixed case": (nothing, add(".gIt/hooks/x")),
    "git's folder ends with a dot, as NTFS drops it": (nothing, add(".git./x")),
    "git's folder ends with a blank, as NTFS drops it": (nothing, add(".git /x")),
    "git's folder ends with dots and blanks": (nothing, add(".git . ./x")),
    "git's folder has a stream of NTFS": (nothing, add(".git::$INDEX_ALLOCATION/x")),
    "git's folder has a named stream": (nothing, add(".git:x/x")),
    "git's folder has its short name": (nothing, add("git~1/x")),
    "git's folder has its short name in capitals": (nothing, add("GIT~1/hooks/x")),
    "git's folder is behind backslashes": (nothing, add(".git\\hooks\\x")),
    "git's folder has what HFS+ ignores": (nothing, add(".g\u200cit/x")),
    "git's folder begins with what HFS+ ignores": (nothing, add("\ufeff.git/x")),
    "git's folder has a mark of direction": (nothing, add(".gi\u202et/x")),
    "git's folder is deep": (nothing, add("sub/deep/.git/config")),
    "a repository inside has a config": (nested, add("nested/.git/config")),
    "a repository is made inside": (nothing, add("sub/.git")),
    "a worktree's pointer is changed": (worktree, add("linked/.git")),
    "a worktree's pointer is deleted": (worktree, delete("linked/.git")),
    "a worktree's own git dir": (worktree, add(".git/worktrees/linked/config")),
    "a submodule's pointer is deleted": (submodule, delete("module/.git")),
    "a submodule's git dir": (submodule, add(".git/modules/module/hooks/x")),
    "a git dir has another name": (apart, add("apart/hooks/x")),
    "a bare repository": (
        lambda top: git("init", "-q", "--bare", top / "bare"),
        add("bare/hooks/x"),
    ),
    "git's folder is behind a link": (linked("l", ".git"), add("l/hooks/x")),
    "git's config is behind a link": (linked("l", ".git/config"), update("l")),
}

KINDS: dict[str, Setup] = {
    "a pipe": os.mkfifo,
    "a folder": lambda path: path.mkdir(),
    "a socket": sock,
    "a device": device,
}

ODD: dict[str, tuple[Setup, str]] = {
    f"{kind} is {word}": (swapped_for("b", make), section)
    for kind, make in KINDS.items()
    for word, section in {
        "updated": update("b"),
        "added over": add("b"),
        "deleted": delete("b"),
        "moved": move("b", "x"),
        "moved onto": move("a", "b"),
    }.items()
} | {
    "a file is taken for a folder": (nothing, add("a/x")),
    "a file is taken for a folder and updated": (nothing, update("a/x")),
}

FILES: dict[str, tuple[Setup, str]] = {
    "a file is added over another": (nothing, add("a")),
    "a file is added twice": (nothing, add("x") + add("x", "three")),
    "a file is moved onto another": (nothing, move("a", "b")),
    "a file is moved onto another and changed": (nothing, update("a", "b")),
    "two files are moved to one": (nothing, move("a", "x") + move("b", "x")),
    "a file is moved to one that is added": (nothing, add("x") + move("a", "x")),
    "a file is moved onto a folder": (nothing, move("a", "sub")),
    "a file is deleted twice": (nothing, delete("a") + delete("a")),
    "a file is deleted and updated": (nothing, delete("a") + update("a")),
    "a file that is not there is deleted": (nothing, update("a") + delete("x")),
    "the last of several files does not fit": (
        made("c", "other\n"),
        update("a") + add("new/x") + delete("b") + update("c"),
    ),
    "a file is read-only": (lambda top: (top / "a").chmod(0o444), update("a")),
    "one file of two is read-only": (
        lambda top: (top / "a").chmod(0o444),
        update("b") + update("a"),
    ),
    "a file is UTF-16": (
        lambda top: (top / "a").write_bytes("one\n".encode("utf-16")),
        update("a"),
    ),
    "a name is empty": (nothing, add(" ")),
    "a name is the folder": (nothing, add(".")),
    "a name ends with a slash": (nothing, add("x/")),
    "a name rings the bell": (nothing, add("x\a")),
    "a name has an escape sequence": (nothing, add("x\x1b[31m")),
    "a name has a carriage return inside": (nothing, add("x\ry")),
    "a name has a NUL": (nothing, add("x\0y")),
    "a name has a control character of Latin-1": (nothing, add("x\x9by")),
    "a name is too long": (nothing, add("x" * 300)),
    "all of a name is too long": (nothing, add("x/" * 3000 + "x")),
}


@pytest.mark.parametrize(
    ("setup", "section"),
    [
        pytest.param(*case, id=told)
        for table in (ESCAPES, GITS, ODD, FILES)
        for told, case in table.items()
    ],
)
def test_it_is_refused_and_nothing_is_touched(
    top: Path, setup: Setup, section: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(top)  # a socket's name has 108 bytes at most
    setup(top)
    before = standing(top)
    section = section.replace("{top}", str(top)).replace(
        "{top.parent}", str(top.parent)
    )

    with pytest.raises(PatchRefused):
        apply(top, patch(section))

    assert standing(top) == before


@pytest.mark.parametrize(
    "name",
    ["../outside/a", "/etc/hostname", '"a\\nb"', '"a\\033[31m"', ".git/config"],
)
def test_a_diff_is_held_to_the_same(top: Path, name: str) -> None:
    before = standing(top)

    with pytest.raises(PatchRefused):
        apply(top, diff(name))

    assert standing(top) == before


APPLIED: dict[str, tuple[Setup, str, dict[str, bytes | None]]] = {
    "a file that has another name outside": (
        lambda top: os.link(top / "a", top.parent / "outside/hard"),
        update("a"),
        {"a": b"two\n"},
    ),
    "a file that is moved onto itself": (nothing, update("a", "a"), {"a": b"two\n"}),
    "a file that is moved onto itself by another name": (
        nothing,
        update("a", "./a"),
        {"a": b"two\n"},
    ),
    "two files that change places": (
        made("b", "bee\n"),
        move("a", "b") + move("b", "a"),
        {"a": b"bee\n", "b": b"one\n"},
    ),
    "a file that is moved to where one is deleted": (
        nothing,
        delete("b") + update("a", "b"),
        {"a": None, "b": b"two\n"},
    ),
    "a file that is moved to where one moves away": (
        made("b", "bee\n"),
        move("a", "b") + move("b", "c"),
        {"a": None, "b": b"one\n", "c": b"bee\n"},
    ),
    "a name that only changes its case": (
        nothing,
        move("a", "A"),
        {"a": None, "A": b"one\n"},
    ),
    "a name with blanks, quotes and another script": (
        nothing,
        add("new folder/it's \u00e9 \u65e5.txt"),
        {"new folder/it's \u00e9 \u65e5.txt": b"two\n"},
    ),
    "a name that only resembles git's": (
        nothing,
        add(".github/x") + add(".gitignore") + add("git~x"),
        {".github/x": b"two\n", ".gitignore": b"two\n", "git~x": b"two\n"},
    ),
    "a file in a repository inside": (
        nested,
        update("nested/a"),
        {"nested/a": b"two\n"},
    ),
    "a file in a submodule": (submodule, update("module/a"), {"module/a": b"two\n"}),
    "a file in a worktree": (worktree, update("linked/a"), {"linked/a": b"two\n"}),
}


@pytest.mark.parametrize(
    ("setup", "section", "becomes"),
    [pytest.param(*case, id=told) for told, case in APPLIED.items()],
)
def test_it_is_applied_and_taken_back_to_the_byte(
    top: Path, setup: Setup, section: str, becomes: dict[str, bytes | None]
) -> None:
    setup(top)
    before = standing(top)

    apply(top, patch(section))

    after = standing(top)
    for name, data in becomes.items():
        held = after.get(f"tree/{name}")
        assert (held.held if held else None) == data
    ours = {f"tree/{name}" for name in becomes}
    folders = {str(Path(name).parent) for name in ours}
    rest = {name for name in before | after if name not in ours | folders}
    assert {name: before.get(name) for name in rest} == {
        name: after.get(name) for name in rest
    }
    undo(top)
    assert standing(top) == before


def undo(folder: Path) -> None:
    root, _ = stand(folder)
    checkpoints = Checkpoints(root, SessionId("x"), paths(os.environ).state)
    checkpoints.undo(everywhere=True)


BYTES: dict[str, tuple[bytes, bytes]] = {
    "CRLF": (b"zero\r\none\r\nend\r\n", b"zero\r\ntwo\r\nend\r\n"),
    "mixed line ends": (b"zero\r\none\nend\r\n", b"zero\r\ntwo\nend\r\n"),
    "a lone carriage return": (b"ze\rro\none\nend\n", b"ze\rro\ntwo\nend\n"),
    "no newline at its end": (b"zero\none", b"zero\ntwo"),
    "no newline at its end, elsewhere": (b"one\nend", b"two\nend"),
    "several newlines at its end": (b"one\n\n\n", b"two\n\n\n"),
    "a byte order mark": (b"\xef\xbb\xbfone\nend\n", b"\xef\xbb\xbftwo\nend\n"),
    "a byte order mark in its middle": (
        b"a\xef\xbb\xbf\none\n",
        b"a\xef\xbb\xbf\ntwo\n",
    ),
    "what is not UTF-8": (b"\xff\xfa\xc3\none\n\xe9\n", b"\xff\xfa\xc3\ntwo\n\xe9\n"),
    "a surrogate in UTF-8": (b"\xed\xa0\x80\none\n", b"\xed\xa0\x80\ntwo\n"),
    "a form feed": (b"a\x0cb\none\n", b"a\x0cb\ntwo\n"),
    "a vertical tab": (b"a\x0bb\none\n", b"a\x0bb\ntwo\n"),
    "a file separator": (b"a\x1cb\none\n", b"a\x1cb\ntwo\n"),
    "a next line": (b"a\xc2\x85b\none\n", b"a\xc2\x85b\ntwo\n"),
    "a line separator": (b"a\xe2\x80\xa8b\none\n", b"a\xe2\x80\xa8b\ntwo\n"),
    "a NUL": (b"a\0b\none\n", b"a\0b\ntwo\n"),
}


@pytest.mark.parametrize(
    ("before", "after"),
    [pytest.param(*case, id=told) for told, case in BYTES.items()],
)
@pytest.mark.parametrize("form", [patch(update("a")), diff("a")], ids=["v4a", "diff"])
def test_bytes_outside_the_edit_stay(
    top: Path, form: str, before: bytes, after: bytes
) -> None:
    (top / "a").write_bytes(before)

    apply(top, form)

    assert (top / "a").read_bytes() == after
    undo(top)
    assert (top / "a").read_bytes() == before


@pytest.mark.parametrize("mode", [0o644, 0o755, 0o600, 0o640, 0o666, 0o4755, 0o2755])
@pytest.mark.parametrize("section", [update("a"), move("a", "x"), update("a", "x")])
def test_a_mode_stays(top: Path, mode: int, section: str) -> None:
    (top / "a").chmod(mode)

    apply(top, patch(section))

    path = top / ("x" if "Move" in section else "a")
    assert stat.S_IMODE(path.stat().st_mode) == mode
    undo(top)
    assert stat.S_IMODE((top / "a").stat().st_mode) == mode


def test_a_move_onto_itself_without_a_change_does_nothing(top: Path) -> None:
    before = standing(top)

    with pytest.raises((NothingToChange, PatchRefused)):
        apply(top, patch(move("a", "./a")))

    assert standing(top) == before


PLACES: dict[str, tuple[Setup, str]] = {
    "no repository": (lambda top: shutil.rmtree(top / ".git"), "."),
    "a repository without commits": (nothing, "."),
    "a folder of a repository": (nothing, "sub"),
    "a repository inside another": (nested, "nested"),
    "a submodule": (submodule, "module"),
    "a worktree": (worktree, "linked"),
    "a repository whose git dir is elsewhere": (apart, "nested"),
}


@pytest.mark.parametrize("ignored", [False, True], ids=["untracked", "ignored"])
@pytest.mark.parametrize(
    ("setup", "place"), [pytest.param(*case, id=told) for told, case in PLACES.items()]
)
def test_everywhere_a_patch_is_applied_and_taken_back(
    top: Path, setup: Setup, place: str, *, ignored: bool
) -> None:
    setup(top)
    folder = top / place
    if ignored:
        (folder / ".gitignore").write_text("a\nnew/\n")
    before = standing(top)

    apply(folder, patch(update("a"), add("new/x")))

    assert (folder / "a").read_bytes() == b"two\n"
    assert (folder / "new/x").read_bytes() == b"two\n"
    undo(folder)
    assert standing(top) == before


def test_inside_a_bare_repository_nothing_is_written(top: Path) -> None:
    bare = top.parent / "bare"
    git("init", "-q", "--bare", bare)
    before = standing(top)

    with pytest.raises(SparkError):
        apply(bare, patch(add("hooks/x")))

    assert standing(top) == before
