"""The definition of features and scores in plain Python. The kernels must agree with it.

A feature is a word of the text (`corpus.words.definition`), or a pair of consecutive words. Its
hash chooses one of 2^bits buckets. A bucket counts once, however often its features occur: text
that repeats itself does not weigh more. A model has a whole number for each bucket:

    logit = bias + scale * sum of the weights of the text's buckets / sqrt(number of buckets)
    score = 1 / (1 + exp(-logit))

The sum has no rounding, so a score depends on nothing but the text and the model. A text without
words has no score.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from corpus.words.definition import words

_MASK = (1 << 64) - 1
_M1, _M2, _M3 = 0x9E3779B97F4A7C15, 0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53
_BASE = 0x9FB21C651E98DF25
_LANE_BYTES = 8


def buckets(text: str, bits: int) -> list[int]:
    """Return the different buckets of a text's words and pairs, in the order of the text."""
    hashes = [word_hash(word) for word in words(text)]
    first = [hash >> (64 - bits) for hash in hashes[:1]]
    later = [
        hash >> (64 - bits)
        for previous, word in pairwise(hashes)
        for hash in (word, pair_hash(previous, word))
    ]
    return list(dict.fromkeys(first + later))


def word_hash(word: str) -> int:
    """Return the 64-bit hash of a word: its bytes, padded with zeros, 16 at a time.

    It equals the hash of a shingle of one word (`corpus.similarity.shingling`).
    """
    data = word.encode()
    data += bytes(-len(data) % (2 * _LANE_BYTES))
    state = _M3
    for i in range(0, len(data), 2 * _LANE_BYTES):
        first, second = data[i : i + _LANE_BYTES], data[i + _LANE_BYTES : i + 2 * _LANE_BYTES]
        state = _mix(state, int.from_bytes(first, "little"), _M1)
        state = _mix(state, int.from_bytes(second, "little"), _M2)
    return _mix(_mix(1, state, _M2), 0, _M3)


def pair_hash(first: int, second: int) -> int:
    """Return the 64-bit hash of two consecutive words, from the hash of each."""
    return _mix(first * _BASE & _MASK, second, _M3)


def _mix(state: int, lane: int, multiplier: int) -> int:
    state = (state ^ lane) * multiplier & _MASK
    return state ^ (state >> 32)


def score(text: str, weights: Sequence[int], *, scale: float, bias: float) -> float | None:
    """Return the score of a text, 0 to 1; None if it has no words. There are 2^bits `weights`."""
    found = buckets(text, len(weights).bit_length() - 1)
    if not found:
        return None
    logit = bias + scale * sum(int(weights[bucket]) for bucket in found) / math.sqrt(len(found))
    return 1 / (1 + math.exp(-logit)) if logit > -700 else 0.0
