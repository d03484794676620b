"""Bringing files to the disk, many at the price of one.

A file system that journals commits once for all who wait at the same time: five files
synced from five threads take 1 to 4 ms where one after the other takes 25, measured on
ext4 on a busy disk.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from typing import BinaryIO

AT_ONCE = 32
"""Files that are kept open for it, and threads that wait."""


def sync(files: Sequence[BinaryIO]) -> None:
    """Flush, bring to the disk and close; `OSError` if that fails for one of them."""
    failures: list[OSError] = []

    def one(file: BinaryIO) -> None:
        try:
            with file:
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            failures.append(error)

    if len(files) == 1:
        one(files[0])
    else:
        threads = [threading.Thread(target=one, args=(file,)) for file in files]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    if failures:
        raise failures[0]


def in_batches(files: Iterator[BinaryIO]) -> None:
    """Sync what an iterator writes, a batch at a time."""
    batch: list[BinaryIO] = []
    try:
        for file in files:
            batch.append(file)
            if len(batch) == AT_ONCE:
                full, batch = batch, []
                sync(full)
    except BaseException:
        for file in batch:
            file.close()
        raise
    if batch:
        sync(batch)
