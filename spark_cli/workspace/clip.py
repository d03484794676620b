"""The head and the tail of a stream of bytes, however long it is.

Output is worth reading at both ends: what was started, and how it ended.  Memory
stays bounded while the stream runs.
"""

from __future__ import annotations

import codecs


class Clip:
    """Keeps `limit` bytes: the first half, and the last."""

    def __init__(self, limit: int) -> None:
        self._head_max = limit // 2
        self._tail_max = limit - self._head_max
        self._head = bytearray()
        self._tail = bytearray()
        self._total = 0

    def feed(self, data: bytes) -> None:
        self._total += len(data)
        room = self._head_max - len(self._head)
        self._head += data[:room]
        self._tail += data[room:]
        # Trimmed only now and then: a trim moves the whole tail.
        if len(self._tail) > 2 * self._tail_max + 65_536:
            del self._tail[: len(self._tail) - self._tail_max]

    def text(self) -> tuple[str, int]:
        """What was kept, with a line in the middle that says what was not.

        The second value is the number of bytes that are not shown.  Bytes that are
        not UTF-8 become U+FFFD; a character or a line is not torn by the cut where
        that costs little.
        """
        if self._total <= self._head_max + self._tail_max:
            return (self._head + self._tail).decode("utf-8", "replace"), 0
        head = _to_line_end(bytes(self._head))
        tail = _from_line_start(bytes(self._tail[-self._tail_max :]))
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        before = decoder.decode(head)
        torn, _ = decoder.getstate()
        cut = self._total - (len(head) - len(torn)) - len(tail)
        after = tail.decode("utf-8", "replace")
        gap = "" if before.endswith("\n") or not before else "\n"
        return f"{before}{gap}[... {cut:,} bytes cut ...]\n{after}", cut


def _to_line_end(head: bytes) -> bytes:
    end = head.rfind(b"\n") + 1
    return head[:end] if end > len(head) * 3 // 4 else head


def _from_line_start(tail: bytes) -> bytes:
    start = tail.find(b"\n") + 1
    if 0 < start < len(tail) // 4:
        return tail[start:]
    torn = 0
    while torn < min(3, len(tail)) and tail[torn] & 0xC0 == 0x80:
        torn += 1
    return tail[torn:]
