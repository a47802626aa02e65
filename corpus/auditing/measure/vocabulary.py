"""The words of some texts: how many and how rare, the commonest runs, what sets groups apart.

A word here is what stands between spaces and punctuation, in lower case; characters of scripts that
are written without spaces are words of their own. Everything is counted in columns: some 30 MB of
text a second.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from corpus.arrow_buffers import strings, texts

GRAMS = (1, 2, 3, 5)
"""Lengths, in words, of the runs that are counted."""

TOP, TELLING, GROUPS, LEAST = 20, 10, 8, 5
"""Runs and words that are told; groups that are compared; how often a word must stand for that."""

LONGEST = 40
"""Characters of a word that are told."""

_PRIME = np.uint64(0x9E3779B97F4A7C15)
_UNSPACED = r"(\p{Han}|\p{Hiragana}|\p{Katakana}|\p{Thai}|\p{Lao}|\p{Khmer}|\p{Myanmar})"
_ASCII = bytes(
    byte if byte >= 0x80 or chr(byte).isalnum() or byte == 0x27 else 0x20 for byte in range(256)
)


@dataclass(frozen=True)
class Words:
    """The words of some texts, in order."""

    codes: NDArray[np.int64]
    """int64[n_words]: which word."""

    documents: NDArray[np.int64]
    """int64[n_words]: in which text, rising."""

    names: pa.Array
    """string[n_distinct]: the words themselves."""

    @property
    def counts(self) -> NDArray[np.int64]:
        """int64[n_distinct]: how often each word stands."""
        return np.bincount(self.codes, minlength=len(self.names))


def words_of(column: pa.Array | pa.ChunkedArray) -> Words:
    """Return the words of a column of texts."""
    data, offsets = texts(pc.utf8_lower(_spaced(column)))
    body = data[offsets[0] : offsets[-1]].tobytes()  # a slice of a column has the whole one's
    plain = np.frombuffer(body.translate(_ASCII), np.uint8)
    lists = pc.ascii_split_whitespace(strings(plain, offsets - offsets[0]))
    n = pc.list_value_length(lists).to_numpy()
    coded = lists.flatten().dictionary_encode()
    names, among = _stripped(coded.dictionary)
    codes = among[coded.indices.to_numpy()] if len(among) else np.zeros(0, np.int64)
    documents = np.repeat(np.arange(len(n)), n)
    stays = codes >= 0
    return Words(codes[stays], documents[stays], names)


def _spaced(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return the texts, with spaces around characters of scripts that are written without."""
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    column = pc.fill_null(column.cast(pa.large_string()), "")
    there = pc.match_substring_regex(column, _UNSPACED)
    if not pc.any(there).as_py():
        return column
    spaced = pc.replace_substring_regex(column.filter(there), _UNSPACED, r" \1 ")
    return pc.replace_with_mask(column, there, spaced)


def _stripped(found: pa.Array) -> tuple[pa.Array, NDArray[np.int64]]:
    """Return the words without punctuation around them, and which of them each one found is.

    -1 is none: nothing is left of it.
    """
    edges = r"^[^\p{L}\p{M}\p{N}]+|[^\p{L}\p{M}\p{N}]+$"
    bare = pc.utf8_slice_codeunits(pc.replace_substring_regex(found, edges, ""), 0, LONGEST)
    names = pc.unique(bare.cast(pa.string()))
    names = names.filter(pc.not_equal(names, ""))
    names = names.take(pc.sort_indices(names))
    among = pc.index_in(bare.cast(pa.string()), names)
    return names, pc.fill_null(among, -1).to_numpy().astype(np.int64)


def vocabulary(words: Words) -> dict[str, Any]:
    """Return how many words there are, how often they stand, and the commonest runs of them."""
    counts = words.counts
    ranked = np.sort(counts[counts > 0])[::-1]
    return {
        "words": len(words.codes),
        "distinct": len(ranked),
        "once": int((ranked == 1).sum()),
        "zipf": {"slope": slope(ranked), "ranks": _ranks(ranked)},
        "growth": _growth(words),
        "grams": _grams(words),
    }


