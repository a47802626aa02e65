"""The lines near the start of an article, and kernels that compare their words and bytes.

Only a window of lines is examined, and only the first `MAX_LINE_BYTES` bytes of each, so that the
cost of a page is bounded.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.array_types import Bytes, Flags, Numbers, Offsets, Words
from corpus.articles.characters import CharacterTables
from corpus.articles.lines.measure import measure
from corpus.articles.metadata.cue_words import FILTER_SIZE, CueWordTable
from corpus.kernels import njit_without_allocation

LINES_BEFORE_PARAGRAPH = 80
LINES_FROM_PARAGRAPH = 12
LINES_AFTER_ARTICLE = 6
"""The size of the window: before the first full paragraph, from it on, and after the article."""
MAX_WINDOW_LINES = LINES_BEFORE_PARAGRAPH + LINES_FROM_PARAGRAPH + LINES_AFTER_ARTICLE
MAX_LINE_BYTES = 300
"""Bytes of a line that are examined; a title in Han or Cyrillic letters can be that long."""
MIN_PARAGRAPH_WORDS = 20
"""Minimum number of words in a full paragraph."""
MAX_LINES_TO_PARAGRAPH = 50
"""Lines of an article that are searched for its first full paragraph."""
MAX_DISTANCE = 20
"""Distances between lines are capped at this number of lines."""
MIN_CONTAINED_BYTES = 10
"""Minimum length of a line that is searched for in other lines; the words of menus are in many."""
LINE_START_BYTES = 24
"""Lines that agree in this number of bytes start alike."""
_HASH_START, _HASH_PRIME = np.uint32(2166136261), np.uint32(16777619)


class PageLines(NamedTuple):
    """The lines of a page, as the line model scores them."""

    spans: Offsets
    """First byte and end of each line (int64[n_lines, 2])."""
    probabilities: Numbers
    """How likely each line is part of the article (float32[n_lines])."""
    kept: Flags
    """Whether each line counts as part of the article (bool[n_lines])."""


class LinesOfPages(NamedTuple):
    """The lines of several pages, one page after the other."""

    lines: PageLines
    offsets: Offsets
    """Where the lines of each page start (int64[n_pages + 1])."""

    @classmethod
    def of_one(cls, page: PageLines) -> LinesOfPages:
        """Return the lines of a single page."""
        return cls(page, np.array([0, page.kept.size]))


class Window(NamedTuple):
    """The lines of a page that are described."""

    rows: Offsets
    """The lines, in order (int64[n])."""
    first: int
    """The first kept line of the page."""
    paragraph: int
    """The first full paragraph; it is one of `rows`."""
    last: int
    """The last kept line of the page."""


class WindowLines(NamedTuple):
    """What the kernels compute for each line of a window, besides its features."""

    spans: Offsets
    """First byte and end, at most `MAX_LINE_BYTES` apart (int64[n, 2])."""
    words: NDArray[np.uint64]
    """The `word_bits` of all words (uint64[n])."""
    inner_words: NDArray[np.uint64]
    """The `word_bits` of all words but the first and last (uint64[n])."""
    start_hashes: Words
    cues: NDArray[np.int32]
    """The kinds of all cue words, as bits (int32[n])."""
    first_cues: NDArray[np.int32]
    """The kinds of the first word, as bits (int32[n])."""
    is_name: Flags
    is_date: Flags
    is_byline: Flags


@njit_without_allocation
def cue_kinds(hashed: np.uint32, table: CueWordTable) -> np.int32:
    """Return the kinds of the cue word with this hash, as bits; 0 if it is not a cue word."""
    if not table.filter[np.int64(hashed) & (FILTER_SIZE - 1)]:
        return np.int32(0)
    hashes = table.hashes
    low, high = 0, hashes.size
    while low < high:
        middle = (low + high) // 2
        if hashes[middle] < hashed:
            low = middle + 1
        else:
            high = middle
    return table.kinds[low] if low < hashes.size and hashes[low] == hashed else np.int32(0)


@njit_without_allocation
def hash_line_start(data: Bytes, start: int, stop: int) -> np.uint32:
    """Return a hash of the first `LINE_START_BYTES` bytes of a line, without its bullet."""
    hashed, taken = _HASH_START, 0
    for at in range(start, stop):
        byte = data[at]
        if taken == 0 and (byte < 0x30 or byte in (0xC2, 0xE2, 0x80, 0xA2, 0xB7)):
            continue
        hashed = np.uint32((hashed ^ np.uint32(byte | 0x20)) * _HASH_PRIME)
        taken += 1
        if taken == LINE_START_BYTES:
            break
    return hashed


@njit_without_allocation
def has_blank_line(data: Bytes, start: int, stop: int) -> bool:
    """Return whether there is a blank line between two lines; `data[start:stop]` separates them."""
    line_feeds = 0
    for at in range(start, stop):
        line_feeds += data[at] == 10
    return line_feeds > 1


@njit_without_allocation
def contains_line(data: Bytes, start: int, stop: int, line_start: int, line_stop: int) -> bool:
    """Return whether `data[start:stop]` contains a line (of `MIN_CONTAINED_BYTES` bytes) and more.

    A breadcrumb ends with the title. A caption may be repeated with its credit.
    """
    size = line_stop - line_start
    if size < MIN_CONTAINED_BYTES or size >= stop - start:
        return False
    for at in range(start, stop - size + 1):
        matched = 0
        while matched < size and data[at + matched] == data[line_start + matched]:
            matched += 1
        if matched == size:
            return True
    return False


@njit_without_allocation
def first_paragraph(
    data: Bytes,
    page: PageLines,
    first: int,
    characters: CharacterTables,
    words: Words,
    counters: Numbers,
) -> int:
    """Return the first full paragraph among the kept lines from `first` on, else `first`.

    `words` and `counters` are buffers for what `measure` writes.
    """
    stop = min(page.kept.size, first + MAX_LINES_TO_PARAGRAPH)
    for i in range(first, stop):
        if page.kept[i]:
            start, end = page.spans[i, 0], page.spans[i, 1]
            end = min(start + MAX_LINE_BYTES, end)
            n_words, _, _ = measure(data, start, end, characters, words, 0, counters)
            if n_words >= MIN_PARAGRAPH_WORDS:
                return i
    return first


@njit_without_allocation
def fill_window_rows(n_lines: int, paragraph: int, last: int, rows: Offsets) -> int:
    """Write the lines around the first full paragraph and after the last kept line to `rows`.

    Returns how many there are: at most `MAX_WINDOW_LINES`.
    """
    n, stop = 0, min(n_lines, paragraph + LINES_FROM_PARAGRAPH)
    for row in range(max(paragraph - LINES_BEFORE_PARAGRAPH, 0), stop):
        rows[n] = row
        n += 1
    after = max(stop, last + 1)
    for row in range(after, min(n_lines, after + LINES_AFTER_ARTICLE)):
        rows[n] = row
        n += 1
    return n


@njit_without_allocation
def line_distances(flags: Flags, until: Numbers, since: Numbers) -> None:
    """Write how many lines ahead (`until`) and back (`since`) the nearest flagged line is.

    Distances are at most `MAX_DISTANCE`; the line itself does not count.
    """
    for side in range(2):
        distances = since if side else until
        distance = np.float32(MAX_DISTANCE)
        for step in range(flags.size):
            i = step if side else flags.size - 1 - step
            distances[i] = distance
            distance = (
                np.float32(1)
                if flags[i]
                else distance + 1
                if distance < MAX_DISTANCE
                else np.float32(MAX_DISTANCE)
            )
