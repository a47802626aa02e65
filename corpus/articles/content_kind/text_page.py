"""The description of a page dumped to text, for the model of its content kind."""

from __future__ import annotations

import numpy as np

from corpus.array_types import Flags, Offsets, Words
from corpus.articles.content_kind.description import (
    TABLE_SIZE,
    PageDescription,
    PageDescriptions,
    distinct_slots,
    fill_means,
)
from corpus.articles.lines.counters import COUNTERS, EQUAL_LINES, POSITION
from corpus.articles.lines.counters import WORDS as LINE_WORDS
from corpus.articles.lines.scan import ScannedPage, ScannedPages
from corpus.kernels import njit

GROUPS = ("words", "first words of lines")
"""The groups of tokens."""
_LINE_COLUMNS = np.array([i for i in range(len(COUNTERS)) if i not in (EQUAL_LINES, POSITION)])
"""Equal lines and the position are filled in later, by the features of the line model."""
COLUMNS = (
    "lines",
    "words",
    *(f"{COUNTERS[i]}, mean by words" for i in _LINE_COLUMNS),
    *(f"{COUNTERS[i]}, mean of lines" for i in _LINE_COLUMNS),
)
"""What each column contains."""
WORDS = COLUMNS.index("words")


@njit
def _describe(
    pages: ScannedPages,
    chosen: Offsets,
    seen: Flags,
    first_words: Words,
    descriptions: PageDescriptions,
) -> int:
    """Fill in what `describe_texts` returns; return the number of slots."""
    counters, words, word_offsets, _, line_offsets = pages
    slots, slot_offsets, columns = descriptions
    n_slots = 0
    for page in range(line_offsets.size - 1):
        first, stop = line_offsets[page], line_offsets[page + 1]
        own = words[word_offsets[first] : word_offsets[stop]]
        columns[page, 0], columns[page, 1] = stop - first, own.size
        if first < stop:
            lines = counters[first:stop]
            fill_means(lines, chosen, lines[:, LINE_WORDS], columns[page, 2:])
        n_first = 0
        for i in range(first, stop):
            if word_offsets[i] < word_offsets[i + 1]:
                first_words[n_first] = words[word_offsets[i]]
                n_first += 1
        n_slots = distinct_slots(own, 0, seen, slots, n_slots)
        slot_offsets[2 * page + 1] = n_slots
        n_slots = distinct_slots(first_words[:n_first], 1, seen, slots, n_slots)
        slot_offsets[2 * page + 2] = n_slots
    return n_slots


def describe_texts(pages: ScannedPages) -> PageDescriptions:
    """Return the description of each page."""
    n_pages, n_lines = pages.line_offsets.size - 1, len(pages.counters)
    descriptions = PageDescriptions(
        np.empty(pages.words.size + n_lines, np.int32),
        np.zeros(len(GROUPS) * n_pages + 1, np.int64),
        np.zeros((n_pages, len(COLUMNS)), np.float32),
    )
    seen, first_words = np.zeros(TABLE_SIZE, np.bool_), np.empty(n_lines, np.uint32)
    n_slots = _describe(pages, _LINE_COLUMNS, seen, first_words, descriptions)
    return descriptions._replace(slots=descriptions.slots[:n_slots])


def describe_text(page: ScannedPage) -> PageDescription:
    """Return the description of a single page."""
    line_offsets = np.array([0, len(page.counters)])
    slots, slot_offsets, columns = describe_texts(ScannedPages(*page, line_offsets))
    return PageDescription(slots, slot_offsets, columns[0])
