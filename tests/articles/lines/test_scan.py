"""Scanning a page: its lines, their counters and their words."""

from __future__ import annotations

import numpy as np

from corpus.articles.lines import model
from corpus.articles.lines.counters import ENDS_SENTENCE, WORDS
from corpus.articles.lines.scan import NUMBER_HASH, scan


def test_any_number_is_the_same_word():
    """Words that consist of digits share one hash, because hours and prices differ by page."""
    arrays = model.load()
    data = np.frombuffer(b"7 hours ago\n19 hours ago\nSeven hours.", np.uint8)
    counters, words, word_offsets, _ = scan(data, 0, data.size, arrays.characters)
    first, second, third, _ = word_offsets.tolist()
    assert words[first:second].tolist() == words[second:third].tolist()
    assert words[0] == NUMBER_HASH
    assert counters[:, WORDS].tolist() == [3, 3, 2]
    assert counters[:, ENDS_SENTENCE].tolist() == [0, 0, 1]
