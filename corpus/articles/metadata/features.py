"""The features of each line that may be the title, byline or date line of an article.

These lines are above the article, among menus and share buttons, or at its very start or end. The
position of a title identifies it better than its words: below the last menu, above the byline,
about the same subject as the article. So a line is described by its own counters, by the cue words
in it, by the words that it shares with the article, and by what separates it from the first full
paragraph. `feature_columns` lists the features.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.array_types import Bytes, Numbers, Offsets, Sums, Words
from corpus.articles.characters import CharacterTables
from corpus.articles.lines.counters import COUNTERS
from corpus.articles.metadata.content_features import (
    compare_words,
    find_similar_lines,
    measure_lines,
)
from corpus.articles.metadata.cue_words import CueWordTable
from corpus.articles.metadata.feature_columns import FEATURES
from corpus.articles.metadata.nearby_lines import (
    MAX_LINE_BYTES,
    MAX_WINDOW_LINES,
    LinesOfPages,
    PageLines,
    Window,
    WindowLines,
    fill_window_rows,
    first_paragraph,
)
from corpus.articles.metadata.position_features import fill_cues, fill_neighbours, fill_positions
from corpus.articles.metadata.shared_words import (
    BODY_WORDS,
    WORD_SLOTS,
    ArticleWords,
    count_article_words,
)
from corpus.kernels import njit_without_allocation


class DescribedLines(NamedTuple):
    """The lines of several pages that are classified, one page after the other."""

    rows: Offsets
    """The number of each line on its page (int64[n])."""
    offsets: Offsets
    """Where the lines of each page start (int64[n_pages + 1])."""
    table: Numbers
    """The features of each line (float32[n, n_features])."""


class _Buffers(NamedTuple):
    """Arrays for what is computed on the way to the features."""

    words: Words
    """uint32[BODY_WORDS]"""
    counters: Numbers
    body: NDArray[np.int32]
    """int32[WORD_SLOTS], like `lead`."""
    lead: NDArray[np.int32]
    sums: Sums
    """float64[3, MAX_WINDOW_LINES + 1]; the first of each is 0."""
    lines: WindowLines
    """Of all pages; `cues` and `first_cues` are zeros."""


@njit_without_allocation(error_model="numpy")
def _fill_table(
    data: Bytes,
    page: PageLines,
    window: Window,
    article: ArticleWords,
    characters: CharacterTables,
    cue_words: CueWordTable,
    buffers: tuple[Words, Sums],
    lines: WindowLines,
    table: Numbers,
) -> None:
    """Fill in `table`, zeros, for the lines of the window of a page."""
    words, sums = buffers
    measure_lines(data, page, window, characters, cue_words, words, lines, table)
    compare_words(data, page, window, article, words, lines, table)
    fill_positions(page, window, sums, table)
    find_similar_lines(data, lines, table)
    fill_cues(lines, table)
    fill_neighbours(page, window, lines, table)


@njit_without_allocation
def _describe_pages(
    data: Bytes,
    pages: LinesOfPages,
    characters: CharacterTables,
    cue_words: CueWordTable,
    buffers: _Buffers,
    described: DescribedLines,
) -> None:
    """Fill in what `describe_lines` returns, without its cuts."""
    (spans, probabilities, kept), offsets = pages
    rows, row_offsets, table = described
    lines, words, body, lead = buffers.lines, buffers.words, buffers.body, buffers.lead
    for p in range(offsets.size - 1):
        start, stop, low = offsets[p], offsets[p + 1], row_offsets[p]
        page = PageLines(spans[start:stop], probabilities[start:stop], kept[start:stop])
        first, last = 0, page.kept.size - 1
        while first <= last and not page.kept[first]:
            first += 1
        while last > first and not page.kept[last]:
            last -= 1
        if first > last:
            row_offsets[p + 1] = low
            continue
        paragraph = first_paragraph(data, page, first, characters, words, buffers.counters)
        high = low + fill_window_rows(page.kept.size, paragraph, last, rows[low:])
        row_offsets[p + 1] = high
        for slot in range(WORD_SLOTS):
            body[slot] = lead[slot] = 0
        total = count_article_words(data, page, paragraph, words, body, lead)
        _fill_table(
            data,
            page,
            Window(rows[low:high], first, paragraph, last),
            ArticleWords(body, lead, total),
            characters,
            cue_words,
            (words[: MAX_LINE_BYTES + 1], buffers.sums),
            WindowLines(
                lines.spans[low:high],
                lines.words[low:high],
                lines.inner_words[low:high],
                lines.start_hashes[low:high],
                lines.cues[low:high],
                lines.first_cues[low:high],
                lines.is_name[low:high],
                lines.is_date[low:high],
                lines.is_byline[low:high],
            ),
            table[low:high],
        )


def describe_lines(
    data: Bytes, pages: LinesOfPages, characters: CharacterTables, cue_words: CueWordTable
) -> DescribedLines:
    """Return the lines to classify of each page, and their features.

    At most 98 lines of a page are returned; none if no line of the page is kept. `data` has the
    bytes of all pages. The buffers of the kernels are allocated here, because allocation in a
    kernel adds a tenth of a second to its compilation for each type of array.
    """
    n = int(np.minimum(np.diff(pages.offsets), MAX_WINDOW_LINES).sum())
    lines = WindowLines(
        spans=np.empty((n, 2), np.int64),
        words=np.empty(n, np.uint64),
        inner_words=np.empty(n, np.uint64),
        start_hashes=np.empty(n, np.uint32),
        cues=np.zeros(n, np.int32),
        first_cues=np.zeros(n, np.int32),
        is_name=np.empty(n, np.bool_),
        is_date=np.empty(n, np.bool_),
        is_byline=np.empty(n, np.bool_),
    )
    buffers = _Buffers(
        words=np.empty(BODY_WORDS, np.uint32),
        counters=np.empty(len(COUNTERS), np.float32),
        body=np.empty(WORD_SLOTS, np.int32),
        lead=np.empty(WORD_SLOTS, np.int32),
        sums=np.zeros((3, MAX_WINDOW_LINES + 1)),
        lines=lines,
    )
    offsets = np.zeros(pages.offsets.size, np.int64)
    described = DescribedLines(
        np.empty(n, np.int64), offsets, np.zeros((n, len(FEATURES)), np.float32)
    )
    _describe_pages(data, pages, characters, cue_words, buffers, described)
    return DescribedLines(described.rows[: offsets[-1]], offsets, described.table[: offsets[-1]])
