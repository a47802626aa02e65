"""The description of a page dumped to text, for the model of its content kind."""

from __future__ import annotations

import numpy as np

from corpus.array_types import Numbers, Offsets, Words
from corpus.articles.content_kind.description import PageDescription, column_means, describe
from corpus.articles.lines.counters import COUNTERS, EQUAL_LINES, POSITION
from corpus.articles.lines.counters import WORDS as LINE_WORDS

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


def describe_text(counters: Numbers, words: Words, word_offsets: Offsets) -> PageDescription:
    """Return the description of a page, given the counters and the words of its lines (`scan`)."""
    means = column_means(counters, _LINE_COLUMNS, counters[:, LINE_WORDS])
    sizes = np.array([len(counters), len(words)], np.float32)
    starts = word_offsets[:-1][word_offsets[:-1] < word_offsets[1:]]
    return describe([words, words[starts]], np.concatenate([sizes, means]))
