"""The features of each line that may be the title, byline or date line of an article.

These lines are above the article, among menus and share buttons, or at its very start or end. The
position of a title identifies it better than its words: below the last menu, above the byline,
about the same subject as the article. So a line is described by its own counters, by the cue words
in it, by the words that it shares with the article, and by what separates it from the first full
paragraph. `feature_columns` lists the features.
"""

from __future__ import annotations

import numpy as np

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
    PageLines,
    Window,
    WindowLines,
    first_paragraph,
    window_rows,
)
from corpus.articles.metadata.position_features import fill_cues, fill_neighbours, fill_positions
from corpus.articles.metadata.shared_words import (
    BODY_WORDS,
    WORD_SLOTS,
    ArticleWords,
    count_article_words,
)
from corpus.kernels import njit_without_allocation


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
    """Fill in `lines` and `table`, both zeros, in one call from Python."""
    words, sums = buffers
    measure_lines(data, page, window, characters, cue_words, words, lines, table)
    compare_words(data, page, window, article, words, lines, table)
    fill_positions(page, window, sums, table)
    find_similar_lines(data, lines, table)
    fill_cues(lines, table)
    fill_neighbours(page, window, lines, table)


def compute_features(
    data: Bytes, page: PageLines, characters: CharacterTables, cue_words: CueWordTable
) -> tuple[Offsets, Numbers]:
    """Return the lines to classify (int64[n]) and their features (float32[n, n_features]).

    `data` has the bytes of the page, with at least one kept line. At most 98 lines are returned.
    The buffers of the kernels are allocated here, because allocation in a kernel adds a tenth of a
    second to its compilation for each type of array.
    """
    kept = np.flatnonzero(page.kept)
    first, last = int(kept[0]), int(kept[-1])
    words, counters = np.empty(BODY_WORDS, np.uint32), np.empty(len(COUNTERS), np.float32)
    paragraph = first_paragraph(data, page, first, characters, words, counters)
    window = Window(window_rows(page.kept.size, paragraph, last), first, paragraph, last)
    body, lead = np.zeros((2, WORD_SLOTS), np.int32)
    article = ArticleWords(
        body, lead, count_article_words(data, page, paragraph, words, body, lead)
    )
    n = window.rows.size
    lines = WindowLines(
        spans=np.zeros((n, 2), np.int64),
        words=np.zeros(n, np.uint64),
        inner_words=np.zeros(n, np.uint64),
        start_hashes=np.zeros(n, np.uint32),
        cues=np.zeros(n, np.int32),
        first_cues=np.zeros(n, np.int32),
        is_name=np.zeros(n, np.bool_),
        is_date=np.zeros(n, np.bool_),
        is_byline=np.zeros(n, np.bool_),
    )
    buffers = (words[: MAX_LINE_BYTES + 1], np.zeros((3, n + 1)))
    table = np.zeros((n, len(FEATURES)), np.float32)
    _fill_table(data, page, window, article, characters, cue_words, buffers, lines, table)
    return window.rows, table
