"""Putting new contents beside their targets, and everything that a file is besides.

A file that is replaced keeps its owner, mode and attributes.  The mode is set last:
while the content is incomplete, or the owner another, nobody else may read it.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from typing import BinaryIO

from spark_cli.core.errors import PatchRefused
from spark_cli.workspace.root import Place, Root
from spark_cli.workspace.tree import File

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_GROUP, _SET_IDS = 0o070, stat.S_ISUID | stat.S_ISGID


@contextlib.contextmanager
def opened(root: Root, name: str, *, create: bool = False) -> Iterator[Place]:
    """The folder of a file, which must be there unless it is to be made."""
    with root.open_folder_of(name, create=create) as place:
        if place is None:
            raise PatchRefused(f"the folder of `{name}` is gone; nothing was changed")
        yield place


def stage(
    place: Place, temporary: str, file: File, *, replaces: bool, exact: bool = False
) -> BinaryIO:
    """Write a file under a name of ours; the answer is open, and still to be synced.

    Where it `replaces` one, it takes over what that one is.  A new file has the usual
    mode that the user's umask gives, of which a patch says no more than whether it can
    be run; unless its mode is `exact`.
    """
    kept = replaces or exact
    mode = 0o600 if kept else 0o777 if file.mode & 0o100 else 0o666
    handle = os.open(temporary, _NEW, mode, dir_fd=place.folder)
    stream = os.fdopen(handle, "wb")
    try:
        stream.write(file.data)
        stream.flush()
        mode = _take_over(place, handle, file.mode) if replaces else file.mode
        if kept:
            os.fchmod(handle, mode)
    except BaseException:
        with contextlib.suppress(OSError):  # a full disk shows again on closing
            stream.close()
        raise
    return stream


def _take_over(place: Place, handle: int, mode: int) -> int:
    """The old file's owner and attributes; the answer is the mode that is safe."""
    old = os.lstat(place.leaf, dir_fd=place.folder)
    new = os.fstat(handle)
    if (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid):
        with contextlib.suppress(PermissionError):
            os.fchown(handle, -1, old.st_gid)
        with contextlib.suppress(PermissionError):
            os.fchown(handle, old.st_uid, -1)
        new = os.fstat(handle)
        if new.st_gid != old.st_gid:  # what its group may do is not for another one
            mode &= ~_GROUP | (mode & 0o007) << 3
        if (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid):
            mode &= ~_SET_IDS
    if hasattr(os, "listxattr"):
        _take_over_attributes(place, handle)
    return mode


def _take_over_attributes(place: Place, handle: int) -> None:
    source = os.open(
        place.leaf,
        os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC,
        dir_fd=place.folder,
    )
    try:
        for name in os.listxattr(source):
            with contextlib.suppress(OSError):
                os.setxattr(handle, name, os.getxattr(source, name))
    except OSError:
        return  # a file system without them
    finally:
        os.close(source)
