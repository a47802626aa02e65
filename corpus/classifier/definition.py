"""The definition of features and scores in plain Python. The kernels must agree with it.

A token is a word of the text as `corpus.words.definition` divides it, but with its case, or a mark:
any other character that is not blank. A feature is a token or a pair of consecutive tokens. Its
hash chooses one of 2^bits buckets. A bucket counts once, however often its features occur: text
that repeats itself does not weigh more. A model has a whole number for each bucket:

    logit = bias + scale * sum of the weights of the text's buckets / sqrt(number of buckets)
    score = 1 / (1 + exp(-logit))

The sum has no rounding, so a score depends on nothing but the text and the model. A text without
tokens has no score.

    tokens("It's 5 pm: 東京!")     -> ["It", "'", "s", "5", "pm", ":", "東", "京", "!"]
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

from corpus.words.characters import IN_WORD, SEPARATOR, runs

BLANKS = (
    (0x00, 0x20), (0x7F, 0xA0), (0xAD, 0xAD), (0x1680, 0x1680), (0x180E, 0x180E),
    (0x2000, 0x200F), (0x2028, 0x202F), (0x205F, 0x206F), (0x3000, 0x3000), (0xD800, 0xDFFF),
    (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFF0, 0xFFFB),
)  # fmt: skip
"""First and last code points of white space, controls, and characters without a shape."""

_MASK = (1 << 64) - 1
_M1, _M2, _M3 = 0x9E3779B97F4A7C15, 0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53
_BASE = 0x9FB21C651E98DF25
_LANE_BYTES = 8


def spaced(code: int) -> str:
    """Return what a code point becomes: itself, itself between spaces, or a space."""
    table = runs()
    kind = table.kind[bisect_right(table.first, code) - 1]
    if kind == SEPARATOR and any(first <= code <= last for first, last in BLANKS):
        return " "
    return chr(code) if kind == IN_WORD else f" {chr(code)} "


class _Spacing(dict[int, str]):
    """The table of `spaced`, for `str.translate`; computed when first needed."""

    def __missing__(self, code: int) -> str:
        self[code] = spaced(code)
        return self[code]


_SPACING = _Spacing()


def tokens(text: str) -> list[str]:
    """Return the tokens of a text, in order: words with their case, and marks."""
    return [token for token in text.translate(_SPACING).split(" ") if token]


def buckets(text: str, bits: int) -> list[int]:
    """Return the different buckets of a text's tokens and pairs, in the order of the text."""
    hashes = [token_hash(token) for token in tokens(text)]
    first = [hash >> (64 - bits) for hash in hashes[:1]]
    later = [
        hash >> (64 - bits)
        for previous, token in pairwise(hashes)
        for hash in (token, pair_hash(previous, token))
    ]
    return list(dict.fromkeys(first + later))


def token_hash(token: str) -> int:
    """Return the 64-bit hash of a token: its bytes, padded with zeros, 16 at a time.

    It equals the hash of a shingle of one word (`corpus.similarity.shingling`).
    """
    data = token.encode()
    data += bytes(-len(data) % (2 * _LANE_BYTES))
    state = _M3
    for i in range(0, len(data), 2 * _LANE_BYTES):
        first, second = data[i : i + _LANE_BYTES], data[i + _LANE_BYTES : i + 2 * _LANE_BYTES]
        state = _mix(state, int.from_bytes(first, "little"), _M1)
        state = _mix(state, int.from_bytes(second, "little"), _M2)
    return _mix(_mix(1, state, _M2), 0, _M3)


def pair_hash(first: int, second: int) -> int:
    """Return the 64-bit hash of two consecutive tokens, from the hash of each."""
    return _mix(first * _BASE & _MASK, second, _M3)


def _mix(state: int, lane: int, multiplier: int) -> int:
    state = (state ^ lane) * multiplier & _MASK
    return state ^ (state >> 32)


def score(text: str, weights: Sequence[int], *, scale: float, bias: float) -> float | None:
    """Return the score of a text, 0 to 1; None if it has no tokens. There are 2^bits `weights`."""
    found = buckets(text, len(weights).bit_length() - 1)
    if not found:
        return None
    logit = bias + scale * sum(int(weights[bucket]) for bucket in found) / math.sqrt(len(found))
    return 1 / (1 + math.exp(-logit)) if logit > -700 else 0.0
