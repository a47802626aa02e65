"""The words of an article, counted, to find the lines that share them: above all its title."""

# ruff: noqa: FURB136  (numba compiles min and max again for each pair of types)

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.array_types import Bytes, Words
from corpus.articles.metadata.nearby_lines import PageLines
from corpus.kernels import njit_without_allocation

LEAD_WORDS, BODY_WORDS = 100, 800
"""Words of an article's lead, and of the part of it that is compared with other lines."""
MAX_ARTICLE_LINE_BYTES = 4000
"""Maximum number of bytes of an article's line in which words are counted."""
WORD_SLOTS = 1 << 12
"""Size of the hash table of the article's words."""
_HASH_START, _HASH_PRIME = np.uint32(2166136261), np.uint32(16777619)


class ArticleWords(NamedTuple):
    """How often the words of an article occur, by the `word_slot` of their hash."""

    body: NDArray[np.int32]
    """Counts of about the first `BODY_WORDS` words (int32[WORD_SLOTS])."""
    lead: NDArray[np.int32]
    """Counts of about the first `LEAD_WORDS` words (int32[WORD_SLOTS])."""
    total: int
    """Number of words in the body."""


@njit_without_allocation
def word_slot(hashed: np.uint32) -> np.int64:
    """Return the slot of a word in a table of counts; words that collide share their count."""
    return np.int64((hashed ^ (hashed >> np.uint32(13))) & np.uint32(WORD_SLOTS - 1))


@njit_without_allocation
def hash_words(data: Bytes, start: int, stop: int, words: Words) -> int:
    """Write the hashes of the words of `data[start:stop]` to `words`; return their number.

    Stops when `words` is full. The hashes are only compared with each other, so words are compared
    as bytes: ASCII and Latin letters without case, other letters as they are. Each Han and kana
    character is a word. Symbols separate words.
    """
    n, at, length, hashed = 0, start, 0, _HASH_START
    while at < stop and n < words.size:
        byte = data[at]
        if byte < 0x80:
            at += 1
            if 0x61 <= (byte | 0x20) <= 0x7A or 0x30 <= byte <= 0x39:
                hashed = np.uint32((hashed ^ np.uint32(byte | 0x20)) * _HASH_PRIME)
                length += 1
            elif length:
                words[n] = hashed
                n += 1
                length, hashed = 0, _HASH_START
            continue
        is_unspaced = 0xE3 <= byte <= 0xE9
        is_letter = byte >= 0xC3 and byte not in (0xE2, 0xEF)
        if length and (is_unspaced or not is_letter):
            words[n] = hashed
            n += 1
            length, hashed = 0, _HASH_START
        width = 1 if byte < 0xC0 else 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
        if is_letter and n < words.size:
            for step in range(at, at + width if at + width < stop else stop):
                hashed = np.uint32((hashed ^ np.uint32(data[step] | 0x20)) * _HASH_PRIME)
            length += 1
            if is_unspaced:
                words[n] = hashed
                n += 1
                length, hashed = 0, _HASH_START
        at += width
    if length and at == stop and n < words.size:  # a word whose last letter is cut off is dropped
        words[n] = hashed
        n += 1
    return n


@njit_without_allocation
def word_bits(words: Words, first: int, stop: int) -> np.uint64:
    """Return a Bloom filter of `words[first:stop]`: a line with all these words has all these bits.

    The first and last word of a line may be parts of longer words in a line that contains it. So
    only the words between them are tested before `contains_line` compares bytes.
    """
    bits = np.uint64(0)
    for j in range(first, stop):
        bits |= np.uint64(1) << np.uint64(word_slot(words[j]) & 63)
    return bits


@njit_without_allocation
def count_article_words(
    data: Bytes,
    page: PageLines,
    start: int,
    words: Words,
    body: NDArray[np.int32],
    lead: NDArray[np.int32],
) -> int:
    """Count the words of the kept lines from `start` on, as in `ArticleWords`; return their number.

    `body` and `lead` start as zeros. `words` is a buffer for `BODY_WORDS` hashes.
    """
    total = 0
    for i in range(start, page.kept.size):
        if not page.kept[i]:
            continue
        line_start, line_stop = page.spans[i, 0], page.spans[i, 1]
        limit = line_start + MAX_ARTICLE_LINE_BYTES
        n = hash_words(data, line_start, line_stop if line_stop < limit else limit, words)
        for j in range(n):
            body[word_slot(words[j])] += 1
            lead[word_slot(words[j])] += total <= LEAD_WORDS
        total += n
        if total > BODY_WORDS:
            break
    return total
