"""Measure the vocabulary: words, their frequencies, and the most frequent n-grams.

Words are those of `corpus.words.definition`. Everything is counted on whole columns, at about 30 MB
of text a second.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from corpus.auditing.report import Vocabulary, WordNgram

NGRAM_SIZES = (1, 2, 3, 5)
"""Lengths, in words, of the n-grams that are counted."""

MAX_NGRAMS = 20
"""N-grams listed for each length."""

MAX_WORD_CHARACTERS = 40
"""Words are truncated to this length."""

_PRIME = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Words:
    """The words of some texts, in order."""

    codes: NDArray[np.int64]
    """int64[n_words]: index of each word in `names`."""

    documents: NDArray[np.int64]
    """int64[n_words]: index of the text that each word is in, ascending."""

    names: pa.Array
    """string[n_distinct]: the distinct words."""

    @property
    def counts(self) -> NDArray[np.int64]:
        """int64[n_distinct]: how often each word occurs."""
        return np.bincount(self.codes, minlength=len(self.names))


def split_words(column: pa.Array | pa.ChunkedArray) -> Words:
    """Return the words of a column of texts."""
    from corpus.words.normalize import split_words as split

    words, counts = split(column)
    coded = words.dictionary_encode()
    truncated = pc.utf8_slice_codeunits(coded.dictionary, 0, MAX_WORD_CHARACTERS).cast(pa.string())
    names = pc.unique(truncated)
    names = names.take(pc.sort_indices(names))
    code_of = pc.index_in(truncated, names).to_numpy().astype(np.int64)
    codes = code_of[coded.indices.to_numpy()] if len(words) else np.zeros(0, np.int64)
    return Words(codes, np.repeat(np.arange(len(counts)), counts), names)


def vocabulary(words: Words) -> Vocabulary:
    """Return the number of words, their frequencies, and the most frequent n-grams."""
    counts = words.counts
    ranked = np.sort(counts[counts > 0])[::-1]
    return {
        "words": len(words.codes),
        "distinct": len(ranked),
        "once": int((ranked == 1).sum()),
        "zipf": {"slope": zipf_slope(ranked), "ranks": _ranks(ranked)},
        "growth": _growth(words),
        "grams": _ngrams(words),
    }


def zipf_slope(ranked: NDArray[np.int64]) -> float | None:
    """Return the slope of log frequency over log rank, from rank 10 to 1,000: near -1 in prose.

    `ranked` are frequencies, highest first. None if there are fewer than 100 distinct words.
    """
    if len(ranked) < 100:
        return None
    ranks = np.arange(10, min(len(ranked), 1000))
    x, y = np.log(ranks), np.log(ranked[ranks - 1])
    x, y = x - x.mean(), y - y.mean()
    return round(float((x * y).sum() / (x * x).sum()), 3)


def _points(n: int) -> list[int]:
    """Return 1, 2, 5, 10, 20, 50, ... up to n, and n."""
    steps = [m * 10**power for power in range(12) for m in (1, 2, 5) if m * 10**power < n]
    return [*steps, n] if n else []


def _ranks(ranked: NDArray[np.int64]) -> list[list[int]]:
    return [[rank, int(ranked[rank - 1])] for rank in _points(len(ranked))]


def _growth(words: Words) -> list[list[int]]:
    """Return the number of distinct words among the first 100, 200, 500, ... words."""
    firsts = np.full(len(words.names), len(words.codes))
    np.minimum.at(firsts, words.codes, np.arange(len(words.codes)))
    firsts.sort()
    points = [point for point in _points(len(words.codes)) if point >= 100]
    return [[point, int(np.searchsorted(firsts, point))] for point in points]


def _ngrams(words: Words) -> dict[str, list[WordNgram]]:
    """Return the most frequent n-grams of each of `NGRAM_SIZES`, none of them across texts.

    An n-gram is at most as frequent as its parts, so longer ones are only counted where all pairs
    of words in them occur more than once.
    """
    n = len(words.codes)
    ngrams = {"1": _most_frequent(words, np.arange(n), words.codes, 1)}
    pairs = words.codes[:-1] * len(words.names) + words.codes[1:]
    starts = np.flatnonzero(words.documents[:-1] == words.documents[1:])
    codes = pc.dictionary_encode(pa.array(pairs[starts])).indices.to_numpy()
    repeats = np.zeros(n, np.bool_)
    repeats[starts] = np.bincount(codes)[codes] > 1 if len(codes) else False
    ngrams["2"] = _most_frequent(words, starts, codes, 2)
    for size in NGRAM_SIZES[2:]:
        candidates = np.ones(max(n - size + 1, 0), np.bool_)
        for i in range(size - 1):
            candidates &= repeats[i : i + len(candidates)]
        starts = np.flatnonzero(candidates)
        hashes = np.zeros(len(starts), np.uint64)
        for i in range(size):
            hashes = (hashes ^ words.codes[starts + i].astype(np.uint64)) * _PRIME
            hashes ^= hashes >> np.uint64(29)
        codes = pc.dictionary_encode(pa.array(hashes)).indices.to_numpy()
        ngrams[str(size)] = _most_frequent(words, starts, codes, size)
    return ngrams


def _most_frequent(
    words: Words, starts: NDArray[np.int64], codes: NDArray[Any], size: int
) -> list[WordNgram]:
    """Return the most frequent n-grams; `starts` are their positions, `codes` number them."""
    counts = np.bincount(codes) if len(codes) else np.zeros(0, np.int64)
    repeated = np.flatnonzero(counts > 1)
    if not len(repeated):
        return []
    least = np.sort(counts[repeated])[-min(MAX_NGRAMS, len(repeated))]
    top = repeated[counts[repeated] >= least][: 4 * MAX_NGRAMS]
    number = np.full(len(counts), -1)
    number[top] = np.arange(len(top))
    chosen = np.flatnonzero(number[codes] >= 0)
    which = number[codes[chosen]]
    _, firsts = np.unique(which, return_index=True)
    stride = words.documents[-1] + 1
    pairs = sorted_unique(which * stride + words.documents[starts[chosen]])
    documents = np.bincount(pairs // stride)
    rows: list[WordNgram] = []
    for i, first in enumerate(firsts.tolist()):
        start = starts[chosen[first]]
        text = " ".join(words.names.take(pa.array(words.codes[start : start + size])).to_pylist())
        times = int(counts[top[i]])
        rows.append({"text": text, "times": times, "documents": int(documents[i])})
    rows.sort(key=lambda row: (-row["times"], row["text"]))
    return rows[:MAX_NGRAMS]


def sorted_unique(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the distinct values, sorted; three times as fast as `np.unique`."""
    ranked = np.sort(values)
    return ranked[np.concatenate([np.ones(len(ranked[:1]), np.bool_), ranked[1:] != ranked[:-1]])]
