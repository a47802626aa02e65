"""Where lines begin in a file, known from the line ends in each of its blocks.

A file is read to hash it. While a block is there, its line ends are counted, which takes a tenth of
the time. So the file is split into chunks, and each chunk knows the number of its first line,
without being read again.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from corpus.sources.files.input_file import BLOCK_BYTES, LineEnds


class LineEndCounter:
    """Counts the line ends of a file, block by block."""

    def __init__(self) -> None:
        self._counts: list[int] = []
        self._firsts: list[int] = []

    def add(self, block: bytes) -> None:
        """Count the line ends of the next block. Other threads can run meanwhile."""
        is_end = np.frombuffer(block, np.uint8) == ord("\n")
        count = int(np.count_nonzero(is_end))
        self._counts.append(count)
        self._firsts.append(int(is_end.argmax()) if count else -1)

    def line_ends(self) -> LineEnds:
        """Return the line ends of all blocks."""
        return LineEnds(tuple(self._counts), tuple(self._firsts))


def line_starts(line_ends: LineEnds, size: int) -> Iterator[tuple[int, int]]:
    """Yield where to divide a file into parts of about `size` bytes, or of one longer line.

    Each is the beginning of a line: its position in the file, and the number of lines before it.
    """
    lines, least = 0, size
    for number, (count, first) in enumerate(zip(*line_ends, strict=True)):
        block = number * BLOCK_BYTES
        if count and block >= least:
            yield block + first + 1, lines + 1
            least = block + size
        lines += count
