"""Scanning a page: its lines, their counters and their words."""

from __future__ import annotations

import re

import numpy as np
import pytest

from corpus.articles.lines import model
from corpus.articles.lines.counters import (
    ENDS_SENTENCE,
    LENGTH,
    LONGEST_WORD,
    UPPERCASE_LETTERS,
    WORDS,
)
from corpus.articles.lines.measure import NUMBER_HASH
from corpus.articles.lines.scan import scan
from corpus.articles.metadata.cue_words import word_hash


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


@pytest.mark.parametrize("seed", range(5))
def test_runs_of_ascii_letters_are_counted_like_any_letters(seed: int):
    """Words, letters and upper case are those of a plain count, however scripts are mixed."""
    random = np.random.default_rng(seed)
    line = "".join(random.choice([*"aBcdEÉß7_.- "], 200)).strip()
    data = np.frombuffer(line.encode(), np.uint8)
    page = scan(data, 0, data.size, model.load().characters)
    words = re.findall(r"\w+", line)
    hashes = [NUMBER_HASH if word.isdigit() else word_hash(word.lower()) for word in words]
    assert page.words.tolist() == hashes
    letters = [each for each in line if each.isalpha()]
    assert page.counters[0, LENGTH] == len(line)
    assert page.counters[0, LONGEST_WORD] == max(len(word) for word in words if not word.isdigit())
    upper_case = sum(map(str.isupper, letters)) / len(letters)
    assert page.counters[0, UPPERCASE_LETTERS] == np.float32(upper_case)