def slope(ranked: NDArray[np.int64]) -> float | None:
    """Return the slope of log frequency by log rank between ranks 10 and 1,000: near -1 in prose.

    None where there are fewer than 100 different words.
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
    """Return how many different words stand among the first 1, 2, 5, ... ones."""
    firsts = np.full(len(words.names), len(words.codes))
    np.minimum.at(firsts, words.codes, np.arange(len(words.codes)))
    firsts.sort()
    points = [point for point in _points(len(words.codes)) if point >= 100]
    return [[point, int(np.searchsorted(firsts, point))] for point in points]


def _grams(words: Words) -> dict[str, list[dict[str, Any]]]:
    """Return the commonest runs of each of `GRAMS` words within a text, and in how many texts.

    A run stands at least as often as its parts, so longer ones are sought only where pairs repeat.
    """
    n = len(words.codes)
    starts = np.arange(n)
    found = {"1": _commonest(words, starts, words.codes, 1)}
    pairs = words.codes[:-1] * len(words.names) + words.codes[1:]
    inside = words.documents[:-1] == words.documents[1:]
    starts = np.flatnonzero(inside)
    coded = pc.dictionary_encode(pa.array(pairs[starts])).indices.to_numpy()
    repeats = np.zeros(n, np.bool_)
    repeats[starts] = np.bincount(coded)[coded] > 1 if len(coded) else False
    found["2"] = _commonest(words, starts, coded, 2)
    for size in GRAMS[2:]:
        there = np.ones(max(n - size + 1, 0), np.bool_)
        for i in range(size - 1):
            there &= repeats[i : i + len(there)]
        starts = np.flatnonzero(there)
        runs = np.zeros(len(starts), np.uint64)
        for i in range(size):
            runs = (runs ^ words.codes[starts + i].astype(np.uint64)) * _PRIME
            runs ^= runs >> np.uint64(29)
        coded = pc.dictionary_encode(pa.array(runs)).indices.to_numpy()
        found[str(size)] = _commonest(words, starts, coded, size)
    return found


def _commonest(
    words: Words, starts: NDArray[np.int64], codes: NDArray[Any], size: int
) -> list[dict[str, Any]]:
    """Return the commonest of the runs that begin at `starts`, and are numbered by `codes`."""
    counts = np.bincount(codes) if len(codes) else np.zeros(0, np.int64)
    several = np.flatnonzero(counts > 1)
    if not len(several):
        return []
    least = np.sort(counts[several])[-min(TOP, len(several))]
    often = several[counts[several] >= least][: 4 * TOP]
    number = np.full(len(counts), -1)
    number[often] = np.arange(len(often))
    there = np.flatnonzero(number[codes] >= 0)
    which = number[codes[there]]
    _, firsts = np.unique(which, return_index=True)
    within = distinct(which * (words.documents[-1] + 1) + words.documents[starts[there]])
    documents = np.bincount(within // (words.documents[-1] + 1))
    rows: list[dict[str, Any]] = []
    for i, first in enumerate(firsts.tolist()):
        place = starts[there[first]]
        said = words.names.take(pa.array(words.codes[place : place + size])).to_pylist()
        held = {"times": int(counts[often[i]]), "documents": int(documents[i])}
        rows.append({"text": " ".join(said), **held})
    rows.sort(key=lambda row: (-row["times"], row["text"]))
    return rows[:TOP]


def telling(
    words: Words, groups: pa.Array, *, most: int = GROUPS
) -> dict[str, list[dict[str, Any]]]:
    """Return the words that set each group of texts apart from all the others.

    By the log-likelihood ratio (Dunning 1993) of words that stand at least `LEAST` times, those
    that stand more often than elsewhere; nothing where there is one group alone.
    """
    coded = pc.dictionary_encode(groups.cast(pa.string()))
    names = coded.dictionary.to_pylist()
    of = pc.fill_null(coded.indices, len(names)).to_numpy()[words.documents]
    sums = np.bincount(of, minlength=len(names) + 1)[: len(names)]
    largest = sorted(range(len(names)), key=lambda i: (-sums[i], names[i]))[:most]
    if len(names) < 2 or not len(words.codes):
        return {}
    total = words.counts
    found = {}
    for group in largest:
        here = np.bincount(words.codes[of == group], minlength=len(total))
        score = _likelihood(here, total, int(sums[group]), len(words.codes))
        score[total < LEAST] = 0
        best = sorted(np.argsort(-score, kind="stable")[: 4 * TELLING], key=lambda i: -score[i])
        found[names[group]] = [
            {"text": words.names[int(i)].as_py(), "times": int(here[i]), "of": int(total[i])}
            for i in best[:TELLING]
            if score[i] > 0
        ]
    return {name: rows for name, rows in sorted(found.items()) if rows}


def _likelihood(
    here: NDArray[np.int64], total: NDArray[np.int64], n: int, whole: int
) -> NDArray[np.float64]:
    """Return each word's log-likelihood ratio, 0 where it stands no more often here, rounded."""
    with np.errstate(divide="ignore", invalid="ignore"):
        mine, theirs = total * (n / whole), total * ((whole - n) / whole)
        there = total - here
        score = 2 * (
            np.where(here > 0, here * np.log(here / mine), 0)
            + np.where(there > 0, there * np.log(there / theirs), 0)
        )
    return np.where(here > mine, np.nan_to_num(score), 0.0).astype(np.float64).round(6)


def distinct(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the different values, sorted; numpy's own way takes thrice as long."""
    ranked = np.sort(values)
    return ranked[np.concatenate([np.ones(len(ranked[:1]), np.bool_), ranked[1:] != ranked[:-1]])]
