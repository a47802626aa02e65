"""Split pages into lines: the counters, the words and the span of each line.

Lines end at line feeds; blank lines are skipped.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from corpus.array_types import Bytes, Numbers, Offsets, Words
from corpus.articles.characters import CharacterTables
from corpus.articles.lines.counters import BLANK_AFTER, BLANK_BEFORE, COUNTERS
from corpus.articles.lines.measure import measure
from corpus.kernels import njit, njit_without_allocation

_LINE_FEED = 10


class ScannedPage(NamedTuple):
    """The lines of a page that are not blank."""

    counters: Numbers
    """The counters of each line (float32[n_lines, n_counters])."""
    words: Words
    """The hash of each word (uint32[n_words])."""
    word_offsets: Offsets
    """Where the words of each line start (int64[n_lines + 1])."""
    spans: Offsets
    """First byte and end of each line, without its indentation (int64[n_lines, 2])."""


class ScannedPages(NamedTuple):
    """The lines of several pages that are not blank, one page after the other."""

    counters: Numbers
    """As in `ScannedPage`, like the next three."""
    words: Words
    word_offsets: Offsets
    spans: Offsets
    line_offsets: Offsets
    """Where the lines of each page start (int64[n_pages + 1])."""


@njit
def count_lines(data: Bytes, bounds: Offsets, counts: Offsets) -> None:
    """Fill in how many lines each page has, at most: blank lines count."""
    for page in range(counts.size):
        line_feeds = 0
        for at in range(bounds[page, 0], bounds[page, 1]):
            line_feeds += data[at] == _LINE_FEED
        counts[page] = line_feeds + 1


@njit_without_allocation
def _scan(data: Bytes, bounds: Offsets, characters: CharacterTables, pages: ScannedPages) -> None:
    """Fill in what `scan_pages` returns; the arrays are long enough."""
    rows, words, word_offsets, spans, line_offsets = pages
    n_lines = n_words = 0
    for page in range(len(bounds)):
        first, blank, at, stop = n_lines, True, bounds[page, 0], bounds[page, 1]
        while at < stop:
            line_end = at
            while line_end < stop and data[line_end] != _LINE_FEED:
                line_end += 1
            n_words, visible_start, visible_end = measure(
                data, at, line_end, characters, words, n_words, rows[n_lines]
            )
            if visible_end > visible_start:
                rows[n_lines, BLANK_BEFORE] = blank
                if n_lines > first:
                    rows[n_lines - 1, BLANK_AFTER] = blank
                spans[n_lines, 0] = visible_start
                spans[n_lines, 1] = visible_end
                n_lines += 1
                word_offsets[n_lines] = n_words
            blank = visible_end == visible_start
            at = line_end + 1
        if n_lines > first:
            rows[n_lines - 1, BLANK_AFTER] = True
        line_offsets[page + 1] = n_lines


def scan_pages(data: Bytes, bounds: Offsets, characters: CharacterTables) -> ScannedPages:
    """Return the lines of several pages, with their counters and words.

    `bounds` is where each page starts and stops, in bytes (int64[n_pages, 2]). Needs one pass over
    the bytes. Takes four bytes of memory per byte of the pages and 132 per line.
    """
    line_offsets = np.zeros(len(bounds) + 1, np.int64)
    count_lines(data, bounds, line_offsets[1:])
    max_lines = int(line_offsets.sum())
    pages = ScannedPages(
        counters=np.zeros((max_lines, len(COUNTERS)), np.float32),
        words=np.empty(int((bounds[:, 1] - bounds[:, 0]).sum()) + 1, np.uint32),
        word_offsets=np.zeros(max_lines + 1, np.int64),
        spans=np.empty((max_lines, 2), np.int64),
        line_offsets=line_offsets,
    )
    _scan(data, bounds, characters, pages)
    n_lines = int(line_offsets[-1])
    word_offsets = pages.word_offsets[: n_lines + 1]
    return ScannedPages(
        pages.counters[:n_lines],
        pages.words[: word_offsets[-1]],
        word_offsets,
        pages.spans[:n_lines],
        line_offsets,
    )


def scan(data: Bytes, start: int, stop: int, characters: CharacterTables) -> ScannedPage:
    """Return the lines of the page `data[start:stop]`, with their counters and words."""
    return ScannedPage(*scan_pages(data, np.array([[start, stop]]), characters)[:-1])
